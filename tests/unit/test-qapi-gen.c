/* SPDX-License-Identifier: Apache-2.0 */
/* The schema generator: what it refuses and where it says so, and what it makes of names. */
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>

#include "qapi/gen/emit.h"
#include "qapi/gen/names.h"

/* The one file that a test's schema is, beside a few that it may include. */
static const char *main_text;

static char *read_test_file(const char *path, size_t *out_length, GError **error)
{
    const char *text = NULL;
    if (strcmp(path, "main.json") == 0)
        text = main_text;
    else if (strcmp(path, "loop.json") == 0)
        text = "{ 'include': 'loop.json' }";
    else if (strcmp(path, "part.json") == 0)
        text = "{ 'enum': 'Part', 'data': [ 'one' ] }";
    if (!text) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NOENT, "no such file");
        return NULL;
    }
    *out_length = strlen(text);
    return g_strdup(text);
}

static void expect_error(const char *text, const char *message)
{
    g_autoptr(Arena) arena = arena_new();
    g_autoptr(GError) error = NULL;
    main_text = text;
    g_assert_null(schema_load(arena, "main.json", read_test_file, &error));
    g_assert_error(error, GEN_ERROR, GEN_ERROR_SCHEMA);
    g_assert_cmpstr(error->message, ==, message);
}

static const Schema *expect_schema(Arena *arena, const char *text)
{
    g_autoptr(GError) error = NULL;
    main_text = text;
    const Schema *schema = schema_load(arena, "main.json", read_test_file, &error);
    g_assert_no_error(error);
    return schema;
}

typedef struct {
    const char *text;
    const char *message;
} Case;

static void check_cases(const Case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++)
        expect_error(cases[i].text, cases[i].message);
}

static void test_syntax(void)
{
    static const Case cases[] = {
        { "{ 'a': 'b }\n", "main.json:1:8: missing terminating \"'\"" },
        { "{ 'a': 'b", "main.json:1:8: missing terminating \"'\"" },
        { "{ 'a\\n': 1 }", "main.json:1:3: unknown escape \"\\n\"" },
        { "{ '\xc3\xa4': 'b' }", "main.json:1:3: funny character in string" },
        { "\n  @", "main.json:2:3: stray \"@\"" },
        { "{ 'a': null }", "main.json:1:8: stray \"null\"" },
        { "{ 'a' 'b' }", "main.json:1:7: expected \":\"" },
        { "{ 'a': 'b' 'c': 'd' }", "main.json:1:12: expected \",\" or \"}\"" },
        { "{ 'a': 'b', }", "main.json:1:13: expected string" },
        { "{ true: 'b' }", "main.json:1:3: expected string or \"}\"" },
        { "{ 'a': [ 'b', ] }", "main.json:1:15: expected \"{\", \"[\", string, or boolean" },
        { "{ 'a': [ 'b' 'c' ] }", "main.json:1:14: expected \",\" or \"]\"" },
        { "{ 'a': }", "main.json:1:8: expected \"{\", \"[\", string, or boolean" },
        { "{ 'a': 'b', 'a': 'c' }", "main.json:1:13: duplicate key \"a\"" },
        { "{ 'a': 'b'", "main.json:1:11: expected \",\" or \"}\"" },
        { "[ 'a' ]", "main.json:1:1: top-level expression must be an object" },
    };
    check_cases(cases, G_N_ELEMENTS(cases));
}

static void test_depth(void)
{
    g_autoptr(GString) text = g_string_new("{ 'a': ");
    for (int i = 0; i < 10000; i++)
        g_string_append_c(text, '[');
    expect_error(text->str, "main.json:1:72: nested too deeply");
}

