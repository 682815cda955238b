/* SPDX-License-Identifier: Apache-2.0 */
/* Arguments from words, typed by a schema, and telling what a command takes. */
#include <string.h>

#include "qapi/json.h"
#include "qapi/live-schema.h"
#include "qapi/qmp-client.h"

static const char schema_text[] =
    "[{\"name\":\"str\",\"meta-type\":\"builtin\",\"json-type\":\"string\"},"
    "{\"name\":\"int\",\"meta-type\":\"builtin\",\"json-type\":\"int\"},"
    "{\"name\":\"number\",\"meta-type\":\"builtin\",\"json-type\":\"number\"},"
    "{\"name\":\"bool\",\"meta-type\":\"builtin\",\"json-type\":\"boolean\"},"
    "{\"name\":\"null\",\"meta-type\":\"builtin\",\"json-type\":\"null\"},"
    "{\"name\":\"any\",\"meta-type\":\"builtin\",\"json-type\":\"value\"},"
    "{\"name\":\"[str]\",\"meta-type\":\"array\",\"element-type\":\"str\"},"
    "{\"name\":\"[node]\",\"meta-type\":\"array\",\"element-type\":\"node\"},"
    "{\"name\":\"0\",\"meta-type\":\"object\",\"members\":[]},"
    "{\"name\":\"color\",\"meta-type\":\"enum\",\"members\":[{\"name\":\"red\"},"
    "{\"name\":\"blue\"}]},"
    "{\"name\":\"stop\",\"meta-type\":\"command\",\"arg-type\":\"0\",\"ret-type\":\"0\"},"
    "{\"name\":\"set\",\"meta-type\":\"command\",\"arg-type\":\"set-arg\",\"ret-type\":\"int\"},"
    "{\"name\":\"set-arg\",\"meta-type\":\"object\",\"members\":["
    "{\"name\":\"name\",\"type\":\"str\"},"
    "{\"name\":\"size\",\"type\":\"int\",\"default\":null},"
    "{\"name\":\"ratio\",\"type\":\"number\",\"default\":null},"
    "{\"name\":\"on\",\"type\":\"bool\",\"default\":null},"
    "{\"name\":\"color\",\"type\":\"color\",\"default\":null},"
    "{\"name\":\"list\",\"type\":\"[str]\",\"default\":null},"
    "{\"name\":\"any\",\"type\":\"any\",\"default\":null},"
    "{\"name\":\"node\",\"type\":\"node\",\"default\":null},"
    "{\"name\":\"nodes\",\"type\":\"[node]\",\"default\":null},"
    "{\"name\":\"ref\",\"type\":\"ref\",\"default\":null,\"features\":[\"deprecated\"]}]},"
    "{\"name\":\"node\",\"meta-type\":\"object\",\"members\":["
    "{\"name\":\"type\",\"type\":\"color\"},{\"name\":\"ref\",\"type\":\"ref\",\"default\":null}],"
    "\"tag\":\"type\",\"variants\":[{\"case\":\"red\",\"type\":\"red\"},"
    "{\"case\":\"blue\",\"type\":\"blue\"}]},"
    "{\"name\":\"red\",\"meta-type\":\"object\",\"members\":[{\"name\":\"heat\","
    "\"type\":\"int\"}]},"
    "{\"name\":\"blue\",\"meta-type\":\"object\",\"members\":[{\"name\":\"cold\","
    "\"type\":\"bool\"}]},"
    "{\"name\":\"ref\",\"meta-type\":\"alternate\",\"members\":[{\"type\":\"node\"},"
    "{\"type\":\"null\"},{\"type\":\"str\"}]},"
    "{\"name\":\"device_add\",\"meta-type\":\"command\",\"arg-type\":\"device\","
    "\"ret-type\":\"0\"},"
    "{\"name\":\"device\",\"meta-type\":\"object\",\"members\":[{\"name\":\"driver\","
    "\"type\":\"str\"}]}]";

static LiveSchema *load(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(cJSON) json = json_parse(schema_text, strlen(schema_text), NULL, &error);
    g_assert_no_error(error);
    QmpSchemaInfoList *live = NULL;
    g_assert_true(qapi_from_json(&qmp_schema_info_list_type, json, "return", &live, &error));
    return live_schema_new(live);
}

