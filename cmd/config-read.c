/* SPDX-License-Identifier: Apache-2.0 */
/* utmctl config get, list and diff */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bundles/sidecar.h"
#include "cmd/config.h"
#include "cmd/output.h"
#include "core/config-changes.h"
#include "core/config-edit.h"
#include "core/config-words.h"
#include "core/error.h"
#include "core/library.h"

static struct {
    char *vm;
    char *other;
    char **keys;
    gboolean exit_code;
} opt;

/* --- get ------------------------------------------------------------------------------------ */

static bool is_group(const ConfigRef *ref)
{
    return ref->key->type == CONFIG_RECORD || ref->key->type == CONFIG_RECORDS;
}

/* For a terminal what could drive it is made visible; a program gets the value as it is. */
static void print_value(const char *text)
{
    g_autofree char *safe = isatty(STDOUT_FILENO) ? output_escape(text) : g_strdup(text);
    puts(safe);
}

static void print_pair(const char *key, const char *text)
{
    g_autofree char *safe = output_escape(text);
    printf("%s=%s\n", key, safe);
}

static bool is_below(const char *path, const char *group)
{
    size_t length = strlen(group);
    return strncmp(path, group, length) == 0 && (path[length] == '.' || path[length] == '[');
}

static void get_group(const UtmConfig *config, const char *group, cJSON *object)
{
    g_autoptr(GPtrArray) values = config_values(config);
    for (guint i = 0; i + 1 < values->len; i += 2) {
        ConfigRef ref;
        if (!is_below(values->pdata[i], group))
            continue;
        if (!object)
            print_pair(values->pdata[i], values->pdata[i + 1]);
        else if (config_find(config, values->pdata[i], &ref, NULL))
            cJSON_AddItemToObject(object, values->pdata[i], config_json_value(&ref));
    }
}

static bool get_protected(const Bundle *bundle, bool alone, cJSON *object, GError **error)
{
    g_autoptr(Sidecar) sidecar = sidecar_open(bundle->path, error);
    if (!sidecar)
        return false;
    const char *text = sidecar_is_protected(sidecar) ? "true" : "false";
    if (object)
        cJSON_AddItemToObject(object, CONFIG_EDIT_PROTECTED, cJSON_CreateRaw(text));
    else if (alone)
        print_value(text);
    else
        print_pair(CONFIG_EDIT_PROTECTED, text);
    return true;
}

static bool get_key(const Bundle *bundle, const char *key, bool alone, cJSON *object,
                    GError **error)
{
    ConfigRef ref;
    GError *cause = NULL;
    if (strcmp(key, CONFIG_EDIT_PROTECTED) == 0)
        return get_protected(bundle, alone, object, error);
    if (!config_find(bundle->config, key, &ref, &cause)) {
        config_say_error(bundle->config, key, NULL, cause, error);
        return false;
    }
    if (is_group(&ref)) {
        get_group(bundle->config, key, object);
        return true;
    }
    g_autofree char *text = config_ref_text(&ref);
    if (object)
        cJSON_AddItemToObject(object, key, config_json_value(&ref));
    else if (alone)
        print_value(text ? text : "");
    else
        print_pair(key, text ? text : "");
    return true;
}

/* Checks first, so that a wrong key prints nothing. */
static bool check_keys(const Bundle *bundle, GError **error)
{
    for (char **key = opt.keys; *key; key++) {
        ConfigRef ref;
        GError *cause = NULL;
        if (strcmp(*key, CONFIG_EDIT_PROTECTED) == 0 ||
            config_find(bundle->config, *key, &ref, &cause))
            continue;
        config_say_error(bundle->config, *key, NULL, cause, error);
        return false;
    }
    return true;
}

static bool run_get(GError **error)
{
    g_autoptr(Bundle) bundle = library_open(opt.vm, error);
    if (!bundle || !check_keys(bundle, error))
        return false;
    cJSON *object = command_global.json ? cJSON_CreateObject() : NULL;
    bool ok = true;
    for (char **key = opt.keys; *key && ok; key++)
        ok = get_key(bundle, *key, !opt.keys[1], object, error);
    if (ok && object)
        output_json(object);
    else
        cJSON_Delete(object);
    return ok;
}

