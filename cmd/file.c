/* SPDX-License-Identifier: Apache-2.0 */
/* utmctl file: copy single files out of and into a guest. */
#include "core/guest/guest-file.h"

#include <signal.h>
#include <unistd.h>

#include "cmd/command.h"
#include "cmd/commands.h"
#include "core/error.h"
#include "core/guest/guest.h"
#include "core/library.h"

static struct {
    char *vm, *path;
} opt;

static const CmdArg args[] = {
    { .name = "VM", .kind = ARG_VM, .value = &opt.vm },
    { .name = "GUESTPATH", .kind = ARG_WORD, .value = &opt.path, .help = "A path in the guest" },
    { 0 },
};

static bool copy(const char *what,
                 bool (*how)(QmpClient *client, const char *path, int fd, GError **error), int fd,
                 GError **error)
{
    g_autoptr(Bundle) bundle = library_open(opt.vm, error);
    if (!bundle)
        return false;
    /* A reader that has gone must not keep us from closing the guest's file. */
    signal(SIGPIPE, SIG_IGN);
    g_autoptr(QmpClient) client = guest_connect(bundle, error);
    if (client && how(client, opt.path, fd, error))
        return true;
    g_prefix_error(error, "VM \"%s\": cannot %s \"%s\": ", bundle->config->information.name, what,
                   opt.path);
    return false;
}

static bool run_pull(GError **error)
{
    return copy("pull", guest_file_pull, STDOUT_FILENO, error);
}

static bool run_push(GError **error)
{
    return copy("push", guest_file_push, STDIN_FILENO, error);
}

static const char *const pull_examples[] = {
    "utmctl file pull web /var/log/messages > messages",
    "Copy a log out of the guest",
    NULL,
};

static const Command pull_command = {
    .name = "pull",
    .summary = "Copy a file of the guest to standard output",
    .args = args,
    .examples = pull_examples,
    .run = run_pull,
};

static const char *const push_examples[] = {
    "utmctl file push web /etc/motd < motd",
    "Copy a file into the guest",
    NULL,
};

static const Command push_command = {
    .name = "push",
    .summary = "Copy standard input to a file of the guest",
    .description = "A file that is there is emptied first.",
    .args = args,
    .examples = push_examples,
    .run = run_push,
};

static const Command *const children[] = { &pull_command, &push_command, NULL };

const Command cmd_file = {
    .name = "file",
    .group = GROUP_GUEST,
    .summary = "Copy files out of and into a guest",
    .description = "Through the guest agent: the guest needs no network.",
    .children = children,
};
