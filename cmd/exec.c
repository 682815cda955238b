/* SPDX-License-Identifier: Apache-2.0 */
/* utmctl exec: run a program in a guest. */
#include "core/guest/guest-exec.h"

#include <unistd.h>

#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/interrupt.h"
#include "core/error.h"
#include "core/guest/guest-file.h"
#include "core/guest/guest.h"
#include "core/library.h"

/* utmctl itself failed: not a status of the guest's program. */
#define FAILURE_STATUS 125

static struct {
    char *vm, *cwd;
    char **env, **words;
    gboolean input;
} opt;

static const CmdArg args[] = {
    { .name = "VM", .kind = ARG_VM, .value = &opt.vm },
    { .name = "COMMAND", .kind = ARG_REST, .value = &opt.words, .help = "Program and arguments" },
    { 0 },
};

static const CmdOption options[] = {
    { .name = "env",
      .kind = OPT_STRINGS,
      .value = &opt.env,
      .arg = "NAME=VALUE",
      .help = "Set a variable for the program" },
    { .name = "input",
      .kind = OPT_FLAG,
      .value = &opt.input,
      .help = "Give it all of standard input" },
    { .name = "cwd",
      .kind = OPT_STRING,
      .value = &opt.cwd,
      .arg = "FOLDER",
      .help = "Folder of the guest to run in" },
    { 0 },
};

static bool is_interrupted(void *user G_GNUC_UNUSED)
{
    return interrupt_number() != 0;
}

static bool write_output(int descriptor, const void *data, size_t size, void *user G_GNUC_UNUSED,
                         GError **error)
{
    return guest_write_all(descriptor == 1 ? STDOUT_FILENO : STDERR_FILENO, data, size, error);
}

static bool check_env(GError **error)
{
    for (char **word = opt.env; word && *word; word++)
        if (!guest_exec_check_env(*word)) {
            utm_error_set(error, UTM_ERROR_USAGE, NULL, "--env: \"%s\" is not NAME=VALUE", *word);
            return false;
        }
    return true;
}

static bool run(GError **error)
{
    const GuestExec exec = { .words = opt.words,
                             .env = opt.env,
                             .cwd = opt.cwd,
                             .input = opt.input ? STDIN_FILENO : -1,
                             .timeout_us = command_global.timeout_us,
                             .output = write_output,
                             .interrupted = is_interrupted };
    g_autoptr(Bundle) bundle = check_env(error) ? library_open(opt.vm, error) : NULL;
    if (!bundle)
        return false;
    int status;
    interrupt_catch();
    g_autoptr(QmpClient) client = guest_connect(bundle, error);
    if (client && guest_exec(client, &exec, &status, error)) {
        command_set_status(status & 0xff);
        return true;
    }
    g_prefix_error(error, "VM \"%s\": cannot run \"%s\": ", bundle->config->information.name,
                   opt.words[0]);
    return false;
}

static const char *const examples[] = {
    "utmctl exec web -- uname -a",
    "Run a program and see what it says",
    "utmctl exec web --input -- tar -C /srv -xf - < site.tar",
    "Unpack an archive in the guest",
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
        "127 that it is not there. Ctrl-C reaches the program. After \"--\", or after \"--cmd\", "
        "everything belongs to the program.",
    .args = args,
    .options = options,
    .shared = SHARED_TIMEOUT,
    .examples = examples,
    .rest_at = "--cmd",
    .failure_status = FAILURE_STATUS,
    .run = run,
};
