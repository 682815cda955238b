/* SPDX-License-Identifier: Apache-2.0 */
/* From the words of a command line to a command's run() and the exit status of the process. */
#include "cmd/command.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd/interrupt.h"
#include "cmd/output.h"
#include "cmd/parse.h"
#include "cmd/shared-options.h"
#include "cmd/usage.h"
#include "core/argv/argv-quote.h"
#include "core/error.h"
#include "core/near-miss.h"

CmdGlobal command_global;

static struct {
    const Command *const *commands;
    const Command *running; /* NULL until its words are understood */
    int status;
    int failure_status;
    cJSON *detail; /* more members for an error's object, or NULL */
} self;

const Command *const *command_table(void)
{
    return self.commands;
}

void command_set_status(int status)
{
    self.status = status;
}

void command_set_error_detail(cJSON *members)
{
    cJSON_Delete(self.detail);
    self.detail = members;
}

static const Command *lookup(const Command *const *table, const char *name)
{
    for (; *table; table++)
        if (strcmp((*table)->name, name) == 0)
            return *table;
    return NULL;
}

static void set_unknown(const Command *const *table, const char *path, const char *word,
                        GError **error)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    for (; *table; table++)
        if (!(*table)->hidden)
            g_ptr_array_add(names, (gpointer) (*table)->name);
    g_ptr_array_add(names, NULL);
    g_autofree char *near = near_miss(word, (char **) names->pdata);
    g_autofree char *hint = near ? g_strdup_printf("did you mean %s?", near)
                                 : g_strdup_printf("utmctl help%s%s", *path ? " " : "", path);
    utm_error_set(error, UTM_ERROR_USAGE, hint, "%s%s\"%s\" is not a command", path,
                  *path ? ": " : "", word);
}

const Command *command_find(char *const *words, char **out_path, GError **error)
{
    const Command *const *table = self.commands;
    const Command *found = NULL;
    g_autoptr(GString) path = g_string_new(NULL);
    for (; *words; words++) {
        if (!table) {
            utm_error_set(error, UTM_ERROR_USAGE, NULL, "%s: it has no command \"%s\"", path->str,
                          *words);
            return NULL;
        }
        found = lookup(table, *words);
        if (!found) {
            set_unknown(table, path->str, *words, error);
            return NULL;
        }
        g_string_append_printf(path, "%s%s", path->len ? " " : "", found->name);
        table = found->children;
    }
    g_assert(found);
    *out_path = g_strdup(path->str);
    return found;
}

/* What the user called the machine; NULL where there is none, or something of it was named. */
static const char *named_machine(void)
{
    for (const CmdArg *a = self.running ? self.running->args : NULL; a && a->kind != ARG_END; a++) {
        const char *word = a->kind == ARG_VM ? *(char **) a->value : NULL;
        if (word && strcmp(a->name, "VM") == 0)
            return strchr(word, '@') ? NULL : word;
    }
    return NULL;
}

/* Core does not know how the machine was named: "utmctl config migrate VM". A new string, or NULL. */
static char *ready_hint(const GError *error)
{
    const char *hint = utm_error_hint(error);
    const char *vm = named_machine();
    const char *at = hint && g_str_has_prefix(hint, "utmctl ") ? strstr(hint, " VM") : NULL;
    if (!vm || !at || (at[3] != '\0' && at[3] != ' '))
        return g_strdup(hint);
    g_autofree char *quoted = argv_shell_quote(vm);
    return g_strdup_printf("%.*s %s%s", (int) (at - hint), hint, quoted, at + 3);
}

static void print_error(const GError *error)
{
    g_autofree char *hint = ready_hint(error);
    if (command_global.json) {
        cJSON *document = cJSON_CreateObject();
        cJSON *object = cJSON_AddObjectToObject(document, "error");
        cJSON_AddStringToObject(object, "code", utm_error_word(utm_error_code(error)));
        cJSON_AddStringToObject(object, "message", error->message);
        if (hint)
            cJSON_AddStringToObject(object, "hint", hint);
        for (cJSON *member; self.detail && (member = self.detail->child);)
            cJSON_AddItemToObject(object, member->string,
                                  cJSON_DetachItemViaPointer(self.detail, member));
        char *text = cJSON_PrintUnformatted(document);
        output_progress_end();
        fprintf(stderr, "%s\n", text);
        cJSON_free(text);
        cJSON_Delete(document);
        return;
    }
    output_error("%s", error->message);
    if (hint)
        output_hint("%s", hint);
}

