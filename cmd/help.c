/* SPDX-License-Identifier: Apache-2.0 */
/* utmctl help */
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/usage.h"

static struct {
    char **words;
} opt;

static const CmdArg args[] = { { .name = "COMMAND",
                                 .kind = ARG_WORDS,
                                 .value = &opt.words,
                                 .optional = true,
                                 .help = "Show the help of this command" },
                               { 0 } };

static bool run(GError **error)
{
    if (!opt.words || !*opt.words) {
        usage_all(command_table());
        return true;
    }
    g_autofree char *path = NULL;
    const Command *command = command_find(opt.words, &path, error);
    if (!command)
        return false;
    usage_command(command, path);
    return true;
}

const Command cmd_help = { .name = "help",
                           .group = GROUP_PLUMBING,
                           .summary = "Show the commands, or how one of them is used",
                           .args = args,
                           .run = run };
