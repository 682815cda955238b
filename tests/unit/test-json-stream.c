/* SPDX-License-Identifier: Apache-2.0 */
/* Cutting a stream into values: any chunks, recovery, resynchronising, bounded memory. */
#include <string.h>

#include "qapi/json-stream.h"
#include "qapi/qmp-client.h"

/* Everything that a stream has to say, one item a value: its text, or "!" and the error. */
static char *drain(JsonStream *stream)
{
    GString *all = g_string_new(NULL);
    for (;;) {
        g_auto(JsonMessage) message = { 0 };
        g_autoptr(GError) error = NULL;
        JsonStreamResult result = json_stream_next(stream, &message, &error);
        if (result == JSON_STREAM_MORE)
            return g_string_free(all, FALSE);
        if (all->len)
            g_string_append_c(all, '|');
        if (result == JSON_STREAM_MESSAGE) {
            g_assert_nonnull(message.value);
            g_string_append_len(all, message.text, (gssize) message.length);
        } else {
            g_assert_error(error, QMP_ERROR, QMP_ERROR_PROTOCOL);
            g_string_append_printf(all, "!%s", error->message + strlen("invalid JSON"));
        }
    }
}

static char *feed_in_chunks(const char *text, size_t length, size_t chunk)
{
    g_autoptr(JsonStream) stream = json_stream_new(NULL, JSON_STREAM_DEFAULT);
    g_autoptr(GPtrArray) parts = g_ptr_array_new_with_free_func(g_free);
    for (size_t at = 0; at < length; at += chunk) {
        json_stream_feed(stream, text + at, MIN(chunk, length - at));
        char *part = drain(stream);
        if (*part)
            g_ptr_array_add(parts, part);
        else
            g_free(part);
    }
    json_stream_end(stream);
    char *part = drain(stream);
    if (*part)
        g_ptr_array_add(parts, part);
    else
        g_free(part);
    g_ptr_array_add(parts, NULL);
    return g_strjoinv("|", (char **) parts->pdata);
}

static void check(const char *text, const char *expected)
{
    size_t length = strlen(text);
    for (size_t chunk = 1; chunk <= length; chunk++) {
        g_autofree char *got = feed_in_chunks(text, length, chunk);
        g_assert_cmpstr(got, ==, expected);
    }
}

static void test_chunks(void)
{
    check("{\"a\":1}{\"b\":[{}]}\r\n [1] ", "{\"a\":1}|{\"b\":[{}]}|[1]");
    check("{\"a\":\"}\\\"]{\"} \"x\\\\\" 12 true", "{\"a\":\"}\\\"]{\"}|\"x\\\\\"|12|true");
    check("12{}", "12|{}");
    check("  ", "");
}

static void test_recovery(void)
{
    check("} {\"a\":1}", "!: value expected|{\"a\":1}");
    check("{\"a\"} {\"b\":1}", "! at byte 4: \":\" expected|{\"b\":1}");
    check("{\"a: 1}\n{\"b\":1}", "!: control character in a string|{\"b\":1}");
    check("[1}{}", "! at byte 2: \",\" or \"]\" expected|{}");
    check("{\"a\":1", "!: ends in the middle of a value");
    check("\"a", "!: ends in the middle of a value");
    check("tru", "! at byte 0: value expected");
}

static void test_sync(void)
{
    check("\xff{\"a\":1}", "{\"a\":1}");
    check("{\"old\":\xff{\"a\":1}", "!: cut off by a synchronisation byte|{\"a\":1}");
    check("{\"old\":\"\xff{\"a\":1}", "!: cut off by a synchronisation byte|{\"a\":1}");

    g_autoptr(JsonStream) stream = json_stream_new(NULL, JSON_STREAM_DEFAULT);
    json_stream_feed(stream, "{\"half\":", 8);
    g_free(drain(stream));
    json_stream_skip_to_sync(stream);
    json_stream_feed(stream, "1} {\"late\":2} garbage", 21);
    g_autofree char *nothing = drain(stream);
    g_assert_cmpstr(nothing, ==, "");
    json_stream_feed(stream, "}}\xff{\"return\":3}", 15);
    g_autofree char *reply = drain(stream);
    g_assert_cmpstr(reply, ==, "{\"return\":3}");
}

