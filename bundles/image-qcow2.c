/* SPDX-License-Identifier: Apache-2.0 */
/* The header, extensions and snapshot table of qcow2, and writing an empty image.
 *
 * Source: QEMU docs/interop/qcow2.txt */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "bundles/bundle.h"
#include "bundles/image-private.h"

#define MAX_SNAPSHOTS 65536
#define MAX_TABLE_BYTES (64 << 20)
#define MAX_EXTRA_DATA 1024
#define MAX_BACKING_NAME 1023
#define MAX_EXTENSIONS 64

enum { EXTENSION_END = 0, EXTENSION_BACKING_FORMAT = 0xe2792aca, EXTENSION_DATA_FILE = 0x44415441 };

enum { INCOMPATIBLE_DIRTY = 1, INCOMPATIBLE_CORRUPT = 2, INCOMPATIBLE_EXTENDED_L2 = 16 };

static char *read_name(const ImageFile *file, uint64_t offset, size_t size)
{
    g_autofree char *name = g_malloc0(size + 1);
    if (!image_read(file, offset, name, size))
        return NULL;
    return g_steal_pointer(&name);
}

static bool read_extensions(const ImageFile *file, uint64_t at, ImageInfo *info)
{
    for (int i = 0; i < MAX_EXTENSIONS; i++) {
        uint8_t head[8];
        if (!image_read(file, at, head, sizeof head))
            return false;
        uint64_t type = image_be(head, 4);
        uint64_t length = image_be(head + 4, 4);
        at += sizeof head;
        if (type == EXTENSION_END)
            return true;
        if (length > 65536)
            return image_invalid(file, "header extension is too long");
        char **target = type == EXTENSION_BACKING_FORMAT ? &info->backing_format
                        : type == EXTENSION_DATA_FILE    ? &info->data_file
                                                         : NULL;
        if (target && !*target && !(*target = read_name(file, at, length)))
            return false;
        at += (length + 7) & ~7ULL;
    }
    return image_invalid(file, "too many header extensions");
}

/* One entry of the snapshot table; moves *at to the next. */
static bool read_snapshot(const ImageFile *file, uint64_t *at, ImageInfo *info)
{
    uint8_t head[40], extra[16] = { 0 };
    if (!image_read(file, *at, head, sizeof head))
        return false;
    size_t id_size = image_be(head + 12, 2);
    size_t name_size = image_be(head + 14, 2);
    uint64_t extra_size = image_be(head + 36, 4);
    if (extra_size > MAX_EXTRA_DATA)
        return image_invalid(file, "snapshot table is damaged");
    if (!image_read(file, *at + sizeof head, extra, MIN(extra_size, sizeof extra)))
        return false;
    uint64_t names = *at + sizeof head + extra_size;
    g_autofree char *id = read_name(file, names, id_size);
    g_autofree char *tag = id ? read_name(file, names + id_size, name_size) : NULL;
    if (!tag)
        return false;
    ImageSnapshot *snapshot = g_new0(ImageSnapshot, 1);
    snapshot->id = g_utf8_make_valid(id, -1);
    snapshot->tag = g_utf8_make_valid(tag, -1);
    snapshot->l1_offset = image_be(head, 8);
    snapshot->l1_entries = image_be(head + 8, 4);
    snapshot->time = (int64_t) image_be(head + 16, 4);
    snapshot->vm_clock_ns = image_be(head + 24, 8);
    snapshot->vm_state_size = extra_size >= 8 ? image_be(extra, 8) : image_be(head + 32, 4);
    snapshot->disk_size = extra_size >= 16 ? image_be(extra + 8, 8) : info->virtual_size;
    g_ptr_array_add(info->snapshots, snapshot);
    *at = (names + id_size + name_size + 7) & ~7ULL;
    return true;
}

bool image_read_qcow2(const ImageFile *file, ImageInfo *info)
{
    uint8_t head[104] = { 0 };
    if (!image_read(file, 0, head, 72))
        return false;
    uint64_t version = image_be(head + 4, 4);
    if (version == 1) {
        info->format = IMAGE_QCOW;
        info->virtual_size = image_be(head + 24, 8);
        return true;
    }
    if (version != 2 && version != 3)
        return image_invalid(file, "unknown version of qcow2");
    if (version == 3 && !image_read(file, 72, head + 72, 32))
        return false;
    uint64_t cluster_bits = image_be(head + 20, 4);
    uint64_t backing_offset = image_be(head + 8, 8);
    uint64_t backing_size = image_be(head + 16, 4);
    uint64_t header_length = version == 3 ? image_be(head + 100, 4) : 72;
    uint64_t count = image_be(head + 60, 4);
    uint64_t at = image_be(head + 64, 8);
    if (cluster_bits < 9 || cluster_bits > 21 || header_length < 72 ||
        header_length > 1ULL << cluster_bits || backing_size > MAX_BACKING_NAME ||
        count > MAX_SNAPSHOTS)
        return image_invalid(file, "header is damaged");
    info->virtual_size = image_be(head + 24, 8);
    info->cluster_bits = (unsigned) cluster_bits;
    info->is_encrypted = image_be(head + 32, 4) != 0;
    info->extended_l2 = image_be(head + 72, 8) & INCOMPATIBLE_EXTENDED_L2;
    info->is_dirty = image_be(head + 72, 8) & INCOMPATIBLE_DIRTY;
    info->is_corrupt = image_be(head + 72, 8) & INCOMPATIBLE_CORRUPT;
    if (backing_offset && backing_size &&
        !(info->backing_file = read_name(file, backing_offset, backing_size)))
        return false;
    if (!read_extensions(file, header_length, info))
        return false;
    for (uint64_t i = 0, begin = at; i < count; i++) {
        if (!read_snapshot(file, &at, info))
            return false;
        if (at - begin > MAX_TABLE_BYTES)
            return image_invalid(file, "snapshot table is too large");
    }
    return true;
}

