/* SPDX-License-Identifier: Apache-2.0 */
/* Words of a command line against declarations of every kind. */
#include <string.h>

#include "cmd/parse.h"
#include "core/error.h"

static struct {
    char *vm;
    char *maybe;
    char *last;
    char **rest;
    char **many;
    gboolean flag;
    char *text;
    char **texts;
    gint64 number;
    gint64 size;
    gint64 duration;
    char *choice;
} opt;

static const char *const choices[] = { "red", "green", NULL };

static const CmdOption options[] = {
    { .name = "flag", .letter = 'f', .kind = OPT_FLAG, .value = &opt.flag },
    { .name = "text", .letter = 't', .kind = OPT_STRING, .value = &opt.text },
    { .name = "texts", .kind = OPT_STRINGS, .value = &opt.texts },
    { .name = "number", .kind = OPT_INT, .value = &opt.number },
    { .name = "size", .kind = OPT_SIZE, .value = &opt.size },
    { .name = "duration", .letter = 'd', .kind = OPT_DURATION, .value = &opt.duration },
    { .name = "choice", .kind = OPT_CHOICE, .value = &opt.choice, .choices = choices },
    { 0 },
};

static const CmdArg exec_args[] = {
    { .name = "VM", .kind = ARG_VM, .value = &opt.vm },
    { .name = "PROGRAM", .kind = ARG_REST, .value = &opt.rest },
    { 0 },
};

static const Command exec_command = {
    .name = "exec", .args = exec_args, .options = options, .rest_at = "--cmd"
};

static const CmdArg copy_args[] = {
    { .name = "VM", .kind = ARG_VM, .value = &opt.vm },
    { .name = "MAYBE", .kind = ARG_WORD, .value = &opt.maybe, .optional = true },
    { .name = "LAST", .kind = ARG_PATH, .value = &opt.last },
    { 0 },
};

static const Command copy_command = { .name = "copy", .args = copy_args, .options = options };

static const CmdArg many_args[] = {
    { .name = "VM", .kind = ARG_VM, .value = &opt.vm },
    { .name = "WORD", .kind = ARG_WORDS, .value = &opt.many },
    { 0 },
};

static const Command many_command = { .name = "many",
                                      .args = many_args,
                                      .options = options,
                                      .shared = SHARED_TIMEOUT,
                                      .timeout_us = 5 * G_TIME_SPAN_SECOND };

static void forget(void)
{
    g_clear_pointer(&opt.vm, g_free);
    g_clear_pointer(&opt.maybe, g_free);
    g_clear_pointer(&opt.last, g_free);
    g_clear_pointer(&opt.text, g_free);
    g_clear_pointer(&opt.rest, g_strfreev);
    g_clear_pointer(&opt.many, g_strfreev);
    g_clear_pointer(&opt.texts, g_strfreev);
    memset(&opt, 0, sizeof opt);
}

static void parse(const Command *command, const char *line)
{
    forget();
    g_auto(GStrv) words = g_strsplit(line, " ", -1);
    GError *error = NULL;
    ParseAsked asked;
    g_assert_true(parse_command(command, words, &asked, &error));
    g_assert_no_error(error);
}

static void refuse(const Command *command, const char *line, const char *message)
{
    forget();
    g_auto(GStrv) words = g_strsplit(line, " ", -1);
    g_autoptr(GError) error = NULL;
    ParseAsked asked;
    g_assert_false(parse_command(command, words, &asked, &error));
    g_assert_error(error, UTM_ERROR, UTM_ERROR_USAGE);
    g_assert_cmpstr(error->message, ==, message);
}

static char *joined(char **words)
{
    return words ? g_strjoinv("|", words) : g_strdup("none");
}

static void assert_words(char **words, const char *expected)
{
    g_autofree char *text = joined(words);
    g_assert_cmpstr(text, ==, expected);
}

