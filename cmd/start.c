/* SPDX-License-Identifier: Apache-2.0 */
/* utmctl start: start a machine, or let a paused one go on. */
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/output.h"
#include "cmd/running.h"
#include "cmd/viewing.h"
#include "cmd/waiting.h"
#include "core/error.h"
#include "core/guard.h"
#include "core/snapshot/snapshot-word.h"
#include "core/snapshot/snapshot.h"
#include "core/snapshot/warm.h"
#include "core/vm/launch-plan.h"
#include "core/vm/vm.h"

static struct {
    char *vm;
    gboolean attach, display, disposable, recovery, discard_state, no_sandbox, paused;
    gboolean force;
    char **wait;
} opt;

static const CmdOption options[] = {
    { .name = "attach",
      .letter = 'a',
      .kind = OPT_FLAG,
      .value = &opt.attach,
      .help = "Attach this terminal to the serial console once the machine runs" },
    { .name = "display",
      .kind = OPT_FLAG,
      .value = &opt.display,
      .help = "Open its screen in a window once the machine runs" },
    { .name = "disposable",
      .kind = OPT_FLAG,
      .value = &opt.disposable,
      .help = "Keep nothing that the guest writes to its disks" },
    { .name = "force",
      .letter = 'f',
      .kind = OPT_FLAG,
      .value = &opt.force,
      .help = "Also when it is protected, or when linked clones stand on its disks" },
    { .name = "discard-state",
      .kind = OPT_FLAG,
      .value = &opt.discard_state,
      .help = "Boot afresh and give up the state that a suspended machine has saved" },
    { .name = "recovery",
      .kind = OPT_FLAG,
      .value = &opt.recovery,
      .help = "Refused: only Apple's own virtualization has it" },
    { .name = "paused",
      .kind = OPT_FLAG,
      .value = &opt.paused,
      .help = "Let it stand still before its first instruction; resume lets it go" },
    { .name = "wait",
      .kind = OPT_STRINGS,
      .value = &opt.wait,
      .arg = "CONDITION",
      .help =
          "Return when this has been reached, as wait(1) knows it; may be given several times" },
    { .name = "no-sandbox",
      .kind = OPT_FLAG,
      .value = &opt.no_sandbox,
      .help = "Let QEMU reach every file that you can reach; noted in the journal" },
    { 0 },
};

static const CmdArg args[] = { { .name = "VM", .kind = ARG_VM, .value = &opt.vm }, { 0 } };

static void tell(const char *name, const VmStarted *started)
{
    for (guint i = 0; i < started->warnings->len; i++)
        output_warning("%s", (const char *) started->warnings->pdata[i]);
    if (started->accelerator_reason)
        output_note("VM \"%s\": using %s because %s", name,
                    g_str_equal(started->accelerator, "tcg") ? "TCG" : started->accelerator,
                    started->accelerator_reason);
    if (started->resumed)
        output_note("VM \"%s\": goes on from its saved state", name);
}

static VmStartOptions options_of_start(void)
{
    return (VmStartOptions){ .disposable = opt.disposable,
                             .discard_saved_state = opt.discard_state,
                             .no_sandbox = opt.no_sandbox,
                             .paused = opt.paused,
                             .force = opt.force,
                             .accel = cmd_accel() };
}

static bool start_stopped(const Bundle *bundle, GError **error)
{
    g_auto(VmStarted) started = { 0 };
    const VmStartOptions how = options_of_start();
    if (!vm_start(bundle, &how, command_global.timeout_us, &started, error))
        return false;
    tell(bundle->config->information.name, &started);
    return true;
}

static bool check_snapshot_start(const Bundle *bundle, GError **error)
{
    const ConfigInformation *information = &bundle->config->information;
    if (opt.disposable || opt.discard_state || command_global.accel || opt.no_sandbox) {
        utm_error_set(error, UTM_ERROR_USAGE, "utmctl fork --rm starts a copy that leaves nothing",
                      "a snapshot says by itself how the machine goes on from it: leave out "
                      "--disposable, --discard-state, --accel and --no-sandbox");
        return false;
    }
    if (!vm_is_running(bundle))
        return true;
    utm_error_set(error, UTM_ERROR_WRONG_STATE, "utmctl snapshot restore goes back while it runs",
                  "VM \"%s\": cannot start: it is already running", information->name);
    return false;
}

/* As a restore, which it is. */
static bool start_snapshot(const Bundle *bundle, const char *name, GError **error)
{
    const ConfigInformation *information = &bundle->config->information;
    g_autoptr(Snapshot) snapshot = snapshot_find(bundle, name, error);
    if (!snapshot || !check_snapshot_start(bundle, error))
        return false;
    g_autofree char *question = g_strdup_printf("Go back to \"%s\" and lose what VM \"%s\" is now?",
                                                name, information->name);
    if (!command_confirm(question, error))
        return false;
    g_autofree char *warm = warm_find(information->uuid, snapshot->tag);
    if (!warm && snapshot->kind != SNAPSHOT_DISK)
        output_note("\"%s\" has no warm image: its memory is read from the disk", name);
    g_auto(VmStarted) started = { 0 };
    const SnapshotRestore how = { .then =
                                      opt.paused ? SNAPSHOT_THEN_PAUSED : SNAPSHOT_THEN_STARTED };
    if (!opt.force && !guard_check_start(bundle, error)) {
        g_prefix_error(error, "VM \"%s\": cannot start: ", information->name);
        return false;
    }
    if (!snapshot_restore(bundle, name, &how, &started, error))
        return false;
    tell(information->name, &started);
    return true;
}

