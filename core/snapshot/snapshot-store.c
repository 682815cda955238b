/* SPDX-License-Identifier: Apache-2.0 */
/* What belongs to a snapshot and is in no image: configuration, TPM, variables, kept as files. */
#include "core/snapshot/snapshot-store.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

#include "core/efi-vars.h"
#include "core/error.h"

#define STORE_FOLDER "Snapshots"

/* A tag may hold any character but a control one; a file name may not. */
char *snapshot_store_folder(const Bundle *bundle, const char *tag)
{
    g_autofree char *escaped = g_uri_escape_string(tag, " ", TRUE);
    /* "." and ".." are no folders of ours. */
    g_autofree char *name = g_strconcat("@", escaped, NULL);
    return g_build_filename(bundle->path, STORE_FOLDER, name, NULL);
}

static bool copy_file(const char *from, const char *to, bool must_exist, GError **error)
{
    g_autofree char *data = NULL;
    gsize size = 0;
    g_autoptr(GError) local = NULL;
    if (!g_file_get_contents(from, &data, &size, &local)) {
        if (!must_exist && g_error_matches(local, G_FILE_ERROR, G_FILE_ERROR_NOENT))
            return true;
        utm_error_set(error, UTM_ERROR_FAILED, NULL, "%s", local->message);
        return false;
    }
    if (g_file_set_contents_full(to, data, (gssize) size,
                                 G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0600,
                                 &local))
        return true;
    utm_error_set(error, UTM_ERROR_FAILED, NULL, "%s", local->message);
    return false;
}

bool snapshot_store_save(const Bundle *bundle, const char *tag, GError **error)
{
    g_autofree char *dir = snapshot_store_folder(bundle, tag);
    if (g_mkdir_with_parents(dir, 0755) < 0) {
        utm_error_set(error, UTM_ERROR_FAILED, NULL, "cannot create \"%s\": %s", dir,
                      g_strerror(errno));
        return false;
    }
    g_autofree char *config = g_build_filename(bundle->path, "config.plist", NULL);
    g_autofree char *config_copy = g_build_filename(dir, "config.plist", NULL);
    g_autofree char *tpm = bundle_data_path(bundle, "tpmdata");
    g_autofree char *tpm_copy = g_build_filename(dir, "tpmdata", NULL);
    if (copy_file(config, config_copy, true, error) && copy_file(tpm, tpm_copy, false, error))
        return true;
    snapshot_store_delete(bundle, tag);
    return false;
}

bool snapshot_store_save_vars(const Bundle *bundle, const char *tag, GError **error)
{
    g_autofree char *dir = snapshot_store_folder(bundle, tag);
    g_autofree char *vars = bundle_efi_vars_path(bundle);
    g_autofree char *copy = g_build_filename(dir, EFI_VARS_NAME, NULL);
    return copy_file(vars, copy, false, error);
}

static void replace_images(const UtmConfig *config, GHashTable *images)
{
    for (guint i = 0; images && i < config->drives->len; i++) {
        ConfigDrive *drive = config->drives->pdata[i];
        const char *name = g_hash_table_lookup(images, drive->identifier);
        if (!name)
            continue;
        g_free(drive->image_name);
        drive->image_name = g_strdup(name);
    }
}

/* The machine keeps what it is called by: a rename since then is no part of its state. */
static bool apply_config(const Bundle *bundle, const char *dir, GHashTable *images, GError **error)
{
    g_autofree char *copy = g_build_filename(dir, "config.plist", NULL);
    if (!g_file_test(copy, G_FILE_TEST_EXISTS))
        return true;
    g_autoptr(Bundle) kept = bundle_open(dir, error);
    g_autoptr(Bundle) target = kept ? bundle_open(bundle->path, error) : NULL;
    if (!target)
        return false;
    ConfigInformation *information = &kept->config->information;
    g_free(information->name);
    information->name = g_strdup(target->config->information.name);
    g_free(information->uuid);
    information->uuid = g_strdup(target->config->information.uuid);
    replace_images(kept->config, images);
    g_clear_pointer(&target->config, utm_config_free);
    target->config = g_steal_pointer(&kept->config);
    return bundle_save(target, error);
}

static bool apply_file(const char *dir, const char *name, const char *place, GError **error)
{
    g_autofree char *copy = g_build_filename(dir, name, NULL);
    return !g_file_test(copy, G_FILE_TEST_EXISTS) || copy_file(copy, place, true, error);
}

bool snapshot_store_apply(const Bundle *bundle, const char *tag, GError **error)
{
    return snapshot_store_apply_over(bundle, tag, NULL, error);
}

bool snapshot_store_apply_over(const Bundle *bundle, const char *tag, GHashTable *images,
                               GError **error)
{
    g_autofree char *dir = snapshot_store_folder(bundle, tag);
    g_autofree char *tpm = bundle_data_path(bundle, "tpmdata");
    g_autofree char *vars = bundle_efi_vars_path(bundle);
    return apply_config(bundle, dir, images, error) && apply_file(dir, "tpmdata", tpm, error) &&
           apply_file(dir, EFI_VARS_NAME, vars, error);
}

Bundle *snapshot_store_open(const Bundle *bundle, const char *tag, GError **error)
{
    g_autofree char *store = snapshot_store_folder(bundle, tag);
    g_autofree char *config = g_build_filename(store, "config.plist", NULL);
    bool kept = g_file_test(config, G_FILE_TEST_EXISTS);
    g_autoptr(Bundle) copy = bundle_open(kept ? store : bundle->path, error);
    return copy ? bundle_new_take(bundle->path, g_steal_pointer(&copy->config)) : NULL;
}

void snapshot_store_delete(const Bundle *bundle, const char *tag)
{
    static const char *const files[] = { "config.plist", "tpmdata", EFI_VARS_NAME };
    g_autofree char *dir = snapshot_store_folder(bundle, tag);
    for (gsize i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autofree char *path = g_build_filename(dir, files[i], NULL);
        (void) g_unlink(path);
    }
    (void) g_rmdir(dir);
    g_autofree char *folder = g_path_get_dirname(dir);
    (void) g_rmdir(folder); /* when this was the last */
}
