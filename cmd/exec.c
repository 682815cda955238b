/* SPDX-License-Identifier: Apache-2.0 */
/* utmctl exec: run a program in a guest. */
#include "core/guest/guest-exec.h"

#include <stdlib.h>
#include <unistd.h>

#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/exec-many.h"
#include "cmd/interrupt.h"
#include "cmd/raw-terminal.h"
#include "cmd/running.h"
#include "cmd/values.h"
#include "core/error.h"
#include "core/guest/guest.h"
#include "core/library.h"
#include "core/vm/run-dir.h"

/* utmctl itself failed: not a status of the guest's program. */
#define FAILURE_STATUS 125

static struct {
    char *user;
    char **vms, **words;
    gboolean all, at_end, tty;
} opt;

static const CmdArg args[] = {
    { .name = "VM",
      .kind = ARG_WORDS,
      .value = &opt.vms,
      .optional = true,
      .help = "One machine or several" },
    { .name = "COMMAND", .kind = ARG_REST, .value = &opt.words, .help = "Program and arguments" },
    { 0 },
};

static const CmdOption options[] = {
    { .name = "tty",
      .letter = 't',
      .kind = OPT_FLAG,
      .value = &opt.tty,
      .help = "Give it a terminal that is this one: keys, colours, size" },
    { .name = "user",
      .kind = OPT_STRING,
      .value = &opt.user,
      .arg = "USER",
      .help = "Run it as this user of the guest" },
    { .name = "at-end",
      .kind = OPT_FLAG,
      .value = &opt.at_end,
      .help = "Take the output at the end, 16 MiB at most; a short program is over sooner" },
    { .name = "all", .kind = OPT_FLAG, .value = &opt.all, .help = "In every machine that runs" },
    { 0 },
};

/* The next signal ends us at once, so the terminal is given back with the first. */
static bool is_interrupted(void *user G_GNUC_UNUSED)
{
    if (interrupt_number() == 0)
        return false;
    raw_terminal_leave();
    return true;
}

static bool check_at_end(GError **error)
{
    if (!opt.at_end || !(command_global.env || command_global.cwd || opt.user))
        return true;
    utm_error_set(error, UTM_ERROR_USAGE, NULL, "--at-end goes without --env, --cwd and --user");
    return false;
}

static bool check_tty(GError **error)
{
    if (!opt.tty)
        return true;
    if (command_global.input || opt.at_end || command_global.json)
        utm_error_set(error, UTM_ERROR_USAGE, NULL,
                      "--tty goes without --input, --at-end and --json");
    else if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
        utm_error_set(error, UTM_ERROR_USAGE, NULL,
                      "--tty: standard input and output are not a terminal");
    else
        return true;
    return false;
}

/* ---- one machine ---- */

/* What a program asks about its terminal; the guest's shell starts it, whatever the user's is. */
static char **environment(void)
{
    g_autoptr(GStrvBuilder) env = g_strv_builder_new();
    const char *term = getenv("TERM");
    if (opt.tty)
        g_strv_builder_add(env, "SHELL=/bin/sh");
    if (opt.tty && term) {
        g_autofree char *word = g_strconcat("TERM=", term, NULL);
        g_strv_builder_add(env, word);
    }
    if (command_global.env)
        g_strv_builder_addv(env, (const char **) command_global.env);
    return g_strv_builder_end(env);
}

static bool run_one(const char *vm, GuestExec exec, GError **error)
{
    g_auto(GStrv) env = environment();
    exec.env = *env ? env : NULL;
    exec.account = opt.user;
    exec.at_end = opt.at_end;
    exec.terminal = opt.tty;
    if (opt.tty)
        exec.input = STDIN_FILENO;
    exec.timeout_us = command_global.timeout_us;
    exec.interrupted = is_interrupted;
    g_autoptr(Bundle) bundle = library_open(vm, error);
    if (!bundle)
        return false;
    int status;
    g_autoptr(QmpClient) client = guest_connect(bundle, error);
    if (client && opt.tty)
        raw_terminal_enter(STDIN_FILENO);
    bool ok = client && guest_exec(client, &exec, &status, error);
    raw_terminal_leave();
    if (ok) {
        command_set_status(status & 0xff);
        return true;
    }
    g_prefix_error(error, "VM \"%s\": cannot run \"%s\": ", bundle->config->information.name,
                   opt.words[0]);
    return false;
}

