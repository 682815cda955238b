/* SPDX-License-Identifier: Apache-2.0 */
/* Virtual size and references of the formats that need more than a look at one field. */
#include <string.h>

#include "bundles/image-private.h"

#define SECTOR 512

/* A vmdk's description: lines such as RW 83886080 SPARSE "disk-s001.vmdk". */
static void parse_description(char *text, ImageInfo *info, bool is_file)
{
    char *rest = text;
    for (char *line; (line = strsep(&rest, "\r\n"));) {
        g_auto(GStrv) words = g_strsplit(line, " ", 4);
        if (g_strv_length(words) < 3 ||
            (strcmp(words[0], "RW") && strcmp(words[0], "RDONLY") && strcmp(words[0], "NOACCESS")))
            continue;
        guint64 sectors;
        if (!g_ascii_string_to_unsigned(words[1], 10, 0, G_MAXUINT64 / SECTOR, &sectors, NULL))
            continue;
        char *open = words[3] ? strchr(words[3], '"') : NULL;
        char *close = open ? strchr(open + 1, '"') : NULL;
        if (is_file && info->virtual_size <= G_MAXUINT64 - sectors * SECTOR)
            info->virtual_size += sectors * SECTOR;
        if (is_file && close)
            g_ptr_array_add(info->extents, g_strndup(open + 1, (size_t) (close - open) - 1));
    }
}

bool image_read_vmdk_text(const ImageFile *file, ImageInfo *info)
{
    size_t size = MIN(file->size, 1 << 20);
    g_autofree char *text = g_malloc0(size + 1);
    if (!image_read(file, 0, text, size))
        return false;
    parse_description(text, info, true);
    return true;
}

bool image_read_vmdk(const ImageFile *file, ImageInfo *info)
{
    uint8_t head[44];
    if (!image_read(file, 0, head, sizeof head))
        return false;
    bool is_sparse = memcmp(head, "KDMV", 4) == 0;
    uint64_t sectors = is_sparse ? image_le(head + 12, 8) : image_le(head + 12, 4);
    if (sectors > G_MAXUINT64 / SECTOR)
        return image_invalid(file, "header is damaged");
    info->virtual_size = sectors * SECTOR;
    return true;
}

/* A little-endian GUID of a vhdx table, in the byte order of the file. */
static const uint8_t vhdx_metadata[16] = { 0x06, 0xa2, 0x7c, 0x8b, 0x90, 0x47, 0x9a, 0x4b,
                                           0xb8, 0xfe, 0x57, 0x5f, 0x05, 0x0f, 0x88, 0x6e };
static const uint8_t vhdx_disk_size[16] = { 0x24, 0x42, 0xa5, 0x2f, 0x1b, 0xcd, 0x76, 0x48,
                                            0xb2, 0x11, 0x5d, 0xbe, 0xd8, 0x3b, 0xf4, 0xb8 };

/* Offset that a table of 32-byte entries gives for a GUID; 0 when it is not there. */
static uint64_t find_guid(const ImageFile *file, uint64_t table, uint64_t count,
                          const uint8_t *guid, int offset_size)
{
    for (uint64_t i = 0; i < count; i++) {
        uint8_t entry[32];
        if (!image_read(file, table + i * sizeof entry, entry, sizeof entry))
            return 0;
        if (memcmp(entry, guid, 16) == 0)
            return image_le(entry + 16, offset_size);
    }
    (void) image_invalid(file, "vhdx table lacks an entry");
    return 0;
}

bool image_read_vhdx(const ImageFile *file, ImageInfo *info)
{
    const uint64_t regions = 192 * 1024;
    uint8_t head[16], size[8];
    if (!image_read(file, regions, head, sizeof head))
        return false;
    uint64_t count = image_le(head + 8, 4);
    if (memcmp(head, "regi", 4) != 0 || count > 2047)
        return image_invalid(file, "region table is damaged");
    uint64_t metadata = find_guid(file, regions + 16, count, vhdx_metadata, 8);
    if (!metadata || !image_read(file, metadata, head, sizeof head))
        return false;
    count = image_le(head + 10, 2);
    if (memcmp(head, "metadata", 8) != 0 || count > 2047)
        return image_invalid(file, "metadata table is damaged");
    uint64_t item = find_guid(file, metadata + 32, count, vhdx_disk_size, 4);
    if (!item || !image_read(file, metadata + item, size, sizeof size))
        return false;
    info->virtual_size = image_le(size, 8);
    return true;
}
