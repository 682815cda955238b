/* SPDX-License-Identifier: Apache-2.0 */
/* utmctl try and undo: a command in a guest that can be taken back. */
#include "core/run/try.h"

#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/interrupt.h"
#include "cmd/output.h"
#include "cmd/running.h"
#include "cmd/values.h"
#include "core/error.h"
#include "core/library.h"

/* utmctl itself failed: not a status of the guest's program. */
#define FAILURE_STATUS 125

static struct {
    char *vm;
    char **words, **keep_on;
    gboolean always_rollback;
} opt;

static const CmdArg try_args[] = {
    { .name = "VM", .kind = ARG_VM, .value = &opt.vm },
    { .name = "COMMAND", .kind = ARG_REST, .value = &opt.words, .help = "Program and arguments" },
    { 0 },
};

static const CmdOption try_options[] = {
    { .name = "always-rollback",
      .kind = OPT_FLAG,
      .value = &opt.always_rollback,
      .help = "Roll back after success too: only the output is wanted" },
    { .name = "keep-on",
      .kind = OPT_STRINGS,
      .value = &opt.keep_on,
      .arg = "N",
      .help = "Keep the changes after this status too; may be given several times" },
    { 0 },
};

static void print_note(const char *text, void *user)
{
    const Bundle *bundle = user;
    output_note("VM \"%s\": %s", bundle->config->information.name, text);
}

static bool check(GArray *keep_on, GError **error)
{
    for (char **word = opt.keep_on; word && *word; word++) {
        gint64 status;
        if (!value_parse_int(*word, &status, NULL) || status < 0 || status > 255) {
            utm_error_set(error, UTM_ERROR_USAGE, NULL,
                          "--keep-on: \"%s\" is not a status from 0 to 255", *word);
            return false;
        }
        g_array_append_val(keep_on, status);
    }
    return true;
}

static bool run_try(GError **error)
{
    g_autoptr(GArray) keep_on = g_array_new(FALSE, FALSE, sizeof(gint64));
    GuestExec exec;
    bool sane = check(keep_on, error) && cmd_program(opt.words, &exec, error);
    g_autoptr(Bundle) bundle = sane ? library_open(opt.vm, error) : NULL;
    if (!bundle)
        return false;
    exec.timeout_us = command_global.timeout_us;
    const TryOptions how = { .exec = exec,
                             .keep_on = (const int64_t *) (void *) keep_on->data,
                             .n_keep_on = keep_on->len,
                             .always_rollback = opt.always_rollback,
                             .note = print_note,
                             .user = bundle };
    g_auto(TryResult) result = { 0 };
    interrupt_catch();
    if (try_run(bundle, &how, &result, error)) {
        command_set_status(result.status & 0xff);
        return true;
    }
    g_prefix_error(error, "VM \"%s\": cannot try \"%s\": ", bundle->config->information.name,
                   opt.words[0]);
    return false;
}

static const char *const try_examples[] = {
    "utmctl try web -- apt-get -y dist-upgrade",
    "Upgrade, and go back when that fails",
    "utmctl try web --always-rollback -- ./destructive-test",
    "See what it says, and leave no trace of it",
    "utmctl undo web --yes",
    "Take the last successful try back as well",
    NULL,
};

const Command cmd_try = {
    .name = "try",
    .group = GROUP_STATE,
    .summary = "Run a command in a guest, and roll the machine back when it fails",
    .description =
        "Makes a checkpoint of memory and disks, runs the command in the guest, and goes back to "
        "the checkpoint when its status is not 0 or it cannot be run to its end. The status is "
        "the command's; 125 says that utmctl failed, 124 that --timeout ran out.\n"
        "After success the checkpoint stays for undo, with the four before it. They are snapshots "
        "whose names begin with auto-.",
    .args = try_args,
    .options = try_options,
    .shared = SHARED_TIMEOUT | SHARED_PROGRAM,
    .examples = try_examples,
    .failure_status = FAILURE_STATUS,
    .run = run_try,
};

/* ---- undo ---- */

static const CmdArg undo_args[] = { { .name = "VM", .kind = ARG_VM, .value = &opt.vm }, { 0 } };

static bool run_undo(GError **error)
{
    g_autoptr(Bundle) bundle = library_open(opt.vm, error);
    if (!bundle)
        return false;
    const char *name = bundle->config->information.name;
    g_autofree char *before = NULL;
    g_autofree char *checkpoint = try_last(bundle, &before, error);
    if (!checkpoint) {
        g_prefix_error(error, "VM \"%s\": ", name);
        return false;
    }
    g_autofree char *shown = output_escape(before);
    g_autofree char *question = g_strdup_printf(
        "Go back to before \"%s\" and lose what VM \"%s\" has done since then?", shown, name);
    if (command_global.dry_run) {
        output_note("would take VM \"%s\" back to before \"%s\"", name, shown);
        return true;
    }
    if (!command_confirm(question, error))
        return false;
    if (!try_undo(bundle, checkpoint, error)) {
        g_prefix_error(error, "VM \"%s\": cannot go back to \"%s\": ", name, checkpoint);
        return false;
    }
    output_note("VM \"%s\": back to before \"%s\"", name, shown);
    return cmd_print_status(bundle, error);
}

static const char *const undo_examples[] = {
    "utmctl undo web",
    "Go back to before the last command that was tried",
    NULL,
};

const Command cmd_undo = {
    .name = "undo",
    .group = GROUP_STATE,
    .summary = "Go back to the last automatic checkpoint",
    .description = "Each try that succeeds leaves one. Going back uses it up, so that another undo "
                   "goes back to the one before.",
    .args = undo_args,
    .shared = SHARED_YES | SHARED_DRY_RUN,
    .examples = undo_examples,
    .run = run_undo,
};
