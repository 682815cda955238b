/* SPDX-License-Identifier: Apache-2.0 */
/* Moving a legacy bundle's files to where version 4 has them. */
#include "bundles/migrate.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bundles/keys.h"
#include "bundles/plist.h"

#define BACKUP "config.legacy.plist"
#define UNUSED "Unused"

static void move_free(gpointer data)
{
    BundleMove *move = data;
    g_free(move->from);
    g_free(move->to);
    g_free(move);
}

static bool is_there(const Bundle *bundle, const char *name)
{
    g_autofree char *path = g_build_filename(bundle->path, name, NULL);
    struct stat st;
    return lstat(path, &st) == 0;
}

static void add_move(GPtrArray *moves, const char *from, const char *to)
{
    BundleMove *move = g_new0(BundleMove, 1);
    move->from = g_strdup(from);
    move->to = g_strdup(to);
    g_ptr_array_add(moves, move);
}

static bool is_target(const GPtrArray *moves, const char *name)
{
    for (guint i = 0; i < moves->len; i++)
        if (strcmp(((const BundleMove *) moves->pdata[i])->to, name) == 0)
            return true;
    return false;
}

/* Files in Data that version 4 knows: UTM deletes all others there. */
static GHashTable *known_files(const UtmConfig *config)
{
    GHashTable *known = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < config->drives->len; i++) {
        const ConfigDrive *drive = config->drives->pdata[i];
        if (drive->image_name)
            g_hash_table_add(known, drive->image_name);
    }
    if (config->qemu.uefi_boot)
        g_hash_table_add(known, (char *) "efi_vars.fd");
    if (config->qemu.debug_log)
        g_hash_table_add(known, (char *) "debug.log");
    g_hash_table_add(known, (char *) "tpmdata");
    return known;
}

static void plan_unused(const Bundle *bundle, const char *name, GPtrArray *moves)
{
    g_autofree char *from = g_build_filename("Images", name, NULL);
    g_autofree char *to = g_build_filename(UNUSED, name, NULL);
    for (int i = 2; is_there(bundle, to) || is_target(moves, to); i++) {
        g_free(to);
        to = g_strdup_printf(UNUSED "/%s-%d", name, i);
    }
    add_move(moves, from, to);
}

/* Everything in Images, when there is a Data folder already: one by one. */
static bool plan_into_data(const Bundle *bundle, const char *name, GPtrArray *moves, GError **error)
{
    g_autofree char *from = g_build_filename("Images", name, NULL);
    g_autofree char *to = g_build_filename("Data", name, NULL);
    if (is_there(bundle, to)) {
        g_set_error(error, BUNDLE_ERROR, BUNDLE_ERROR_EXISTS,
                    "\"%s\" is both in Images and in Data", name);
        return false;
    }
    add_move(moves, from, to);
    return true;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *) a, *(const char *const *) b);
}

/* The names in a folder, sorted. */
static GPtrArray *list_names(const char *folder, GError **error)
{
    g_autoptr(GError) local = NULL;
    g_autoptr(GDir) dir = g_dir_open(folder, 0, &local);
    if (!dir) {
        g_set_error(error, BUNDLE_ERROR, BUNDLE_ERROR_IO, "%s", local->message);
        return NULL;
    }
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    for (const char *name; (name = g_dir_read_name(dir));)
        g_ptr_array_add(names, g_strdup(name));
    g_ptr_array_sort(names, compare_names);
    return names;
}

static bool plan_images(const Bundle *bundle, GPtrArray *moves, GError **error)
{
    if (!is_there(bundle, "Images"))
        return true; /* moved by an attempt that was cut off, or never there */
    g_autofree char *folder = g_build_filename(bundle->path, "Images", NULL);
    g_autoptr(GPtrArray) names = list_names(folder, error);
    if (!names)
        return false;
    g_autoptr(GHashTable) known = known_files(bundle->config);
    bool has_data = is_there(bundle, "Data");
    for (guint i = 0; i < names->len; i++) {
        const char *name = names->pdata[i];
        if (!g_hash_table_contains(known, name))
            plan_unused(bundle, name, moves);
        else if (has_data && !plan_into_data(bundle, name, moves, error))
            return false;
    }
    if (!has_data)
        add_move(moves, "Images", "Data");
    return true;
}

static void plan_from_root(const Bundle *bundle, const char *name, GPtrArray *moves)
{
    g_autofree char *to = g_build_filename("Data", name, NULL);
    g_autofree char *old = g_build_filename("Images", name, NULL);
    bool is_taken = is_there(bundle, to) || is_there(bundle, old) || is_target(moves, to);
    if (is_there(bundle, name) && !is_taken)
        add_move(moves, name, to);
}

GPtrArray *bundle_migration_plan(const Bundle *bundle, GError **error)
{
    g_autoptr(GPtrArray) moves = g_ptr_array_new_with_free_func(move_free);
    const UtmConfig *config = bundle->config;
    bool is_qemu = config->backend == CONFIG_BACKEND_QEMU;
    /* Apple machines of UTM 3 had their files in Data already. */
    if (is_qemu && !plan_images(bundle, moves, error))
        return NULL;
    if (config->information.icon_custom && bundle_name_is_safe(config->information.icon))
        plan_from_root(bundle, config->information.icon, moves);
    if (is_qemu && config->qemu.debug_log)
        plan_from_root(bundle, "debug.log", moves);
    return g_steal_pointer(&moves);
}