static void test_directives(void)
{
    static const Case cases[] = {
        { "{ 'include': 'main.json' }", "main.json:1:14: inclusion loop for \"main.json\"" },
        { "{ 'include': 'loop.json' }", "loop.json:1:14: inclusion loop for \"loop.json\"" },
        { "{ 'include': 'none.json' }", "main.json:1:14: cannot read \"none.json\": no such file" },
        { "{ 'include': [] }", "main.json:1:14: value of \"include\" must be a string" },
        { "{ 'include': 'part.json', 'a': 'b' }", "main.json:1:1: invalid \"include\" directive" },
        { "{ 'pragma': 'a' }", "main.json:1:13: value of \"pragma\" must be an object" },
        { "{ 'pragma': {}, 'a': 'b' }", "main.json:1:1: invalid \"pragma\" directive" },
        { "{ 'pragma': { 'other': true } }", "main.json:1:15: unknown pragma \"other\"" },
        { "{ 'pragma': { 'doc-required': 'yes' } }",
          "main.json:1:31: pragma \"doc-required\" must be boolean" },
        { "{ 'pragma': { 'member-name-exceptions': [ true ] } }",
          "main.json:1:41: pragma \"member-name-exceptions\" must be a list of strings" },
        { "{ 'pragma': { 'doc-required': true } }\n{ 'enum': 'Ab', 'data': [] }",
          "main.json:2:11: documentation comment required" },
    };
    check_cases(cases, G_N_ELEMENTS(cases));
}

static void test_forms(void)
{
    static const Case cases[] = {
        { "{ 'enum': 'Ab', 'struct': 'Ab', 'data': {} }",
          "main.json:1:1: expression must have exactly one key \"enum\", \"struct\", \"union\", "
          "\"alternate\", \"command\", \"event\"" },
        { "{ 'data': {} }",
          "main.json:1:1: expression must have exactly one key \"enum\", \"struct\", \"union\", "
          "\"alternate\", \"command\", \"event\"" },
        { "{ 'struct': 'Ab' }", "main.json:1:1: struct misses key \"data\"" },
        { "{ 'struct': 'Ab', 'data': {}, 'gen': false }",
          "main.json:1:31: struct has unknown key \"gen\"" },
        { "{ 'struct': [], 'data': {} }", "main.json:1:13: \"struct\" requires a string name" },
        { "{ 'struct': 'ab', 'data': {} }", "main.json:1:13: name of struct must use CamelCase" },
        { "{ 'struct': '1b', 'data': {} }", "main.json:1:13: struct has an invalid name" },
        { "{ 'struct': 'AbList', 'data': {} }",
          "main.json:1:13: struct name should not end in \"List\"" },
        { "{ 'command': 'aB' }",
          "main.json:1:14: name of command must not use uppercase or \"_\"" },
        { "{ 'command': 'a_b' }",
          "main.json:1:14: name of command must not use uppercase or \"_\"" },
        { "{ 'command': 'q-b' }", "main.json:1:14: command has an invalid name" },
        { "{ 'event': 'Ab' }", "main.json:1:12: name of event must not use lowercase or \"-\"" },
        { "{ 'struct': 'Ab', 'data': { 'A': 'int' } }",
          "main.json:1:29: name of \"data\" member \"A\" must not use uppercase or \"_\"" },
        { "{ 'struct': 'Ab', 'data': { 'u': 'int' } }",
          "main.json:1:29: \"data\" member \"u\" uses reserved name" },
        { "{ 'struct': 'Ab', 'data': { '*has-a': 'int' } }",
          "main.json:1:29: \"data\" member \"*has-a\" uses reserved name" },
        { "{ 'struct': 'Ab', 'data': { 'a': true } }",
          "main.json:1:34: \"data\" member \"a\" should be a type name or array" },
        { "{ 'struct': 'Ab', 'data': { 'a': { 'b': 'int' } } }",
          "main.json:1:34: \"data\" member \"a\" misses key \"type\"" },
        { "{ 'struct': 'Ab', 'data': { 'a': [ 'int', 'int' ] } }",
          "main.json:1:34: \"data\" member \"a\": array type must contain single type name" },
        { "{ 'struct': 'Ab', 'data': 'Other' }",
          "main.json:1:27: \"data\" should be an object or type name" },
        { "{ 'enum': 'Ab', 'data': {} }", "main.json:1:25: \"data\" must be an array" },
        { "{ 'enum': 'Ab', 'data': [ true ] }",
          "main.json:1:27: \"data\" member requires a string name" },
        { "{ 'enum': 'Ab', 'data': [], 'prefix': [] }",
          "main.json:1:39: \"prefix\" must be a string" },
        { "{ 'alternate': 'Ab', 'data': {} }", "main.json:1:30: \"data\" must not be empty" },
        { "{ 'union': 'Ab', 'data': {} }", "main.json:1:1: union misses key \"base\"" },
        { "{ 'union': 'Ab', 'base': {}, 'discriminator': true, 'data': {} }",
          "main.json:1:47: \"discriminator\" requires a string name" },
        { "{ 'command': 'a', 'boxed': true }",
          "main.json:1:28: \"boxed\": true requires \"data\"" },
        { "{ 'command': 'a', 'boxed': true, 'data': {} }",
          "main.json:1:42: \"data\" should be a type name" },
        { "{ 'command': 'a', 'gen': true }",
          "main.json:1:26: flag \"gen\" may only use false value" },
        { "{ 'command': 'a', 'allow-oob': false }",
          "main.json:1:32: flag \"allow-oob\" may only use true value" },
        { "{ 'command': 'a', 'allow-oob': true, 'coroutine': true }",
          "main.json:1:38: flags \"allow-oob\" and \"coroutine\" are incompatible" },
        { "{ 'command': 'a', 'features': 'b' }", "main.json:1:31: \"features\" must be an array" },
        { "{ 'command': 'a', 'features': [ { 'name': 'b', 'if': 'c' } ] }",
          "main.json:1:54: \"if\" condition \"c\" of \"features\" member \"b\" is not a valid "
          "identifier" },
        { "{ 'command': 'a', 'if': [] }",
          "main.json:1:25: \"if\" condition of command must be a string or an object" },
        { "{ 'command': 'a', 'if': { 'all': [] } }",
          "main.json:1:34: \"if\" condition [] of command is useless" },
        { "{ 'command': 'a', 'if': { 'all': 'A' } }",
          "main.json:1:34: \"all\" condition of command must be an array" },
        { "{ 'command': 'a', 'if': { 'not': 'A', 'any': [ 'A' ] } }",
          "main.json:1:25: \"if\" condition of command has conflicting keys" },
    };
    check_cases(cases, G_N_ELEMENTS(cases));
}