static void good(const char *command, const char *words, const char *expected)
{
    g_autoptr(LiveSchema) schema = load();
    g_autoptr(GError) error = NULL;
    g_auto(GStrv) list = g_strsplit(words, " ", -1);
    g_autoptr(cJSON) made = live_schema_arguments(schema, command, *words ? list : NULL, &error);
    g_assert_no_error(error);
    char *text = cJSON_PrintUnformatted(made);
    g_assert_cmpstr(text, ==, expected);
    cJSON_free(text);
}

static void bad(const char *command, const char *words, const char *message)
{
    g_autoptr(LiveSchema) schema = load();
    g_autoptr(GError) error = NULL;
    g_auto(GStrv) list = g_strsplit(words, " ", -1);
    g_autoptr(cJSON) made = live_schema_arguments(schema, command, *words ? list : NULL, &error);
    g_assert_null(made);
    g_assert_nonnull(error);
    g_assert_cmpstr(error->message, ==, message);
}

static void test_scalars(void)
{
    good("stop", "", "{}");
    good("set", "name=1", "{\"name\":\"1\"}");
    good("set", "name=", "{\"name\":\"\"}");
    good("set", "name=a=b", "{\"name\":\"a=b\"}");
    good("set", "name={x", "{\"name\":\"{x\"}");
    good("set", "name=x size=10", "{\"name\":\"x\",\"size\":10}");
    good("set", "name=x size=10G", "{\"name\":\"x\",\"size\":10737418240}");
    good("set", "name=x size=0x10", "{\"name\":\"x\",\"size\":16}");
    good("set", "name=x size=-9223372036854775808",
         "{\"name\":\"x\",\"size\":-9223372036854775808}");
    good("set", "name=x size=18446744073709551615",
         "{\"name\":\"x\",\"size\":18446744073709551615}");
    good("set", "name=x ratio=0.5", "{\"name\":\"x\",\"ratio\":0.5}");
    good("set", "name=x on=yes", "{\"name\":\"x\",\"on\":true}");
    good("set", "name=x on=off", "{\"name\":\"x\",\"on\":false}");
    good("set", "name=x color=red", "{\"name\":\"x\",\"color\":\"red\"}");
    good("set", "name=x any=12", "{\"name\":\"x\",\"any\":12}");
    good("set", "name=x any=word", "{\"name\":\"x\",\"any\":\"word\"}");
}

static void test_nested(void)
{
    good("set", "name=x list=a,b", "{\"name\":\"x\",\"list\":[\"a\",\"b\"]}");
    good("set", "name=x list.0=a list.1=b", "{\"name\":\"x\",\"list\":[\"a\",\"b\"]}");
    good("set", "name=x list=[\"a\"]", "{\"name\":\"x\",\"list\":[\"a\"]}");
    good("set", "name=x node.type=red node.heat=3",
         "{\"name\":\"x\",\"node\":{\"type\":\"red\",\"heat\":3}}");
    good("set", "name=x node.heat=3 node.type=red",
         "{\"name\":\"x\",\"node\":{\"heat\":3,\"type\":\"red\"}}");
    good("set", "name=x nodes.0.type=blue nodes.0.cold=on nodes.1.type=red",
         "{\"name\":\"x\",\"nodes\":[{\"type\":\"blue\",\"cold\":true},{\"type\":\"red\"}]}");
    good("set", "name=x ref=word", "{\"name\":\"x\",\"ref\":\"word\"}");
    good("set", "name=x ref=null", "{\"name\":\"x\",\"ref\":null}");
    good("set", "name=x ref.type=red ref.ref.type=blue",
         "{\"name\":\"x\",\"ref\":{\"type\":\"red\",\"ref\":{\"type\":\"blue\"}}}");
    good("set", "{\"name\":\"x\",\"size\":1}", "{\"name\":\"x\",\"size\":1}");
    good("device_add", "driver=nic mac=52:54 addr=3 on=true",
         "{\"driver\":\"nic\",\"mac\":\"52:54\",\"addr\":3,\"on\":true}");
}

