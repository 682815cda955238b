/* SPDX-License-Identifier: Apache-2.0 */
/* utmctl status: one word, or everything with --json. */
#include <stdio.h>

#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/running.h"
#include "core/library.h"
#include "core/vm/vm.h"

static struct {
    char *vm;
} opt;

static const CmdArg args[] = { { .name = "VM", .kind = ARG_VM, .value = &opt.vm }, { 0 } };

static bool run(GError **error)
{
    g_autoptr(Bundle) bundle = library_open(opt.vm, error);
    if (!bundle)
        return false;
    if (command_global.json)
        return cmd_print_status(bundle, error);
    g_auto(VmStatus) status = { 0 };
    if (!vm_status(bundle, &status, error))
        return false;
    puts(vm_state_name(status.state));
    return true;
}

const Command cmd_status = {
    .name = "status",
    .group = GROUP_RUN,
    .summary = "Say what a virtual machine does",
    .description =
        "Prints one of UTM's words: stopped, starting, started, pausing, paused, resuming, saving, "
        "restoring, stopping. A suspended machine is stopped; --json tells that it has a saved "
        "state, and how it last ended.",
    .args = args,
    .run = run,
};
