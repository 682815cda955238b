/* SPDX-License-Identifier: Apache-2.0 */
/* utmctl file: copy single files out of and into a guest. */
#include "core/guest/guest-file.h"

#include <string.h>
#include <unistd.h>

#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/interrupt.h"
#include "cmd/output.h"
#include "cmd/progress.h"
#include "core/error.h"
#include "core/guest/guest-copy.h"
#include "core/guest/guest.h"
#include "core/library.h"

static struct {
    char *vm, *path;
    char *from, *to;
    gboolean recursive;
} opt;

static const CmdArg args[] = {
    { .name = "VM", .kind = ARG_VM, .value = &opt.vm },
    { .name = "GUESTPATH", .kind = ARG_WORD, .value = &opt.path, .help = "A path in the guest" },
    { 0 },
};

static bool copy(const char *what,
                 bool (*how)(QmpClient *client, const char *path, int fd,
                             const GuestFileWatch *watch, GError **error),
                 int fd, GError **error)
{
    g_autoptr(Bundle) bundle = library_open(opt.vm, error);
    if (!bundle)
        return false;
    /* Neither Ctrl-C nor a reader that has gone may keep us from closing the guest's file. */
    interrupt_catch();
    const GuestFileWatch watch = { .interrupted = interrupt_has_come };
    g_autoptr(QmpClient) client = guest_connect(bundle, error);
    if (client && how(client, opt.path, fd, &watch, error))
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

static void on_note(const char *text, void *user G_GNUC_UNUSED)
{
    g_autofree char *safe = output_escape(text);
    output_warning("%s", safe);
}

/* "VM:/path" names a file of a guest; anything else is a path of this host. */
static const char *guest_path(const char *word, char **out_vm)
{
    const char *colon = strstr(word, ":/");
    if (!colon || colon == word || memchr(word, '/', (size_t) (colon - word)))
        return NULL;
    *out_vm = g_strndup(word, (size_t) (colon - word));
    return colon + 1;
}

static bool check_sides(const char *from, const char *to, GError **error)
{
    if (!from == !to) {
        utm_error_set(error, UTM_ERROR_USAGE, "utmctl file cp web:/etc/motd .", "%s",
                      from ? "both are paths of guests: one has to be of this host"
                           : "neither is a path of a guest, which is written VM:/PATH");
        return false;
    }
    return true;
}

static bool run_cp(GError **error)
{
    g_autofree char *vm = NULL;
    const char *from = guest_path(opt.from, &vm), *to = from ? NULL : guest_path(opt.to, &vm);
    g_autofree char *other = NULL;
    if (from && guest_path(opt.to, &other))
        to = opt.to;
    if (!check_sides(from, to, error))
        return false;
    g_autoptr(Bundle) bundle = library_open(vm, error);
    if (!bundle)
        return false;
    const GuestCopy how = { .recursive = opt.recursive,
                            .progress = progress_step,
                            .note = on_note,
                            .user = (void *) "copying" };
    interrupt_catch();
    g_autoptr(QmpClient) client = guest_connect(bundle, error);
    bool ok = client && (from ? guest_copy_pull(client, from, opt.to, &how, error)
                              : guest_copy_push(client, opt.from, to, &how, error));
    output_progress_end();
    if (!ok)
        g_prefix_error(error, "VM \"%s\": cannot copy \"%s\": ", bundle->config->information.name,
                       from ? from : opt.from);
    return ok;
}

static const CmdArg cp_args[] = {
    { .name = "FROM",
      .kind = ARG_PATH,
      .value = &opt.from,
      .help = "A file or folder: VM:/PATH in a guest, anything else on this host" },
    { .name = "TO",
      .kind = ARG_PATH,
      .value = &opt.to,
      .help = "A folder to copy into, or the name of the copy, on the other side" },
    { 0 },
};

static const CmdOption cp_options[] = {
    { .name = "recursive",
      .letter = 'r',
      .kind = OPT_FLAG,
      .value = &opt.recursive,
      .help = "Copy a folder with all that is in it" },
    { 0 },
};

static const char *const cp_examples[] = {
    "utmctl file cp -r src web:/root/",
    "Copy a folder into the guest's /root",
    "utmctl file cp -r web:/var/log logs",
    "Copy a folder out of the guest",
    NULL,
};

static const Command cp_command = {
    .name = "cp",
    .summary = "Copy files and folders between this host and a guest",
    .description =
        "With modes, times and links. A copy in the guest belongs to root, a copy on this host to "
        "you. Where the guest has a shell, tar, sha256sum and mkfifo, the files go as one stream "
        "whose sum both sides compare; other guests can take and give single files.",
    .args = cp_args,
    .options = cp_options,
    .examples = cp_examples,
    .run = run_cp,
};

static const Command *const children[] = { &cp_command, &pull_command, &push_command, NULL };

const Command cmd_file = {
    .name = "file",
    .group = GROUP_GUEST,
    .summary = "Copy files out of and into a guest",
    .description = "Through the guest agent: the guest needs no network.",
    .children = children,
};
