/* SPDX-License-Identifier: Apache-2.0 */
/* Keys and words as people misspell them, and words that only the installed QEMU knows. */
#include "core/config-words.h"

#include <stddef.h>
#include <string.h>

#include "bundles/bundle.h"
#include "core/error.h"
#include "core/near-miss.h"

/* "Drive[0].Interface" and "Drive[].Interface" become "Drive.Interface". */
static char *without_indices(const char *path)
{
    GString *plain = g_string_new(NULL);
    bool inside = false;
    for (const char *c = path; *c; c++) {
        if (*c == '[')
            inside = true;
        if (!inside)
            g_string_append_c(plain, *c);
        if (*c == ']')
            inside = false;
    }
    return g_string_free(plain, FALSE);
}

static const char *last_step(const char *path)
{
    const char *dot = strrchr(path, '.');
    return dot ? dot + 1 : path;
}

const ConfigKeyPath *config_key_lookup(const GPtrArray *paths, const char *path)
{
    g_autofree char *wanted = without_indices(path);
    for (guint i = 0; i < paths->len; i++) {
        const ConfigKeyPath *candidate = paths->pdata[i];
        g_autofree char *plain = without_indices(candidate->path);
        if (strcmp(plain, wanted) == 0)
            return candidate;
    }
    return NULL;
}

/* "MemorySize" alone is near to every key that ends so. */
static char *near_by_last_step(const GPtrArray *paths, const char *wanted)
{
    g_autoptr(GString) text = g_string_new(NULL);
    int count = 0;
    for (guint i = 0; i < paths->len; i++) {
        const ConfigKeyPath *candidate = paths->pdata[i];
        if (g_ascii_strcasecmp(last_step(candidate->path), last_step(wanted)) != 0)
            continue;
        g_string_append_printf(text, "%s\"%s\"", count ? ", " : "", candidate->path);
        if (++count == 4)
            break;
    }
    return count ? g_strdup(text->str) : NULL;
}

char *config_key_near(const ConfigTable *table, const char *path)
{
    g_autoptr(GPtrArray) paths = config_key_paths(table);
    g_autofree char *wanted = without_indices(path);
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < paths->len; i++)
        g_ptr_array_add(names, without_indices(((ConfigKeyPath *) paths->pdata[i])->path));
    g_ptr_array_add(names, NULL);
    char *near = near_by_last_step(paths, wanted);
    return near ? near : near_miss(wanted, (char **) names->pdata);
}

static char *value_hint(const ConfigTable *table, const char *path, const char *text)
{
    g_autoptr(GPtrArray) paths = config_key_paths(table);
    const ConfigKeyPath *found = config_key_lookup(paths, path);
    if (!found)
        return NULL;
    g_autofree char *near = found->key->words ? near_miss(text, (char **) found->key->words) : NULL;
    return near ? g_strdup_printf("did you mean %s?", near)
                : g_strdup_printf("utmctl config describe %s", found->path);
}

static char *key_hint(const ConfigTable *table, const char *path)
{
    g_autoptr(GPtrArray) paths = config_key_paths(table);
    if (config_key_lookup(paths, path))
        return NULL; /* the key is right, an element is missing */
    g_autofree char *near = config_key_near(table, path);
    return near ? g_strdup_printf("did you mean %s?", near) : g_strdup("utmctl config describe");
}

void config_say_error(const UtmConfig *config, const char *path, const char *text, GError *cause,
                      GError **error)
{
    g_autoptr(GError) owned = cause;
    const ConfigTable *table = config_table(config);
    bool no_key = g_error_matches(cause, BUNDLE_ERROR, BUNDLE_ERROR_NOT_FOUND);
    g_autofree char *hint = no_key ? key_hint(table, path)
                            : text ? value_hint(table, path, text)
                                   : NULL;
    utm_error_set(error, no_key ? UTM_ERROR_NOT_FOUND : UTM_ERROR_USAGE, hint, "%s",
                  cause->message);
}

/* --- What the installed QEMU knows ---------------------------------------------------------- */

static const struct {
    const char *key;
    size_t set; /* offset of the set of words in QemuCaps */
} host_words[] = {
    { "Target", offsetof(QemuCaps, machines) },
    { "CPU", offsetof(QemuCaps, cpus) },
    { "Hardware", offsetof(QemuCaps, devices) },
};

static bool find_host_word(const ConfigKey *key, size_t *out_set)
{
    for (size_t i = 0; key->type == CONFIG_STRING && i < G_N_ELEMENTS(host_words); i++)
        if (strcmp(key->name, host_words[i].key) == 0) {
            *out_set = host_words[i].set;
            return true;
        }
    return false;
}

bool config_is_host_word(const ConfigKey *key)
{
    size_t unused;
    return find_host_word(key, &unused);
}

GHashTable *config_host_words(const ConfigKey *key, const QemuCaps *caps)
{
    size_t offset;
    if (!caps || !find_host_word(key, &offset))
        return NULL;
    GHashTable *set = *(GHashTable *const *) ((const char *) caps + offset);
    return set && g_hash_table_size(set) > 0 ? set : NULL;
}

/* Words that are no machine, CPU or device of QEMU, but have a meaning all the same. */
static const char *const other_words[] = { "default",  "host", "max", "pcspk",
                                           "screamer", "asc",  NULL };

static bool is_known(GHashTable *set, const char *word)
{
    /* QEMU's short names, such as virtio-net for virtio-net-pci. */
    static const char *const suffixes[] = { "", "-pci", "-device", "-ccw" };
    for (size_t i = 0; i < G_N_ELEMENTS(suffixes); i++) {
        g_autofree char *name = g_strconcat(word, suffixes[i], NULL);
        if (g_hash_table_contains(set, name))
            return true;
    }
    return g_strv_contains(other_words, word);
}

char *config_host_warning(const ConfigRef *ref, const char *path, const HostProfile *host)
{
    GHashTable *set = host ? config_host_words(ref->key, host->qemu) : NULL;
    g_autofree char *word = set ? config_ref_text(ref) : NULL;
    if (!word || !*word || is_known(set, word))
        return NULL;
    g_autofree char *near = near_miss_set(word, set);
    return g_strdup_printf("%s: the installed QEMU %s knows no \"%s\"%s%s", path,
                           host->qemu->version_text ? host->qemu->version_text : "", word,
                           near ? "; near it: " : "", near ? near : "");
}
