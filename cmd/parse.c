/* SPDX-License-Identifier: Apache-2.0 */
/* The words of a command line, put where a command's declaration wants them. */
#include "cmd/parse.h"

#include <string.h>

#include "cmd/shared-options.h"
#include "cmd/values.h"
#include "core/error.h"
#include "core/near-miss.h"

bool parse_owns_option(const Command *command, const char *name)
{
    for (const CmdOption *o = command->options; o && o->kind != OPT_END; o++)
        if (strcmp(o->name, name) == 0)
            return true;
    return false;
}

static bool owns_letter(const Command *command, char letter)
{
    for (const CmdOption *o = command->options; o && o->kind != OPT_END; o++)
        if (o->letter == letter)
            return true;
    return false;
}

static bool takes_value(const char *word)
{
    for (unsigned i = 0; i < 2; i++)
        for (const CmdOption *o = shared_options_table(SHARED_TIMEOUT, i); o->kind != OPT_END; o++)
            if (o->kind != OPT_FLAG && strcmp(word + 2, o->name) == 0)
                return true;
    return false;
}

size_t parse_split(char *const *words, GPtrArray *options)
{
    size_t at = 0;
    for (; words[at] && words[at][0] == '-' && strcmp(words[at], "--") != 0; at++) {
        g_ptr_array_add(options, words[at]);
        if (g_str_has_prefix(words[at], "--") && takes_value(words[at]) && words[at + 1])
            g_ptr_array_add(options, words[++at]);
    }
    return at;
}

/* An option whose text GOption stores and we convert. */
typedef struct {
    const CmdOption *option;
    char *text; /* owned; NULL: not given */
} Typed;

static void typed_clear(Typed *typed)
{
    g_free(typed->text);
}

/* GOption keeps pointers into both arrays, so neither may grow once it is built. */
typedef struct {
    GArray *entries; /* of GOptionEntry, zero-terminated */
    GArray *typed;   /* of Typed */
} Rows;

