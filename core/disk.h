/* SPDX-License-Identifier: Apache-2.0 */
/* The disks of a machine: which there are, adding and removing them, and work on their images. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "bundles/bundle.h"
#include "bundles/image.h"
#include "core/libexec.h"

/* An image in a bundle, and the drive that it is in. */
typedef struct {
    guint index; /* in Drive[] */
    char *identifier;
    char *interface; /* UTM's word */
    char *type;      /* UTM's word for what it is: "Disk", "CD" */
    bool read_only;
    char *path;
    ImageInfo *info;  /* NULL when it cannot be read */
    char *problem;    /* why not, or NULL */
    GPtrArray *chain; /* (owned) of char *: the images that it is made over, the nearest first */
    char *used_by;    /* who has it open for writing, or NULL */
} Disk;

void disk_free(Disk *disk);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Disk, disk_free)

/**
 * disk_list() - The images of a machine's drives
 *
 * What is in removable drives is media_list()'s. Reads headers only, also of a running machine.
 *
 * Return: (owned) of Disk
 */
GPtrArray *disk_list(const Bundle *bundle);

/**
 * disk_find() - The disk that a word means
 * @word:  its number in Drive[], its Identifier or the beginning of it, or the name of its image
 * @error: UTM_ERROR_NOT_FOUND with those that there are, UTM_ERROR_USAGE when it could be several
 */
Disk *disk_find(const Bundle *bundle, const char *word, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * disk_size() - Bytes that the guest sees
 */
uint64_t disk_size(const Disk *disk);

/* ---- adding and removing ---- */

typedef struct {
    uint64_t size_bytes;   /* of an empty one; 0: @image has it */
    const char *image;     /* file to copy, or NULL */
    const char *interface; /* UTM's word in any case; NULL: that of its first disk */
    bool read_only;
    bool dry_run;
    LibexecWatch watch;
} DiskAdd;

typedef struct {
    guint index; /* in Drive[] */
    char *identifier;
    char *interface;
    char *path;
    bool plugged; /* the guest has it already */
    char *later;  /* why a running guest has not, or NULL */
} DiskAdded;

void disk_added_clear(DiskAdded *added);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DiskAdded, disk_added_clear)

/**
 * disk_add() - Give a machine another disk
 * @vm:        as for library_resolve()
 * @out_added: filled on success
 * @error:     UTM_ERROR_UNSUPPORTED when the machine cannot have it, UTM_ERROR_WRONG_STATE when it
 *             is suspended, UTM_ERROR_INTERRUPTED…
 *
 * A running machine gets it at once where its bus can, otherwise at its next start.
 */
bool disk_add(const char *vm, const DiskAdd *options, DiskAdded *out_added,
              GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * disk_plug() - Plug a disk of the configuration into the machine, which runs
 * @index: in Drive[]
 * @error: UTM_ERROR_UNSUPPORTED when that cannot be
 */
bool disk_plug(const Bundle *bundle, guint index, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * disk_unplug() - Have a running guest let go of a disk
 * @error: UTM_ERROR_TIMEOUT, UTM_ERROR_WRONG_STATE when the machine has to be stopped for that
 */
bool disk_unplug(const Bundle *bundle, const Disk *disk, int64_t timeout_us,
                 GError **error) G_GNUC_WARN_UNUSED_RESULT;

typedef struct {
    bool delete_image; /* else it goes to the folder Unused of the bundle */
    bool dry_run;
    int64_t timeout_us; /* for a running guest to let go of it; 0 for ever */
} DiskRemove;

/**
 * disk_remove() - Take a disk from a machine
 * @word:  as for disk_find()
 * @notes: (owned) of char *: what became of the image is added
 */
bool disk_remove(const char *vm, const char *word, const DiskRemove *options, GPtrArray *notes,
                 GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* ---- work on an image ---- */

typedef struct {
    int64_t size_bytes; /* new size, or what it grows by */
    bool is_relative;
    bool force;    /* may become smaller */
    bool cut_data; /* even when data are cut off */
    bool dry_run;
} DiskResize;

typedef struct {
    uint64_t before;
    uint64_t after;
    bool guest_told; /* it runs and sees the new size */
} DiskResized;

/**
 * disk_resize() - Change the size that the guest sees
 * @error: UTM_ERROR_USAGE when it would become smaller without .force, or lose data without
 *         .cut_data; UTM_ERROR_WRONG_STATE
 *
 * A disk becomes smaller only while the machine is stopped, and its image is checked before.
 */
bool disk_resize(const Bundle *bundle, const Disk *disk, const DiskResize *options,
                 DiskResized *out_resized, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * disk_compact() - Give back to the host what the guest does not use any more
 * @out_saved: bytes on the host's disk
 * @error:     UTM_ERROR_WRONG_STATE when it runs or has snapshots, which would be lost
 *
 * A new image is written beside the old one, compared with it, and takes its name.
 */
bool disk_compact(const Bundle *bundle, const Disk *disk, bool dry_run, const LibexecWatch *watch,
                  uint64_t *out_saved, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * disk_convert() - Have the image in another format
 * @format:   "qcow2" or "raw"
 * @out_name: name of the new image in Data, a new string
 * @error:    UTM_ERROR_WRONG_STATE when it runs or has snapshots, which would be lost
 *
 * Until the configuration names the new image, the machine has the old one.
 */
bool disk_convert(const Bundle *bundle, const Disk *disk, const char *format, bool dry_run,
                  const LibexecWatch *watch, char **out_name,
                  GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* What is wrong with an image. */
typedef struct {
    bool can_check; /* false: the format has nothing that could be checked */
    int64_t errors; /* damaged places that are left */
    int64_t leaks;  /* clusters that nothing needs and that are left */
    int64_t errors_fixed;
    int64_t leaks_fixed;
} DiskCheck;

/**
 * disk_check() - Look for damage in an image, and repair it
 * @error: UTM_ERROR_WRONG_STATE when the machine runs
 */
bool disk_check(const Bundle *bundle, const Disk *disk, bool repair, DiskCheck *out_check,
                GError **error) G_GNUC_WARN_UNUSED_RESULT;
