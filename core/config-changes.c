/* SPDX-License-Identifier: Apache-2.0 */
/* What is different between two configurations, key by key. */
#include "core/config-changes.h"

#include "bundles/plist.h"
#include "bundles/value.h"

static void change_free(gpointer data)
{
    ConfigChange *change = data;
    g_free(change->key);
    g_free(change->before);
    g_free(change->after);
    g_free(change);
}

static void add_change(GPtrArray *changes, const char *key, const char *before, const char *after)
{
    if (g_strcmp0(before, after) == 0)
        return;
    ConfigChange *change = g_new0(ConfigChange, 1);
    change->key = g_strdup(key);
    change->before = g_strdup(before);
    change->after = g_strdup(after);
    g_ptr_array_add(changes, change);
}

/* Borrows keys and values. */
static GHashTable *index_values(const GPtrArray *values)
{
    GHashTable *index = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i + 1 < values->len; i += 2)
        g_hash_table_insert(index, values->pdata[i], values->pdata[i + 1]);
    return index;
}

GPtrArray *config_changes(const UtmConfig *before, const UtmConfig *after)
{
    GPtrArray *changes = g_ptr_array_new_with_free_func(change_free);
    g_autoptr(GPtrArray) old = config_values(before);
    g_autoptr(GPtrArray) new = config_values(after);
    g_autoptr(GHashTable) old_index = index_values(old);
    g_autoptr(GHashTable) new_index = index_values(new);
    for (guint i = 0; i + 1 < old->len; i += 2)
        add_change(changes, old->pdata[i], old->pdata[i + 1],
                   g_hash_table_lookup(new_index, old->pdata[i]));
    for (guint i = 0; i + 1 < new->len; i += 2)
        if (!g_hash_table_contains(old_index, new->pdata[i]))
            add_change(changes, new->pdata[i], NULL, new->pdata[i + 1]);
    return changes;
}

bool config_is_same(const UtmConfig *a, const UtmConfig *b)
{
    g_autoptr(PlistNode) one = plist_node_new_dict_take(utm_config_encode(a));
    g_autoptr(PlistNode) other = plist_node_new_dict_take(utm_config_encode(b));
    return plist_node_equal(one, other);
}
