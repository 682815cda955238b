/* SPDX-License-Identifier: Apache-2.0 */
/* What guards a machine against being changed: its mark as protected, and clones that stand on it. */
#include "core/guard.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "bundles/image.h"
#include "bundles/sidecar.h"
#include "core/argv/argv-quote.h"
#include "core/error.h"
#include "core/library.h"

/* A chain of images that is longer has a loop in it. */
#define CHAIN_LIMIT 64

static bool is_inside(const char *folder, const char *path)
{
    size_t length = strlen(folder);
    return strncmp(path, folder, length) == 0 && path[length] == '/';
}

static bool image_reaches(const char *image, const char *real_folder)
{
    g_autofree char *path = g_strdup(image);
    for (int depth = 0; depth < CHAIN_LIMIT; depth++) {
        g_autoptr(ImageInfo) info = NULL;
        if (!image_probe(path, &info, NULL) || !info->backing_file)
            return false;
        g_autofree char *folder = g_path_get_dirname(path);
        g_autofree char *below = g_canonicalize_filename(info->backing_file, folder);
        g_free(path);
        path = realpath(below, NULL);
        if (!path || is_inside(real_folder, path))
            return path != NULL;
    }
    return false;
}

static bool reaches(const Bundle *clone, const char *base_path)
{
    g_autofree char *real = realpath(base_path, NULL);
    const GPtrArray *drives = clone->config->drives;
    for (guint i = 0; real && i < drives->len; i++) {
        const char *name = ((const ConfigDrive *) drives->pdata[i])->image_name;
        g_autofree char *path = name ? bundle_data_path(clone, name) : NULL;
        if (path && image_reaches(path, real))
            return true;
    }
    return false;
}

static Bundle *find_clone(const char *uuid, const char *path)
{
    g_autoptr(Bundle) there = bundle_open(path, NULL);
    if (there && strcmp(there->config->information.uuid, uuid) == 0)
        return g_steal_pointer(&there);
    return library_open(uuid, NULL);
}

/* Names of the linked clones that are still there and still stand on the disks of a machine: the
 * record in its sidecar is looked through, and a clone that was moved is looked for in the library. */
static char **clones_of(const char *path)
{
    g_autoptr(GStrvBuilder) names = g_strv_builder_new();
    g_autoptr(Sidecar) sidecar = sidecar_open(path, NULL);
    g_autoptr(GHashTable) noted = sidecar ? sidecar_clones(sidecar) : NULL;
    GHashTableIter iter;
    gpointer uuid, place;
    if (!noted)
        return g_strv_builder_end(names);
    g_hash_table_iter_init(&iter, noted);
    while (g_hash_table_iter_next(&iter, &uuid, &place)) {
        g_autoptr(Bundle) clone = find_clone(uuid, place);
        if (clone && reaches(clone, path))
            g_strv_builder_add(names, clone->config->information.name);
    }
    return g_strv_builder_end(names);
}

bool guard_add_clone(const char *base_path, const char *uuid, const char *place, GError **error)
{
    g_autoptr(Sidecar) sidecar = sidecar_open(base_path, error);
    if (!sidecar)
        return false;
    sidecar_set_clone(sidecar, uuid, place);
    return sidecar_save(sidecar, error);
}

bool guard_check_change(const char *path, const char *way, GError **error)
{
    g_auto(GStrv) names = clones_of(path);
    if (!names[0])
        return true;
    g_autofree char *list = g_strjoinv("\", \"", names);
    g_autofree char *quoted = argv_shell_quote(names[0]);
    g_autofree char *hint =
        way ? g_strdup(way)
            : g_strdup_printf("utmctl snapshot flatten %s makes a clone stand alone", quoted);
    utm_error_set(error, UTM_ERROR_WRONG_STATE, hint, "linked clones stand on its disks: \"%s\"",
                  list);
    return false;
}

bool guard_check_start(const Bundle *bundle, GError **error)
{
    g_autofree char *quoted = argv_shell_quote(bundle->config->information.name);
    g_autofree char *force = g_strdup_printf("utmctl start --force %s", quoted);
    g_autoptr(Sidecar) sidecar = sidecar_open(bundle->path, NULL);
    if (sidecar && sidecar_is_protected(sidecar)) {
        utm_error_set(error, UTM_ERROR_WRONG_STATE, force, "it is protected");
        return false;
    }
    return guard_check_change(bundle->path, force, error);
}
