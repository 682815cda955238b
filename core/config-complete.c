/* SPDX-License-Identifier: Apache-2.0 */
/* Key paths and values that somebody could mean who has not written all of a word yet. */
#include "core/config-complete.h"

#include <string.h>

#include "core/config-words.h"
#include "core/host/host.h"

static void key_path_free(ConfigKeyPath *path)
{
    g_free(path->path);
    g_free(path);
}

static GPtrArray *new_list(void)
{
    return g_ptr_array_new_with_free_func((GDestroyNotify) key_path_free);
}

static void add(GPtrArray *list, const char *path, const ConfigKey *key)
{
    ConfigKeyPath *item = g_new0(ConfigKeyPath, 1);
    item->path = g_strdup(path);
    item->key = key;
    g_ptr_array_add(list, item);
}

static bool exists(const UtmConfig *config, const char *path)
{
    ConfigRef ref;
    return config_find(config, path, &ref, NULL);
}

typedef void (*TakePath)(const char *path, const ConfigKey *key, void *user);

/* Every "[]" of a pattern becomes each index that there is. */
static void expand(const UtmConfig *config, const char *pattern, const ConfigKey *key,
                   TakePath take, void *user)
{
    const char *at = strstr(pattern, "[]");
    if (!at) {
        take(pattern, key, user);
        return;
    }
    for (unsigned i = 0;; i++) {
        g_autofree char *element = g_strdup_printf("%.*s[%u]", (int) (at - pattern), pattern, i);
        if (!exists(config, element))
            return;
        g_autofree char *rest = g_strconcat(element, at + strlen("[]"), NULL);
        expand(config, rest, key, take, user);
    }
}

static void take_any(const char *path, const ConfigKey *key, void *user)
{
    add(user, path, key);
}

static bool fits(const ConfigKey *key, ConfigComplete what)
{
    bool is_list = key->type == CONFIG_RECORDS || key->type == CONFIG_STRINGS;
    if (what == CONFIG_COMPLETE_VALUES)
        return key->type != CONFIG_RECORD && key->type != CONFIG_RECORDS &&
               key->type != CONFIG_DATA;
    return is_list;
}

GPtrArray *config_complete_paths(const UtmConfig *config, ConfigComplete what)
{
    GPtrArray *list = new_list();
    g_autoptr(GPtrArray) all = config_key_paths(config_table(config));
    for (guint i = 0; i < all->len; i++) {
        const ConfigKeyPath *path = all->pdata[i];
        g_autofree char *pattern = g_strdup(path->path);
        if (!fits(path->key, what))
            continue;
        /* The list itself, whether or not the tables write it as one. */
        if (g_str_has_suffix(pattern, "[]"))
            pattern[strlen(pattern) - strlen("[]")] = '\0';
        g_autofree char *elements = g_strconcat(pattern, "[]", NULL);
        expand(config, what == CONFIG_COMPLETE_ELEMENTS ? elements : pattern, path->key, take_any,
               list);
    }
    return list;
}

GPtrArray *config_complete_members(const UtmConfig *config, const char *list)
{
    GPtrArray *found = new_list();
    ConfigRef ref;
    if (!config_find(config, list, &ref, NULL) || ref.index >= 0 || ref.key->type != CONFIG_RECORDS)
        return found;
    for (guint i = 0; i < ref.key->table->n_keys; i++) {
        const ConfigKey *key = &ref.key->table->keys[i];
        if (fits(key, CONFIG_COMPLETE_VALUES))
            add(found, key->name, key);
    }
    return found;
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *) a, *(char *const *) b);
}

static char **host_words(const UtmConfig *config, const ConfigKey *key)
{
    g_autofree char *binary = host_find_qemu(config->system.architecture, NULL);
    g_autoptr(QemuCaps) caps = binary ? qemu_caps_load(binary, NULL) : NULL;
    GHashTable *set = caps ? config_host_words(key, caps) : NULL;
    guint n = set ? g_hash_table_size(set) : 0;
    char **words = g_new0(char *, n + 1);
    GHashTableIter iter;
    gpointer word;
    if (!set)
        return words;
    g_hash_table_iter_init(&iter, set);
    for (guint i = 0; g_hash_table_iter_next(&iter, &word, NULL); i++)
        words[i] = g_strdup(word);
    qsort(words, n, sizeof *words, compare);
    return words;
}

char **config_complete_words(const UtmConfig *config, const ConfigKey *key)
{
    static const char *const booleans[] = { "true", "false", NULL };
    if (key->words)
        return g_strdupv((char **) key->words);
    if (key->type == CONFIG_BOOL)
        return g_strdupv((char **) booleans);
    if (config_is_host_word(key))
        return host_words(config, key);
    return g_new0(char *, 1);
}