/* Everything that a start decides and checks before it changes anything. */
static bool plan_start(const Bundle *bundle, GError **error)
{
    const VmStartOptions how = options_of_start();
    const char *name = bundle->config->information.name;
    g_autoptr(LaunchPlan) plan = launch_plan_new(bundle, &how, error);
    if (!plan) {
        g_prefix_error(error, "VM \"%s\": cannot start: ", name);
        return false;
    }
    output_note("would start VM \"%s\" with %s (%s)", name, plan->command[0],
                plan->argv->accelerator);
    return true;
}

static bool dry_run(const Bundle *bundle, const char *snapshot, GError **error)
{
    const ConfigInformation *information = &bundle->config->information;
    const char *state = vm_state_word(information->uuid, bundle->path);
    if (g_str_equal(state, vm_state_name(VM_STATE_PAUSED)))
        return cmd_dry_run(bundle, "resume", true, error);
    if (!g_str_equal(state, vm_state_name(VM_STATE_STOPPED))) {
        utm_error_set(error, UTM_ERROR_WRONG_STATE, NULL,
                      "VM \"%s\": cannot start: it is already running", information->name);
        return false;
    }
    if (!snapshot)
        return plan_start(bundle, error);
    g_autoptr(Snapshot) found = snapshot_find(bundle, snapshot, error);
    if (found)
        output_note("would start VM \"%s\" from its snapshot \"%s\"", information->name, snapshot);
    return found != NULL;
}

/* The time limit is for both, unless it is the one for starting only. */
static bool wait_started(const Bundle *bundle, GPtrArray *conditions, gint64 begin_us,
                         GError **error)
{
    gint64 limit = command_global.timeout_given ? command_global.timeout_us : WAITING_LIMIT_US;
    gint64 spent = g_get_monotonic_time() - begin_us;
    WaitRequest request = { .conditions = conditions,
                            .timeout_us = limit ? MAX(limit - spent, 1000) : 0,
                            .interrupt_fd = -1 };
    return !conditions->len || waiting_run(bundle, &request, error);
}

/* With what cannot be shown, nothing is started. */
static bool check_display(const Bundle *bundle, GError **error)
{
    if (opt.display && opt.attach) {
        utm_error_set(error, UTM_ERROR_USAGE, NULL,
                      "--attach and --display: this command can become only one of the two");
        return false;
    }
    if (!opt.display || cmd_check_view(bundle, error))
        return true;
    g_prefix_error(error, "VM \"%s\": cannot show its screen: ", bundle->config->information.name);
    return false;
}

static bool run(GError **error)
{
    g_autofree char *snapshot = NULL;
    g_autoptr(GPtrArray) conditions = wait_condition_list(opt.wait, error);
    g_autoptr(Bundle) bundle = conditions ? snapshot_word_open(opt.vm, &snapshot, error) : NULL;
    if (!bundle)
        return false;
    if (opt.recovery) {
        utm_error_set(error, UTM_ERROR_UNSUPPORTED, NULL,
                      "VM \"%s\": QEMU machines have no recovery mode",
                      bundle->config->information.name);
        return false;
    }
    if (!check_display(bundle, error))
        return false;
    if (command_global.dry_run)
        return dry_run(bundle, snapshot, error);
    /* As the macOS tool does: a paused machine is let go on. */
    gint64 begin = g_get_monotonic_time();
    bool paused = g_str_equal(vm_state_word(bundle->config->information.uuid, bundle->path),
                              vm_state_name(VM_STATE_PAUSED));
    bool ok = snapshot ? start_snapshot(bundle, snapshot, error)
              : paused ? vm_resume(bundle, error)
                       : start_stopped(bundle, error);
    ok = ok && wait_started(bundle, conditions, begin, error);
    if (ok && opt.display)
        return cmd_view(bundle, error);
    if (ok && opt.attach)
        return cmd_attach_to(bundle, error);
    return ok && cmd_print_status(bundle, error);
}

static const char *const examples[] = {
    "utmctl start demo",
    "Start a machine",
    "utmctl start --disposable --attach demo",
    "Try something in it and keep nothing",
    "utmctl start demo --wait agent --wait port=80",
    "Start a machine, and go on when its web server listens",
    "utmctl start --yes demo@booted",
    "Go back to a snapshot and run from there; from a warm one this takes no time",
    NULL,
};

const Command cmd_start = {
    .name = "start",
    .group = GROUP_RUN,
    .summary = "Start a virtual machine, or let a paused one go on",
    .description =
        "Returns when QEMU runs; the machine then lives on without this terminal. A machine that "
        "was suspended goes on from where it stood. When QEMU does not come up, its own reason is "
        "shown with the path of its log, and nothing is left behind. A machine that is protected "
        "or "
        "whose disks linked clones stand on is refused without --force, unless it is disposable.\n"
        "VM@NAME goes back to the snapshot of that name first, and asks before.",
    .args = args,
    .options = options,
    .shared = SHARED_TIMEOUT | SHARED_YES | SHARED_DRY_RUN | SHARED_ACCEL,
    .timeout_us = 60 * G_USEC_PER_SEC,
    .examples = examples,
    .run = run,
};