static void test_too_long(void)
{
    JsonLimits limits = { .max_bytes = 100000, .max_depth = 10, .max_values = 1000 };
    g_autoptr(JsonStream) stream = json_stream_new(&limits, JSON_STREAM_DEFAULT);
    g_autofree char *filler = g_strnfill(8192, 'x');
    json_stream_feed(stream, "{\"a\":\"", 6);
    g_autoptr(GString) all = g_string_new(NULL);
    for (int i = 0; i < 1000; i++) {
        json_stream_feed(stream, filler, 8192);
        g_autofree char *part = drain(stream);
        g_string_append(all, part);
        g_assert_cmpuint(json_stream_memory(stream), <, 4 * limits.max_bytes);
    }
    g_assert_cmpstr(all->str, ==, "!: message is too long");
    json_stream_feed(stream, "\"}{\"b\":1}", 9);
    g_autofree char *next = drain(stream);
    g_assert_cmpstr(next, ==, "{\"b\":1}");
}

static void test_too_long_at_once(void)
{
    JsonLimits limits = { .max_bytes = 10, .max_depth = 10, .max_values = 1000 };
    const char *text = "[1,2,3,4,5,6,7] [1]";
    g_autoptr(JsonStream) stream = json_stream_new(&limits, JSON_STREAM_SPLIT_ONLY);
    json_stream_feed(stream, text, strlen(text));
    g_auto(JsonMessage) message = { 0 };
    g_autoptr(GError) error = NULL;
    g_assert_cmpint(json_stream_next(stream, &message, &error), ==, JSON_STREAM_INVALID);
    g_assert_error(error, QMP_ERROR, QMP_ERROR_PROTOCOL);
    g_assert_cmpint(json_stream_next(stream, &message, NULL), ==, JSON_STREAM_MESSAGE);
    g_assert_cmpuint(message.length, ==, 3);
    g_assert_null(message.value);
}

static void test_too_deep(void)
{
    g_autofree char *opening = g_strnfill(10000, '[');
    g_autofree char *closing = g_strnfill(10000, ']');
    g_autoptr(JsonStream) stream = json_stream_new(NULL, JSON_STREAM_DEFAULT);
    json_stream_feed(stream, opening, 10000);
    g_autofree char *first = drain(stream);
    g_assert_cmpstr(first, ==, "!: nested too deep");
    json_stream_feed(stream, closing, 10000);
    json_stream_feed(stream, "{}", 2);
    g_autofree char *second = drain(stream);
    g_assert_cmpstr(second, ==, "{}");
}

/* A long message is read once, whatever the chunks, and its memory is given back. */
static void test_large(void)
{
    const size_t size = 5 * 1024 * 1024;
    g_autofree char *filler = g_strnfill(size, 'y');
    g_autoptr(JsonStream) stream = json_stream_new(NULL, JSON_STREAM_DEFAULT);
    json_stream_feed(stream, "{\"return\":\"", 11);
    for (size_t at = 0; at < size; at += 4000) {
        json_stream_feed(stream, filler + at, MIN(4000, size - at));
        g_autofree char *nothing = drain(stream);
        g_assert_cmpstr(nothing, ==, "");
    }
    json_stream_feed(stream, "\"}", 2);
    g_auto(JsonMessage) message = { 0 };
    g_assert_cmpint(json_stream_next(stream, &message, NULL), ==, JSON_STREAM_MESSAGE);
    g_assert_cmpuint(strlen(message.value->child->valuestring), ==, size);
    json_stream_feed(stream, " ", 1);
    g_assert_cmpuint(json_stream_memory(stream), <, 1024 * 1024);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/json-stream/chunks", test_chunks);
    g_test_add_func("/json-stream/recovery", test_recovery);
    g_test_add_func("/json-stream/sync", test_sync);
    g_test_add_func("/json-stream/too-long", test_too_long);
    g_test_add_func("/json-stream/too-long-at-once", test_too_long_at_once);
    g_test_add_func("/json-stream/too-deep", test_too_deep);
    g_test_add_func("/json-stream/large", test_large);
    return g_test_run();
}