static const CmdArg get_args[] = {
    { .name = "VM", .kind = ARG_VM, .value = &opt.vm },
    { .name = "KEY",
      .kind = ARG_WORDS,
      .value = &opt.keys,
      .help = "Path of a value or of a group of values, such as System.MemorySize or Drive[0]" },
    { 0 },
};

static const char *const get_examples[] = {
    "utmctl config get web System.MemorySize",
    "One value, alone",
    "utmctl config get web Drive --json",
    "All that is said of the drives",
    NULL,
};

const Command cmd_config_get = {
    .name = "get",
    .group = GROUP_LIBRARY,
    .summary = "Show values of a configuration",
    .description = "One value is printed alone; several, and those of a group, as KEY=VALUE. A "
                   "value that is not set is empty, in JSON null.",
    .args = get_args,
    .examples = get_examples,
    .run = run_get,
};

/* --- list ----------------------------------------------------------------------------------- */

static bool run_list(GError **error)
{
    g_autoptr(Bundle) bundle = library_open(opt.vm, error);
    if (!bundle)
        return false;
    g_autoptr(Sidecar) sidecar = sidecar_open(bundle->path, error);
    if (!sidecar)
        return false;
    bool is_protected = sidecar_is_protected(sidecar);
    if (command_global.json) {
        cJSON *object = config_json_all(bundle->config);
        cJSON_AddBoolToObject(object, CONFIG_EDIT_PROTECTED, is_protected);
        output_json(object);
        return true;
    }
    g_autoptr(GPtrArray) values = config_values(bundle->config);
    for (guint i = 0; i + 1 < values->len; i += 2)
        print_pair(values->pdata[i], values->pdata[i + 1]);
    print_pair(CONFIG_EDIT_PROTECTED, is_protected ? "true" : "false");
    return true;
}

static const CmdArg list_args[] = {
    { .name = "VM", .kind = ARG_VM, .value = &opt.vm },
    { 0 },
};

const Command cmd_config_list = {
    .name = "list",
    .group = GROUP_LIBRARY,
    .summary = "Show every value of a configuration",
    .description = "As KEY=VALUE, in the order of the file. What is not set is left out. JSON has "
                   "the same paths, with numbers, booleans and lists as such.",
    .args = list_args,
    .run = run_list,
};

/* --- diff ----------------------------------------------------------------------------------- */

static void print_differences(const GPtrArray *changes)
{
    for (guint i = 0; i < changes->len; i++) {
        const ConfigChange *change = changes->pdata[i];
        g_autofree char *before = change->before ? output_escape(change->before) : NULL;
        g_autofree char *after = change->after ? output_escape(change->after) : NULL;
        if (before)
            printf("- %s=%s\n", change->key, before);
        if (after)
            printf("+ %s=%s\n", change->key, after);
    }
}

static cJSON *differences_json(const GPtrArray *changes)
{
    cJSON *array = cJSON_CreateArray();
    for (guint i = 0; i < changes->len; i++) {
        const ConfigChange *change = changes->pdata[i];
        cJSON *object = cJSON_CreateObject();
        cJSON_AddStringToObject(object, "key", change->key);
        output_json_add_text(object, "a", change->before);
        output_json_add_text(object, "b", change->after);
        cJSON_AddItemToArray(array, object);
    }
    return array;
}

static bool run_diff(GError **error)
{
    g_autoptr(Bundle) a = library_open(opt.vm, error);
    g_autoptr(Bundle) b = a ? library_open(opt.other, error) : NULL;
    if (!b)
        return false;
    g_autoptr(GPtrArray) changes = config_changes(a->config, b->config);
    if (command_global.json)
        output_json(differences_json(changes));
    else
        print_differences(changes);
    if (opt.exit_code && changes->len > 0)
        command_set_status(1);
    return true;
}

static const CmdArg diff_args[] = {
    { .name = "A", .kind = ARG_VM, .value = &opt.vm },
    { .name = "B", .kind = ARG_VM, .value = &opt.other },
    { 0 },
};

static const CmdOption diff_options[] = {
    { .name = "exit-code",
      .kind = OPT_FLAG,
      .value = &opt.exit_code,
      .help = "Exit with status 1 when there is a difference" },
    { 0 },
};

const Command cmd_config_diff = {
    .name = "diff",
    .group = GROUP_LIBRARY,
    .summary = "Show what is different between two configurations",
    .description = "Values of A begin with a minus, those of B with a plus.",
    .args = diff_args,
    .options = diff_options,
    .run = run_diff,
};
