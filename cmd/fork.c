/* SPDX-License-Identifier: Apache-2.0 */
/* utmctl fork: running copies of a machine. */
#include "core/fork.h"

#include <stdio.h>

#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/interrupt.h"
#include "cmd/output.h"
#include "core/error.h"
#include "core/snapshot/snapshot-word.h"

#define MOST 1000

static struct {
    char *vm, *name;
    gint64 count;
    gboolean rm;
} opt = { .count = 1 };

static const CmdArg args[] = {
    { .name = "VM", .kind = ARG_VM, .value = &opt.vm, .help = "VM or VM@NAME" },
    { 0 },
};

static const CmdOption options[] = {
    { .name = "count",
      .letter = 'n',
      .kind = OPT_INT,
      .value = &opt.count,
      .arg = "N",
      .help = "How many copies" },
    { .name = "name",
      .kind = OPT_STRING,
      .value = &opt.name,
      .arg = "PATTERN",
      .help = "Name of the copies, with {n} for a number; without it VM-{n}" },
    { .name = "rm", .kind = OPT_FLAG, .value = &opt.rm, .help = "Remove each copy when it stops" },
    { 0 },
};

static void print_json(const ForkResult *result, const char *source, const char *snapshot)
{
    cJSON *array = cJSON_CreateArray();
    for (guint i = 0; i < result->forks->len; i++) {
        const Fork *copy = result->forks->pdata[i];
        cJSON *object = cJSON_CreateObject();
        cJSON_AddStringToObject(object, "uuid", copy->uuid);
        cJSON_AddStringToObject(object, "name", copy->name);
        cJSON_AddStringToObject(object, "path", copy->path);
        cJSON_AddStringToObject(object, "source", source);
        cJSON_AddItemToObject(object, "snapshot",
                              snapshot ? cJSON_CreateString(snapshot) : cJSON_CreateNull());
        cJSON_AddBoolToObject(object, "removed_when_stopped", opt.rm);
        cJSON_AddItemToArray(array, object);
    }
    output_json(array);
}

static bool run(GError **error)
{
    if (opt.count < 1 || opt.count > MOST) {
        utm_error_set(error, UTM_ERROR_USAGE, NULL, "--count is from 1 to %d", MOST);
        return false;
    }
    g_autofree char *snapshot = NULL;
    g_autoptr(Bundle) bundle = snapshot_word_open(opt.vm, &snapshot, error);
    const ForkOptions how = { .count = (unsigned) opt.count,
                              .pattern = opt.name,
                              .transient = opt.rm,
                              .interrupted = interrupt_has_come };
    g_auto(ForkResult) result = { 0 };
    /* What was made is undone on the way out. */
    interrupt_catch();
    if (!bundle || !fork_start(bundle, snapshot, &how, &result, error))
        return false;
    for (guint i = 0; i < result.warnings->len; i++)
        output_warning("%s", (const char *) result.warnings->pdata[i]);
    if (result.made_anew)
        output_note("the warm image of \"%s\" was not there or did not fit, and was made anew",
                    snapshot);
    if (result.stood_us)
        output_note("VM \"%s\" stood still for %.2f s", bundle->config->information.name,
                    (double) result.stood_us / G_USEC_PER_SEC);
    if (command_global.json)
        print_json(&result, bundle->config->information.name, snapshot);
    for (guint i = 0; i < result.forks->len && !command_global.json; i++)
        printf("%s\n", ((const Fork *) result.forks->pdata[i])->name);
    return true;
}

static const char *const examples[] = {
    "utmctl snapshot create --warm web booted",
    "Keep a booted machine, to start copies of it from",
    "utmctl fork web@booted -n 10 --name test-{n} --rm",
    "Ten running copies of it, of which nothing is left when they stop",
    NULL,
};

const Command cmd_fork = {
    .name = "fork",
    .group = GROUP_STATE,
    .summary = "Start running copies of a virtual machine",
    .description =
        "The copies go on from a warm snapshot, without booting; they share its memory and disks "
        "until they write. VM without a snapshot is forked as it runs, and stands still for as "
        "long as a snapshot takes. Each copy is a machine with a name, UUID and disks of its own; "
        "the names are printed. When one cannot be started, or this is interrupted, none is left.",
    .args = args,
    .options = options,
    .examples = examples,
    .run = run,
};
