/* SPDX-License-Identifier: Apache-2.0 */
/* utmctl snapshot export: a machine of its own out of a snapshot. */
#include "cmd/interrupt.h"
#include "cmd/output.h"
#include "cmd/progress.h"
#include "cmd/snapshot.h"
#include "core/clone.h"
#include "core/error.h"
#include "core/snapshot/snapshot-word.h"

static struct {
    char *vm, *output;
} opt;

/* ---- export ---- */

static const CmdArg args[] = {
    { .name = "VM@NAME", .kind = ARG_VM, .value = &opt.vm },
    { 0 },
};

static const CmdOption options[] = {
    { .name = "output",
      .letter = 'o',
      .kind = OPT_PATH,
      .value = &opt.output,
      .arg = "PATH",
      .help = "Folder of the new machine, ending in .utm; without it one in the library" },
    { 0 },
};

static void print_result(const CloneResult *result)
{
    if (command_global.json) {
        cJSON *object = cJSON_CreateObject();
        cJSON_AddStringToObject(object, "uuid", result->uuid);
        cJSON_AddStringToObject(object, "name", result->name);
        cJSON_AddStringToObject(object, "path", result->path);
        output_json(object);
    }
    output_note("%s \"%s\" as \"%s\" in %s", command_global.dry_run ? "would export" : "exported",
                opt.vm, result->name, result->path);
    if (result->dropped_suspend)
        output_note("its memory stays behind: \"%s\" boots afresh", result->name);
}

static bool run(GError **error)
{
    g_autofree char *name = NULL;
    g_autoptr(Bundle) bundle = snapshot_word_open(opt.vm, &name, error);
    if (!bundle)
        return false;
    if (!name) {
        utm_error_set(error, UTM_ERROR_USAGE, "utmctl export takes the machine as it is now",
                      "\"%s\" names no snapshot: VM@NAME is needed", opt.vm);
        return false;
    }
    const CloneOptions how = { .output = opt.output,
                               .progress = progress_step,
                               .user = (void *) "exporting" };
    g_auto(CloneResult) result = { 0 };
    interrupt_catch();
    bool ok = clone_snapshot(bundle, name, &how, command_global.dry_run, &result, error);
    output_progress_end();
    if (ok)
        print_result(&result);
    return ok;
}

const Command cmd_snapshot_export = {
    .name = "export",
    .summary = "Make a machine of what a snapshot holds",
    .description = "Configuration, disks, UEFI variables and TPM as they were then, each disk in "
                   "one image; memory is left out. The original may run meanwhile. Like a clone, "
                   "the new machine has a name, UUID and MAC addresses of its own, so that both "
                   "can run.",
    .args = args,
    .options = options,
    .shared = SHARED_DRY_RUN,
    .run = run,
};