static bool io_error(const char *what, const char *path, GError **error)
{
    g_set_error(error, BUNDLE_ERROR, BUNDLE_ERROR_IO, "cannot %s \"%s\": %s", what, path,
                g_strerror(errno));
    return false;
}

static bool do_move(const Bundle *bundle, const BundleMove *move, GError **error)
{
    g_autofree char *from = g_build_filename(bundle->path, move->from, NULL);
    g_autofree char *to = g_build_filename(bundle->path, move->to, NULL);
    g_autofree char *folder = g_path_get_dirname(to);
    if (g_mkdir_with_parents(folder, 0777) < 0)
        return io_error("make", folder, error);
    /* The plan has looked, but rename() would replace what came in between. */
    struct stat st;
    if (lstat(to, &st) == 0) {
        g_set_error(error, BUNDLE_ERROR, BUNDLE_ERROR_EXISTS, "\"%s\" exists", to);
        return false;
    }
    return rename(from, to) == 0 || io_error("move", from, error);
}

static bool keep_backup(const Bundle *bundle, GError **error)
{
    g_autofree char *file = g_build_filename(bundle->path, "config.plist", NULL);
    g_autofree char *backup = g_build_filename(bundle->path, BACKUP, NULL);
    if (g_file_test(backup, G_FILE_TEST_EXISTS))
        return true; /* of an attempt that was cut off: config.plist is the same still */
    g_autofree char *text = NULL;
    gsize size;
    g_autoptr(GError) local = NULL;
    if (!g_file_get_contents(file, &text, &size, &local)) {
        g_set_error(error, BUNDLE_ERROR, BUNDLE_ERROR_IO, "%s", local->message);
        return false;
    }
    return bundle_write_bytes_atomically(backup, text, size, error);
}

bool bundle_migrate(Bundle *bundle, GError **error)
{
    g_autoptr(GPtrArray) moves = bundle_migration_plan(bundle, error);
    g_autofree char *images = g_build_filename(bundle->path, "Images", NULL);
    if (!moves || !keep_backup(bundle, error))
        return false;
    for (guint i = 0; i < moves->len; i++)
        if (!do_move(bundle, moves->pdata[i], error))
            return false;
    bundle->is_legacy = false;
    if (!bundle_save(bundle, error)) {
        bundle->is_legacy = true;
        return false;
    }
    /* Empty by now where its files were moved one by one; otherwise it is not there. */
    (void) rmdir(images);
    return true;
}

/* --- view.plist ---------------------------------------------------------------------------- */

void bundle_view_free(BundleView *view)
{
    if (!view)
        return;
    g_free(view->shared_directory);
    g_clear_pointer(&view->media, g_hash_table_unref);
    g_free(view);
}

static double get_real(const PlistDict *dict, const char *key)
{
    double value = 0;
    (void) plist_node_real(plist_dict_get(dict, key), &value);
    return value;
}

static void read_media(const Bundle *bundle, const PlistDict *dict, BundleView *view)
{
    const PlistDict *paths = plist_dict_get_dict(dict, "RemovableDrivesPath");
    for (guint i = 0; i < plist_dict_size(paths); i++) {
        const PlistNode *path;
        const char *name = plist_dict_key_at(paths, i, &path);
        const char *identifier =
            bundle->identifiers ? g_hash_table_lookup(bundle->identifiers, name) : NULL;
        if (!identifier)
            identifier = g_str_has_prefix(name, "drive") ? name + strlen("drive") : name;
        if (path->type == PLIST_TYPE_STRING && *path->text)
            g_hash_table_insert(view->media, g_strdup(identifier), g_strdup(path->text));
    }
}

BundleView *bundle_view_read(const Bundle *bundle, GError **error)
{
    g_autofree char *file = g_build_filename(bundle->path, "view.plist", NULL);
    g_autoptr(GError) local = NULL;
    g_autoptr(PlistNode) root = plist_parse_file(file, NULL, &local);
    if (!root) {
        if (!g_error_matches(local, BUNDLE_ERROR, BUNDLE_ERROR_NOT_FOUND))
            g_propagate_prefixed_error(error, g_steal_pointer(&local), "view.plist: ");
        return NULL;
    }
    if (root->type != PLIST_TYPE_DICT) {
        g_set_error(error, BUNDLE_ERROR, BUNDLE_ERROR_INVALID,
                    "view.plist: %s where a dictionary is needed", plist_node_type_name(root));
        return NULL;
    }
    const PlistDict *dict = root->dict;
    BundleView *view = g_new0(BundleView, 1);
    view->scale = get_real(dict, "DisplayScale");
    view->origin_x = get_real(dict, "DisplayOriginX");
    view->origin_y = get_real(dict, "DisplayOriginY");
    view->has_toolbar = plist_dict_get(dict, "ShowToolbar") != NULL;
    view->toolbar = plist_dict_get_boolean(dict, "ShowToolbar", false);
    view->has_keyboard = plist_dict_get(dict, "ShowKeyboard") != NULL;
    view->keyboard = plist_dict_get_boolean(dict, "ShowKeyboard", false);
    view->suspended = plist_dict_get_boolean(dict, "Suspended", false);
    view->shared_directory = g_strdup(plist_dict_get_string(dict, "SharedDirectoryPath"));
    view->media = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    read_media(bundle, dict, view);
    return view;
}
