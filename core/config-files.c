/* SPDX-License-Identifier: Apache-2.0 */
/* Files of a bundle that come into or go out of use when its configuration changes. */
#include "core/config-files.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "bundles/value.h"
#include "core/error.h"
#include "core/tree.h"

typedef enum { MOVE_PLANNED, MOVE_LINKED, MOVE_MOVED } MoveState;

typedef struct {
    char *from;
    char *to;   /* NULL: deleted */
    char *note; /* what to say when it is done */
    MoveState state;
} Move;

struct ConfigFiles {
    GPtrArray *moves; /* (owned) of Move */
};

static void move_free(gpointer data)
{
    Move *move = data;
    if (move->state == MOVE_LINKED)
        (void) g_unlink(move->to);
    else if (move->state == MOVE_MOVED)
        utm_ignore(tree_move(move->to, move->from, NULL));
    g_free(move->from);
    g_free(move->to);
    g_free(move->note);
    g_free(move);
}

void config_files_free(ConfigFiles *files)
{
    if (!files)
        return;
    g_ptr_array_unref(files->moves);
    g_free(files);
}

/* The files in Data that a configuration speaks of, as a set. */
static GHashTable *names_of(const UtmConfig *config)
{
    GHashTable *names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GPtrArray) values = config_values(config);
    for (guint i = 0; i + 1 < values->len; i += 2) {
        ConfigRef ref;
        if (config_find(config, values->pdata[i], &ref, NULL) && (ref.key->flags & CONFIG_KEY_FILE))
            g_hash_table_add(names, g_strdup(values->pdata[i + 1]));
    }
    return names;
}

static char *in_folder(const Bundle *bundle, const char *folder, const char *name)
{
    return g_build_filename(bundle->path, folder, name, NULL);
}

static bool is_file(const char *path)
{
    return g_file_test(path, G_FILE_TEST_IS_REGULAR) && !g_file_test(path, G_FILE_TEST_IS_SYMLINK);
}

GPtrArray *config_files_parting(const Bundle *bundle, const UtmConfig *before)
{
    GPtrArray *parting = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GHashTable) old = names_of(before);
    g_autoptr(GHashTable) new = names_of(bundle->config);
    GHashTableIter iter;
    gpointer name;
    g_hash_table_iter_init(&iter, old);
    while (g_hash_table_iter_next(&iter, &name, NULL)) {
        g_autofree char *path = bundle_data_path(bundle, name);
        if (!g_hash_table_contains(new, name) && is_file(path))
            g_ptr_array_add(parting, g_strdup(name));
    }
    return parting;
}

/* A name in Unused that is free: "disk.qcow2", "disk-2.qcow2"… */
static char *free_place(const Bundle *bundle, const char *name)
{
    const char *dot = strrchr(name, '.');
    int stem = dot && dot > name ? (int) (dot - name) : (int) strlen(name);
    char *path = in_folder(bundle, CONFIG_FILES_UNUSED, name);
    for (int number = 2; g_file_test(path, G_FILE_TEST_EXISTS); number++) {
        g_autofree char *other = g_strdup_printf("%.*s-%d%s", stem, name, number, name + stem);
        g_free(path);
        path = in_folder(bundle, CONFIG_FILES_UNUSED, other);
    }
    return path;
}

static void new_move(ConfigFiles *files, char *from, char *to, char *note)
{
    Move *move = g_new0(Move, 1);
    move->from = from;
    move->to = to;
    move->note = note;
    g_ptr_array_add(files->moves, move);
}

static void plan_parting(ConfigFiles *files, const Bundle *bundle, const UtmConfig *before,
                         bool delete)
{
    g_autoptr(GPtrArray) parting = config_files_parting(bundle, before);
    for (guint i = 0; i < parting->len; i++) {
        const char *name = parting->pdata[i];
        char *to = delete ? NULL : free_place(bundle, name);
        g_autofree char *kept = to ? g_path_get_basename(to) : NULL;
        char *note = delete ? g_strdup_printf("deleted the image \"%s\"", name)
                            : g_strdup_printf("the image \"%s\" is kept as \"%s/%s\" in the bundle",
                                              name, CONFIG_FILES_UNUSED, kept);
        new_move(files, bundle_data_path(bundle, name), to, note);
    }
}