static void test_meaning(void)
{
    static const Case cases[] = {
        { "{ 'enum': 'Ab', 'data': [] }\n{ 'struct': 'Ab', 'data': {} }",
          "main.json:2:13: \"Ab\" is already defined at main.json:1:11" },
        { "{ 'enum': 'QType', 'data': [] }",
          "main.json:1:11: built-in type \"QType\" is already defined" },
        { "{ 'struct': 'Ab', 'data': { 'a': 'Other' } }",
          "main.json:1:29: member \"a\" uses unknown type \"Other\"" },
        { "{ 'struct': 'Ab', 'data': { 'a-b': 'int', '*a_b': 'int' } }\n"
          "{ 'pragma': { 'member-name-exceptions': [ 'Ab' ] } }",
          "main.json:1:43: member \"a_b\" collides with \"a-b\"" },
        { "{ 'enum': 'Ab', 'data': [ 'a', 'a' ] }",
          "main.json:1:32: value \"a\" collides with \"a\"" },
        { "{ 'struct': 'Ab', 'base': 'Ab', 'data': {} }",
          "main.json:1:13: object \"Ab\" contains itself" },
        { "{ 'struct': 'Ab', 'base': 'int', 'data': {} }",
          "main.json:1:27: \"base\" requires a struct type, built-in type \"int\" is none" },
        { "{ 'struct': 'Ab', 'base': 'Cd', 'data': { 'a': 'int' } }\n"
          "{ 'struct': 'Cd', 'data': { 'a': 'int' } }",
          "main.json:1:43: member \"a\" collides with \"a\"" },
        { "{ 'command': 'a', 'data': 'int' }",
          "main.json:1:27: command's \"data\" cannot take built-in type \"int\"" },
        { "{ 'command': 'a', 'returns': 'int' }",
          "main.json:1:30: command's \"returns\" cannot take built-in type \"int\"" },
        { "{ 'command': 'a', 'features': [ 'b', 'b' ] }",
          "main.json:1:38: feature \"b\" collides with \"b\"" },
        { "{ 'alternate': 'Ab', 'data': { 'a': 'any' } }",
          "main.json:1:32: branch \"a\" cannot use built-in type \"any\"" },
        { "{ 'alternate': 'Ab', 'data': { 'a': 'str', 'b': 'int' } }",
          "main.json:1:44: branch \"b\" can't be distinguished from \"a\"" },
        { "{ 'enum': 'OnOff', 'data': [ 'on', 'off' ] }\n"
          "{ 'alternate': 'Ab', 'data': { 'a': 'bool', 'b': 'OnOff' } }",
          "main.json:2:45: branch \"b\" can't be distinguished from \"a\"" },
    };
    check_cases(cases, G_N_ELEMENTS(cases));
}

