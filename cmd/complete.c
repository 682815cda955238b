/* SPDX-License-Identifier: Apache-2.0 */
/* utmctl __complete: what could stand at the end of a command line, for the completion scripts. */
#include <stdio.h>
#include <string.h>

#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/complete-live.h"
#include "cmd/config.h"
#include "cmd/parse.h"
#include "cmd/shared-options.h"
#include "core/config-complete.h"
#include "core/library.h"
#include "core/snapshot/snapshot.h"

/* Printed alone: the shell shall offer files. */
#define FILES ":files"

static struct {
    char *shell;
    char **words;
} opt;

static const CmdArg args[] = {
    { .name = "SHELL", .kind = ARG_WORD, .value = &opt.shell },
    { .name = "WORD", .kind = ARG_REST, .value = &opt.words, .optional = true },
    { 0 },
};

/* Where the words before the last one lead to. */
typedef struct {
    const Command *const *table; /* NULL: no command is expected any more */
    const Command *command;      /* the last one named, or NULL */
    guint n_args;                /* arguments seen */
    const char *args[2];         /* the first of them */
    const CmdOption *pending;    /* option whose value is the last word */
    bool rest;                   /* after "--" or the command's .rest_at */
} Place;

static void print_candidate(const char *word, const char *partial, const char *help)
{
    if (!g_str_has_prefix(word, partial) || strpbrk(word, "\n\t"))
        return;
    printf("%s\t%s\n", word, help ? help : "");
}

static const CmdOption *option_in(const CmdOption *table, const char *word, size_t length)
{
    for (const CmdOption *o = table; o && o->kind != OPT_END; o++) {
        if (strlen(o->name) + 2 == length && strncmp(word + 2, o->name, length - 2) == 0)
            return o;
        if (length == 2 && word[1] == o->letter)
            return o;
    }
    return NULL;
}

/* The option that a word such as "--format" or "--format=js" names. */
static const CmdOption *find_option(const Command *command, const char *word)
{
    size_t length = strcspn(word, "=");
    const CmdOption *found = command ? option_in(command->options, word, length) : NULL;
    const CmdOption *table;
    unsigned shared = command ? command->shared : 0;
    for (unsigned i = 0; !found && (table = shared_options_table(shared, i)); i++)
        found = option_in(table, word, length);
    return found;
}

static void step(Place *place, const char *word)
{
    if (place->pending) {
        place->pending = NULL;
    } else if (place->rest) {
        place->n_args++;
    } else if (strcmp(word, "--") == 0 ||
               (place->command && g_strcmp0(word, place->command->rest_at) == 0)) {
        place->rest = true;
    } else if (word[0] == '-') {
        const CmdOption *option = find_option(place->command, word);
        if (option && option->kind != OPT_FLAG && !strchr(word, '='))
            place->pending = option;
    } else if (place->table) {
        const Command *const *c = place->table;
        while (*c && strcmp((*c)->name, word) != 0)
            c++;
        place->command = *c;
        place->table = *c ? (*c)->children : NULL;
    } else {
        if (place->n_args < G_N_ELEMENTS(place->args))
            place->args[place->n_args] = word;
        place->n_args++;
    }
}

static void complete_commands(const Command *const *table, const char *partial)
{
    for (; *table; table++)
        if (!(*table)->hidden)
            print_candidate((*table)->name, partial, (*table)->summary);
}

static void complete_option_table(const CmdOption *table, const char *partial)
{
    for (const CmdOption *o = table; o && o->kind != OPT_END; o++) {
        g_autofree char *word = g_strconcat("--", o->name, NULL);
        print_candidate(word, partial, o->help);
    }
}

static void complete_options(const Command *command, const char *partial)
{
    if (command)
        complete_option_table(command->options, partial);
    const CmdOption *table;
    unsigned shared = command ? command->shared : SHARED_ROOT;
    for (unsigned i = 0; (table = shared_options_table(shared, i)); i++)
        complete_option_table(table, partial);
    if (command && command->rest_at)
        print_candidate(command->rest_at, partial, "Everything after it is passed on");
}

