/* SPDX-License-Identifier: Apache-2.0 */
/* Cuts a stream of bytes into JSON values, whatever the chunks, in bounded memory. */
#pragma once

#include "qapi/json.h"

typedef struct JsonStream JsonStream;

typedef enum {
    JSON_STREAM_DEFAULT = 0,
    JSON_STREAM_SPLIT_ONLY = 1 << 0, /* messages carry their text, and no parsed value */
} JsonStreamFlags;

typedef enum {
    JSON_STREAM_MORE,    /* all that came has been used; feed more */
    JSON_STREAM_MESSAGE, /* one complete value */
    JSON_STREAM_INVALID, /* what came is no JSON and has been dropped; the stream goes on */
} JsonStreamResult;

/* One value as it came. */
typedef struct {
    const char
        *text; /* borrowed from the stream until it is fed or asked again; no NUL at its end */
    size_t length;
    cJSON *value; /* owned; NULL with JSON_STREAM_SPLIT_ONLY */
} JsonMessage;

void json_message_clear(JsonMessage *message);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(JsonMessage, json_message_clear)

/**
 * json_stream_new() - A splitter with nothing in it
 * @limits: copied; NULL for json_default_limits
 */
JsonStream *json_stream_new(const JsonLimits *limits, JsonStreamFlags flags);

void json_stream_free(JsonStream *stream);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(JsonStream, json_stream_free)

/**
 * json_stream_feed() - Add bytes as they came
 */
void json_stream_feed(JsonStream *stream, const char *data, size_t length);

/**
 * json_stream_end() - Say that nothing follows
 *
 * After this, json_stream_next() completes a number at the end of the input and reports a value
 * that was cut off.
 */
void json_stream_end(JsonStream *stream);

/**
 * json_stream_next() - Take the next value out of the stream
 * @out_message: set for JSON_STREAM_MESSAGE; clear it with json_message_clear()
 * @error:       set for JSON_STREAM_INVALID: QMP_ERROR_PROTOCOL
 *
 * Too long a value, or too deep a one, is reported at once, and then skipped to its end without
 * being kept. A raw control character in a string ends the broken value, so a line feed is a place
 * to recover. The byte 0xFF, which no UTF-8 has, drops an unfinished value.
 *
 * Source: QEMU docs/interop/qmp-spec.txt; "guest-sync-delimited" in qga/qapi-schema.json for 0xFF
 */
JsonStreamResult json_stream_next(JsonStream *stream, JsonMessage *out_message,
                                  GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * json_stream_has_input() - Whether json_stream_next() has bytes that it has not looked at
 */
bool json_stream_has_input(const JsonStream *stream);

/**
 * json_stream_skip_to_sync() - Drop everything that comes until the byte 0xFF
 */
void json_stream_skip_to_sync(JsonStream *stream);

/**
 * json_stream_memory() - Bytes that the stream holds, for limits and tests
 */
size_t json_stream_memory(const JsonStream *stream);
