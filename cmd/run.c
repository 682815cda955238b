/* SPDX-License-Identifier: Apache-2.0 */
/* utmctl run: a machine for one command. */
#include "core/run/run.h"

#include <unistd.h>

#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/interrupt.h"
#include "cmd/output.h"
#include "cmd/progress.h"
#include "cmd/running.h"
#include "cmd/waiting.h"
#include "core/error.h"
#include "core/snapshot/snapshot-word.h"

/* utmctl itself failed: not a status of the guest's program. */
#define FAILURE_STATUS 125

static struct {
    char *vm, *snapshot, *artifacts, *kernel, *initrd, *append;
    char **words, **wait, **copy_in, **copy_out;
    gboolean remove, no_sandbox;
    gint64 stop_timeout, pictures;
} opt = { .stop_timeout = 30 * G_USEC_PER_SEC, .pictures = 10 * G_USEC_PER_SEC };

static const CmdArg args[] = {
    { .name = "VM", .kind = ARG_VM, .value = &opt.vm, .help = "VM or VM@NAME" },
    { .name = "COMMAND",
      .kind = ARG_REST,
      .value = &opt.words,
      .optional = true,
      .help = "Program and arguments; without one, reaching the conditions is all" },
    { 0 },
};

static const CmdOption options[] = {
    { .name = "rm",
      .kind = OPT_FLAG,
      .value = &opt.remove,
      .help = "Keep nothing of it: not what the guest writes, nor the copy" },
    { .name = "snapshot",
      .kind = OPT_STRING,
      .value = &opt.snapshot,
      .arg = "NAME",
      .help = "Start a copy of the machine from this warm snapshot, as VM@NAME does" },
    { .name = "wait",
      .kind = OPT_STRINGS,
      .value = &opt.wait,
      .arg = "CONDITION",
      .help = "What has to be reached before the command, as wait knows it; several times; agent "
              "without it" },
    { .name = "copy-in",
      .kind = OPT_STRINGS,
      .value = &opt.copy_in,
      .arg = "HOSTPATH:GUESTPATH",
      .help = "Copy a file or folder into the guest before the command; several times" },
    { .name = "copy-out",
      .kind = OPT_STRINGS,
      .value = &opt.copy_out,
      .arg = "GUESTPATH:HOSTPATH",
      .help = "Copy a file or folder out of the guest afterwards, also when it failed" },
    { .name = "artifacts",
      .kind = OPT_PATH,
      .value = &opt.artifacts,
      .arg = "FOLDER",
      .help = "Keep logs, events and pictures here, each named by its time" },
    { .name = "pictures-every",
      .kind = OPT_DURATION,
      .value = &opt.pictures,
      .arg = "DURATION",
      .help = "How often the screen is kept with --artifacts, 0 for only when it fails" },
    { .name = "stop-timeout",
      .kind = OPT_DURATION,
      .value = &opt.stop_timeout,
      .arg = "DURATION",
      .help = "How long the guest may take to power off before it is switched off" },
    { .name = "kernel",
      .kind = OPT_PATH,
      .value = &opt.kernel,
      .arg = "FILE",
      .help = "Boot this kernel instead of what the machine boots" },
    { .name = "initrd",
      .kind = OPT_PATH,
      .value = &opt.initrd,
      .arg = "FILE",
      .help = "With this initial RAM disk" },
    { .name = "append",
      .kind = OPT_STRING,
      .value = &opt.append,
      .arg = "TEXT",
      .help = "And these arguments" },
    { .name = "no-sandbox", .kind = OPT_FLAG, .value = &opt.no_sandbox, .help = "As for start" },
    { 0 },
};

static int signal_of(void *user G_GNUC_UNUSED)
{
    return interrupt_number();
}

static void note_reached(const WaitCondition *condition, void *user)
{
    const Bundle *bundle = user;
    output_note("VM \"%s\": %s after %.2f s", bundle->config->information.name, condition->text,
                (double) condition->after_us / G_USEC_PER_SEC);
}

static bool usage(GError **error, const char *text)
{
    utm_error_set(error, UTM_ERROR_USAGE, NULL, "%s", text);
    return false;
}

static bool check(char **snapshot, GError **error)
{
    if (opt.snapshot && *snapshot)
        return usage(error, "--snapshot and VM@NAME say the same: give one of them");
    if (opt.snapshot)
        *snapshot = g_strdup(opt.snapshot);
    if (*snapshot &&
        (opt.kernel || opt.initrd || opt.append || command_global.accel || opt.no_sandbox))
        return usage(error, "what goes on from a snapshot has its kernel and accelerator already: "
                            "leave out --kernel, --initrd, --append, --accel and --no-sandbox");
    if (!opt.words && (command_global.env || command_global.cwd || command_global.input))
        return usage(error, "--env, --cwd and --input are for a command");
    return true;
}

/* QEMU runs in another folder. */
static char *absolute(const char *path, GError **error)
{
    g_autofree char *whole = g_canonicalize_filename(path, NULL);
    if (access(whole, R_OK) == 0)
        return g_steal_pointer(&whole);
    utm_error_set(error, UTM_ERROR_NOT_FOUND, NULL, "cannot read \"%s\"", path);
    return NULL;
}