bool command_confirm(const char *question, GError **error)
{
    if (command_global.yes)
        return true;
    if (command_global.no_input || !isatty(STDIN_FILENO) || !isatty(STDERR_FILENO)) {
        utm_error_set(error, UTM_ERROR_USAGE, "add --yes", "%s needs --yes without a terminal",
                      question);
        return false;
    }
    fprintf(stderr, "%s [y/N] ", question);
    char answer[16];
    if (fgets(answer, sizeof answer, stdin) && g_ascii_tolower(answer[0]) == 'y')
        return true;
    utm_error_set(error, UTM_ERROR_INTERRUPTED, NULL, "not confirmed, nothing was changed");
    return false;
}

/* A program utmctl-NAME on PATH is run by `utmctl NAME`, as git does. */
static void try_external(char **words)
{
    if (strchr(words[0], '/'))
        return;
    g_autofree char *name = g_strconcat("utmctl-", words[0], NULL);
    g_autofree char *program = g_find_program_in_path(name);
    if (!program)
        return;
    char *first = words[0];
    words[0] = program;
    execv(program, words);
    words[0] = first;
}

static bool run_command(const Command *command, const char *path, char *const *words,
                        GError **error)
{
    ParseAsked asked;
    if (!parse_command(command, words, &asked, error)) {
        g_prefix_error(error, "%s: ", path);
        if (!utm_error_hint(*error)) {
            g_autofree char *hint = g_strdup_printf("utmctl %s --help", path);
            utm_error_set_hint(*error, hint);
        }
        return false;
    }
    if (asked.help) {
        usage_command(command, path);
        return true;
    }
    self.failure_status = command->failure_status;
    self.running = command;
    return command->run(error);
}

static bool print_version(GError **error)
{
    const Command *version = lookup(self.commands, "version");
    return version->run(error);
}

/* No command was named, or only a group of them. */
static bool run_bare(const Command *group, const char *path, char *const *options, GError **error)
{
    const Command bare = { .name = "utmctl", .shared = group ? 0 : SHARED_ROOT };
    ParseAsked asked;
    if (!parse_command(&bare, options, &asked, error)) {
        if (!utm_error_hint(*error))
            utm_error_set_hint(*error, "utmctl help");
        return false;
    }
    if (asked.version)
        return print_version(error);
    if (!group) {
        usage_all(self.commands);
        return true;
    }
    if (asked.help) {
        usage_command(group, path);
        return true;
    }
    g_autofree char *hint = g_strdup_printf("utmctl help %s", path);
    utm_error_set(error, UTM_ERROR_USAGE, hint, "%s: which command of it is missing", path);
    return false;
}

static bool dispatch(char **words, GError **error)
{
    const Command *const *table = self.commands;
    const Command *found = NULL;
    g_autoptr(GPtrArray) options = g_ptr_array_new();
    g_autoptr(GString) path = g_string_new(NULL);
    while (table) {
        words += parse_split(words, options);
        if (!*words)
            break;
        const Command *next = lookup(table, *words);
        if (!next) {
            if (!found)
                try_external(words);
            set_unknown(table, path->str, *words, error);
            return false;
        }
        found = next;
        g_string_append_printf(path, "%s%s", path->len ? " " : "", found->name);
        table = found->children;
        words++;
    }
    for (char **word = words; *word && !table; word++)
        g_ptr_array_add(options, *word);
    g_ptr_array_add(options, NULL);
    if (table)
        return run_bare(found, path->str, (char *const *) options->pdata, error);
    return run_command(found, path->str, (char *const *) options->pdata, error);
}

/* A file opened as descriptor 1 or 2 would be written to as if it were the terminal. */
static void open_standard_descriptors(void)
{
    int fd;
    do
        fd = open("/dev/null", O_RDONLY);
    while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd > STDERR_FILENO)
        close(fd);
}

static int failure_status(const GError *error)
{
    UtmError code = utm_error_code(error);
    /* As of a program that dies of the signal. */
    if (code == UTM_ERROR_INTERRUPTED && interrupt_number())
        return 128 + interrupt_number();
    bool general =
        code == UTM_ERROR_USAGE || code == UTM_ERROR_TIMEOUT || code == UTM_ERROR_INTERRUPTED;
    return self.failure_status && !general ? self.failure_status : utm_error_exit_status(code);
}

int command_main(const Command *const *commands, int argc, char **argv)
{
    open_standard_descriptors();
    self.commands = commands;
    if (argc > 0)
        shared_options_early(argv + 1);
    g_autoptr(GError) error = NULL;
    bool ok = argc < 1 || dispatch(argv + 1, &error);
    output_progress_end();
    if (!ok)
        print_error(error);
    command_set_error_detail(NULL);
    g_autoptr(GError) write_error = NULL;
    if (!output_finish(&write_error) && ok) {
        print_error(write_error);
        return utm_error_exit_status(UTM_ERROR_FAILED);
    }
    return ok ? self.status : failure_status(error);
}
