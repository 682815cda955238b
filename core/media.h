/* SPDX-License-Identifier: Apache-2.0 */
/* What is in a machine's removable drives, on this host. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "bundles/bundle.h"

/* A removable drive and what is in it. */
typedef struct {
    guint index; /* in Drive[] */
    char *identifier;
    const char *kind; /* "cd", "floppy", "usb" or "disk"; static */
    char *image;      /* path, or NULL: empty */
    bool tray_open;   /* the guest has opened it */
    bool locked;      /* the guest keeps it shut */
} MediaDrive;

/**
 * media_list() - The removable drives of a machine
 * @error: UTM_ERROR_TIMEOUT when a running machine does not answer
 *
 * Return: (owned) of MediaDrive
 */
GPtrArray *media_list(const Bundle *bundle, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* How to change a medium. */
typedef struct {
    bool read_only;
    bool force;         /* also when the guest keeps the tray shut */
    bool dry_run;       /* check only */
    int64_t timeout_us; /* for the guest to open the tray; 0 for ever */
} MediaChange;

/**
 * media_mount() - Put an image into a drive
 * @drive: Identifier, index in Drive[], or "cd", "floppy", "usb", "disk" where only one is such
 * @image: a file of this host, in any format that QEMU reads
 * @error: UTM_ERROR_NOT_FOUND for drive or image, UTM_ERROR_LOCKED naming who uses the image,
 *         UTM_ERROR_TIMEOUT when the guest keeps the tray shut
 *
 * Remembered on this host: the medium is there again at the next start. A running machine gets it as
 * a descriptor, because its QEMU may not open files. When the image cannot be opened, the old one
 * is still in.
 */
bool media_mount(const Bundle *bundle, const char *drive, const char *image,
                 const MediaChange *change, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * media_tools_image() - The image with guest tools that is configured for a machine
 * @error: UTM_ERROR_NOT_FOUND with the places where one can be
 *
 * UTMCTL_TOOLS names it; else it is ARCHITECTURE.iso, or tools.iso for any, in the folder
 * utmctl/tools of the user's data folder or of one of the system's.
 *
 * Return: its path, a new string
 */
char *media_tools_image(const Bundle *bundle, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * media_tools_drive() - The drive that guest tools go into: the first CD drive that is empty, or the
 *                       first at all
 *
 * Return: its Identifier, a new string; "cd" when there is none, which media_mount() explains
 */
char *media_tools_drive(const Bundle *bundle, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * media_unmount() - Empty a drive; an empty one is a success
 */
bool media_unmount(const Bundle *bundle, const char *drive, const MediaChange *change,
                   GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * media_forget() - Note that a drive is empty: the guest has ejected what was in it
 * @uuid:   machine's UUID
 * @device: QEMU's name of the drive, "drive" and its Identifier
 */
void media_forget(const char *uuid, const char *device);
