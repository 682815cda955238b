/* SPDX-License-Identifier: Apache-2.0 */
/* Telling the formats of disk images apart by their magic. */
#include "bundles/image.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bundles/bundle.h"
#include "bundles/image-private.h"

static const struct {
    const char *name;
    const char *driver;
} formats[] = {
    [IMAGE_RAW] = { "raw", "raw" },    [IMAGE_QCOW2] = { "qcow2", "qcow2" },
    [IMAGE_QCOW] = { "qcow", "qcow" }, [IMAGE_QED] = { "qed", "qed" },
    [IMAGE_VMDK] = { "vmdk", "vmdk" }, [IMAGE_VHDX] = { "vhdx", "vhdx" },
    [IMAGE_VDI] = { "vdi", "vdi" },    [IMAGE_VPC] = { "vpc", "vpc" },
    [IMAGE_DMG] = { "dmg", "dmg" },    [IMAGE_ISO9660] = { "iso9660", "raw" },
    [IMAGE_ASIF] = { "asif", NULL },
};

const char *image_format_name(ImageFormat format)
{
    return formats[format].name;
}

const char *image_format_driver(ImageFormat format)
{
    return formats[format].driver;
}

static void snapshot_free(gpointer data)
{
    ImageSnapshot *snapshot = data;
    g_free(snapshot->id);
    g_free(snapshot->tag);
    g_free(snapshot);
}

void image_info_free(ImageInfo *info)
{
    if (!info)
        return;
    g_free(info->backing_file);
    g_free(info->backing_format);
    g_free(info->data_file);
    g_ptr_array_unref(info->extents);
    g_ptr_array_unref(info->snapshots);
    g_free(info);
}

uint64_t image_be(const uint8_t *bytes, int size)
{
    uint64_t value = 0;
    while (size-- > 0)
        value = value << 8 | *bytes++;
    return value;
}

uint64_t image_le(const uint8_t *bytes, int size)
{
    uint64_t value = 0;
    while (size-- > 0)
        value = value << 8 | bytes[size];
    return value;
}

bool image_invalid(const ImageFile *file, const char *what)
{
    g_set_error(file->error, BUNDLE_ERROR, BUNDLE_ERROR_INVALID, "image \"%s\": %s", file->path,
                what);
    return false;
}

bool image_read(const ImageFile *file, uint64_t offset, void *buffer, size_t size)
{
    if (offset > file->size || size > file->size - offset)
        return image_invalid(file, "is cut short");
    for (size_t done = 0; done < size;) {
        ssize_t got = pread(file->fd, (char *) buffer + done, size - done, (off_t) (offset + done));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            g_set_error(file->error, BUNDLE_ERROR, BUNDLE_ERROR_IO, "cannot read \"%s\": %s",
                        file->path, got < 0 ? g_strerror(errno) : "file became shorter");
            return false;
        }
        done += (size_t) got;
    }
    return true;
}

/* A fixed-size vpc or a dmg is told by its last sector only. */
static bool read_by_footer(const ImageFile *file, ImageInfo *info)
{
    uint8_t foot[512];
    if (file->size < 2 * sizeof foot)
        return true;
    if (!image_read(file, file->size - sizeof foot, foot, sizeof foot))
        return false;
    if (memcmp(foot, "conectix", 8) == 0) {
        info->format = IMAGE_VPC;
        info->virtual_size = image_be(foot + 48, 8);
    } else if (memcmp(foot, "koly", 4) == 0) {
        info->format = IMAGE_DMG;
        info->virtual_size = MIN(image_be(foot + 492, 8), G_MAXUINT64 / 512) * 512;
    }
    return true;
}

static bool is_iso(const ImageFile *file)
{
    char magic[5];
    ImageFile quiet = *file;
    quiet.error = NULL;
    return file->size >= 0x8800 && image_read(&quiet, 0x8001, magic, sizeof magic) &&
           memcmp(magic, "CD001", sizeof magic) == 0;
}

