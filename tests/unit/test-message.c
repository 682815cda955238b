/* SPDX-License-Identifier: Apache-2.0 */
/* QMP messages as text. */
#include "core/vm/message.h"

#include <string.h>

static Message scan(const char *text)
{
    return message_scan(text, strlen(text));
}

static void assert_span(Span span, const char *expected)
{
    if (!expected) {
        g_assert_null(span.start);
        return;
    }
    g_assert_nonnull(span.start);
    g_assert_cmpmem(span.start, span.len, expected, strlen(expected));
}

static void test_command(void)
{
    Message m =
        scan(" {\"execute\" : \"eject\", \"arguments\": {\"id\": \"a}\\\"\"} , \"id\":  [1, 2] } ");
    assert_span(m.execute, "\"eject\"");
    assert_span(m.arguments, "{\"id\": \"a}\\\"\"}");
    assert_span(m.id, "[1, 2]");
    assert_span(m.result, NULL);
    g_assert_false(m.oob);
    m = scan("{\"exec-oob\":\"x\",\"id\":true}");
    g_assert_true(m.oob);
    assert_span(m.id, "true");
}

static void test_reply(void)
{
    Message m = scan("{\"return\": {\"id\": 9, \"a\": [{}]}, \"id\": 12}\r\n");
    assert_span(m.result, "{\"id\": 9, \"a\": [{}]}");
    assert_span(m.id, "12");
    g_autofree char *named = message_reply(&m, "\"mine\"");
    g_assert_cmpstr(named, ==, "{\"return\": {\"id\": 9, \"a\": [{}]}, \"id\": \"mine\"}\r\n");
    g_autofree char *anonymous = message_reply(&m, NULL);
    g_assert_cmpstr(anonymous, ==, "{\"return\": {\"id\": 9, \"a\": [{}]}}\r\n");
}

static void test_not_an_object(void)
{
    const char *const texts[] = { "", "[]", "12", "{", "{}", "{\"", "{\"a", "{\"a\"", "{\"a\":" };
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        Message m = scan(texts[i]);
        g_assert_null(m.execute.start);
        g_assert_null(m.id.start);
    }
}

static void test_build(void)
{
    Message m = scan("{\"execute\":\"stop\",\"id\":1}");
    g_autofree char *text = message_command(m.execute, false, m.arguments, "77");
    g_assert_cmpstr(text, ==, "{\"execute\":\"stop\",\"id\":77}");
    g_autofree char *error = message_error("GenericError", "no \"such\"", "5");
    Message parsed = scan(error);
    assert_span(parsed.id, "5");
    assert_span(parsed.error, "{\"class\":\"GenericError\",\"desc\":\"no \\\"such\\\"\"}");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/message/command", test_command);
    g_test_add_func("/message/reply", test_reply);
    g_test_add_func("/message/not-an-object", test_not_an_object);
    g_test_add_func("/message/build", test_build);
    return g_test_run();
}
