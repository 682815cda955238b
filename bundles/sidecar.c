/* SPDX-License-Identifier: Apache-2.0 */
/* Reading and writing utmctl.plist. */
#include "bundles/sidecar.h"

#include <errno.h>
#include <unistd.h>

#include "bundles/bundle.h"
#include "bundles/plist.h"

struct Sidecar {
    char *path;      /* owned */
    PlistDict *root; /* owned */
};

/* Where the strings of SidecarSuspended are in the file. */
static const struct {
    const char *key;
    size_t offset;
} suspended_strings[] = {
    { "Tag", offsetof(SidecarSuspended, tag) },
    { "QemuVersion", offsetof(SidecarSuspended, qemu_version) },
    { "Machine", offsetof(SidecarSuspended, machine) },
    { "CPU", offsetof(SidecarSuspended, cpu) },
    { "Fingerprint", offsetof(SidecarSuspended, fingerprint) },
};

static char **string_at(const SidecarSuspended *suspended, size_t i)
{
    return (char **) ((char *) suspended + suspended_strings[i].offset);
}

void sidecar_suspended_free(SidecarSuspended *suspended)
{
    if (!suspended)
        return;
    for (size_t i = 0; i < G_N_ELEMENTS(suspended_strings); i++)
        g_free(*string_at(suspended, i));
    g_free(suspended);
}

Sidecar *sidecar_open(const char *bundle_path, GError **error)
{
    g_autofree char *path = g_build_filename(bundle_path, "utmctl.plist", NULL);
    g_autoptr(GError) local = NULL;
    g_autoptr(PlistNode) node = plist_parse_file(path, NULL, &local);
    if (!node && !g_error_matches(local, BUNDLE_ERROR, BUNDLE_ERROR_NOT_FOUND)) {
        g_propagate_prefixed_error(error, g_steal_pointer(&local), "utmctl.plist: ");
        return NULL;
    }
    if (node && node->type != PLIST_TYPE_DICT) {
        g_set_error(error, BUNDLE_ERROR, BUNDLE_ERROR_INVALID,
                    "utmctl.plist: %s where a dictionary is needed", plist_node_type_name(node));
        return NULL;
    }
    Sidecar *sidecar = g_new0(Sidecar, 1);
    sidecar->path = g_steal_pointer(&path);
    sidecar->root = node ? g_steal_pointer(&node->dict) : plist_dict_new();
    return sidecar;
}

bool sidecar_save(const Sidecar *sidecar, GError **error)
{
    if (plist_dict_size(sidecar->root) == 0) {
        if (unlink(sidecar->path) == 0 || errno == ENOENT)
            return true;
        g_set_error(error, BUNDLE_ERROR, BUNDLE_ERROR_IO, "cannot remove \"%s\": %s", sidecar->path,
                    g_strerror(errno));
        return false;
    }
    g_autoptr(PlistNode) node = plist_node_new_dict_take(plist_dict_copy(sidecar->root));
    g_autofree char *text = plist_node_to_xml(node);
    return bundle_write_atomically(sidecar->path, text, error);
}

void sidecar_free(Sidecar *sidecar)
{
    if (!sidecar)
        return;
    g_free(sidecar->path);
    plist_dict_free(sidecar->root);
    g_free(sidecar);
}

bool sidecar_is_protected(const Sidecar *sidecar)
{
    return plist_dict_get_boolean(sidecar->root, "Protected", false);
}

void sidecar_set_protected(Sidecar *sidecar, bool is_protected)
{
    if (is_protected)
        plist_dict_set_take(sidecar->root, "Protected", plist_node_new_boolean(true));
    else
        (void) plist_dict_remove(sidecar->root, "Protected");
}

/* ---- clones ---- */

static const char clones_key[] = "LinkedClones";

GHashTable *sidecar_clones(const Sidecar *sidecar)
{
    GHashTable *clones = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    const PlistDict *all = plist_dict_get_dict(sidecar->root, clones_key);
    for (guint i = 0; all && i < plist_dict_size(all); i++) {
        const char *uuid = plist_dict_key_at(all, i, NULL);
        const char *path = plist_dict_get_string(all, uuid);
        if (path)
            g_hash_table_insert(clones, g_strdup(uuid), g_strdup(path));
    }
    return clones;
}

void sidecar_set_clone(Sidecar *sidecar, const char *uuid, const char *path)
{
    PlistDict *all = plist_dict_copy(plist_dict_get_dict(sidecar->root, clones_key));
    if (!all)
        all = plist_dict_new();
    plist_dict_set_string(all, uuid, path);
    if (plist_dict_size(all)) {
        plist_dict_set_take(sidecar->root, clones_key, plist_node_new_dict_take(all));
    } else {
        (void) plist_dict_remove(sidecar->root, clones_key);
        plist_dict_free(all);
    }
}

/* ---- snapshots ---- */

static const char snapshots_key[] = "Snapshots";

void sidecar_snapshot_free(SidecarSnapshot *snapshot)
{
    if (!snapshot)
        return;
    g_free(snapshot->parent);
    g_free(snapshot->description);
    g_free(snapshot->label);
    g_free(snapshot->fingerprint);
    g_free(snapshot->warm_ram);
    g_clear_pointer(&snapshot->layers, g_hash_table_unref);
    g_free(snapshot);
}