/* A vmdk in text form begins with comments; VMware's own says this. */
static bool is_vmdk_text(const uint8_t *head, size_t size)
{
    static const char mark[] = "# Disk DescriptorFile";
    return size >= strlen(mark) && memcmp(head, mark, strlen(mark)) == 0;
}

static bool identify(const ImageFile *file, ImageInfo *info)
{
    uint8_t head[512] = { 0 };
    size_t size = MIN(file->size, sizeof head);
    if (!image_read(file, 0, head, size))
        return false;
    info->virtual_size = file->size;
    if (memcmp(head, "QFI\xfb", 4) == 0) {
        info->format = IMAGE_QCOW2;
        return image_read_qcow2(file, info);
    }
    if (memcmp(head, "KDMV", 4) == 0 || memcmp(head, "COWD", 4) == 0) {
        info->format = IMAGE_VMDK;
        return image_read_vmdk(file, info);
    }
    if (is_vmdk_text(head, size)) {
        info->format = IMAGE_VMDK;
        info->virtual_size = 0;
        return image_read_vmdk_text(file, info);
    }
    if (memcmp(head, "vhdxfile", 8) == 0) {
        info->format = IMAGE_VHDX;
        return image_read_vhdx(file, info);
    }
    if (memcmp(head, "QED", 4) == 0) {
        info->format = IMAGE_QED;
        info->virtual_size = image_le(head + 48, 8);
    } else if (image_le(head + 64, 4) == 0xbeda107f) {
        info->format = IMAGE_VDI;
        info->virtual_size = image_le(head + 368, 8);
    } else if (memcmp(head, "conectix", 8) == 0) {
        info->format = IMAGE_VPC;
        info->virtual_size = image_be(head + 48, 8);
    } else if (memcmp(head, "shdw", 4) == 0) {
        info->format = IMAGE_ASIF;
        info->virtual_size =
            MIN(image_be(head + 48, 8), G_MAXUINT64 / 65536) * image_be(head + 68, 2);
    } else if (is_iso(file)) {
        info->format = IMAGE_ISO9660;
    } else {
        return read_by_footer(file, info);
    }
    return true;
}

static bool open_image(const char *path, ImageFile *file, struct stat *st)
{
    file->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (file->fd < 0 || fstat(file->fd, st) < 0) {
        int code = errno == ENOENT || errno == ENOTDIR ? BUNDLE_ERROR_NOT_FOUND : BUNDLE_ERROR_IO;
        g_set_error(file->error, BUNDLE_ERROR, code, "cannot open image \"%s\": %s", path,
                    g_strerror(errno));
        return false;
    }
    if (!S_ISREG(st->st_mode) && !S_ISBLK(st->st_mode))
        return image_invalid(file, "is neither a file nor a block device");
    off_t end = lseek(file->fd, 0, SEEK_END);
    file->size = end > 0 ? (uint64_t) end : 0;
    return true;
}

bool image_probe(const char *path, ImageInfo **out_info, GError **error)
{
    struct stat st = { 0 };
    ImageFile file = { .path = path, .error = error };
    bool ok = open_image(path, &file, &st);
    g_autoptr(ImageInfo) info = g_new0(ImageInfo, 1);
    info->extents = g_ptr_array_new_with_free_func(g_free);
    info->snapshots = g_ptr_array_new_with_free_func(snapshot_free);
    info->file_size = file.size;
    info->allocated = (uint64_t) st.st_blocks * 512;
    ok = ok && identify(&file, info);
    if (file.fd >= 0)
        close(file.fd);
    if (ok)
        *out_info = g_steal_pointer(&info);
    return ok;
}

bool image_has_snapshot(const char *path, const char *tag)
{
    g_autoptr(ImageInfo) info = NULL;
    if (!image_probe(path, &info, NULL))
        return false;
    for (guint i = 0; i < info->snapshots->len; i++)
        if (strcmp(((const ImageSnapshot *) info->snapshots->pdata[i])->tag, tag) == 0)
            return true;
    return false;
}
