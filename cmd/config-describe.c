/* SPDX-License-Identifier: Apache-2.0 */
/* utmctl config describe */
#include <stdio.h>
#include <string.h>

#include "bundles/arch.h"
#include "cmd/config.h"
#include "cmd/output.h"
#include "core/config-words.h"
#include "core/error.h"
#include "core/host/host.h"
#include "core/library.h"
#include "core/near-miss.h"

static struct {
    char *key;
    char *vm;
    char *arch;
    char *backend;
} opt;

/* Whose keys are described, and by which QEMU free words are explained. */
typedef struct {
    const ConfigTable *table;
    GPtrArray *paths;  /* (owned) of ConfigKeyPath */
    HostProfile *host; /* NULL: none is installed, or none was needed */
} Scope;

static void scope_clear(Scope *scope)
{
    g_clear_pointer(&scope->paths, g_ptr_array_unref);
    g_clear_pointer(&scope->host, host_profile_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Scope, scope_clear)

static bool is_group(const ConfigKey *key)
{
    return key->type == CONFIG_RECORD || key->type == CONFIG_RECORDS;
}

static char *range_text(const ConfigKey *key)
{
    if (key->type != CONFIG_INT || (key->minimum == 0 && key->maximum == 0))
        return NULL;
    return g_strdup_printf("%" G_GINT64_FORMAT " to %" G_GINT64_FORMAT, (gint64) key->minimum,
                           (gint64) key->maximum);
}

static int compare_words(const void *a, const void *b)
{
    return strcmp(*(const char *const *) a, *(const char *const *) b);
}

/* Sorted words of a set. The words are borrowed. */
static char **sorted_words(GHashTable *set)
{
    guint count;
    char **words = (char **) g_hash_table_get_keys_as_array(set, &count);
    qsort(words, count, sizeof *words, compare_words);
    return words;
}

/* --- All keys ------------------------------------------------------------------------------- */

static char *brief_type(const ConfigKey *key)
{
    if (key->words && g_strv_length((char **) key->words) <= 4)
        return g_strjoinv("|", (char **) key->words);
    return g_strdup(config_key_type_name(key));
}

static void print_all(const Scope *scope)
{
    static const char *const header[] = { "KEY", "TYPE", "DEFAULT", "MEANING", NULL };
    g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func((GDestroyNotify) g_strfreev);
    for (guint i = 0; i < scope->paths->len; i++) {
        const ConfigKeyPath *path = scope->paths->pdata[i];
        char **row = g_new0(char *, 5);
        row[0] = g_strdup(path->path);
        row[1] = brief_type(path->key);
        row[2] = config_key_default(path->key);
        if (!row[2] || is_group(path->key)) {
            g_free(row[2]);
            row[2] = g_strdup("");
        }
        row[3] = g_strdup(path->key->help);
        g_ptr_array_add(rows, row);
    }
    output_table(header, rows);
}

/* --- One key -------------------------------------------------------------------------------- */

static void print_line(const char *title, const char *text)
{
    if (text && *text)
        printf("%-9s %s\n", title, text);
}

static void print_host_words(const Scope *scope, const ConfigKey *key)
{
    GHashTable *set = scope->host ? config_host_words(key, scope->host->qemu) : NULL;
    if (!config_is_host_word(key))
        return;
    if (!set) {
        print_line("Values:", "what QEMU knows; the QEMU for this architecture is not installed "
                              "or does not list them");
        return;
    }
    const char *version = scope->host->qemu->version_text;
    printf("%-9s what QEMU knows; here (%s, %s):\n", "Values:", scope->host->qemu->target,
           version ? version : "unknown version");
    g_autofree char **words = sorted_words(set);
    for (char **word = words; *word; word++)
        printf("  %s\n", *word);
}

static void print_children(const Scope *scope, const ConfigKeyPath *group)
{
    size_t length = strlen(group->path);
    for (guint i = 0; i < scope->paths->len; i++) {
        const ConfigKeyPath *path = scope->paths->pdata[i];
        bool inside = strncmp(path->path, group->path, length) == 0 && path->path[length] == '.';
        if (inside && !strchr(path->path + length + 1, '.'))
            printf("  %-40s %s\n", path->path, path->key->help);
    }
}

static void print_key(const Scope *scope, const ConfigKeyPath *path)
{
    const ConfigKey *key = path->key;
    g_autofree char *range = range_text(key);
    g_autofree char *words = key->words ? g_strjoinv(", ", (char **) key->words) : NULL;
    g_autofree char *base = is_group(key) ? NULL : config_key_default(key);
    print_line("Key:", path->path);
    print_line("Meaning:", key->help);
    print_line("Type:", config_key_type_name(key));
    print_line("Values:", words);
    print_line("Range:", range);
    print_line("Default:", base);
    print_line("Written:", key->when);
    print_line("Since:", key->since);
    if (key->flags & CONFIG_KEY_FIXED)
        print_line("Note:", "not for changing");
    print_host_words(scope, key);
    if (is_group(key)) {
        puts("Keys:");
        print_children(scope, path);
    }
}

/* --- JSON ----------------------------------------------------------------------------------- */

static cJSON *words_json(const char *const *words)
{
    cJSON *array = cJSON_CreateArray();
    for (; *words; words++)
        cJSON_AddItemToArray(array, cJSON_CreateString(*words));
    return array;
}

static cJSON *values_json(const Scope *scope, const ConfigKey *key)
{
    GHashTable *set = scope->host ? config_host_words(key, scope->host->qemu) : NULL;
    if (key->words)
        return words_json(key->words);
    if (!set)
        return cJSON_CreateNull();
    g_autofree char **words = sorted_words(set);
    return words_json((const char *const *) words);
}

static cJSON *key_json(const Scope *scope, const ConfigKeyPath *path)
{
    const ConfigKey *key = path->key;
    cJSON *object = cJSON_CreateObject();
    g_autofree char *base = is_group(key) ? NULL : config_key_default(key);
    cJSON_AddStringToObject(object, "key", path->path);
    cJSON_AddStringToObject(object, "type", config_key_type_name(key));
    cJSON_AddItemToObject(object, "default", base ? cJSON_CreateString(base) : cJSON_CreateNull());
    cJSON_AddBoolToObject(object, "required", (key->flags & CONFIG_KEY_REQUIRED) != 0);
    cJSON_AddBoolToObject(object, "fixed", (key->flags & CONFIG_KEY_FIXED) != 0);
    cJSON_AddItemToObject(object, "values", values_json(scope, key));
    if (key->minimum || key->maximum) {
        cJSON_AddNumberToObject(object, "minimum", (double) key->minimum);
        cJSON_AddNumberToObject(object, "maximum", (double) key->maximum);
    }
    cJSON_AddStringToObject(object, "help", key->help);
    cJSON_AddStringToObject(object, "since", key->since);
    if (key->when)
        cJSON_AddStringToObject(object, "written", key->when);
    return object;
}

static void print_json(const Scope *scope, const ConfigKeyPath *only)
{
    if (only) {
        output_json(key_json(scope, only));
        return;
    }
    cJSON *array = cJSON_CreateArray();
    for (guint i = 0; i < scope->paths->len; i++)
        cJSON_AddItemToArray(array, key_json(scope, scope->paths->pdata[i]));
    output_json(array);
}

/* --------------------------------------------------------------------------------------------- */

static bool check_arch(GError **error)
{
    if (!opt.arch || guest_arch_find(opt.arch))
        return true;
    g_auto(GStrv) names = guest_arch_names();
    g_autofree char *near = near_miss(opt.arch, names);
    g_autofree char *hint = near ? g_strdup_printf("did you mean %s?", near) : NULL;
    utm_error_set(error, UTM_ERROR_USAGE, hint, "architecture \"%s\" is not known", opt.arch);
    return false;
}

static bool find_scope(Scope *scope, GError **error)
{
    if (!check_arch(error))
        return false;
    g_autoptr(Bundle) bundle = opt.vm ? library_open(opt.vm, error) : NULL;
    if (opt.vm && !bundle)
        return false;
    scope->table = bundle                                 ? config_table(bundle->config)
                   : g_strcmp0(opt.backend, "apple") == 0 ? &config_table_apple
                                                          : &config_table_qemu;
    scope->paths = config_key_paths(scope->table);
    const ConfigKeyPath *one = opt.key ? config_key_lookup(scope->paths, opt.key) : NULL;
    if (!one || !config_is_host_word(one->key))
        return true;
    const ConfigSystem *system = bundle ? &bundle->config->system : NULL;
    const char *arch = opt.arch ? opt.arch : system ? system->architecture : "x86_64";
    scope->host = host_profile_probe(arch, system && !opt.arch ? system->target : "", false, NULL);
    return true;
}

static bool run(GError **error)
{
    g_auto(Scope) scope = { 0 };
    if (!find_scope(&scope, error))
        return false;
    const ConfigKeyPath *one = opt.key ? config_key_lookup(scope.paths, opt.key) : NULL;
    if (opt.key && !one) {
        g_autofree char *near = config_key_near(scope.table, opt.key);
        g_autofree char *hint = near ? g_strdup_printf("did you mean %s?", near) : NULL;
        utm_error_set(error, UTM_ERROR_NOT_FOUND, hint ? hint : "utmctl config describe",
                      "key \"%s\" does not exist", opt.key);
        return false;
    }
    if (command_global.json)
        print_json(&scope, one);
    else if (one)
        print_key(&scope, one);
    else
        print_all(&scope);
    return true;
}

static const char *const backends[] = { "qemu", "apple", NULL };

static const CmdArg args[] = {
    { .name = "KEY",
      .kind = ARG_WORD,
      .value = &opt.key,
      .optional = true,
      .help = "Path of a key, with or without indices; without it all keys are listed" },
    { 0 },
};

static const CmdOption options[] = {
    { .name = "vm",
      .kind = OPT_STRING,
      .value = &opt.vm,
      .arg = "VM",
      .help = "Machine whose backend and architecture count" },
    { .name = "arch",
      .kind = OPT_STRING,
      .value = &opt.arch,
      .arg = "ARCH",
      .help = "Architecture whose QEMU is asked for machine types, CPU models and devices, by "
              "default x86_64" },
    { .name = "backend",
      .kind = OPT_CHOICE,
      .value = &opt.backend,
      .choices = backends,
      .help = "Kind of machine, by default qemu" },
    { 0 },
};

static const char *const examples[] = {
    "utmctl config describe",
    "Every key with its type, its value in a new machine and its meaning",
    "utmctl config describe System.Target --arch aarch64",
    "Which machine types the installed QEMU has for ARM",
    NULL,
};

const Command cmd_config_describe = {
    .name = "describe",
    .group = GROUP_LIBRARY,
    .summary = "Explain the keys of configurations",
    .args = args,
    .options = options,
    .examples = examples,
    .run = run,
};
