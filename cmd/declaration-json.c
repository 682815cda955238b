/* SPDX-License-Identifier: Apache-2.0 */
/* The declarations of commands as JSON, for programs that build on utmctl. */
#include "cmd/declaration-json.h"

#include "cmd/parse.h"
#include "cmd/shared-options.h"
#include "cmd/usage.h"

static const char *const option_kinds[] = {
    [OPT_FLAG] = "flag",         [OPT_STRING] = "string", [OPT_STRINGS] = "strings",
    [OPT_PATH] = "path",         [OPT_INT] = "integer",   [OPT_SIZE] = "size",
    [OPT_DURATION] = "duration", [OPT_CHOICE] = "choice",
};

static const char *const arg_kinds[] = {
    [ARG_VM] = "vm",       [ARG_WORD] = "word", [ARG_PATH] = "path",
    [ARG_WORDS] = "words", [ARG_REST] = "rest",
};

static void add_choices(cJSON *object, const char *const *choices)
{
    if (!choices)
        return;
    int count = (int) g_strv_length((char **) choices);
    cJSON_AddItemToObject(object, "choices", cJSON_CreateStringArray(choices, count));
}

static cJSON *new_option(const Command *command, const CmdOption *option)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "name", option->name);
    char letter[] = { option->letter, '\0' };
    if (option->letter)
        cJSON_AddStringToObject(object, "letter", letter);
    cJSON_AddStringToObject(object, "kind", option_kinds[option->kind]);
    g_autofree char *help = usage_option_help(command, option);
    cJSON_AddStringToObject(object, "help", help);
    add_choices(object, option->choices);
    return object;
}

static void add_options(cJSON *all, const Command *command, const CmdOption *table, bool shared)
{
    for (const CmdOption *o = table; o && o->kind != OPT_END; o++)
        if (!shared || !parse_owns_option(command, o->name))
            cJSON_AddItemToArray(all, new_option(command, o));
}

static cJSON *new_argument(const CmdArg *arg)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "name", arg->name);
    cJSON_AddStringToObject(object, "kind", arg_kinds[arg->kind]);
    cJSON_AddBoolToObject(object, "optional", arg->optional);
    cJSON_AddStringToObject(object, "help", usage_argument_help(arg));
    add_choices(object, arg->choices);
    return object;
}

cJSON *declaration_json(const Command *command)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "name", command->name);
    cJSON_AddStringToObject(object, "group", usage_group_title(command->group));
    cJSON_AddStringToObject(object, "summary", command->summary);
    if (command->children) {
        cJSON_AddItemToObject(object, "commands", declaration_json_all(command->children));
        return object;
    }
    cJSON *args = cJSON_AddArrayToObject(object, "arguments");
    for (const CmdArg *a = command->args; a && a->kind != ARG_END; a++)
        cJSON_AddItemToArray(args, new_argument(a));
    cJSON *options = cJSON_AddArrayToObject(object, "options");
    add_options(options, command, command->options, false);
    const CmdOption *table;
    for (unsigned i = 0; (table = shared_options_table(command->shared, i)); i++)
        add_options(options, command, table, true);
    return object;
}

cJSON *declaration_json_all(const Command *const *commands)
{
    cJSON *all = cJSON_CreateArray();
    for (; *commands; commands++)
        if (!(*commands)->hidden)
            cJSON_AddItemToArray(all, declaration_json(*commands));
    return all;
}
