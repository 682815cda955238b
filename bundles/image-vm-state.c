/* SPDX-License-Identifier: Apache-2.0 */
/* The RAM and devices that a snapshot in a qcow2 image holds.
 *
 * Source: QEMU docs/interop/qcow2.txt */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bundles/bundle.h"
#include "bundles/image-private.h"

#define OFFSET_MASK 0x00fffffffffffe00ULL
/* Source: QEMU block/qcow2.h, QCOW_MAX_L1_SIZE is 32 MiB */
#define MAX_L1_ENTRIES (4u << 20)

#define L2_COMPRESSED (1ULL << 62)
#define L2_ZERO 1ULL

/* A copy under way. */
typedef struct {
    ImageFile file;
    const ImageSnapshot *snapshot;
    uint64_t cluster;   /* bytes */
    uint64_t per_l2;    /* clusters that a table of the second level maps */
    uint8_t *l2;        /* owned: table that was read last */
    uint64_t l2_offset; /* where it was; 0: none yet */
    uint8_t *buffer;    /* owned: one cluster */
    int to_fd;
} StateCopy;

static void state_copy_clear(StateCopy *copy)
{
    if (copy->file.fd >= 0)
        close(copy->file.fd);
    g_free(copy->l2);
    g_free(copy->buffer);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(StateCopy, state_copy_clear)

/* Where a cluster of the guest is in the file; 0: nowhere, it reads as zeros. */
static bool find_cluster(StateCopy *copy, uint64_t index, uint64_t *out_offset)
{
    uint8_t entry[8];
    uint64_t l1_index = index / copy->per_l2;
    *out_offset = 0;
    if (l1_index >= copy->snapshot->l1_entries)
        return image_invalid(&copy->file, "snapshot has a table that is too short");
    if (!image_read(&copy->file, copy->snapshot->l1_offset + 8 * l1_index, entry, sizeof entry))
        return false;
    uint64_t l2_offset = image_be(entry, 8) & OFFSET_MASK;
    if (!l2_offset)
        return true;
    if (l2_offset != copy->l2_offset &&
        !image_read(&copy->file, l2_offset, copy->l2, copy->cluster))
        return false;
    copy->l2_offset = l2_offset;
    uint64_t found = image_be(copy->l2 + 8 * (index % copy->per_l2), 8);
    if (found & L2_COMPRESSED)
        return image_invalid(&copy->file, "the state in its snapshot is compressed");
    *out_offset = found & L2_ZERO ? 0 : found & OFFSET_MASK;
    return true;
}

static bool write_all(const StateCopy *copy, uint64_t at, size_t size)
{
    for (size_t done = 0; done < size;) {
        ssize_t n = pwrite(copy->to_fd, copy->buffer + done, size - done, (off_t) (at + done));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            g_set_error(copy->file.error, BUNDLE_ERROR, BUNDLE_ERROR_IO,
                        "cannot write the state out of \"%s\": %s", copy->file.path,
                        g_strerror(errno));
            return false;
        }
        done += (size_t) n;
    }
    return true;
}

static bool copy_state(StateCopy *copy)
{
    /* The state begins where the next table of the second level would. */
    uint64_t covers = copy->cluster * copy->per_l2;
    uint64_t tables = (copy->snapshot->disk_size + covers - 1) / covers;
    uint64_t first = tables * copy->per_l2;
    for (uint64_t at = 0; at < copy->snapshot->vm_state_size; at += copy->cluster) {
        uint64_t offset = 0;
        size_t size = MIN(copy->cluster, copy->snapshot->vm_state_size - at);
        if (!find_cluster(copy, first + at / copy->cluster, &offset))
            return false;
        if (offset &&
            (!image_read(&copy->file, offset, copy->buffer, size) || !write_all(copy, at, size)))
            return false;
    }
    if (ftruncate(copy->to_fd, (off_t) copy->snapshot->vm_state_size) == 0)
        return true;
    g_set_error(copy->file.error, BUNDLE_ERROR, BUNDLE_ERROR_IO, "cannot write the state: %s",
                g_strerror(errno));
    return false;
}

