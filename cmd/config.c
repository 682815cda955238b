/* SPDX-License-Identifier: Apache-2.0 */
/* utmctl config */
#include "cmd/config.h"

#include <stdio.h>

#include "bundles/problem.h"
#include "bundles/record.h"
#include "cmd/commands.h"
#include "cmd/output.h"

static cJSON *strings_json(char **strings)
{
    cJSON *array = cJSON_CreateArray();
    for (; strings && *strings; strings++)
        cJSON_AddItemToArray(array, cJSON_CreateString(*strings));
    return array;
}

cJSON *config_json_value(const ConfigRef *ref)
{
    g_autofree char *text = config_ref_text(ref);
    if (!text)
        return cJSON_CreateNull();
    if (ref->index >= 0)
        return cJSON_CreateString(text);
    switch (ref->key->type) {
    case CONFIG_BOOL:
    case CONFIG_INT:
        return cJSON_CreateRaw(text);
    case CONFIG_STRINGS:
        return strings_json(*(char ***) record_field(ref->key, ref->record));
    default:
        return cJSON_CreateString(text);
    }
}

cJSON *config_json_all(const UtmConfig *config)
{
    cJSON *object = cJSON_CreateObject();
    g_autoptr(GPtrArray) values = config_values(config);
    for (guint i = 0; i + 1 < values->len; i += 2) {
        ConfigRef ref;
        if (config_find(config, values->pdata[i], &ref, NULL))
            cJSON_AddItemToObject(object, values->pdata[i], config_json_value(&ref));
    }
    return object;
}

static cJSON *problem_json(const Problem *problem)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "key", problem->key);
    if (problem->value)
        cJSON_AddStringToObject(object, "value", problem->value);
    else
        cJSON_AddNullToObject(object, "value");
    cJSON_AddStringToObject(object, "reason", problem->reason);
    cJSON_AddStringToObject(object, "severity", problem->kind == PROBLEM_FATAL ? "fatal" : "error");
    if (problem->line)
        cJSON_AddNumberToObject(object, "line", problem->line);
    return object;
}

void config_print_problems(const GPtrArray *problems, cJSON *array, void *stream)
{
    for (guint i = 0; i < problems->len; i++) {
        if (array) {
            cJSON_AddItemToArray(array, problem_json(problems->pdata[i]));
            continue;
        }
        g_autofree char *text = problem_text(problems->pdata[i]);
        g_autofree char *safe = output_escape(text);
        fprintf(stream, "%s\n", safe);
    }
}

static const Command *const children[] = {
    &cmd_config_get,      &cmd_config_set,  &cmd_config_unset,    &cmd_config_add,
    &cmd_config_remove,   &cmd_config_list, &cmd_config_describe, &cmd_config_edit,
    &cmd_config_validate, &cmd_config_diff, &cmd_config_migrate,  NULL,
};

static const char *const examples[] = {
    "utmctl config set web System.MemorySize=4G System.CPUCount=4",
    "Give a machine more memory and processors",
    "utmctl config add web Drive ImageType=CD Interface=USB",
    "Give it a CD drive",
    "utmctl config describe Drive[].Interface",
    "What a key means and what it can be",
    NULL,
};

const Command cmd_config = {
    .name = "config",
    .group = GROUP_LIBRARY,
    .summary = "Show, change and check the configuration of a virtual machine",
    .description =
        "A key is written as its path in config.plist: \"System.MemorySize\", "
        "\"Drive[0].Interface\", \"Network[0].PortForward[1].HostPort\". `utmctl config describe` "
        "lists them all. Besides there is \"Protected\", which keeps a machine from being deleted "
        "and is not in config.plist.\n\n"
        "What changes the file checks it first and replaces it as a whole. A machine that runs is "
        "refused where QEMU could not follow, and so is a suspended one; --force saves all the "
        "same, for the next start. An image that no drive uses any more goes to the folder Unused "
        "in the bundle, because UTM deletes what it does not know in Data; a drive that names it "
        "again gets it back.",
    .children = children,
    .examples = examples,
};