static void rows_clear(Rows *rows)
{
    g_clear_pointer(&rows->entries, g_array_unref);
    g_clear_pointer(&rows->typed, g_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Rows, rows_clear)

static GOptionArg entry_kind(CmdOptionKind kind)
{
    switch (kind) {
    case OPT_FLAG:
        return G_OPTION_ARG_NONE;
    case OPT_STRINGS:
        return G_OPTION_ARG_FILENAME_ARRAY;
    default:
        /* A file name is taken as it is: GOption would refuse other text in the C locale. */
        return G_OPTION_ARG_FILENAME;
    }
}

static bool is_typed(CmdOptionKind kind)
{
    return kind == OPT_INT || kind == OPT_SIZE || kind == OPT_DURATION || kind == OPT_CHOICE;
}

static void add_row(Rows *rows, const CmdOption *option, char letter)
{
    GOptionEntry entry = { .long_name = option->name,
                           .short_name = letter,
                           .arg = entry_kind(option->kind),
                           .arg_data = option->value };
    if (is_typed(option->kind)) {
        Typed typed = { .option = option };
        g_array_append_val(rows->typed, typed);
        entry.arg_data = &g_array_index(rows->typed, Typed, rows->typed->len - 1).text;
    }
    g_array_append_val(rows->entries, entry);
}

static void add_rows(Rows *rows, const Command *command)
{
    for (const CmdOption *o = command->options; o && o->kind != OPT_END; o++)
        add_row(rows, o, o->letter);
    const CmdOption *table;
    for (unsigned i = 0; (table = shared_options_table(command->shared, i)); i++)
        for (const CmdOption *o = table; o->kind != OPT_END; o++)
            if (!parse_owns_option(command, o->name))
                add_row(rows, o, owns_letter(command, o->letter) ? 0 : o->letter);
}

static guint count_options(const Command *command)
{
    guint count = 0;
    for (const CmdOption *o = command->options; o && o->kind != OPT_END; o++)
        count++;
    const CmdOption *table;
    for (unsigned i = 0; (table = shared_options_table(command->shared, i)); i++)
        for (const CmdOption *o = table; o->kind != OPT_END; o++)
            count++;
    return count;
}

static void rows_init(Rows *rows, const Command *command)
{
    guint count = count_options(command);
    rows->entries = g_array_sized_new(TRUE, TRUE, sizeof(GOptionEntry), count + 1);
    rows->typed = g_array_sized_new(FALSE, TRUE, sizeof(Typed), count);
    g_array_set_clear_func(rows->typed, (GDestroyNotify) typed_clear);
    add_rows(rows, command);
}

static const char *find_choice(const char *const *choices, const char *text, GError **error)
{
    for (const char *const *choice = choices; *choice; choice++)
        if (strcmp(*choice, text) == 0)
            return *choice;
    g_autofree char *all = g_strjoinv(", ", (char **) choices);
    utm_error_set(error, UTM_ERROR_USAGE, NULL, "\"%s\" is not one of %s", text, all);
    return NULL;
}

static bool convert_choice(const CmdOption *option, const char *text, GError **error)
{
    const char *choice = find_choice(option->choices, text, error);
    if (choice)
        *(const char **) option->value = choice;
    return choice != NULL;
}

static bool convert(const Typed *typed, GError **error)
{
    switch (typed->option->kind) {
    case OPT_INT:
        return value_parse_int(typed->text, typed->option->value, error);
    case OPT_SIZE:
        return value_parse_size(typed->text, typed->option->value, error);
    case OPT_DURATION:
        return value_parse_duration(typed->text, typed->option->value, error);
    default:
        return convert_choice(typed->option, typed->text, error);
    }
}

static bool convert_all(const Rows *rows, GError **error)
{
    for (guint i = 0; i < rows->typed->len; i++) {
        const Typed *typed = &g_array_index(rows->typed, Typed, i);
        if (!typed->text)
            continue;
        if (!convert(typed, error)) {
            g_prefix_error(error, "option \"--%s\": ", typed->option->name);
            return false;
        }
        if (typed->option->value == shared_options_timeout())
            command_global.timeout_given = true;
    }
    return true;
}

static bool is_utf8(const char *text, GError **error)
{
    if (g_utf8_validate(text, -1, NULL))
        return true;
    g_autofree char *shown = g_utf8_make_valid(text, -1);
    utm_error_set(error, UTM_ERROR_USAGE, NULL, "\"%s\" is not valid UTF-8", shown);
    return false;
}

static bool check_strings(const Command *command, GError **error)
{
    for (const CmdOption *o = command->options; o && o->kind != OPT_END; o++) {
        if (o->kind == OPT_STRING && *(char **) o->value && !is_utf8(*(char **) o->value, error))
            return false;
        if (o->kind != OPT_STRINGS || !*(char ***) o->value)
            continue;
        for (char **text = *(char ***) o->value; *text; text++)
            if (!is_utf8(*text, error))
                return false;
    }
    return true;
}

/* GOption knows what is wrong but says it in its own words, and suggests nothing. */
static void reword(const Rows *rows, GError **error)
{
    g_autoptr(GError) cause = g_steal_pointer(error);
    if (!g_error_matches(cause, G_OPTION_ERROR, G_OPTION_ERROR_UNKNOWN_OPTION)) {
        const char *option = strrchr(cause->message, ' ');
        utm_error_set(error, UTM_ERROR_USAGE, NULL, "option \"%s\" needs a value",
                      option ? option + 1 : cause->message);
        return;
    }
    /* It may have blanks in it: a name that was taken for options. */
    const char *space = strstr(cause->message, " -");
    g_autofree char *option = g_strdup(space ? space + 1 : cause->message);
    char *equals = strchr(option, '=');
    if (equals)
        *equals = '\0';
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    for (const GOptionEntry *e = (const GOptionEntry *) rows->entries->data; e->long_name; e++)
        g_ptr_array_add(names, g_strconcat("--", e->long_name, NULL));
    g_ptr_array_add(names, NULL);
    bool is_long = g_str_has_prefix(option, "--");
    g_autofree char *near = is_long ? near_miss(option, (char **) names->pdata) : NULL;
    g_autofree char *hint = near ? g_strdup_printf("did you mean %s?", near) : NULL;
    if (!is_long && strlen(option) > 2)
        hint = g_strdup("a name that begins with a dash comes after \"--\"");
    utm_error_set(error, UTM_ERROR_USAGE, hint, "unknown option \"%s\"", option);
}

static const CmdArg *find_rest(const Command *command)
{
    for (const CmdArg *a = command->args; a && a->kind != ARG_END; a++)
        if (a->kind == ARG_REST)
            return a;
    return NULL;
}

/* GOption keeps or drops "--" depending on what follows it, so it never sees one. */
static size_t find_cut(const Command *command, char *const *words)
{
    size_t at = 0;
    for (; words[at]; at++) {
        if (strcmp(words[at], "--") == 0)
            break;
        if (command->rest_at && strcmp(words[at], command->rest_at) == 0)
            break;
    }
    return at;
}

static guint count_required(const CmdArg *arg)
{
    guint count = 0;
    for (; arg && arg->kind != ARG_END; arg++)
        if (arg->kind != ARG_REST && !arg->optional)
            count++;
    return count;
}

static bool missing(const CmdArg *arg, GError **error)
{
    utm_error_set(error, UTM_ERROR_USAGE, NULL, "argument %s is missing", arg->name);
    return false;
}

static bool take_one(const CmdArg *arg, const char *word, GError **error)
{
    if (arg->kind != ARG_PATH && !is_utf8(word, error))
        return false;
    if (!*word) {
        utm_error_set(error, UTM_ERROR_USAGE, NULL, "argument %s is empty", arg->name);
        return false;
    }
    if (arg->choices && !find_choice(arg->choices, word, error))
        return false;
    *(char **) arg->value = g_strdup(word);
    return true;
}

static bool take_words(const CmdArg *arg, char *const *words, GError **error)
{
    for (char *const *word = words; *word; word++)
        if (!is_utf8(*word, error))
            return false;
    *(char ***) arg->value = g_strdupv((char **) words);
    return true;
}

static bool place(const Command *command, char *const *words, GError **error)
{
    guint left = g_strv_length((char **) words);
    for (const CmdArg *arg = command->args; arg && arg->kind != ARG_END; arg++) {
        if (arg->kind == ARG_REST)
            continue;
        if (arg->optional && left <= count_required(arg + 1))
            continue;
        if (left == 0)
            return missing(arg, error);
        if (arg->kind == ARG_WORDS)
            return take_words(arg, words, error);
        if (!take_one(arg, *words, error))
            return false;
        words++;
        left--;
    }
    if (left == 0)
        return true;
    utm_error_set(error, UTM_ERROR_USAGE, NULL, "unexpected argument \"%s\"", *words);
    return false;
}

static bool place_rest(const Command *command, char *const *rest, GError **error)
{
    const CmdArg *arg = find_rest(command);
    if (!arg)
        return true;
    if (!arg->optional && !*rest)
        return missing(arg, error);
    *(char ***) arg->value = g_strdupv((char **) rest);
    return true;
}

/* GOption takes "--flag=no" for "--flag". */
static bool check_flags(const Rows *rows, char *const *words, GError **error)
{
    for (const GOptionEntry *e = (const GOptionEntry *) rows->entries->data; e->long_name; e++) {
        if (e->arg != G_OPTION_ARG_NONE)
            continue;
        g_autofree char *flag = g_strdup_printf("--%s=", e->long_name);
        for (char *const *word = words; *word; word++) {
            if (!g_str_has_prefix(*word, flag))
                continue;
            utm_error_set(error, UTM_ERROR_USAGE, NULL, "option \"--%s\" takes no value",
                          e->long_name);
            return false;
        }
    }
    return true;
}

static bool parse_options(const Command *command, char ***words, GError **error)
{
    g_auto(Rows) rows = { 0 };
    rows_init(&rows, command);
    if (!check_flags(&rows, *words, error))
        return false;
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    g_option_context_set_help_enabled(context, FALSE);
    g_option_context_add_main_entries(context, (GOptionEntry *) rows.entries->data, NULL);
    if (!g_option_context_parse_strv(context, words, error)) {
        reword(&rows, error);
        return false;
    }
    return convert_all(&rows, error) && check_strings(command, error);
}

bool parse_command(const Command *command, char *const *words, ParseAsked *asked, GError **error)
{
    size_t cut = find_cut(command, words);
    char *const *rest = words[cut] ? words + cut + 1 : words + cut;
    g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
    g_strv_builder_add(builder, "utmctl");
    for (size_t i = 0; i < cut; i++)
        g_strv_builder_add(builder, words[i]);
    g_auto(GStrv) left = g_strv_builder_end(builder);
    if (!parse_options(command, &left, error))
        return false;
    shared_options_apply(command);
    shared_options_asked(asked);
    if (asked->help || asked->version)
        return true;
    if (find_rest(command))
        return place(command, left + 1, error) && place_rest(command, rest, error);
    /* "--" only ends the options here. */
    g_autoptr(GStrvBuilder) joined = g_strv_builder_new();
    g_strv_builder_addv(joined, (const char **) left + 1);
    g_strv_builder_addv(joined, (const char **) rest);
    g_auto(GStrv) all = g_strv_builder_end(joined);
    return place(command, all, error);
}