static GHashTable *read_layers(const PlistDict *dict)
{
    if (!dict)
        return NULL;
    GHashTable *layers = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    for (guint i = 0; i < plist_dict_size(dict); i++) {
        const char *drive = plist_dict_key_at(dict, i, NULL);
        const char *file = plist_dict_get_string(dict, drive);
        if (file && bundle_name_is_safe(file))
            g_hash_table_insert(layers, g_strdup(drive), g_strdup(file));
    }
    return layers;
}

static void write_layers(PlistDict *dict, GHashTable *layers)
{
    if (!layers)
        return;
    PlistDict *files = plist_dict_new();
    GHashTableIter iter;
    gpointer drive, file;
    g_hash_table_iter_init(&iter, layers);
    while (g_hash_table_iter_next(&iter, &drive, &file))
        plist_dict_set_string(files, drive, file);
    plist_dict_set_take(dict, "Layers", plist_node_new_dict_take(files));
}

SidecarSnapshot *sidecar_snapshot(const Sidecar *sidecar, const char *tag)
{
    const PlistDict *all = plist_dict_get_dict(sidecar->root, snapshots_key);
    const PlistDict *dict = all ? plist_dict_get_dict(all, tag) : NULL;
    if (!dict)
        return NULL;
    SidecarSnapshot *snapshot = g_new0(SidecarSnapshot, 1);
    (void) plist_node_date(plist_dict_get(dict, "Created"), &snapshot->created);
    snapshot->parent = g_strdup(plist_dict_get_string(dict, "Parent"));
    snapshot->description = g_strdup(plist_dict_get_string(dict, "Description"));
    snapshot->label = g_strdup(plist_dict_get_string(dict, "Label"));
    snapshot->fingerprint = g_strdup(plist_dict_get_string(dict, "Fingerprint"));
    snapshot->warm_ram = g_strdup(plist_dict_get_string(dict, "WarmRAM"));
    snapshot->layers = read_layers(plist_dict_get_dict(dict, "Layers"));
    return snapshot;
}

static PlistNode *snapshot_node(const SidecarSnapshot *snapshot)
{
    PlistDict *dict = plist_dict_new();
    if (snapshot->created)
        plist_dict_set_take(dict, "Created", plist_node_new_date(snapshot->created));
    plist_dict_set_string(dict, "Parent", snapshot->parent);
    plist_dict_set_string(dict, "Description", snapshot->description);
    plist_dict_set_string(dict, "Label", snapshot->label);
    plist_dict_set_string(dict, "Fingerprint", snapshot->fingerprint);
    plist_dict_set_string(dict, "WarmRAM", snapshot->warm_ram);
    write_layers(dict, snapshot->layers);
    return plist_node_new_dict_take(dict);
}

void sidecar_set_snapshot(Sidecar *sidecar, const char *tag, const SidecarSnapshot *snapshot)
{
    PlistDict *all = plist_dict_copy(plist_dict_get_dict(sidecar->root, snapshots_key));
    if (!all)
        all = plist_dict_new();
    if (snapshot)
        plist_dict_set_take(all, tag, snapshot_node(snapshot));
    else
        (void) plist_dict_remove(all, tag);
    if (plist_dict_size(all)) {
        plist_dict_set_take(sidecar->root, snapshots_key, plist_node_new_dict_take(all));
    } else {
        (void) plist_dict_remove(sidecar->root, snapshots_key);
        plist_dict_free(all);
    }
}

char **sidecar_snapshot_tags(const Sidecar *sidecar)
{
    const PlistDict *all = plist_dict_get_dict(sidecar->root, snapshots_key);
    g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
    for (guint i = 0; all && i < plist_dict_size(all); i++)
        g_strv_builder_add(builder, plist_dict_key_at(all, i, NULL));
    return g_strv_builder_end(builder);
}

const char *sidecar_text(const Sidecar *sidecar, const char *key)
{
    return plist_dict_get_string(sidecar->root, key);
}

void sidecar_set_text(Sidecar *sidecar, const char *key, const char *text)
{
    plist_dict_set_string(sidecar->root, key, text);
}

/* ---- saved state ---- */

SidecarSuspended *sidecar_suspended(const Sidecar *sidecar)
{
    const PlistDict *dict = plist_dict_get_dict(sidecar->root, "Suspended");
    if (!dict)
        return NULL;
    SidecarSuspended *suspended = g_new0(SidecarSuspended, 1);
    (void) plist_node_date(plist_dict_get(dict, "Time"), &suspended->time);
    for (size_t i = 0; i < G_N_ELEMENTS(suspended_strings); i++)
        *string_at(suspended, i) = g_strdup(plist_dict_get_string(dict, suspended_strings[i].key));
    return suspended;
}

void sidecar_set_suspended(Sidecar *sidecar, const SidecarSuspended *suspended)
{
    if (!suspended) {
        (void) plist_dict_remove(sidecar->root, "Suspended");
        return;
    }
    PlistDict *dict = plist_dict_new();
    plist_dict_set_take(dict, "Time", plist_node_new_date(suspended->time));
    for (size_t i = 0; i < G_N_ELEMENTS(suspended_strings); i++)
        plist_dict_set_string(dict, suspended_strings[i].key, *string_at(suspended, i));
    plist_dict_set_take(sidecar->root, "Suspended", plist_node_new_dict_take(dict));
}
