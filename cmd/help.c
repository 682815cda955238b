/* SPDX-License-Identifier: Apache-2.0 */
/* utmctl help */
#include <stdio.h>

#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/declaration-json.h"
#include "cmd/manual.h"
#include "cmd/output.h"
#include "cmd/usage.h"

static struct {
    char **words;
    gboolean names;
    gboolean scdoc;
} opt;

static const CmdOption options[] = {
    { .name = "names",
      .kind = OPT_FLAG,
      .value = &opt.names,
      .help = "Print only the names of the commands, one a line" },
    { .name = "scdoc",
      .kind = OPT_FLAG,
      .value = &opt.scdoc,
      .help = "Print the source of the manual page" },
    { 0 },
};

static const CmdArg args[] = { { .name = "COMMAND",
                                 .kind = ARG_WORDS,
                                 .value = &opt.words,
                                 .optional = true,
                                 .help = "Show the help of this command" },
                               { 0 } };

static void print_names(const Command *const *commands, const char *prefix)
{
    for (const Command *const *c = commands; *c; c++) {
        if ((*c)->hidden)
            continue;
        printf("%s%s\n", prefix, (*c)->name);
        g_autofree char *below = g_strdup_printf("%s%s ", prefix, (*c)->name);
        if ((*c)->children)
            print_names((*c)->children, below);
    }
}

static void help_all(const Command *const *commands)
{
    if (opt.scdoc)
        manual_print_root(commands);
    else if (opt.names)
        print_names(commands, "");
    else if (command_global.json)
        output_json(declaration_json_all(commands));
    else
        usage_all(commands);
}

static bool run(GError **error)
{
    if (!opt.words || !*opt.words) {
        help_all(command_table());
        return true;
    }
    g_autofree char *path = NULL;
    const Command *command = command_find(opt.words, &path, error);
    if (!command)
        return false;
    if (opt.scdoc)
        manual_print_command(command);
    else if (opt.names && command->children)
        print_names(command->children, "");
    else if (command_global.json)
        output_json(declaration_json(command));
    else
        usage_command(command, path);
    return true;
}

static const char *const examples[] = {
    "utmctl help list",
    "How list is used",
    "utmctl help --json",
    "Every command with its arguments and options, for programs",
    NULL,
};

const Command cmd_help = { .name = "help",
                           .group = GROUP_PLUMBING,
                           .summary = "Show the commands, or how one of them is used",
                           .args = args,
                           .options = options,
                           .examples = examples,
                           .run = run };
