/* SPDX-License-Identifier: Apache-2.0 */
/* utmctl argv */
#include <stdio.h>

#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/output.h"
#include "cmd/running.h"
#include "core/argv/argv-quote.h"
#include "core/library.h"
#include "core/vm/launch-plan.h"

static struct {
    char *vm;
    gboolean explain;
    char *host;
} opt;

static const char *const hosts[] = { "linux", "macos", NULL };

static const CmdArg args[] = { { .name = "VM", .kind = ARG_VM, .value = &opt.vm }, { 0 } };

static const CmdOption options[] = {
    { .name = "explain",
      .kind = OPT_FLAG,
      .value = &opt.explain,
      .help = "Say of each argument which key and which rule it comes from" },
    { .name = "host",
      .kind = OPT_CHOICE,
      .value = &opt.host,
      .choices = hosts,
      .help = "Host to build for; macos shows what UTM itself would run" },
    { 0 },
};

static cJSON *words_json(char **words)
{
    cJSON *array = cJSON_CreateArray();
    for (char **word = words; *word; word++)
        cJSON_AddItemToArray(array, cJSON_CreateString(*word));
    return array;
}

static cJSON *explained_json(const Argv *argv)
{
    cJSON *array = cJSON_CreateArray();
    for (unsigned i = 0; i < argv->items->len; i++) {
        const ArgvItem *item = g_ptr_array_index(argv->items, i);
        cJSON *object = cJSON_CreateObject();
        cJSON_AddItemToObject(object, "args", words_json(item->args));
        cJSON_AddItemToObject(object, "key",
                              item->key ? cJSON_CreateString(item->key) : cJSON_CreateNull());
        cJSON_AddStringToObject(object, "rule", item->rule);
        cJSON_AddItemToArray(array, object);
    }
    return array;
}

static void print_lines(const Argv *argv)
{
    for (unsigned i = 0; i < argv->items->len; i++) {
        const ArgvItem *item = g_ptr_array_index(argv->items, i);
        g_autofree char *line = argv_item_line(item);
        g_autofree char *safe = output_escape(line);
        printf("%s\n", safe);
        if (opt.explain)
            printf("    # %s%s%s\n", item->key ? item->key : "", item->key ? ": " : "", item->rule);
    }
}

static bool run(GError **error)
{
    HostSystem system = g_strcmp0(opt.host, "macos") == 0 ? HOST_MACOS : HOST_LINUX;
    g_autoptr(Bundle) bundle = library_open(opt.vm, error);
    if (!bundle)
        return false;
    const VmStartOptions how = { .accel = cmd_accel() };
    g_autoptr(LaunchPlan) plan = launch_plan_preview(bundle, &how, system, error);
    if (!plan) {
        g_prefix_error(error, "VM \"%s\": ", bundle->config->information.name);
        return false;
    }
    const Argv *argv = plan->argv;
    for (unsigned i = 0; i < argv->warnings->len; i++)
        output_warning("%s", (const char *) g_ptr_array_index(argv->warnings, i));
    if (!command_global.json) {
        print_lines(argv);
    } else if (opt.explain) {
        output_json(explained_json(argv));
    } else {
        g_auto(GStrv) words = argv_strv(argv);
        output_json(words_json(words));
    }
    return true;
}

static const char *const examples[] = {
    "utmctl argv web --explain",
    "Every argument that QEMU would get, and why",
    "diff <(utmctl argv web) <(utmctl argv web --host macos)",
    "What is different on a Mac",
    NULL,
};

const Command cmd_argv = {
    .name = "argv",
    .group = GROUP_RUN,
    .summary = "Show the arguments that QEMU would be started with",
    .description = "One option with its value on each line, quoted for a shell. Nothing is started "
                   "and nothing is written; what was replaced or left out because this host or its "
                   "QEMU lacks it is said on standard error.",
    .args = args,
    .options = options,
    .shared = SHARED_ACCEL,
    .examples = examples,
    .run = run,
};
