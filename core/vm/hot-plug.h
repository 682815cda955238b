/* SPDX-License-Identifier: Apache-2.0 */
/* Plugging devices into a running machine, and taking them out again. */
#pragma once

#include "qapi/qmp-client.h"

/* QEMU's names of devices that were plugged in begin so. */
#define HOT_PLUG_PREFIX "plug-"

/**
 * hot_plug_pass_fd() - Hand QEMU a descriptor that it may open by name
 * @fd:     borrowed
 * @opaque: what it is for; hot_plug_drop_fds() finds it by this
 *
 * Source: QEMU qapi/misc.json, add-fd
 * Return: N of "/dev/fdset/N", or -1 with @error set
 */
int64_t hot_plug_pass_fd(QmpClient *client, int fd, const char *opaque,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * hot_plug_drop_fds() - Have QEMU forget descriptors that were passed for something
 * @kept: the set that is in use, or -1. What is in use in other sets stays open until it is closed
 */
void hot_plug_drop_fds(QmpClient *client, const char *opaque, int64_t kept);

/**
 * hot_plug_port() - An empty slot for a PCI device
 * @out_port: its name, a new string; NULL when the machine has no slots of its own for that, and
 *            its bus may take the device itself
 * @error:    UTM_ERROR_UNSUPPORTED when all are taken
 */
bool hot_plug_port(QmpClient *client, char **out_port, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * hot_plug_device() - Plug a device in
 * @value: as after -device on QEMU's command line, without an id
 * @id:    its name
 * @bus:   where it is to be, or NULL
 * @error: UTM_ERROR_UNSUPPORTED when nothing can be plugged into its bus
 *
 * In the words of the command line, so that a device is the same as at the next start.
 */
bool hot_plug_device(QmpClient *client, const char *value, const char *id, const char *bus,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * hot_plug_drive() - Add the image behind a disk that will be plugged in
 * @value: as after -drive on QEMU's command line
 */
bool hot_plug_drive(QmpClient *client, const char *value, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * hot_plug_drop_drive() - Have QEMU close the image of a drive, if it is still open
 * @name: QEMU's name of the drive
 *
 * Most devices take it along when they go. Source: QEMU 7.2, NVMe does not
 */
void hot_plug_drop_drive(QmpClient *client, const char *name);

/**
 * hot_plug_remove() - Ask the guest to let a device go, and wait until it has
 * @device:     its name or its path
 * @timeout_us: 0 for ever
 * @error:      UTM_ERROR_TIMEOUT when the guest keeps it, UTM_ERROR_UNSUPPORTED when nothing can be
 *              taken out of its bus
 */
bool hot_plug_remove(QmpClient *client, const char *device, int64_t timeout_us,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * hot_plug_check_saving() - Whether memory can be saved so that it can be loaded again
 * @error: UTM_ERROR_UNSUPPORTED naming what was plugged in, or that a folder is shared by virtiofs
 *
 * At the next start a device that was plugged in is in another place, and the guest's memory would
 * not fit.
 */
bool hot_plug_check_saving(QmpClient *client, GError **error) G_GNUC_WARN_UNUSED_RESULT;
