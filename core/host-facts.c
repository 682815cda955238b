/* SPDX-License-Identifier: Apache-2.0 */
/* The small JSON files of per-host facts. */
#include "core/host-facts.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

#include "core/error.h"
#include "core/paths.h"
#include "qapi/json-auto.h"

static void share_free(HostShare *share)
{
    g_free(share->path);
    g_free(share->tag);
    g_free(share);
}

HostFacts *host_facts_new(void)
{
    HostFacts *facts = g_new0(HostFacts, 1);
    facts->shares = g_ptr_array_new_with_free_func((GDestroyNotify) share_free);
    facts->usb = g_ptr_array_new_with_free_func(g_free);
    facts->media = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return facts;
}

void host_facts_free(HostFacts *facts)
{
    if (!facts)
        return;
    g_hash_table_unref(facts->media);
    g_ptr_array_unref(facts->shares);
    g_ptr_array_unref(facts->usb);
    g_free(facts);
}

HostShare *host_facts_share(const HostFacts *facts, const char *tag)
{
    for (guint i = 0; i < facts->shares->len; i++) {
        HostShare *share = facts->shares->pdata[i];
        if (strcmp(share->tag, tag) == 0)
            return share;
    }
    return NULL;
}

HostShare *host_facts_add_share(HostFacts *facts, const char *path, const char *tag)
{
    HostShare *share = g_new0(HostShare, 1);
    share->path = g_strdup(path);
    share->tag = g_strdup(tag ? tag : HOST_SHARE_TAG);
    for (int n = 2; !tag && host_facts_share(facts, share->tag); n++) {
        g_free(share->tag);
        share->tag = g_strdup_printf(HOST_SHARE_TAG "%d", n);
    }
    g_ptr_array_add(facts->shares, share);
    return share;
}

static char *facts_path(const char *uuid, const char *name)
{
    g_autofree char *folder = paths_state(uuid);
    return g_build_filename(folder, name, NULL);
}

/* An object, or NULL: with @error when the file is damaged, without when it is not there. */
static cJSON *read_object(const char *uuid, const char *name, GError **error)
{
    g_autofree char *path = facts_path(uuid, name);
    g_autofree char *text = NULL;
    g_autoptr(GError) failure = NULL;
    gsize length;
    if (!g_file_get_contents(path, &text, &length, &failure)) {
        if (!g_error_matches(failure, G_FILE_ERROR, G_FILE_ERROR_NOENT))
            utm_error_set(error, UTM_ERROR_FAILED, NULL, "%s", failure->message);
        return NULL;
    }
    g_autoptr(cJSON) object = cJSON_ParseWithLength(text, length);
    if (!cJSON_IsObject(object)) {
        utm_error_set(error, UTM_ERROR_INVALID, "remove the file", "\"%s\" is damaged", path);
        return NULL;
    }
    return g_steal_pointer(&object);
}

static void read_share(HostFacts *facts, const cJSON *row)
{
    const char *path = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(row, "path"));
    const char *tag = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(row, "tag"));
    if (!path)
        return;
    HostShare *share = host_facts_add_share(facts, path, tag);
    share->read_only = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(row, "read_only"));
    share->virtiofs = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(row, "virtiofs"));
}

static cJSON *share_json(const HostShare *share)
{
    cJSON *row = cJSON_CreateObject();
    cJSON_AddStringToObject(row, "path", share->path);
    cJSON_AddStringToObject(row, "tag", share->tag);
    cJSON_AddBoolToObject(row, "read_only", share->read_only);
    cJSON_AddBoolToObject(row, "virtiofs", share->virtiofs);
    return row;
}

HostFacts *host_facts_load(const char *uuid, GError **error)
{
    g_autoptr(HostFacts) facts = host_facts_new();
    g_autoptr(GError) failure = NULL;
    g_autoptr(cJSON) media = read_object(uuid, "media.json", &failure);
    g_autoptr(cJSON) share = failure ? NULL : read_object(uuid, "share.json", &failure);
    g_autoptr(cJSON) usb = failure ? NULL : read_object(uuid, "usb.json", &failure);
    if (failure) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return NULL;
    }
    const cJSON *medium;
    cJSON_ArrayForEach (medium, media) {
        if (cJSON_IsString(medium))
            g_hash_table_insert(facts->media, g_strdup(medium->string),
                                g_strdup(medium->valuestring));
    }
    const cJSON *row;
    cJSON_ArrayForEach (row, cJSON_GetObjectItemCaseSensitive(share, "shares"))
        read_share(facts, row);
    cJSON_ArrayForEach (row, cJSON_GetObjectItemCaseSensitive(usb, "always"))
        if (cJSON_IsString(row))
            g_ptr_array_add(facts->usb, g_strdup(row->valuestring));
    return g_steal_pointer(&facts);
}

static bool remove_file(const char *path, GError **error)
{
    if (g_unlink(path) == 0 || errno == ENOENT)
        return true;
    utm_error_set(error, UTM_ERROR_FAILED, NULL, "cannot remove \"%s\": %s", path,
                  g_strerror(errno));
    return false;
}

/* Takes @object; one without members stands for no file. */
static bool write_object(const char *uuid, const char *name, cJSON *object, GError **error)
{
    g_autoptr(cJSON) owned = object;
    g_autofree char *folder = paths_state(uuid);
    g_autofree char *path = facts_path(uuid, name);
    g_autoptr(GError) failure = NULL;
    if (!owned->child)
        return remove_file(path, error);
    if (!paths_make_private(folder, error))
        return false;
    g_autofree char *text = cJSON_Print(owned);
    if (g_file_set_contents(path, text, -1, &failure))
        return true;
    utm_error_set(error, UTM_ERROR_FAILED, NULL, "%s", failure->message);
    return false;
}

bool host_facts_save(const HostFacts *facts, const char *uuid, GError **error)
{
    cJSON *media = cJSON_CreateObject();
    cJSON *share = cJSON_CreateObject();
    GHashTableIter iter;
    gpointer identifier, path;
    g_hash_table_iter_init(&iter, facts->media);
    while (g_hash_table_iter_next(&iter, &identifier, &path))
        cJSON_AddStringToObject(media, identifier, path);
    cJSON *rows = facts->shares->len ? cJSON_AddArrayToObject(share, "shares") : NULL;
    for (guint i = 0; i < facts->shares->len; i++)
        cJSON_AddItemToArray(rows, share_json(facts->shares->pdata[i]));
    cJSON *usb = cJSON_CreateObject();
    cJSON *always = facts->usb->len ? cJSON_AddArrayToObject(usb, "always") : NULL;
    for (guint i = 0; i < facts->usb->len; i++)
        cJSON_AddItemToArray(always, cJSON_CreateString(facts->usb->pdata[i]));
    bool ok = write_object(uuid, "media.json", media, error);
    ok = write_object(uuid, "share.json", share, ok ? error : NULL) && ok;
    return write_object(uuid, "usb.json", usb, ok ? error : NULL) && ok;
}