/* --- Writing ------------------------------------------------------------------------------- */

#define CLUSTER 65536ULL
#define L2_COVERS (512ULL << 20)
#define MAX_SIZE (1ULL << 50)

static const struct {
    uint8_t type;
    uint8_t bit;
    const char *name;
} features[] = {
    { 0, 0, "dirty bit" },         { 0, 1, "corrupt bit" },    { 0, 2, "external data file" },
    { 0, 3, "compression type" },  { 1, 0, "lazy refcounts" }, { 2, 0, "bitmaps" },
    { 2, 1, "raw external data" },
};

static void put(uint8_t *at, uint64_t value, int size)
{
    for (int i = size; i-- > 0; value >>= 8)
        at[i] = (uint8_t) value;
}

/* Header, feature names, refcount table and block. The rest of the file is a hole. */
static uint8_t *make_head(uint64_t size, uint64_t l1_entries, uint64_t l1_clusters)
{
    uint8_t *head = g_malloc0(3 * CLUSTER);
    memcpy(head, "QFI\xfb", 4);
    put(head + 4, 3, 4);
    put(head + 20, 16, 4); /* cluster bits */
    put(head + 24, size, 8);
    put(head + 36, l1_entries, 4);
    put(head + 40, 3 * CLUSTER, 8); /* L1 table */
    put(head + 48, CLUSTER, 8);     /* refcount table */
    put(head + 56, 1, 4);           /* clusters of the refcount table */
    put(head + 96, 4, 4);           /* refcount order: 16 bits */
    put(head + 100, 112, 4);        /* header length */
    uint8_t *names = head + 112;
    put(names, 0x6803f857, 4);
    put(names + 4, G_N_ELEMENTS(features) * 48, 4);
    names += 8;
    for (size_t i = 0; i < G_N_ELEMENTS(features); i++, names += 48) {
        names[0] = features[i].type;
        names[1] = features[i].bit;
        memcpy(names + 2, features[i].name, strlen(features[i].name));
    }
    put(head + CLUSTER, 2 * CLUSTER, 8); /* the one refcount block */
    for (uint64_t i = 0; i < 3 + l1_clusters; i++)
        put(head + 2 * CLUSTER + 2 * i, 1, 2);
    return head;
}

/* The name of the image below goes behind the extensions, where the header is all zero. */
static void put_backing(uint8_t *head, const char *backing, const char *driver)
{
    size_t length = strlen(driver); /* at most 8: it is padded to that */
    size_t extensions = 112 + 8 + G_N_ELEMENTS(features) * 48;
    size_t name = extensions + 8 + 8 + 8; /* the format's extension and the one that ends them */
    put(head + extensions, EXTENSION_BACKING_FORMAT, 4);
    put(head + extensions + 4, length, 4);
    memcpy(head + extensions + 8, driver, length);
    put(head + 8, name, 8);
    put(head + 16, strlen(backing), 4);
    memcpy(head + name, backing, strlen(backing));
}

/* @driver is the format of @backing; without one the image stands alone and is made durable. */
static bool create(const char *path, const char *backing, const char *driver, uint64_t size_bytes,
                   GError **error)
{
    if (size_bytes == 0 || size_bytes > MAX_SIZE) {
        g_set_error(error, BUNDLE_ERROR, BUNDLE_ERROR_INVALID,
                    "cannot create \"%s\": size %" G_GUINT64_FORMAT
                    " is not in the range 1 byte to 1 PiB",
                    path, (guint64) size_bytes);
        return false;
    }
    uint64_t size = (size_bytes + 511) & ~511ULL;
    uint64_t l1_entries = (size + L2_COVERS - 1) / L2_COVERS;
    uint64_t l1_clusters = (l1_entries * 8 + CLUSTER - 1) / CLUSTER;
    g_autofree uint8_t *head = make_head(size, l1_entries, l1_clusters);
    if (backing)
        put_backing(head, backing, driver);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (fd < 0) {
        g_set_error(error, BUNDLE_ERROR, errno == EEXIST ? BUNDLE_ERROR_EXISTS : BUNDLE_ERROR_IO,
                    "cannot create \"%s\": %s", path, g_strerror(errno));
        return false;
    }
    ssize_t written = pwrite(fd, head, 3 * CLUSTER, 0);
    if (written >= 0 && (uint64_t) written < 3 * CLUSTER)
        errno = ENOSPC;
    bool ok = written == 3 * CLUSTER &&
              ftruncate(fd, (off_t) (3 * CLUSTER + 8 * l1_entries)) == 0 &&
              (backing || fsync(fd) == 0);
    int reason = errno;
    ok = close(fd) == 0 && ok;
    if (ok)
        return true;
    unlink(path);
    g_set_error(error, BUNDLE_ERROR, BUNDLE_ERROR_IO, "cannot create \"%s\": %s", path,
                g_strerror(reason));
    return false;
}

bool image_create_qcow2(const char *path, uint64_t size_bytes, GError **error)
{
    return create(path, NULL, NULL, size_bytes, error);
}

bool image_create_overlay(const char *path, const char *backing, ImageFormat format,
                          uint64_t size_bytes, GError **error)
{
    g_assert(*backing);
    const char *driver = image_format_driver(format);
    if (driver && strlen(backing) <= MAX_BACKING_NAME)
        return create(path, backing, driver, size_bytes, error);
    g_set_error(error, BUNDLE_ERROR, BUNDLE_ERROR_INVALID, "cannot create \"%s\" over \"%s\": %s",
                path, backing,
                driver ? "its name is longer than 1023 bytes" : "QEMU cannot read its format");
    return false;
}
