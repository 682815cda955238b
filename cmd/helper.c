/* SPDX-License-Identifier: Apache-2.0 */
/* utmctl helper: what `utmctl start` becomes beside QEMU. Not for people. */
#include "core/vm/helper.h"

#include <fcntl.h>
#include <stdio.h>

#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/running.h"
#include "core/error.h"

/* Where `start` puts its end of the report socket. */
#define REPORT_FD 3

static struct {
    char *path, *load_snapshot, *warm, *kernel, *initrd, *append;
    gboolean disposable, discard_state, no_sandbox, paused, warm_make, renew, hold;
} opt;

static const CmdOption options[] = {
    { .name = "disposable", .kind = OPT_FLAG, .value = &opt.disposable, .help = "As for start" },
    { .name = "discard-state",
      .kind = OPT_FLAG,
      .value = &opt.discard_state,
      .help = "As for start" },
    { .name = "load-snapshot",
      .kind = OPT_STRING,
      .value = &opt.load_snapshot,
      .arg = "TAG",
      .help = "Go on from a snapshot with RAM" },
    { .name = "warm",
      .kind = OPT_PATH,
      .value = &opt.warm,
      .arg = "FOLDER",
      .help = "Go on from a warm image" },
    { .name = "renew", .kind = OPT_FLAG, .value = &opt.renew, .help = "Tell the guest so" },
    { .name = "warm-make", .kind = OPT_FLAG, .value = &opt.warm_make, .help = "Make it first" },
    { .name = "paused",
      .kind = OPT_FLAG,
      .value = &opt.paused,
      .help = "Stand still once everything is there" },
    { .name = "hold",
      .kind = OPT_FLAG,
      .value = &opt.hold,
      .help = "End when the other side of the report goes" },
    { .name = "kernel", .kind = OPT_PATH, .value = &opt.kernel, .help = "Instead of its own" },
    { .name = "initrd", .kind = OPT_PATH, .value = &opt.initrd, .help = "Instead of its own" },
    { .name = "append", .kind = OPT_STRING, .value = &opt.append, .help = "For the kernel" },
    { .name = "no-sandbox", .kind = OPT_FLAG, .value = &opt.no_sandbox, .help = "As for start" },
    { 0 },
};

static const CmdArg args[] = { { .name = "BUNDLE", .kind = ARG_PATH, .value = &opt.path }, { 0 } };

static bool run(GError **error)
{
    if (fcntl(REPORT_FD, F_SETFD, FD_CLOEXEC) < 0) {
        utm_error_set(error, UTM_ERROR_USAGE, "utmctl start", "this is a part of utmctl start");
        return false;
    }
    const VmStartOptions how = { .disposable = opt.disposable,
                                 .discard_saved_state = opt.discard_state,
                                 .no_sandbox = opt.no_sandbox,
                                 .load_tag = opt.load_snapshot,
                                 .warm = opt.warm,
                                 .warm_make = opt.warm_make,
                                 .renew = opt.renew,
                                 .paused = opt.paused,
                                 .hold = opt.hold,
                                 .kernel = opt.kernel,
                                 .initrd = opt.initrd,
                                 .append = opt.append,
                                 .accel = cmd_accel() };
    command_set_status(helper_run(opt.path, &how, REPORT_FD));
    return true;
}

const Command cmd_helper = {
    .name = "helper",
    .group = GROUP_PLUMBING,
    .hidden = true,
    .summary = "Run a virtual machine in the background",
    .args = args,
    .options = options,
    .shared = SHARED_ACCEL,
    .run = run,
};