static void test_bad(void)
{
    bad("nothing", "", "there is no command \"nothing\"");
    bad("set", "size=1", "set needs \"name\" (string)");
    bad("set", "name=x size=ten", "\"size=ten\": int expected");
    bad("set", "name=x size=1Q", "\"size=1Q\": int expected");
    bad("set", "name=x size=", "\"size=\": int expected");
    bad("set", "name=x size=16777216T", "\"size=16777216T\": int expected");
    bad("set", "name=x on=1", "\"on=1\": boolean expected");
    bad("set", "name=x color=green", "\"color=green\": not one of red, blue");
    bad("set", "name=x nome=y", "\"nome=y\": there is no member \"nome\"");
    bad("set", "name=x name=y", "\"name=y\": is there twice");
    bad("set", "name", "\"name\": key=value is expected");
    bad("set", "=x", "\"=x\": key=value is expected");
    bad("set", "name.x=y", "\"name.x=y\": there is no member \"x\"");
    bad("set", "name=x list.1=a", "\"list.1=a\": element 0 comes before element 1");
    bad("set", "name=x list.a=a", "\"list.a=a\": a number is expected for \"a\"");
    bad("set", "name=x list=a list.0=b", "\"list.0=b\": is there twice");
    bad("set", "name=x name.y=b", "\"name.y=b\": \"y\" leads into something that is there already");
    bad("set", "name=x node.type=red node.cold=on",
        "\"node.cold=on\": there is no member \"cold\"");
    bad("set", "name=x node=y",
        "\"node=y\": an object is expected: name its members with a dot, or write {…}");
    bad("set", "name=x node={", "\"node={\": invalid JSON at byte 1: member name expected");
}

static void test_members(void)
{
    g_autoptr(LiveSchema) schema = load();
    g_autoptr(GPtrArray) members = live_schema_members(schema, "set", false, NULL);
    g_autoptr(GString) all = g_string_new(NULL);
    for (guint i = 0; i < members->len; i++) {
        const LiveMember *member = members->pdata[i];
        g_string_append_printf(all, "%s%s:%s%s%s ", member->name, member->optional ? "?" : "",
                               member->type, member->condition ? "@" : "",
                               member->condition ? member->condition : "");
    }
    g_assert_true(g_str_has_prefix(all->str, "name:string size?:int ratio?:number on?:boolean "
                                             "color?:red|blue list?:[string] any?:value "
                                             "node?:object node.type:red|blue "));
    g_assert_nonnull(strstr(all->str, "node.heat:int@type=red node.cold:boolean@type=blue"));
    g_assert_nonnull(strstr(all->str, "nodes[].heat:int@type=red"));
    g_assert_true(((LiveMember *) members->pdata[members->len - 1])->deprecated);
    g_autoptr(GPtrArray) result = live_schema_members(schema, "set", true, NULL);
    g_assert_cmpuint(result->len, ==, 1);
    g_assert_cmpstr(((LiveMember *) result->pdata[0])->type, ==, "int");
    g_assert_null(live_schema_members(schema, "nothing", true, NULL));
}

/* The agent's commands are typed by our own schema. */
static void test_own(void)
{
    g_autoptr(LiveSchema) schema = load();
    live_schema_add(schema, live_schema_own());
    g_assert_true(live_schema_has(schema, "guest-exec"));
    g_assert_true(live_schema_has(schema, "x-utm-info"));
    g_assert_false(live_schema_has(schema, "query-status"));
    const char *const words[] = { "path=/bin/ls", "arg=-l,/", "capture-output=on", NULL };
    g_autoptr(GError) error = NULL;
    g_autoptr(cJSON) made = live_schema_arguments(schema, "guest-exec", (char **) words, &error);
    g_assert_no_error(error);
    char *text = cJSON_PrintUnformatted(made);
    g_assert_cmpstr(text, ==,
                    "{\"path\":\"/bin/ls\",\"arg\":[\"-l\",\"/\"],\"capture-output\":true}");
    cJSON_free(text);
    const char *const seek[] = { "handle=1", "offset=0", "whence=end", NULL };
    g_autoptr(cJSON) made_seek =
        live_schema_arguments(schema, "guest-file-seek", (char **) seek, &error);
    g_assert_no_error(error);
    g_assert_true(cJSON_IsString(cJSON_GetObjectItem(made_seek, "whence")));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/live-schema/scalars", test_scalars);
    g_test_add_func("/live-schema/nested", test_nested);
    g_test_add_func("/live-schema/bad", test_bad);
    g_test_add_func("/live-schema/members", test_members);
    g_test_add_func("/live-schema/own", test_own);
    return g_test_run();
}
