/* SPDX-License-Identifier: Apache-2.0 */
/* Disk images: what they are, read from their headers alone, and making an empty one. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef enum {
    IMAGE_RAW,
    IMAGE_QCOW2,
    IMAGE_QCOW,
    IMAGE_QED,
    IMAGE_VMDK,
    IMAGE_VHDX,
    IMAGE_VDI,
    IMAGE_VPC,
    IMAGE_DMG,
    IMAGE_ISO9660,
    IMAGE_ASIF, /* Apple's sparse image; QEMU cannot read it */
} ImageFormat;

/* A snapshot in a qcow2 image. */
typedef struct {
    char *id;
    char *tag;
    int64_t time;           /* seconds since 1970 */
    uint64_t vm_clock_ns;   /* how long the guest had run */
    uint64_t vm_state_size; /* bytes; 0: disk only */
    uint64_t disk_size;     /* bytes; virtual size when it was taken */
    uint64_t l1_offset;     /* of its table in the file */
    uint64_t l1_entries;
} ImageSnapshot;

typedef struct {
    ImageFormat format;
    uint64_t virtual_size; /* bytes the guest sees; 0 when the header does not tell */
    uint64_t file_size;    /* length of the file */
    uint64_t allocated;    /* bytes it takes on disk */
    char *backing_file;    /* as the header names it, or NULL */
    char *backing_format;  /* likewise */
    char *data_file;       /* external data file, as the header names it, or NULL */
    GPtrArray *extents;    /* (owned) of char *: other files that a vmdk consists of; never NULL */
    GPtrArray *snapshots;  /* (owned) of ImageSnapshot; never NULL */
    unsigned cluster_bits; /* qcow2: size of a cluster */
    bool extended_l2;      /* qcow2: entries with subclusters */
    bool is_encrypted;
    bool is_dirty;   /* was not closed cleanly */
    bool is_corrupt; /* QEMU marked it so */
} ImageInfo;

void image_info_free(ImageInfo *info);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ImageInfo, image_info_free)

/**
 * image_format_name() - Name of a format, for people
 */
const char *image_format_name(ImageFormat format);

/**
 * image_format_driver() - QEMU's block driver for a format: "raw" for an ISO image
 *
 * Return: a constant, or NULL when QEMU cannot read the format
 */
const char *image_format_driver(ImageFormat format);

/**
 * image_probe() - Read what a disk image is from its header
 * @path:     a regular file or block device
 * @out_info: a new record; free with image_info_free()
 * @error:    BUNDLE_ERROR_NOT_FOUND, BUNDLE_ERROR_IO, BUNDLE_ERROR_INVALID (a damaged header)
 *
 * Starts no process, locks nothing and trusts nothing, so it may run beside a running machine and
 * on files from anywhere. What no format claims is raw. Names in the header are not followed.
 *
 * Source: QEMU docs/interop/qcow2.txt, block/vmdk.c, vhdx.h, vdi.c, vpc.c, dmg.c
 */
bool image_probe(const char *path, ImageInfo **out_info, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * image_has_snapshot() - Whether an image is a readable qcow2 with a snapshot of this tag
 */
bool image_has_snapshot(const char *path, const char *tag);

/**
 * image_create_qcow2() - Make an empty qcow2 image the way UTM does
 * @path:       must not exist
 * @size_bytes: virtual size; rounded up to a multiple of 512
 * @error:      BUNDLE_ERROR_EXISTS, BUNDLE_ERROR_IO, BUNDLE_ERROR_INVALID (size 0 or too large)
 *
 * Version 3, clusters of 64 KiB, nothing preallocated, no backing file.
 *
 * Source: UTM 5.0.3, GenerateQcow2; QEMU docs/interop/qcow2.txt
 */
bool image_create_qcow2(const char *path, uint64_t size_bytes,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * image_create_overlay() - Make a qcow2 image that has nothing but what is written to it
 * @path:       must not exist
 * @backing:    name of the image below, as the header is to have it: relative to @path; at most
 *              1023 bytes
 * @format:     of that image
 * @size_bytes: virtual size of that image
 * @error:      as for image_create_qcow2()
 *
 * Not flushed to the disk: after a crash of the host it may be gone or empty.
 */
bool image_create_overlay(const char *path, const char *backing, ImageFormat format,
                          uint64_t size_bytes, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * image_read_vm_state() - Copy the RAM and devices that a snapshot holds, as QEMU's migration stream
 * @path:   qcow2 image; may be in use, because what a snapshot holds does not change
 * @tag:    the snapshot's
 * @to_fd:  file to write to, from its beginning
 * @error:  BUNDLE_ERROR_NOT_FOUND, BUNDLE_ERROR_INVALID, BUNDLE_ERROR_IO
 *
 * Source: QEMU docs/interop/qcow2.txt, "Snapshots": the state lies in the clusters behind the end
 * of the virtual disk
 */
bool image_read_vm_state(const char *path, const char *tag, int to_fd,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * image_drop_vm_state() - Let go of the memory that was written into an image for no snapshot
 * @path:        image that nobody uses
 * @out_dropped: whether there was some; its clusters are still counted, "qemu-img check -r leaks"
 *               gives them back
 * @error:       BUNDLE_ERROR_INVALID, BUNDLE_ERROR_IO
 *
 * A QEMU whose saving fails or that is killed meanwhile leaves it behind the end of the disk. What
 * snapshots hold is reached through tables of their own.
 *
 * Source: QEMU block/qcow2-snapshot.c, qcow2_snapshot_create: the state is given back by the image
 * itself only when the snapshot is made
 */
bool image_drop_vm_state(const char *path, bool *out_dropped,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;
