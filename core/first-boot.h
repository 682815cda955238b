/* SPDX-License-Identifier: Apache-2.0 */
/* What a guest reads about itself at its first boot: the files of cloud-init, the one of Ignition. */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* Everything is borrowed; NULL leaves it out. */
typedef struct {
    const char *cloud_init; /* "USER-DATA[,META-DATA[,NETWORK-CONFIG]]": paths of files */
    const char *ignition;   /* path of an Ignition configuration */
    const char *user;       /* to be made, with the right to become root */
    const char *hostname;
    const char *const *ssh_keys; /* paths of public keys, or of the private ones beside them */
} FirstBootOptions;

/**
 * first_boot_has_seed() - Whether something is asked for that cloud-init does
 */
bool first_boot_has_seed(const FirstBootOptions *options);

/**
 * first_boot_files() - The files of cloud-init's data source "NoCloud"
 * @options: what is asked for
 * @name:    of the machine; it becomes the host name when none is asked for
 * @uuid:    of the machine; cloud-init does its work once for each
 * @error:   UTM_ERROR_NOT_FOUND, UTM_ERROR_USAGE for what cloud-init would pass over
 *
 * What the options ask for beside a user-data file is vendor data, over which the file wins.
 *
 * Source: cloud-init documentation, NoCloud and Vendor data; YAML 1.2, of which JSON is a part
 * Return: a new table from file name to GBytes (owned)
 */
GHashTable *first_boot_files(const FirstBootOptions *options, const char *name, const char *uuid,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * first_boot_ignition() - An Ignition configuration as the value of QEMU's -fw_cfg
 * @path:  JSON, as butane writes it
 * @error: UTM_ERROR_NOT_FOUND, UTM_ERROR_INVALID
 *
 * Without blanks and quoted quotes, so that UTM splits it from other arguments as we do.
 *
 * Source: Ignition documentation, QEMU: opt/com.coreos/config; QEMU docs/specs/fw_cfg
 * Return: a new string
 */
char *first_boot_ignition(const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * first_boot_private_key() - The private key that belongs to the first of the keys
 *
 * Return: a new absolute path; NULL when there is none beside it
 */
char *first_boot_private_key(const FirstBootOptions *options);

/**
 * first_boot_done() - Take the seed out of a machine whose guest has booted and shut itself down
 * @bundle_path: the machine; nobody else writes it now
 * @error:       when the bundle cannot be read or written
 *
 * Not as long as there are states of its memory, which belong to the hardware with the seed.
 *
 * Return: true, too, for a machine that has no seed
 */
bool first_boot_done(const char *bundle_path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * first_boot_note_key() - Remember on this host which private key opens a machine
 * @path: absolute
 */
void first_boot_note_key(const char *uuid, const char *path);

/**
 * first_boot_key() - The path that was remembered
 *
 * Return: a new string, or NULL
 */
char *first_boot_key(const char *uuid);

/* Strings of the sidecar: identifier of the seed's drive; who can log in. */
#define FIRST_BOOT_DRIVE_KEY "FirstBootDrive"
#define FIRST_BOOT_USER_KEY "LoginUser"
