/* SPDX-License-Identifier: Apache-2.0 */
/* Manual pages in scdoc's language, made from the declarations of the commands. */
#include "cmd/manual.h"

#include <stdio.h>
#include <string.h>

#include "cmd/parse.h"
#include "cmd/shared-options.h"
#include "cmd/usage.h"
#include "core/error.h"

/* What each exit status means, in the words of the contract. */
static const struct {
    UtmError code;
    const char *meaning;
} statuses[] = {
    { UTM_ERROR_FAILED, "Anything that is not below" },
    { UTM_ERROR_USAGE, "Bad option or argument" },
    { UTM_ERROR_NOT_FOUND, "No such machine, snapshot, drive or device" },
    { UTM_ERROR_WRONG_STATE, "The machine is not running, or running already, or suspended" },
    { UTM_ERROR_GUEST_UNREACHABLE, "The guest agent or the console did not answer" },
    { UTM_ERROR_UNSUPPORTED,
      "This machine, host or QEMU cannot do it; the missing piece is named" },
    { UTM_ERROR_LOCKED, "Somebody else holds it; who is named" },
    { UTM_ERROR_INVALID,
      "The bundle or file is damaged or not acceptable; key and reason are named" },
    { UTM_ERROR_TIMEOUT, "The time limit ran out" },
    { UTM_ERROR_INTERRUPTED, "Interrupted by Ctrl-C; 128 + N by another signal N" },
};

static char *escape(const char *text)
{
    GString *safe = g_string_new(NULL);
    for (const char *c = text; *c; c++) {
        if (strchr("\\*_#[]|~`<", *c))
            g_string_append_c(safe, '\\');
        g_string_append_c(safe, *c);
    }
    return g_string_free(safe, FALSE);
}

static void print_escaped(const char *text)
{
    g_autofree char *safe = escape(text);
    fputs(safe, stdout);
}

/* scdoc wants the second paragraph of a list item behind a tab. */
static void print_item(const char *name, const char *help)
{
    g_autofree char *safe_name = escape(name);
    g_autofree char *safe_help = escape(help);
    printf("*%s*\n\t%s.\n\n", safe_name, safe_help);
}

static void print_paragraphs(const char *text)
{
    g_auto(GStrv) paragraphs = g_strsplit(text, "\n\n", -1);
    for (char **p = paragraphs; *p; p++) {
        print_escaped(*p);
        fputs("\n\n", stdout);
    }
}

static void print_name(const char *name, const char *summary)
{
    g_autofree char *first = g_strdup(summary);
    first[0] = g_ascii_tolower(first[0]);
    printf("%s(1) \"utmctl " UTMCTL_VERSION "\" \"utmctl\"\n\n# NAME\n\n%s - ", name, name);
    print_escaped(first);
    fputs("\n\n", stdout);
}

static void print_options(const Command *command, const CmdOption *table, bool shared)
{
    for (const CmdOption *o = table; o && o->kind != OPT_END; o++) {
        if (shared && parse_owns_option(command, o->name))
            continue;
        g_autofree char *name = usage_option_name(o);
        g_autofree char *help = usage_option_help(command, o);
        print_item(name, help);
    }
}

static void print_all_options(const Command *command, const char *heading)
{
    printf("%s\n\n", heading);
    print_options(command, command->options, false);
    const CmdOption *table;
    for (unsigned i = 0; (table = shared_options_table(command->shared, i)); i++)
        print_options(command, table, true);
}

static void print_arguments(const CmdArg *args, const char *heading)
{
    if (!args || args->kind == ARG_END)
        return;
    printf("%s\n\n", heading);
    for (const CmdArg *a = args; a->kind != ARG_END; a++)
        print_item(a->name, usage_argument_help(a));
}

static void print_examples(const char *const *examples)
{
    if (!examples)
        return;
    printf("# EXAMPLES\n\n");
    for (; examples[0]; examples += 2) {
        print_escaped(examples[1]);
        g_autofree char *command = escape(examples[0]);
        printf(":\n\n\t*%s*\n\n", command);
    }
}

static void print_synopsis(const Command *command, const char *path)
{
    if (!command->children) {
        g_autofree char *line = usage_synopsis(command, path);
        print_escaped(line);
        fputs("\n\n", stdout);
        return;
    }
    for (const Command *const *c = command->children; *c; c++) {
        g_autofree char *below = g_strdup_printf("%s %s", path, (*c)->name);
        if (!(*c)->hidden)
            print_synopsis(*c, below);
    }
}

/* A verb of a group: a section of the group's page. */
static void print_child(const Command *command, const char *path)
{
    g_autofree char *line = usage_synopsis(command, path);
    g_autofree char *safe = escape(line);
    printf("## %s\n\n", safe);
    print_escaped(command->summary);
    fputs(".\n\n", stdout);
    if (command->description)
        print_paragraphs(command->description);
    for (const CmdArg *a = command->args; a && a->kind != ARG_END; a++)
        print_item(a->name, usage_argument_help(a));
    print_options(command, command->options, false);
}

static void print_children(const Command *command, const char *path)
{
    printf("# COMMANDS\n\n");
    for (const Command *const *c = command->children; *c; c++) {
        g_autofree char *below = g_strdup_printf("%s %s", path, (*c)->name);
        if (!(*c)->hidden)
            print_child(*c, below);
    }
}

static void print_exit_status(void)
{
    printf("# EXIT STATUS\n\n*0*\n\tDone, or already so where that is what was asked.\n\n");
    for (size_t i = 0; i < G_N_ELEMENTS(statuses); i++)
        printf("*%d* %s\n\t%s.\n\n", utm_error_exit_status(statuses[i].code),
               utm_error_word(statuses[i].code), statuses[i].meaning);
}

void manual_print_command(const Command *command)
{
    g_autofree char *name = g_strconcat("utmctl-", command->name, NULL);
    print_name(name, command->summary);
    printf("# SYNOPSIS\n\n");
    print_synopsis(command, command->name);
    printf("# DESCRIPTION\n\n");
    print_escaped(command->summary);
    fputs(".\n\n", stdout);
    if (command->description)
        print_paragraphs(command->description);
    if (command->children) {
        print_children(command, command->name);
    } else {
        print_arguments(command->args, "# ARGUMENTS");
        print_all_options(command, "# OPTIONS");
    }
    print_examples(command->examples);
    print_exit_status();
}

void manual_print_root(const Command *const *commands)
{
    print_name("utmctl", "Create, run, snapshot and script QEMU machines kept as UTM bundles");
    printf("# SYNOPSIS\n\nutmctl COMMAND \\[OPTION…\\] \\[ARGUMENT…\\]\n\n# COMMANDS\n\n");
    for (CmdGroup group = 0; group <= GROUP_PLUMBING; group++) {
        bool titled = false;
        for (const Command *const *c = commands; *c; c++) {
            if ((*c)->group != group || (*c)->hidden)
                continue;
            if (!titled)
                printf("## %s\n\n", usage_group_title(group));
            titled = true;
            g_autofree char *name = g_strdup_printf("utmctl-%s(1)", (*c)->name);
            print_item(name, (*c)->summary);
        }
    }
    const Command root = { .name = "utmctl",
                           .shared = SHARED_ROOT | SHARED_TIMEOUT | SHARED_YES | SHARED_DRY_RUN };
    print_all_options(&root, "# OPTIONS");
    print_exit_status();
}
