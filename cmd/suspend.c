/* SPDX-License-Identifier: Apache-2.0 */
/* utmctl suspend: pause a machine, or save its state to disk and end it. */
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/output.h"
#include "cmd/running.h"
#include "core/library.h"
#include "core/vm/vm.h"

static struct {
    char *vm;
    gboolean save_state;
} opt;

static const CmdOption options[] = {
    { .name = "save-state",
      .letter = 's',
      .kind = OPT_FLAG,
      .value = &opt.save_state,
      .help = "Save memory, devices and disks, and stop; the next start goes on from there" },
    { 0 },
};

static const CmdArg args[] = { { .name = "VM", .kind = ARG_VM, .value = &opt.vm }, { 0 } };

static void show_progress(uint64_t done, uint64_t all, void *user)
{
    (void) user;
    output_progress("saving", done, all);
}

static bool run(GError **error)
{
    g_autoptr(Bundle) bundle = library_open(opt.vm, error);
    if (!bundle)
        return false;
    if (command_global.dry_run)
        return cmd_dry_run(bundle, "suspend", true, error);
    bool ok = opt.save_state
                  ? vm_suspend(bundle, command_global.timeout_us, show_progress, NULL, error)
                  : vm_pause(bundle, error);
    if (opt.save_state)
        output_progress_end();
    return ok && cmd_print_status(bundle, error);
}

const Command cmd_suspend = {
    .name = "suspend",
    .group = GROUP_RUN,
    .summary = "Pause a virtual machine, or save its state to disk",
    .description =
        "Without --save-state this is `utmctl pause`. With it the state goes into the machine's "
        "qcow2 images as a snapshot named \"suspend\", QEMU ends, and `utmctl start` goes on from "
        "there. When the state cannot be saved, or this is interrupted, the machine goes on as "
        "before.",
    .args = args,
    .options = options,
    .shared = SHARED_TIMEOUT | SHARED_DRY_RUN,
    .timeout_us = 0,
    .run = run,
};