/* "web@" is followed by the name of a snapshot. */
static void complete_snapshots(const char *partial)
{
    const char *at = strrchr(partial, '@');
    g_autofree char *name = at ? g_strndup(partial, (gsize) (at - partial)) : NULL;
    g_autoptr(Bundle) bundle = name ? library_open(name, NULL) : NULL;
    g_autoptr(GPtrArray) snapshots = bundle ? snapshot_list(bundle, NULL) : NULL;
    for (guint i = 0; snapshots && i < snapshots->len; i++) {
        const Snapshot *snapshot = snapshots->pdata[i];
        g_autofree char *word = g_strconcat(name, "@", snapshot->name, NULL);
        print_candidate(word, partial, snapshot->description);
    }
}

static void complete_machines(const char *partial)
{
    g_autoptr(GPtrArray) entries = library_list(NULL);
    for (guint i = 0; entries && i < entries->len; i++) {
        const LibraryEntry *entry = entries->pdata[i];
        print_candidate(entry->name, partial, entry->uuid);
    }
    complete_snapshots(partial);
    if (strchr(partial, '/') || *partial == '.')
        puts(FILES);
}

/* What precedes a candidate, and what it has to begin with. */
typedef struct {
    const char *prefix;
    const char *partial;
} Begun;

static void take_live(const char *word, const char *help, void *user)
{
    const Begun *begun = user;
    if (!g_str_has_prefix(word, begun->partial))
        return;
    g_autofree char *whole = g_strconcat(begun->prefix, word, NULL);
    print_candidate(whole, "", help);
}

static void complete_value(const CmdOption *option, const char *vm, const char *prefix,
                           const char *partial)
{
    Begun begun = { prefix, partial };
    if (complete_live_option(option, vm, take_live, &begun))
        return;
    if (option->kind == OPT_PATH)
        puts(FILES);
    for (const char *const *c = option->choices; c && *c; c++) {
        if (!g_str_has_prefix(*c, partial))
            continue;
        printf("%s%s\t\n", prefix, *c);
    }
}

/* ---- keys of a configuration ---- */

static void print_paths(const GPtrArray *paths, const char *partial, const char *ending)
{
    for (guint i = 0; i < paths->len; i++) {
        const ConfigKeyPath *path = paths->pdata[i];
        g_autofree char *word = g_strconcat(path->path, ending, NULL);
        print_candidate(word, partial, path->key->help);
    }
}

static void print_words(const UtmConfig *config, const ConfigKey *key, const char *assignment)
{
    const char *value = strchr(assignment, '=') + 1;
    bool bash = strcmp(opt.shell, "bash") == 0;
    g_auto(GStrv) words = config_complete_words(config, key);
    for (char **word = words; *word; word++)
        if (g_ascii_strncasecmp(*word, value, strlen(value)) == 0)
            printf("%.*s%s\t\n", bash ? 0 : (int) (value - assignment), assignment, *word);
}

/* KEY=VALUE: the key first, then what it can be. */
static void complete_setting(const UtmConfig *config, const GPtrArray *paths, const char *partial)
{
    const char *equals = strchr(partial, '=');
    if (!equals) {
        print_paths(paths, partial, "=");
        return;
    }
    for (guint i = 0; i < paths->len; i++) {
        const ConfigKeyPath *path = paths->pdata[i];
        size_t length = (size_t) (equals - partial);
        if (strlen(path->path) == length && strncmp(path->path, partial, length) == 0)
            print_words(config, path->key, partial);
    }
}

static void complete_key(const Command *command, const Place *place, const char *partial)
{
    g_autoptr(Bundle) bundle = library_open(place->args[0], NULL);
    if (!bundle)
        return;
    const UtmConfig *config = bundle->config;
    bool members = command == &cmd_config_add && place->n_args > 1;
    ConfigComplete what = CONFIG_COMPLETE_VALUES;
    if (command == &cmd_config_add)
        what = CONFIG_COMPLETE_LISTS;
    else if (command == &cmd_config_remove)
        what = CONFIG_COMPLETE_ELEMENTS;
    g_autoptr(GPtrArray) paths = members ? config_complete_members(config, place->args[1])
                                         : config_complete_paths(config, what);
    if (members || command == &cmd_config_set)
        complete_setting(config, paths, partial);
    else
        print_paths(paths, partial, "");
}