#define KINDS "{ 'enum': 'Kind', 'data': [ 'a', 'b' ] }\n{ 'struct': 'Inner', 'data': {} }\n"
#define UNION(BASE, TAG, DATA)                                                                     \
    KINDS "{ 'union': 'Un', 'base': { " BASE " }, 'discriminator': '" TAG "',\n'data': { " DATA    \
          " } }"

static void test_unions(void)
{
    static const Case cases[] = {
        { UNION("'k': 'Kind'", "other", ""),
          "main.json:3:60: discriminator \"other\" is not a member of \"base\"" },
        { UNION("'k': 'str'", "k", ""),
          "main.json:3:59: discriminator member \"k\" of \"base\" must be of enum type" },
        { UNION("'*k': 'Kind'", "k", ""),
          "main.json:3:61: discriminator member \"k\" of \"base\" must not be optional" },
        { UNION("'k': { 'type': 'Kind', 'if': 'A' }", "k", ""),
          "main.json:3:83: discriminator member \"k\" of \"base\" must not be conditional" },
        { UNION("'k': 'Kind'", "k", "'c': 'Inner'"),
          "main.json:4:11: branch \"c\" is not a value of enum type \"Kind\"" },
        { UNION("'k': 'Kind'", "k", "'a': 'int'"),
          "main.json:4:11: branch \"a\" cannot use built-in type \"int\"" },
        { "{ 'enum': 'Kind', 'data': [] }\n"
          "{ 'union': 'Un', 'base': { 'k': 'Kind' }, 'discriminator': 'k', 'data': {} }",
          "main.json:2:12: union has no branches" },
        { UNION("'k': 'Kind'", "k", "'a': 'Un'"), "main.json:3:12: object \"Un\" contains itself" },
    };
    check_cases(cases, G_N_ELEMENTS(cases));
    g_autoptr(Arena) arena = arena_new();
    const Schema *schema = expect_schema(arena, UNION("'k': 'Kind'", "k", "'b': 'Inner'"));
    const Type *type = g_hash_table_lookup(schema->by_name, "Un");
    g_assert_cmpstr(type->tag->name, ==, "k");
}

