/* SPDX-License-Identifier: Apache-2.0 */
/* utmctl attach */
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/console.h"
#include "cmd/running.h"
#include "core/error.h"
#include "core/library.h"

static struct {
    char *vm;
    gint64 index;
    char *escape;
    gboolean no_stdin;
    gboolean resize;
} opt = { .index = -1 };

static const CmdArg args[] = { { .name = "VM", .kind = ARG_VM, .value = &opt.vm }, { 0 } };

static const CmdOption options[] = {
    { .name = "index",
      .kind = OPT_INT,
      .value = &opt.index,
      .arg = "N",
      .help = "Number of the serial port, from 0; without it the first that is not for a debugger "
              "or a monitor" },
    { .name = "escape",
      .kind = OPT_STRING,
      .value = &opt.escape,
      .arg = "KEY",
      .help = "Key that detaches: ^], ctrl-a, ~ or none (default: ^])" },
    { .name = "no-stdin",
      .kind = OPT_FLAG,
      .value = &opt.no_stdin,
      .help = "Only watch; nothing is typed" },
    { .name = "resize",
      .kind = OPT_FLAG,
      .value = &opt.resize,
      .help = "First type the machine's resize command, so that the guest knows the size of this "
              "terminal" },
    { 0 },
};

bool cmd_attach_to(const Bundle *bundle, GError **error)
{
    const ConsoleOptions console = { .index = -1 };
    return console_attach(bundle, &console, error);
}

static bool run(GError **error)
{
    int escape;
    if (opt.escape && !console_parse_escape(opt.escape, &escape, error))
        return false;
    if (opt.index < -1 || opt.index > G_MAXINT) {
        utm_error_set(error, UTM_ERROR_USAGE, NULL, "a serial port's number is 0 or more");
        return false;
    }
    g_autoptr(Bundle) bundle = library_open(opt.vm, error);
    ConsoleOptions console = { .index = (int) opt.index,
                               .escape = opt.escape,
                               .no_stdin = opt.no_stdin,
                               .type_resize = opt.resize,
                               .timeout_us = command_global.timeout_us };
    return bundle && console_attach(bundle, &console, error);
}

static const char *const examples[] = {
    "utmctl attach web",
    "Work on the first serial port; Ctrl-] leaves it",
    "echo uptime | utmctl attach web --timeout 5s",
    "Type a line and print what comes back for five seconds",
    NULL,
};

const Command cmd_attach = {
    .name = "attach",
    .group = GROUP_GUEST,
    .summary = "Join a serial port of a virtual machine",
    .description =
        "The last 64 KiB that the guest wrote come first. Any number of terminals may be attached "
        "to one port. Without a terminal, standard input is typed to the guest; at its end the "
        "guest's output is still printed, until the guest ends, standard output is closed or "
        "--timeout runs out.\n\n"
        "For a port that is a pseudo terminal of the host or a TCP connection its place is "
        "printed, as \"PTTY: PATH\" or \"TCP: ADDRESS:PORT\". With --json the place of any port is "
        "printed, and nothing is attached.",
    .args = args,
    .options = options,
    .shared = SHARED_TIMEOUT,
    .examples = examples,
    .run = run,
};
