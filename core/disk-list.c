/* SPDX-License-Identifier: Apache-2.0 */
/* Which disks a machine has, and which of them a word means. */
#include <string.h>

#include "bundles/value.h"
#include "core/disk.h"
#include "core/error.h"
#include "core/vm/lock-owner.h"

/* A chain of images that is longer has a loop in it. */
#define CHAIN_LIMIT 64

void disk_free(Disk *disk)
{
    if (!disk)
        return;
    g_free(disk->identifier);
    g_free(disk->interface);
    g_free(disk->type);
    g_free(disk->path);
    image_info_free(disk->info);
    g_free(disk->problem);
    g_ptr_array_unref(disk->chain);
    g_free(disk->used_by);
    g_free(disk);
}

uint64_t disk_size(const Disk *disk)
{
    if (!disk->info)
        return 0;
    return disk->info->virtual_size ? disk->info->virtual_size : disk->info->file_size;
}

static void read_chain(Disk *disk)
{
    const char *path = disk->path;
    g_autoptr(ImageInfo) above = NULL;
    const ImageInfo *info = disk->info;
    while (info && info->backing_file && disk->chain->len < CHAIN_LIMIT) {
        g_autofree char *folder = g_path_get_dirname(path);
        char *below = g_canonicalize_filename(info->backing_file, folder);
        g_ptr_array_add(disk->chain, below);
        g_clear_pointer(&above, image_info_free);
        path = below;
        info = image_probe(below, &above, NULL) ? above : NULL;
    }
}

static char *word_of(const UtmConfig *config, guint index, const char *key)
{
    g_autofree char *path = g_strdup_printf("Drive[%u].%s", index, key);
    return config_get(config, path, NULL);
}

static Disk *read_disk(const Bundle *bundle, guint index, bool with_user)
{
    const ConfigDrive *drive = bundle->config->drives->pdata[index];
    Disk *disk = g_new0(Disk, 1);
    g_autoptr(GError) error = NULL;
    disk->index = index;
    disk->identifier = g_strdup(drive->identifier);
    disk->interface = word_of(bundle->config, index, "Interface");
    disk->type = word_of(bundle->config, index, "ImageType");
    disk->read_only = drive->read_only || drive->image_type != IMAGE_TYPE_DISK;
    disk->path = bundle_data_path(bundle, drive->image_name);
    disk->chain = g_ptr_array_new_with_free_func(g_free);
    if (!image_probe(disk->path, &disk->info, &error))
        disk->problem = g_strdup(error->message);
    read_chain(disk);
    if (with_user)
        disk->used_by = lock_owner(disk->path);
    return disk;
}

static bool is_disk(const ConfigDrive *drive)
{
    bool is_medium = drive->image_type == IMAGE_TYPE_DISK || drive->image_type == IMAGE_TYPE_CD;
    return is_medium && drive->image_name;
}

GPtrArray *disk_list(const Bundle *bundle)
{
    GPtrArray *list = g_ptr_array_new_with_free_func((GDestroyNotify) disk_free);
    const GPtrArray *drives = bundle->config->drives;
    for (guint i = 0; i < drives->len; i++)
        if (is_disk(drives->pdata[i]))
            g_ptr_array_add(list, read_disk(bundle, i, true));
    return list;
}

static bool matches(const ConfigDrive *drive, guint index, const char *word)
{
    g_autofree char *number = g_strdup_printf("%u", index);
    bool begins =
        strlen(word) >= 4 && g_ascii_strncasecmp(drive->identifier, word, strlen(word)) == 0;
    return strcmp(number, word) == 0 || strcmp(drive->image_name, word) == 0 || begins;
}

static void list_into(GString *text, const ConfigDrive *drive, guint index)
{
    g_string_append_printf(text, "%s%u (%s)", text->len ? ", " : "", index, drive->image_name);
}

Disk *disk_find(const Bundle *bundle, const char *word, GError **error)
{
    const GPtrArray *drives = bundle->config->drives;
    g_autoptr(GString) all = g_string_new(NULL);
    guint n = 0, found = 0;
    for (guint i = 0; i < drives->len; i++) {
        if (!is_disk(drives->pdata[i]))
            continue;
        list_into(all, drives->pdata[i], i);
        if (!matches(drives->pdata[i], i, word))
            continue;
        found = i;
        n++;
    }
    if (n == 1)
        return read_disk(bundle, found, false);
    if (n)
        utm_error_set(error, UTM_ERROR_USAGE, NULL, "\"%s\" could be any of %s", word, all->str);
    else
        utm_error_set(error, UTM_ERROR_NOT_FOUND, NULL, "it has no disk \"%s\"; there is %s", word,
                      all->len ? all->str : "none");
    return NULL;
}