static void test_docs(void)
{
    static const Case cases[] = {
        { "## a\n", "main.json:1:1: junk after \"##\" at start of documentation comment" },
        { "##\n#a\n##\n", "main.json:2:1: missing space after \"#\"" },
        { "##\n# @a\n##\n", "main.json:2:1: line should end with \":\"" },
        { "##\n# @:\n##\n", "main.json:2:1: name required after \"@\"" },
        { "##\n# @a:\n", "main.json:3:1: documentation comment must end with \"##\"" },
        { "##\n# @a:\n##\n", "main.json:1:1: documentation for \"a\" is not followed by the "
                             "definition" },
        { "##\n# Words.\n##\n{ 'command': 'a' }",
          "main.json:1:1: definition documentation required" },
        { "##\n# @b:\n##\n{ 'command': 'a' }",
          "main.json:4:14: documentation comment is for \"b\"" },
        { "##\n# @a:\n# @x: one\n# @x: two\n##\n{ 'command': 'a' }",
          "main.json:4:1: \"x\" parameter name duplicated" },
        { "##\n# @a:\n# @x: one\n##\n{ 'command': 'a' }",
          "main.json:3:1: documented member \"x\" does not exist" },
        { "##\n# @a:\n##\n{ 'command': 'a', 'features': [ 'f' ] }",
          "main.json:4:33: feature \"f\" lacks documentation" },
        { "##\n# @a:\n#\n# Since: 1\n# @b: what\n##\n{ 'command': 'a' }",
          "main.json:5:1: \"@b:\" can't follow another section" },
        { "##\n# @a:\n# @b: what\n#\n# Words.\n#\n# @c: what\n##\n{ 'command': 'a' }",
          "main.json:7:1: \"@c:\" can't follow another section" },
        { "##\n# @a:\n#\n# Since: 1\n#\n# Since: 2\n##\n{ 'command': 'a' }",
          "main.json:6:1: duplicated \"Since:\" section" },
        { "##\n# @a:\n#\n# Note:\n#\n# Since: 2\n##\n{ 'command': 'a' }",
          "main.json:4:1: empty doc section \"Note:\"" },
        { "##\n# @a:\n#\n# Note:\n#\n##\n{ 'command': 'a' }",
          "main.json:4:1: empty doc section \"Note:\"" },
        { "##\n# @Ab:\n#\n# Returns: it\n##\n{ 'enum': 'Ab', 'data': [] }",
          "main.json:1:1: \"Returns:\" is only valid for commands" },
    };
    check_cases(cases, G_N_ELEMENTS(cases));
    g_autoptr(Arena) arena = arena_new();
    const Schema *schema = expect_schema(arena, "##\n# @a:\n#\n# One sentence\n# in two lines.\n"
                                                "#\n# @b: what it is\n#\n# More.\n##\n"
                                                "{ 'command': 'a', 'data': { '*b': 'int' } }");
    const Call *command = schema->commands->pdata[0];
    g_assert_cmpstr(command->doc->summary, ==, "One sentence in two lines.");
}

