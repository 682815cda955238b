/* SPDX-License-Identifier: Apache-2.0 */
/* Help texts, made from the declarations of the commands. */
#include "cmd/usage.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd/output.h"
#include "cmd/parse.h"
#include "cmd/shared-options.h"
#include "cmd/values.h"

#define LINE_WIDTH 80
#define HELP_COLUMN 26

static const char *const group_titles[] = {
    [GROUP_LIBRARY] = "Library",   [GROUP_RUN] = "Run",       [GROUP_STATE] = "State",
    [GROUP_MEDIA] = "Media",       [GROUP_SCREEN] = "Screen", [GROUP_GUEST] = "Guest",
    [GROUP_PLUMBING] = "Plumbing",
};

const char *usage_group_title(CmdGroup group)
{
    return group_titles[group];
}

/* Breaks at blanks; the caller has filled the first line up to @column. */
static void print_wrapped(const char *text, int indent, int column)
{
    g_auto(GStrv) words = g_strsplit(text, " ", -1);
    for (char **word = words; *word; word++) {
        int width = (int) g_utf8_strlen(*word, -1);
        if (column > indent && column + 1 + width > LINE_WIDTH) {
            printf("\n%*s", indent, "");
            column = indent;
        }
        if (column > indent) {
            putchar(' ');
            column++;
        }
        fputs(*word, stdout);
        column += width;
    }
    putchar('\n');
}

static void print_title(const char *title)
{
    bool bold = output_use_color(STDOUT_FILENO);
    printf("\n%s%s%s:\n", bold ? "\033[1m" : "", title, bold ? "\033[0m" : "");
}

static void print_item(const char *name, const char *help)
{
    int width = (int) g_utf8_strlen(name, -1);
    printf("  %s", name);
    if (width + 4 > HELP_COLUMN)
        printf("\n%*s", HELP_COLUMN, "");
    else
        printf("%*s", HELP_COLUMN - width - 2, "");
    print_wrapped(help, HELP_COLUMN, HELP_COLUMN);
}

static void append_arg(GString *line, const Command *command, const CmdArg *arg)
{
    bool rest = arg->kind == ARG_REST;
    g_string_append(line, arg->optional ? " [" : " ");
    if (rest)
        g_string_append_printf(line, "%s ", command->rest_at ? command->rest_at : "--");
    g_string_append(line, arg->name);
    if (rest || arg->kind == ARG_WORDS)
        g_string_append(line, "…");
    if (arg->optional)
        g_string_append_c(line, ']');
}

char *usage_synopsis(const Command *command, const char *path)
{
    GString *line = g_string_new("utmctl ");
    g_string_append(line, path);
    g_string_append(line, command->children ? " COMMAND" : " [OPTION…]");
    for (const CmdArg *a = command->args; a && a->kind != ARG_END; a++)
        append_arg(line, command, a);
    return g_string_free(line, FALSE);
}

char *usage_option_name(const CmdOption *option)
{
    GString *name = g_string_new(NULL);
    if (option->letter)
        g_string_append_printf(name, "-%c, ", option->letter);
    g_string_append_printf(name, "--%s", option->name);
    if (option->kind != OPT_FLAG)
        g_string_append_printf(name, " %s", option->arg ? option->arg : "VALUE");
    return g_string_free(name, FALSE);
}

char *usage_option_help(const Command *command, const CmdOption *option)
{
    GString *help = g_string_new(option->help);
    if (option->kind == OPT_CHOICE) {
        g_autofree char *all = g_strjoinv(", ", (char **) option->choices);
        g_string_append_printf(help, ": %s", all);
    }
    bool shared = !parse_owns_option(command, option->name);
    if (option->kind == OPT_DURATION && (shared || *(gint64 *) option->value > 0)) {
        gint64 us = shared ? command->timeout_us : *(gint64 *) option->value;
        g_autofree char *text = value_format_duration(us);
        g_string_append_printf(help, " (default: %s)", us ? text : "0, never");
    }
    return g_string_free(help, FALSE);
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

const char *usage_argument_help(const CmdArg *arg)
{
    if (arg->help)
        return arg->help;
    return arg->kind == ARG_VM ? "Name, UUID, start of a UUID or path of a virtual machine"
                               : arg->name;
}

static void print_arguments(const CmdArg *args)
{
    if (!args || args->kind == ARG_END)
        return;
    print_title("Arguments");
    for (const CmdArg *a = args; a->kind != ARG_END; a++)
        print_item(a->name, usage_argument_help(a));
}

static void print_children(const Command *const *children)
{
    for (const Command *const *c = children; *c; c++)
        if (!(*c)->hidden)
            print_item((*c)->name, (*c)->summary);
}

static void print_examples(const char *const *examples)
{
    if (!examples)
        return;
    print_title("Examples");
    for (; examples[0]; examples += 2) {
        printf("  %s\n      ", examples[0]);
        print_wrapped(examples[1], 6, 6);
    }
}

static void print_description(const char *description)
{
    g_auto(GStrv) paragraphs = g_strsplit(description, "\n\n", -1);
    for (char **p = paragraphs; *p; p++) {
        g_strdelimit(*p, "\n", ' ');
        putchar('\n');
        print_wrapped(*p, 0, 0);
    }
}

/* What it declares, and what it shares with some others. */
static void print_own_options(const Command *command)
{
    const CmdOption *table = shared_options_table(command->shared, 1);
    bool any = command->options && command->options->kind != OPT_END;
    if (!any && !table)
        return;
    print_title("Options");
    if (any)
        print_options(command, command->options, false);
    for (unsigned i = 1; (table = shared_options_table(command->shared, i)); i++)
        print_options(command, table, true);
}

void usage_command(const Command *command, const char *path)
{
    g_autofree char *synopsis = usage_synopsis(command, path);
    printf("Usage: %s\n\n%s.\n", synopsis, command->summary);
    if (command->description)
        print_description(command->description);
    print_arguments(command->args);
    if (command->children) {
        print_title("Commands");
        print_children(command->children);
    }
    if (!command->children) {
        print_own_options(command);
        print_title("Options of every command");
        print_options(command, shared_options_table(command->shared, 0), true);
    }
    print_examples(command->examples);
}

static void print_group(const Command *const *commands, CmdGroup group)
{
    bool titled = false;
    for (const Command *const *c = commands; *c; c++) {
        if ((*c)->group != group || (*c)->hidden)
            continue;
        if (!titled)
            print_title(group_titles[group]);
        titled = true;
        print_item((*c)->name, (*c)->summary);
    }
}

void usage_all(const Command *const *commands)
{
    printf("Usage: utmctl COMMAND [OPTION…] [ARGUMENT…]\n\n"
           "Create, run, snapshot and script QEMU machines kept as UTM bundles.\n");
    for (size_t group = 0; group < G_N_ELEMENTS(group_titles); group++)
        print_group(commands, (CmdGroup) group);
    const Command root = { .name = "utmctl", .shared = SHARED_ROOT };
    print_title("Options of every command");
    const CmdOption *table;
    for (unsigned i = 0; (table = shared_options_table(root.shared, i)); i++)
        print_options(&root, table, true);
    printf("\nutmctl help COMMAND tells more about one of them.\n");
}
