/* SPDX-License-Identifier: Apache-2.0 */
/* utmctl clone */

#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/interrupt.h"
#include "cmd/output.h"
#include "cmd/progress.h"
#include "core/error.h"
#include "core/library.h"
#include "core/machine.h"

static struct {
    char *vm;
    char *name;
    char *output;
    gboolean linked, full;
} opt;

static const CmdArg args[] = { { .name = "VM", .kind = ARG_VM, .value = &opt.vm }, { 0 } };

static const CmdOption options[] = {
    { .name = "name",
      .kind = OPT_STRING,
      .value = &opt.name,
      .arg = "NAME",
      .help = "Name of the clone; without it the first free one of \"VM 2\", \"VM 3\" and so on" },
    { .name = "output",
      .letter = 'o',
      .kind = OPT_PATH,
      .value = &opt.output,
      .arg = "PATH",
      .help = "Folder of the clone, ending in .utm; without it one in the library" },
    { .name = "linked",
      .kind = OPT_FLAG,
      .value = &opt.linked,
      .help = "Have its disks stand on the original's, which must not change any more" },
    { .name = "full",
      .kind = OPT_FLAG,
      .value = &opt.full,
      .help = "Give every disk one image of its own, without snapshots" },
    { 0 },
};

static void print_result(const CloneResult *result, const char *original)
{
    if (command_global.json) {
        cJSON *object = cJSON_CreateObject();
        cJSON_AddStringToObject(object, "uuid", result->uuid);
        cJSON_AddStringToObject(object, "name", result->name);
        cJSON_AddStringToObject(object, "path", result->path);
        output_json(object);
    }
    output_note("%s \"%s\" as \"%s\" in %s", command_global.dry_run ? "would clone" : "cloned",
                original, result->name, result->path);
    if (result->dropped_suspend)
        output_warning("\"%s\" is suspended; the clone boots afresh, as after a power cut",
                       original);
}

static bool run(GError **error)
{
    if (opt.linked && opt.full) {
        utm_error_set(error, UTM_ERROR_USAGE, NULL, "--linked and --full exclude each other");
        return false;
    }
    g_autoptr(Bundle) bundle = library_open(opt.vm, error);
    if (!bundle)
        return false;
    /* The copy is undone on the way out. */
    interrupt_catch();
    CloneOptions clone = { .name = opt.name,
                           .output = opt.output,
                           .linked = opt.linked,
                           .full = opt.full,
                           .progress = progress_step,
                           .user = (void *) "copying" };
    g_auto(CloneResult) result = { 0 };
    bool ok = machine_clone(bundle, &clone, command_global.dry_run, &result, error);
    output_progress_end();
    if (ok)
        print_result(&result, bundle->config->information.name);
    return ok;
}

static const char *const examples[] = {
    "utmctl clone web --name web-test",
    "Copy a machine; where the file system shares blocks this takes no time and no room",
    "utmctl clone base --name web-2 --linked",
    "A clone that has only what it changes; base is not started or deleted without --force then",
    NULL,
};

const Command cmd_clone = {
    .name = "clone",
    .group = GROUP_LIBRARY,
    .summary = "Copy a virtual machine",
    .description = "The clone has a UUID and MAC addresses of its own. The copy is made beside its "
                   "place and moved there when it is whole. A running machine is refused. A saved "
                   "state is not taken over: the clone of a suspended machine boots afresh.\n"
                   "Blocks are shared where the file system can, else they are copied. A linked "
                   "clone has only what it changes; \"snapshot flatten\" makes it stand alone.",
    .args = args,
    .options = options,
    .shared = SHARED_DRY_RUN,
    .examples = examples,
    .run = run,
};