static void test_options(void)
{
    parse(&copy_command, "web -f --text=a=b target --texts x --texts y --number -5 --size 2K "
                         "--duration 5m --choice green");
    g_assert_true(opt.flag);
    g_assert_cmpstr(opt.text, ==, "a=b");
    assert_words(opt.texts, "x|y");
    g_assert_cmpint(opt.number, ==, -5);
    g_assert_cmpint(opt.size, ==, 2048);
    g_assert_cmpint(opt.duration, ==, 5 * G_TIME_SPAN_MINUTE);
    g_assert_cmpstr(opt.choice, ==, "green");
    /* Its own letter goes before that of a shared option. */
    parse(&copy_command, "web -d 1s target");
    g_assert_cmpint(opt.duration, ==, G_TIME_SPAN_SECOND);
}

static void test_bad_options(void)
{
    refuse(&copy_command, "web x --number 1x", "option \"--number\": \"1x\" is not a whole number");
    refuse(&copy_command, "web x --choice blue",
           "option \"--choice\": \"blue\" is not one of red, green");
    refuse(&copy_command, "web x --flag=1", "option \"--flag\" takes no value");
    refuse(&copy_command, "web x --text", "option \"--text\" needs a value");
    refuse(&copy_command, "web x --nothing", "unknown option \"--nothing\"");
    refuse(&copy_command, "web x -Z", "unknown option \"-Z\"");
    const char *words[] = { "web", "-first one", NULL };
    g_autoptr(GError) error = NULL;
    ParseAsked asked;
    forget();
    g_assert_false(parse_command(&copy_command, (char **) words, &asked, &error));
    g_assert_cmpstr(error->message, ==, "unknown option \"-first one\"");
    g_assert_cmpstr(utm_error_hint(error), ==, "a name that begins with a dash comes after \"--\"");
    refuse(&copy_command, "web x --text \xff", "\"\xef\xbf\xbd\" is not valid UTF-8");
}

static void test_arguments(void)
{
    parse(&copy_command, "web target");
    g_assert_cmpstr(opt.vm, ==, "web");
    g_assert_null(opt.maybe);
    g_assert_cmpstr(opt.last, ==, "target");
    parse(&copy_command, "web middle -- --target");
    g_assert_cmpstr(opt.maybe, ==, "middle");
    g_assert_cmpstr(opt.last, ==, "--target");
    refuse(&copy_command, "web", "argument LAST is missing");
    refuse(&copy_command, "web a b c", "unexpected argument \"c\"");
    parse(&many_command, "web a b c");
    assert_words(opt.many, "a|b|c");
    refuse(&many_command, "web", "argument WORD is missing");
}

static void test_rest(void)
{
    parse(&exec_command, "web --cmd ls -l --text x -- y");
    assert_words(opt.rest, "ls|-l|--text|x|--|y");
    g_assert_null(opt.text);
    parse(&exec_command, "--text x web -- ls --cmd");
    assert_words(opt.rest, "ls|--cmd");
    refuse(&exec_command, "web", "argument PROGRAM is missing");
    refuse(&exec_command, "web ls --cmd x", "unexpected argument \"ls\"");
}

static void test_timeout(void)
{
    parse(&many_command, "web a");
    g_assert_cmpint(command_global.timeout_us, ==, 5 * G_TIME_SPAN_SECOND);
    g_assert_false(command_global.timeout_given);
    parse(&many_command, "web a --timeout 0");
    g_assert_cmpint(command_global.timeout_us, ==, 0);
    g_assert_true(command_global.timeout_given);
    refuse(&copy_command, "web a --timeout 5s", "unknown option \"--timeout\"");
}

static void test_split(void)
{
    g_auto(GStrv) words =
        g_strsplit("-q --format json --timeout=5s --color x list --json", " ", -1);
    g_autoptr(GPtrArray) before = g_ptr_array_new();
    size_t at = parse_split(words, before);
    g_assert_cmpstr(words[at], ==, "list");
    g_assert_cmpuint(before->len, ==, 6);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/parse/options", test_options);
    g_test_add_func("/parse/bad-options", test_bad_options);
    g_test_add_func("/parse/arguments", test_arguments);
    g_test_add_func("/parse/rest", test_rest);
    g_test_add_func("/parse/timeout", test_timeout);
    g_test_add_func("/parse/split", test_split);
    int status = g_test_run();
    forget();
    return status;
}
