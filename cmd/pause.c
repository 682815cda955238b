/* SPDX-License-Identifier: Apache-2.0 */
/* utmctl pause, resume and restart: three words to a running machine. */
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/running.h"
#include "core/library.h"
#include "core/vm/vm.h"

static struct {
    char *vm;
} opt;

static const CmdArg args[] = { { .name = "VM", .kind = ARG_VM, .value = &opt.vm }, { 0 } };

static bool change(const char *verb, bool (*how)(const Bundle *bundle, GError **error),
                   GError **error)
{
    g_autoptr(Bundle) bundle = library_open(opt.vm, error);
    if (bundle && command_global.dry_run)
        return cmd_dry_run(bundle, verb, true, error);
    return bundle && how(bundle, error) && cmd_print_status(bundle, error);
}

static bool run_pause(GError **error)
{
    return change("pause", vm_pause, error);
}

static bool run_resume(GError **error)
{
    return change("resume", vm_resume, error);
}

static bool run_restart(GError **error)
{
    return change("restart", vm_restart, error);
}

const Command cmd_pause = {
    .name = "pause",
    .group = GROUP_RUN,
    .summary = "Let a virtual machine stand still in memory",
    .args = args,
    .shared = SHARED_DRY_RUN,
    .run = run_pause,
};

const Command cmd_resume = {
    .name = "resume",
    .group = GROUP_RUN,
    .summary = "Let a paused virtual machine go on",
    .args = args,
    .shared = SHARED_DRY_RUN,
    .run = run_resume,
};

const Command cmd_restart = {
    .name = "restart",
    .group = GROUP_RUN,
    .summary = "Reset a virtual machine, as its reset button would",
    .description = "The guest is not asked: what it has not written to its disks is lost. A paused "
                   "machine goes on.",
    .args = args,
    .shared = SHARED_DRY_RUN,
    .run = run_restart,
};
