/* SPDX-License-Identifier: Apache-2.0 */
/* utmctl stop: end a machine, asking or not. */
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/running.h"
#include "core/error.h"
#include "core/library.h"
#include "core/vm/vm.h"

static struct {
    char *vm;
    gboolean force, kill, request;
} opt;

static const CmdOption options[] = {
    { .name = "force",
      .kind = OPT_FLAG,
      .value = &opt.force,
      .help = "End it as if its power were cut; what QEMU holds is written (the default)" },
    { .name = "kill", .kind = OPT_FLAG, .value = &opt.kill, .help = "Kill the QEMU process" },
    { .name = "request",
      .kind = OPT_FLAG,
      .value = &opt.request,
      .help = "Press its power button and wait until the guest has powered off" },
    { 0 },
};

static const CmdArg args[] = { { .name = "VM", .kind = ARG_VM, .value = &opt.vm }, { 0 } };

static bool run(GError **error)
{
    if (!!opt.force + !!opt.kill + !!opt.request > 1) {
        utm_error_set(error, UTM_ERROR_USAGE, NULL,
                      "--force, --kill and --request exclude each other");
        return false;
    }
    g_autoptr(Bundle) bundle = library_open(opt.vm, error);
    if (!bundle)
        return false;
    if (command_global.dry_run)
        return cmd_dry_run(bundle, "stop", false, error);
    VmStopMethod method = opt.request ? VM_STOP_REQUEST : opt.kill ? VM_STOP_KILL : VM_STOP_FORCE;
    return vm_stop(bundle, method, command_global.timeout_us, error) &&
           cmd_print_status(bundle, error);
}

const Command cmd_stop = {
    .name = "stop",
    .group = GROUP_RUN,
    .summary = "Stop a virtual machine",
    .description =
        "Returns when the machine has stopped and everything of it is gone. Stopping a machine "
        "that is stopped succeeds. The time limit is for --request: a guest that has not powered "
        "off by then goes on, and the exit status is 124.",
    .args = args,
    .options = options,
    .shared = SHARED_TIMEOUT | SHARED_DRY_RUN,
    .timeout_us = 120 * G_USEC_PER_SEC,
    .run = run,
};