static void complete_format_key(const char *partial)
{
    g_autoptr(GPtrArray) paths = config_key_paths(&config_table_qemu);
    print_paths(paths, partial, "");
}

/* Whether a command's arguments are keys; false leaves them to its declaration. */
static bool complete_config(const Place *place, const char *partial)
{
    static const Command *const with_keys[] = { &cmd_config_get, &cmd_config_set, &cmd_config_unset,
                                                &cmd_config_add, &cmd_config_remove };
    if (place->command == &cmd_config_describe) {
        complete_format_key(partial);
        return true;
    }
    for (size_t i = 0; place->n_args > 0 && i < G_N_ELEMENTS(with_keys); i++) {
        if (place->command != with_keys[i])
            continue;
        complete_key(place->command, place, partial);
        return true;
    }
    return false;
}

/* ---- */

static void complete_argument(const Place *place, const char *partial)
{
    const Command *command = place->command;
    guint index = place->n_args;
    Begun begun = { "", partial };
    const CmdArg *arg = command->args;
    for (; arg && arg->kind != ARG_END && index > 0; index--) {
        if (arg->kind == ARG_WORDS)
            break;
        arg++;
    }
    if (!arg || arg->kind == ARG_END)
        return;
    if (arg->kind == ARG_VM || strcmp(arg->name, "VM") == 0)
        complete_machines(partial);
    else if (complete_live_arg(command, arg, place->args[0], partial, take_live, &begun))
        return;
    else if (arg->kind == ARG_PATH || arg->kind == ARG_REST)
        puts(FILES);
    else if (command == &cmd_help)
        complete_commands(command_table(), partial);
    else
        for (const char *const *c = arg->choices; c && *c; c++)
            print_candidate(*c, partial, NULL);
}

/* "--format=js" is one word for most shells and three for bash, which wants the last part only. */
static void complete_assignment(const Place *place, const char *word)
{
    const CmdOption *option = find_option(place->command, word);
    const char *value = strchr(word, '=') + 1;
    g_autofree char *prefix = g_strndup(word, (gsize) (value - word));
    if (option)
        complete_value(option, place->args[0], strcmp(opt.shell, "bash") == 0 ? "" : prefix, value);
}

/* Puts what bash took apart together again. */
static char **join_assignments(char **words)
{
    g_autoptr(GPtrArray) joined = g_ptr_array_new();
    for (char **word = words; word && *word; word++) {
        guint n = joined->len;
        bool after = n > 0 && g_str_has_suffix(joined->pdata[n - 1], "=");
        if (n > 0 && (strcmp(*word, "=") == 0 || (after && strcmp(word[-1], "=") == 0))) {
            char *whole = g_strconcat(joined->pdata[n - 1], *word, NULL);
            g_free(joined->pdata[n - 1]);
            joined->pdata[n - 1] = whole;
        } else {
            g_ptr_array_add(joined, g_strdup(*word));
        }
    }
    if (joined->len == 0)
        g_ptr_array_add(joined, g_strdup(""));
    g_ptr_array_add(joined, NULL);
    return (char **) g_ptr_array_steal(joined, NULL);
}

static bool run(GError **error G_GNUC_UNUSED)
{
    g_auto(GStrv) words = join_assignments(opt.words);
    Place place = { .table = command_table() };
    char **word = words;
    for (; word[1]; word++)
        step(&place, *word);
    if (place.pending)
        complete_value(place.pending, place.args[0], "", *word);
    else if (place.rest)
        puts(FILES);
    else if (g_str_has_prefix(*word, "--") && strchr(*word, '='))
        complete_assignment(&place, *word);
    else if ((*word)[0] == '-')
        complete_options(place.command, *word);
    else if (place.table)
        complete_commands(place.table, *word);
    else if (place.command && !complete_config(&place, *word))
        complete_argument(&place, *word);
    return true;
}

const Command cmd_complete = { .name = "__complete",
                               .group = GROUP_PLUMBING,
                               .summary = "Print what could stand at the end of a command line",
                               .args = args,
                               .hidden = true,
                               .run = run };
