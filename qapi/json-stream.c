/* SPDX-License-Identifier: Apache-2.0 */
/* Cuts a stream of bytes into JSON values, whatever the chunks, in bounded memory. */
#include "qapi/json-stream.h"

#include <string.h>

#include "qapi/qmp-error.h"

#define SYNC_BYTE 0xFF

/* What a stream keeps between messages; a longer buffer is given back. */
#define KEEP_BYTES (256 * 1024)

typedef enum {
    STATE_BETWEEN, /* no value has begun */
    STATE_NESTED,  /* in an object or array, depth says how deep */
    STATE_STRING,  /* in a string that is a value of its own */
    STATE_SCALAR,  /* in a number or literal that is a value of its own */
} State;

struct JsonStream {
    JsonLimits limits;
    JsonStreamFlags flags;
    char *buffer; /* owned */
    size_t capacity;
    size_t start; /* first byte of the value that is being read */
    size_t scan;  /* first byte that has not been looked at */
    size_t end;
    State state;
    unsigned depth;
    bool in_string;
    bool escaped;
    bool dropping; /* the value is too long or too deep and already reported */
    bool to_sync;
    bool ended;
};

void json_message_clear(JsonMessage *message)
{
    cJSON_Delete(message->value);
    *message = (JsonMessage){ 0 };
}

JsonStream *json_stream_new(const JsonLimits *limits, JsonStreamFlags flags)
{
    JsonStream *stream = g_new0(JsonStream, 1);
    stream->limits = limits ? *limits : json_default_limits;
    stream->flags = flags;
    return stream;
}

void json_stream_free(JsonStream *stream)
{
    if (!stream)
        return;
    g_free(stream->buffer);
    g_free(stream);
}

static void make_room(JsonStream *stream, size_t length)
{
    if (stream->start) {
        size_t kept = stream->end - stream->start;
        if (kept)
            memmove(stream->buffer, stream->buffer + stream->start, kept);
        stream->scan -= stream->start;
        stream->end = kept;
        stream->start = 0;
    }
    size_t needed = stream->end + length;
    if (needed <= stream->capacity &&
        (stream->capacity <= KEEP_BYTES || needed > stream->capacity / 4))
        return;
    size_t capacity = 4096;
    while (capacity < needed)
        capacity *= 2;
    stream->buffer = g_realloc(stream->buffer, capacity);
    stream->capacity = capacity;
}

void json_stream_feed(JsonStream *stream, const char *data, size_t length)
{
    if (!length)
        return;
    make_room(stream, length);
    memcpy(stream->buffer + stream->end, data, length);
    stream->end += length;
}

void json_stream_end(JsonStream *stream)
{
    stream->ended = true;
}

bool json_stream_has_input(const JsonStream *stream)
{
    return stream->scan < stream->end || (stream->ended && stream->state != STATE_BETWEEN);
}

size_t json_stream_memory(const JsonStream *stream)
{
    return sizeof(*stream) + stream->capacity;
}

/* Forgets the value that is being read; the next one begins at @from. */
static void restart(JsonStream *stream, size_t from)
{
    stream->start = stream->scan = from;
    stream->state = STATE_BETWEEN;
    stream->depth = 0;
    stream->in_string = stream->escaped = stream->dropping = false;
}

void json_stream_skip_to_sync(JsonStream *stream)
{
    restart(stream, stream->scan);
    stream->to_sync = true;
}

static JsonStreamResult invalid(GError **error, const char *what)
{
    qmp_error_set(error, QMP_ERROR_PROTOCOL, NULL, "invalid JSON: %s", what);
    return JSON_STREAM_INVALID;
}

/* The value that ends before @to. */
static JsonStreamResult complete(JsonStream *stream, size_t to, JsonMessage *out_message,
                                 GError **error)
{
    const char *text = stream->buffer + stream->start;
    size_t length = to - stream->start;
    bool dropped = stream->dropping;
    restart(stream, to);
    if (dropped)
        return JSON_STREAM_MORE;
    if (length > stream->limits.max_bytes)
        return invalid(error, "message is too long");
    cJSON *value = NULL;
    if (!(stream->flags & JSON_STREAM_SPLIT_ONLY)) {
        value = json_parse(text, length, &stream->limits, error);
        if (!value)
            return JSON_STREAM_INVALID;
    }
    *out_message = (JsonMessage){ .text = text, .length = length, .value = value };
    return JSON_STREAM_MESSAGE;
}

/* Looks at bytes inside a string until it ends or the input does. */
static bool scan_string(JsonStream *stream)
{
    const unsigned char *bytes = (const unsigned char *) stream->buffer;
    size_t at = stream->scan;
    while (at < stream->end) {
        unsigned char c = bytes[at];
        if (c < 0x20 || c == SYNC_BYTE)
            break;
        at++;
        if (stream->escaped) {
            stream->escaped = false;
        } else if (c == '\\') {
            stream->escaped = true;
        } else if (c == '"') {
            stream->in_string = false;
            break;
        }
    }
    stream->scan = at;
    return stream->in_string;
}