static GPtrArray *make_conditions(GError **error)
{
    static const char *const agent[] = { "agent", NULL };
    bool asks = opt.words || opt.copy_in || opt.copy_out;
    if (!opt.wait && !asks) {
        usage(error, "give a command, or something to --wait for");
        return NULL;
    }
    return wait_condition_list(opt.wait ? opt.wait : (char **) agent, error);
}

/* Where a time-out was, its evidence is. */
static void keep_evidence(const WaitEvidence *evidence)
{
    cJSON *detail = cJSON_CreateObject();
    if (evidence->serial)
        cJSON_AddStringToObject(detail, "serial", evidence->serial);
    if (evidence->address)
        cJSON_AddStringToObject(detail, "address", evidence->address);
    if (evidence->screenshot)
        cJSON_AddStringToObject(detail, "screenshot", evidence->screenshot);
    command_set_error_detail(detail);
}

static bool run_it(const Bundle *bundle, const char *snapshot, GPtrArray *conditions,
                   const VmStartOptions *start, const GuestExec *exec, GError **error)
{
    g_auto(WaitEvidence) evidence = { 0 };
    g_auto(RunResult) result = { 0 };
    const RunOptions how = {
        .snapshot = snapshot,
        .remove = opt.remove,
        .start = *start,
        .conditions = conditions,
        .copy_in = opt.copy_in,
        .copy_out = opt.copy_out,
        .exec = *exec,
        .artifacts = opt.artifacts,
        .picture_every_us = opt.pictures,
        .timeout_us = command_global.timeout_us,
        .wait_timeout_us = command_global.timeout_given ? 0 : WAITING_LIMIT_US,
        .stop_timeout_us = opt.stop_timeout,
        .interrupt_fd = interrupt_fd(),
        .signal = signal_of,
        .note = progress_note,
        .reached = note_reached,
        .user = (void *) bundle,
        .evidence = &evidence,
    };
    if (run_machine(bundle, &how, &result, error)) {
        command_set_status(result.status & 0xff);
        return true;
    }
    keep_evidence(&evidence);
    return false;
}

static bool run(GError **error)
{
    g_autofree char *snapshot = NULL;
    if (opt.words && !*opt.words)
        g_clear_pointer(&opt.words, g_strfreev);
    g_autoptr(Bundle) bundle = snapshot_word_open(opt.vm, &snapshot, error);
    GuestExec exec;
    if (!bundle || !check(&snapshot, error) || !cmd_program(opt.words, &exec, error))
        return false;
    g_autoptr(GPtrArray) conditions = make_conditions(error);
    if (!conditions)
        return false;
    g_autofree char *kernel = opt.kernel ? absolute(opt.kernel, error) : NULL;
    g_autofree char *initrd = opt.initrd ? absolute(opt.initrd, error) : NULL;
    if ((opt.kernel && !kernel) || (opt.initrd && !initrd))
        return false;
    const VmStartOptions start = { .kernel = kernel,
                                   .initrd = initrd,
                                   .append = opt.append,
                                   .no_sandbox = opt.no_sandbox,
                                   .accel = cmd_accel() };
    interrupt_catch();
    if (run_it(bundle, snapshot, conditions, &start, &exec, error))
        return true;
    if (!g_str_has_prefix((*error)->message, "VM \""))
        g_prefix_error(error, "VM \"%s\": ", bundle->config->information.name);
    return false;
}

static const char *const examples[] = {
    "utmctl run --rm web@booted --copy-in src:/root/ -- make -C /root/src check",
    "Run tests in a copy that is gone afterwards; web@booted is a warm snapshot",
    "utmctl run --rm web --timeout 10m --artifacts logs --copy-out /root/out:. -- ./build.sh",
    "Boot, build, take the result, keep logs and pictures",
    "utmctl run --rm web --kernel vmlinuz --append console=ttyS0 --wait serial=/login:/",
    "See whether a kernel boots",
    NULL,
};

const Command cmd_run = {
    .name = "run",
    .group = GROUP_RUN,
    .summary = "Run a command in a virtual machine that is started for it",
    .description =
        "Starts the machine, waits for the guest agent or what --wait names, runs the command and "
        "ends the machine. The status is the command's; 125 says that utmctl failed, 126 that the "
        "command cannot be executed, 127 that it is not there, 124 that --timeout ran out.\n"
        "Without --snapshot the machine itself runs, with --rm so that nothing is written to its "
        "disks. With it a copy runs, and several may at once. Whatever way this ends, also by "
        "SIGKILL, the machine does too. SIGTERM asks the guest to power off first; a second signal "
        "does not wait for that.",
    .args = args,
    .options = options,
    .shared = SHARED_TIMEOUT | SHARED_ACCEL | SHARED_PROGRAM,
    .examples = examples,
    .failure_status = FAILURE_STATUS,
    .run = run,
};