static const ImageSnapshot *find_snapshot(const ImageInfo *info, const char *tag)
{
    for (guint i = 0; i < info->snapshots->len; i++) {
        const ImageSnapshot *snapshot = info->snapshots->pdata[i];
        if (strcmp(snapshot->tag, tag) == 0 && snapshot->vm_state_size)
            return snapshot;
    }
    return NULL;
}

bool image_read_vm_state(const char *path, const char *tag, int to_fd, GError **error)
{
    g_autoptr(ImageInfo) info = NULL;
    if (!image_probe(path, &info, error))
        return false;
    g_auto(StateCopy) copy = { .file = { .fd = -1, .path = path, .error = error }, .to_fd = to_fd };
    copy.snapshot = find_snapshot(info, tag);
    if (!copy.snapshot) {
        g_set_error(error, BUNDLE_ERROR, BUNDLE_ERROR_NOT_FOUND,
                    "image \"%s\" has no snapshot \"%s\" with memory", path, tag);
        return false;
    }
    if (info->format != IMAGE_QCOW2 || info->extended_l2 || info->is_encrypted || info->data_file)
        return image_invalid(&copy.file, "its kind of qcow2 is not known");
    struct stat st;
    copy.file.fd = open(path, O_RDONLY | O_CLOEXEC);
    if (copy.file.fd < 0 || fstat(copy.file.fd, &st) < 0) {
        g_set_error(error, BUNDLE_ERROR, BUNDLE_ERROR_IO, "cannot read \"%s\": %s", path,
                    g_strerror(errno));
        return false;
    }
    copy.file.size = (uint64_t) st.st_size;
    copy.cluster = 1ULL << info->cluster_bits;
    copy.per_l2 = copy.cluster / 8;
    copy.l2 = g_malloc(copy.cluster);
    copy.buffer = g_malloc(copy.cluster);
    return copy_state(&copy);
}

/* ---- what a saving that was cut short leaves ---- */

static bool drop_entries(const ImageFile *file, uint64_t at, uint64_t count, bool *out_dropped)
{
    g_autofree uint8_t *entries = g_malloc0(count * 8);
    g_autofree uint8_t *zeros = g_malloc0(count * 8);
    if (!image_read(file, at, entries, count * 8))
        return false;
    *out_dropped = memcmp(entries, zeros, count * 8) != 0;
    if (!*out_dropped || (pwrite(file->fd, zeros, count * 8, (off_t) at) == (ssize_t) (count * 8) &&
                          fdatasync(file->fd) == 0))
        return true;
    g_set_error(file->error, BUNDLE_ERROR, BUNDLE_ERROR_IO, "cannot write \"%s\": %s", file->path,
                g_strerror(errno));
    return false;
}

static bool drop_state(const ImageFile *file, const ImageInfo *info, bool *out_dropped)
{
    uint8_t head[48];
    if (!image_read(file, 0, head, sizeof head))
        return false;
    uint64_t per_l2 = 1ULL << (info->cluster_bits - (info->extended_l2 ? 4 : 3));
    uint64_t mapped = per_l2 << info->cluster_bits;
    uint64_t first = (info->virtual_size + mapped - 1) / mapped;
    uint64_t l1_entries = image_be(head + 36, 4);
    if (l1_entries <= first)
        return true;
    if (l1_entries > MAX_L1_ENTRIES)
        return image_invalid(file, "its first table is too long");
    return drop_entries(file, image_be(head + 40, 8) + 8 * first, l1_entries - first, out_dropped);
}

bool image_drop_vm_state(const char *path, bool *out_dropped, GError **error)
{
    g_autoptr(ImageInfo) info = NULL;
    if (!image_probe(path, &info, error))
        return false;
    *out_dropped = false;
    if (info->format != IMAGE_QCOW2)
        return true;
    const ImageFile file = {
        .fd = open(path, O_RDWR | O_CLOEXEC), .path = path, .size = info->file_size, .error = error
    };
    if (file.fd < 0) {
        g_set_error(error, BUNDLE_ERROR, BUNDLE_ERROR_IO, "cannot open \"%s\": %s", path,
                    g_strerror(errno));
        return false;
    }
    bool ok = drop_state(&file, info, out_dropped);
    close(file.fd);
    return ok;
}