static bool is_space(unsigned char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_structural(unsigned char c)
{
    return c == '{' || c == '}' || c == '[' || c == ']' || c == ',' || c == ':' || c == '"';
}

/* Between values, the next byte: skipped, or the first of a value. False: it cannot begin one. */
static bool begin(JsonStream *stream, unsigned char c)
{
    if (is_space(c)) {
        restart(stream, stream->scan + 1);
        return true;
    }
    stream->start = stream->scan;
    stream->scan++;
    if (c == '{' || c == '[') {
        stream->state = STATE_NESTED;
        stream->depth = 1;
    } else if (c == '"') {
        stream->state = STATE_STRING;
        stream->in_string = true;
    } else if (is_structural(c)) {
        restart(stream, stream->scan);
        return false;
    } else {
        stream->state = STATE_SCALAR;
    }
    return true;
}

/* Inside an array or object and outside of strings; true when it has just been closed. */
static bool scan_nested(JsonStream *stream)
{
    const unsigned char *bytes = (const unsigned char *) stream->buffer;
    size_t at = stream->scan;
    bool closed = false;
    while (at < stream->end && !closed) {
        unsigned char c = bytes[at];
        if (c == SYNC_BYTE)
            break;
        at++;
        if (c == '"') {
            stream->in_string = true;
            break;
        }
        if (c == '{' || c == '[') {
            stream->depth++;
            if (stream->depth == stream->limits.max_depth + 1 && !stream->dropping)
                break;
        } else if (c == '}' || c == ']') {
            closed = --stream->depth == 0;
        }
    }
    stream->scan = at;
    return closed;
}

/* Reports what is wrong with a value that goes on, once, and stops keeping it. */
static const char *over_limit(JsonStream *stream)
{
    if (stream->dropping) {
        stream->start = stream->scan;
        return NULL;
    }
    const char *what = NULL;
    if (stream->depth > stream->limits.max_depth)
        what = "nested too deep";
    else if (stream->scan - stream->start > stream->limits.max_bytes)
        what = "message is too long";
    if (what) {
        stream->dropping = true;
        stream->start = stream->scan;
    }
    return what;
}

/* The byte 0xFF: whether it cut a value off. */
static bool resync(JsonStream *stream)
{
    bool cut = stream->state != STATE_BETWEEN && !stream->dropping;
    stream->to_sync = false;
    restart(stream, stream->scan + 1);
    return cut;
}

static void drop_to_sync(JsonStream *stream)
{
    const char *sync = memchr(stream->buffer + stream->scan, SYNC_BYTE, stream->end - stream->scan);
    restart(stream, sync ? (size_t) (sync - stream->buffer) : stream->end);
}

static bool scalar_goes_on(JsonStream *stream)
{
    const unsigned char *bytes = (const unsigned char *) stream->buffer;
    while (stream->scan < stream->end) {
        unsigned char c = bytes[stream->scan];
        if (is_space(c) || is_structural(c) || c == SYNC_BYTE)
            return false;
        stream->scan++;
    }
    return true;
}

/* Looks on through one token. Returns JSON_STREAM_MORE when there is nothing to report yet. */
static JsonStreamResult step(JsonStream *stream, JsonMessage *out_message, GError **error)
{
    unsigned char c = (unsigned char) stream->buffer[stream->scan];
    if (c == SYNC_BYTE)
        return resync(stream) ? invalid(error, "cut off by a synchronisation byte")
                              : JSON_STREAM_MORE;
    if (stream->state == STATE_BETWEEN)
        return begin(stream, c) ? JSON_STREAM_MORE : invalid(error, "value expected");
    if (stream->in_string) {
        bool goes_on = scan_string(stream);
        if (!goes_on && stream->state == STATE_STRING)
            return complete(stream, stream->scan, out_message, error);
        if (goes_on && stream->scan < stream->end &&
            (unsigned char) stream->buffer[stream->scan] != SYNC_BYTE) {
            bool reported = stream->dropping;
            restart(stream, stream->scan + 1);
            return reported ? JSON_STREAM_MORE : invalid(error, "control character in a string");
        }
    } else if (stream->state == STATE_SCALAR) {
        if (!scalar_goes_on(stream))
            return complete(stream, stream->scan, out_message, error);
    } else if (scan_nested(stream)) {
        return complete(stream, stream->scan, out_message, error);
    }
    const char *what = over_limit(stream);
    return what ? invalid(error, what) : JSON_STREAM_MORE;
}

JsonStreamResult json_stream_next(JsonStream *stream, JsonMessage *out_message, GError **error)
{
    while (stream->scan < stream->end) {
        if (stream->to_sync) {
            drop_to_sync(stream);
            if (stream->scan == stream->end)
                break;
        }
        JsonStreamResult result = step(stream, out_message, error);
        if (result != JSON_STREAM_MORE)
            return result;
    }
    if (!stream->ended || stream->state == STATE_BETWEEN)
        return JSON_STREAM_MORE;
    if (stream->state == STATE_SCALAR)
        return complete(stream, stream->end, out_message, error);
    bool reported = stream->dropping;
    restart(stream, stream->end);
    return reported ? JSON_STREAM_MORE : invalid(error, "ends in the middle of a value");
}