/* ---- several ---- */

static char **running_machines(GError **error)
{
    g_autoptr(GStrvBuilder) names = g_strv_builder_new();
    g_autoptr(GPtrArray) entries = library_list(error);
    if (!entries)
        return NULL;
    for (guint i = 0; i < entries->len; i++) {
        const LibraryEntry *entry = entries->pdata[i];
        if (entry->uuid && run_dir_runs(entry->uuid, entry->path, NULL))
            g_strv_builder_add(names, entry->name);
    }
    return g_strv_builder_end(names);
}

static char **options_for_each(void)
{
    g_autoptr(GStrvBuilder) words = g_strv_builder_new();
    for (char *const *word = command_global.env; word && *word; word++)
        g_strv_builder_add_many(words, "--env", *word, NULL);
    if (command_global.cwd)
        g_strv_builder_add_many(words, "--cwd", command_global.cwd, NULL);
    if (opt.user)
        g_strv_builder_add_many(words, "--user", opt.user, NULL);
    if (command_global.timeout_us) {
        g_autofree char *limit = value_format_duration(command_global.timeout_us);
        g_strv_builder_add_many(words, "--timeout", limit, NULL);
    }
    if (opt.at_end)
        g_strv_builder_add(words, "--at-end");
    if (command_global.json)
        g_strv_builder_add(words, "--json");
    return g_strv_builder_end(words);
}

static bool run_many(char *const *names, GError **error)
{
    if (command_global.input || opt.tty) {
        utm_error_set(error, UTM_ERROR_USAGE, NULL, "%s is for one machine",
                      command_global.input ? "--input" : "--tty");
        return false;
    }
    g_auto(GStrv) how = options_for_each();
    int status = 0;
    if (!exec_many(names, how, opt.words, &status, error))
        return false;
    command_set_status(status);
    return true;
}

static bool run(GError **error)
{
    guint n = opt.vms ? g_strv_length(opt.vms) : 0;
    if (opt.all == (n > 0)) {
        utm_error_set(error, UTM_ERROR_USAGE, NULL, "name machines or give --all, one of them");
        return false;
    }
    GuestExec exec;
    if (!cmd_program(opt.words, &exec, error) || !check_at_end(error) || !check_tty(error))
        return false;
    interrupt_catch();
    if (n == 1)
        return run_one(opt.vms[0], exec, error);
    g_auto(GStrv) running = opt.all ? running_machines(error) : NULL;
    if (opt.all && !running)
        return false;
    if (opt.all && !*running) {
        utm_error_set(error, UTM_ERROR_WRONG_STATE, NULL, "no machine runs");
        return false;
    }
    return run_many(opt.all ? running : opt.vms, error);
}

static const char *const examples[] = {
    "utmctl exec web -- uname -a",
    "Run a program and see what it says",
    "utmctl exec web --input -- tar -C /srv -xf - < site.tar",
    "Unpack an archive in the guest",
    "utmctl exec -t web -- sh",
    "Work in the guest as on a terminal there",
    "utmctl exec --all -- uptime",
    "Ask every machine that runs",
    "utmctl exec web --env LANG=C --cmd ls -l /tmp",
    "As UTM's own utmctl wants it: --cmd takes all that follows",
    NULL,
};

const Command cmd_exec = {
    .name = "exec",
    .group = GROUP_GUEST,
    .summary = "Run a program in a guest",
    .description =
        "Through the guest agent: the guest needs no network. What the program writes comes while "
        "it runs, output and errors apart. The exit status is the program's, or 128 + N when it "
        "died of signal N; 125 says that utmctl failed, 126 that the program cannot be executed, "
        "127 that it is not there. In several machines it runs at the same time, each line begins "
        "with the name of its machine, and the status is the highest. Ctrl-C reaches the program. "
        "With --tty the program has a terminal in the guest, which needs "
        "script of util-linux or python3 there; keys go to it, Ctrl-C too. "
        "After \"--\", or after \"--cmd\", "
        "everything belongs to the program.",
    .args = args,
    .options = options,
    .shared = SHARED_TIMEOUT | SHARED_PROGRAM,
    .examples = examples,
    .rest_at = "--cmd",
    .failure_status = FAILURE_STATUS,
    .run = run,
};