/* Everything that the language has, in one schema. */
static void test_whole_language(void)
{
    static const char text[] =
        "{ 'pragma': { 'doc-required': false, 'command-returns-exceptions': [ 'get-it' ] } }\n"
        "{ 'include': 'part.json' }\n{ 'include': 'part.json' }\n"
        "{ 'enum': 'Mode', 'prefix': 'MODE_X', 'if': 'CONFIG_A',\n"
        "  'data': [ '1st', { 'name': 'two', 'if': { 'not': 'B' }, 'features': [ 'unstable' ] } ] "
        "}\n"
        "{ 'struct': 'Base', 'data': { 'mode': 'Mode', '*size': 'size' } }\n"
        "{ 'struct': 'Inner', 'base': 'Base', 'data': { 'text': 'str', 'list': [ 'Inner' ] } }\n"
        "{ 'struct': 'Empty', 'data': {} }\n"
        "{ 'union': 'Un', 'base': 'Base', 'discriminator': 'mode',\n"
        "  'data': { 'two': { 'type': 'Empty', 'if': 'C' } } }\n"
        "{ 'alternate': 'Alt', 'data': { 'def': 'Inner', 'ref': 'str', 'none': 'null' } }\n"
        "{ 'command': 'do-it', 'data': 'Un', 'boxed': true, 'allow-oob': true,\n"
        "  'if': { 'all': [ 'A', { 'any': [ 'B', 'C' ] } ] } }\n"
        "{ 'command': 'get-it', 'returns': [ 'str' ], 'success-response': false }\n"
        "{ 'command': 'add-it', 'data': { 'driver': 'str' }, 'gen': false,\n"
        "  'features': [ 'deprecated', { 'name': 'other', 'if': 'D' } ] }\n"
        "{ 'event': 'IT_HAPPENED', 'data': { '*alt': 'Alt', 'parts': [ 'Part' ] } }\n"
        "{ 'event': 'OVER' }\n";
    g_autoptr(Arena) arena = arena_new();
    Schema *schema = (Schema *) expect_schema(arena, text);
    const Call *command = schema->commands->pdata[0];
    g_assert_cmpstr(command->condition, ==, "all(A, any(B, C))");
    g_autoptr(GError) error = NULL;
    g_autofree char *folder = g_dir_make_tmp("qapi-gen-XXXXXX", &error);
    g_assert_no_error(error);
    Emitter emitter;
    g_assert_true(emitter_init(&emitter, schema, folder, "test", &error));
    g_autoptr(GString) types = g_string_new(NULL);
    emit_types_header(&emitter, types);
    g_assert_nonnull(strstr(types->str, "TEST_MODE_X_1ST"));
    g_assert_nonnull(strstr(types->str, "typedef struct TestItHappenedEvent TestItHappenedEvent;"));
    g_autoptr(GString) commands = g_string_new(NULL);
    emit_commands_header(&emitter, commands);
    g_assert_nonnull(strstr(commands->str, "bool test_do_it_oob(QmpClient *client, "
                                           "const TestUn *arguments, GError **error)"));
    g_assert_nonnull(strstr(commands->str, "bool test_add_it(QmpClient *client, "
                                           "const cJSON *arguments, GError **error)"));
    g_assert_true(emitter_init(&emitter, schema, folder, "test2", &error));
    g_assert_false(emitter_init(&emitter, schema, folder, "qapi", &error));
    g_assert_error(error, GEN_ERROR, GEN_ERROR_SCHEMA);
    g_rmdir(folder);
}

static void test_names(void)
{
    g_autoptr(Arena) arena = arena_new();
    g_assert_cmpstr(c_upper(arena, "RunState"), ==, "RUN_STATE");
    g_assert_cmpstr(c_upper(arena, "QKeyCode"), ==, "QKEY_CODE");
    g_assert_cmpstr(c_upper(arena, "BlockdevOptionsNVMe"), ==, "BLOCKDEV_OPTIONS_NV_ME");
    g_assert_cmpstr(c_lower(arena, "VNCInfo"), ==, "vnc_info");
    g_assert_cmpstr(c_camel(arena, "query-status"), ==, "QueryStatus");
    g_assert_cmpstr(c_camel(arena, "DEVICE_TRAY_MOVED"), ==, "DeviceTrayMoved");
    g_assert_cmpstr(c_name(arena, "default"), ==, "q_default");
    g_assert_cmpstr(c_name(arena, "virtual-size"), ==, "virtual_size");
    g_assert_cmpstr(c_name(arena, "9p"), ==, "q_9p");
    g_assert_true(name_is_valid("__com.example-a_b-c", NULL));
    g_assert_true(name_is_valid("x-b", NULL));
    g_assert_false(name_is_valid("__com.example", NULL));
    g_assert_false(name_is_valid("a b", NULL));
    g_assert_false(name_is_valid("", NULL));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/qapi-gen/syntax", test_syntax);
    g_test_add_func("/qapi-gen/depth", test_depth);
    g_test_add_func("/qapi-gen/directives", test_directives);
    g_test_add_func("/qapi-gen/forms", test_forms);
    g_test_add_func("/qapi-gen/meaning", test_meaning);
    g_test_add_func("/qapi-gen/unions", test_unions);
    g_test_add_func("/qapi-gen/docs", test_docs);
    g_test_add_func("/qapi-gen/whole-language", test_whole_language);
    g_test_add_func("/qapi-gen/names", test_names);
    return g_test_run();
}
