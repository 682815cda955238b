/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a stream of JSON: whole, in chunks, and as one text that a proxy changes. */
#include <glib.h>
#include <string.h>

#include "qapi/json-stream.h"
#include "tests/fuzz/fuzz.h"

/* Small enough for the fuzzer to reach. */
static const JsonLimits limits = { .max_bytes = 4096, .max_depth = 20, .max_values = 500 };

/* How often a stream said what; it must not depend on the chunks. */
typedef struct {
    unsigned messages;
    unsigned invalid;
} Counts;

static Counts drain(JsonStream *stream)
{
    Counts counts = { 0 };
    for (;;) {
        g_auto(JsonMessage) message = { 0 };
        g_autoptr(GError) error = NULL;
        JsonStreamResult result = json_stream_next(stream, &message, &error);
        g_assert_true((result == JSON_STREAM_INVALID) == (error != NULL));
        if (result == JSON_STREAM_MORE)
            return counts;
        if (result == JSON_STREAM_INVALID) {
            counts.invalid++;
            continue;
        }
        counts.messages++;
        g_assert_cmpuint(message.length, <=, limits.max_bytes);
        /* What has been accepted prints, and reads back. */
        char *text = cJSON_PrintUnformatted(message.value);
        cJSON_Delete(json_parse(text, strlen(text), NULL, &error));
        g_assert_no_error(error);
        cJSON_free(text);
    }
}

static Counts run(const char *data, size_t size, size_t chunk)
{
    g_autoptr(JsonStream) stream = json_stream_new(&limits, JSON_STREAM_DEFAULT);
    Counts all = { 0 };
    for (size_t at = 0; at < size; at += chunk) {
        json_stream_feed(stream, data + at, MIN(chunk, size - at));
        Counts some = drain(stream);
        all.messages += some.messages;
        all.invalid += some.invalid;
    }
    json_stream_end(stream);
    Counts last = drain(stream);
    return (Counts){ all.messages + last.messages, all.invalid + last.invalid };
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *) data;
    Counts whole = run(text, size, size + 1);
    Counts bytes = run(text, size, 1);
    g_assert_cmpuint(whole.messages, ==, bytes.messages);
    g_assert_cmpuint(whole.invalid, ==, bytes.invalid);
    return 0;
}