static void plan_coming(ConfigFiles *files, const Bundle *bundle, const UtmConfig *before)
{
    g_autoptr(GHashTable) old = names_of(before);
    g_autoptr(GHashTable) new = names_of(bundle->config);
    GHashTableIter iter;
    gpointer name;
    g_hash_table_iter_init(&iter, new);
    while (g_hash_table_iter_next(&iter, &name, NULL)) {
        g_autofree char *to = bundle_data_path(bundle, name);
        g_autofree char *from = in_folder(bundle, CONFIG_FILES_UNUSED, name);
        bool fetch = !g_hash_table_contains(old, name) && is_file(from) &&
                     !g_file_test(to, G_FILE_TEST_EXISTS);
        if (fetch)
            new_move(files, g_steal_pointer(&from), g_steal_pointer(&to),
                     g_strdup_printf("the image \"%s\" is back from \"%s\"", (char *) name,
                                     CONFIG_FILES_UNUSED));
    }
}

/* Where the file system knows no links, the file is moved at once. */
static bool bring(Move *move, GError **error)
{
    g_autofree char *folder = g_path_get_dirname(move->to);
    if (g_mkdir_with_parents(folder, 0777) == 0 && link(move->from, move->to) == 0) {
        move->state = MOVE_LINKED;
        return true;
    }
    int failure = errno;
    if ((failure == EPERM || failure == ENOTSUP || failure == EMLINK) &&
        tree_move(move->from, move->to, NULL)) {
        move->state = MOVE_MOVED;
        return true;
    }
    utm_error_set(error, UTM_ERROR_FAILED, NULL, "cannot move \"%s\" to \"%s\": %s", move->from,
                  move->to, g_strerror(failure));
    return false;
}

ConfigFiles *config_files_begin(const Bundle *bundle, const UtmConfig *before, bool delete,
                                GError **error)
{
    g_autoptr(ConfigFiles) files = g_new0(ConfigFiles, 1);
    files->moves = g_ptr_array_new_with_free_func(move_free);
    plan_parting(files, bundle, before, delete);
    plan_coming(files, bundle, before);
    for (guint i = 0; i < files->moves->len; i++) {
        Move *move = files->moves->pdata[i];
        if (move->to && !bring(move, error))
            return NULL;
    }
    return g_steal_pointer(&files);
}

/* Where nothing is left in it. */
static void remove_unused_folder(const char *file)
{
    g_autofree char *folder = g_path_get_dirname(file);
    g_autofree char *name = g_path_get_basename(folder);
    if (strcmp(name, CONFIG_FILES_UNUSED) == 0)
        (void) g_rmdir(folder);
}

void config_files_finish(ConfigFiles *files, GPtrArray *notes)
{
    for (guint i = 0; i < files->moves->len; i++) {
        Move *move = files->moves->pdata[i];
        move->state = MOVE_PLANNED;
        (void) g_unlink(move->from);
        remove_unused_folder(move->from);
        g_ptr_array_add(notes, g_steal_pointer(&move->note));
    }
}

/* --- What is there and what is not ---------------------------------------------------------- */

void config_files_check(const Bundle *bundle, GPtrArray *problems)
{
    const UtmConfig *config = bundle->config;
    g_autoptr(GPtrArray) values = config_values(config);
    for (guint i = 0; i + 1 < values->len; i += 2) {
        ConfigRef ref;
        const char *key = values->pdata[i], *name = values->pdata[i + 1];
        if (!config_find(config, key, &ref, NULL) || !(ref.key->flags & CONFIG_KEY_FILE))
            continue;
        /* An icon that is not custom is built into UTM. */
        if (ref.record == &config->information && !config->information.icon_custom)
            continue;
        g_autofree char *path = bundle_data_path(bundle, name);
        if (!is_file(path))
            problems_add(problems, PROBLEM_SEMANTIC, key, 0, name,
                         "is no file in the folder Data of the bundle");
    }
}

static bool belongs(const UtmConfig *config, const char *name)
{
    return (strcmp(name, "efi_vars.fd") == 0 && config->qemu.uefi_boot) ||
           (strcmp(name, "debug.log") == 0 && config->qemu.debug_log) ||
           strcmp(name, "tpmdata") == 0 || strcmp(name, "vmstate") == 0;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *) a, *(const char *const *) b);
}

GPtrArray *config_files_strangers(const Bundle *bundle)
{
    GPtrArray *strangers = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GHashTable) known = names_of(bundle->config);
    g_autofree char *folder = bundle_data_path(bundle, NULL);
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    for (const char *name; dir && (name = g_dir_read_name(dir));)
        if (!g_hash_table_contains(known, name) && !belongs(bundle->config, name))
            g_ptr_array_add(strangers, g_strdup(name));
    g_ptr_array_sort(strangers, compare_names);
    return strangers;
}
