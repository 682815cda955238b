/* SPDX-License-Identifier: Apache-2.0 */
/* QMP messages as text: looking at their members and giving them another id, without parsing all. */
#include "core/vm/message.h"

#include <string.h>

#include "qapi/json-auto.h"

static const char *skip_space(const char *p, const char *end)
{
    while (p < end && (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r'))
        p++;
    return p;
}

/* From the opening quote to behind the closing one. */
static const char *skip_string(const char *p, const char *end)
{
    for (p++; p < end && *p != '"'; p++)
        if (*p == '\\')
            p++;
    return MIN(p + 1, end);
}

static const char *skip_value(const char *p, const char *end)
{
    if (p < end && *p == '"')
        return skip_string(p, end);
    int depth = 0;
    while (p < end) {
        if (*p == '"') {
            p = skip_string(p, end);
            continue;
        }
        if (depth == 0 && (*p == ',' || *p == '}' || *p == ']'))
            break;
        if (*p == '{' || *p == '[')
            depth++;
        else if (*p == '}' || *p == ']')
            depth--;
        p++;
        if (depth == 0 && (p[-1] == '}' || p[-1] == ']'))
            break;
    }
    return p;
}

static void store(Message *message, Span key, Span value)
{
    const struct {
        const char *name;
        Span *span;
    } members[] = {
        { "execute", &message->execute },     { "exec-oob", &message->execute },
        { "arguments", &message->arguments }, { "id", &message->id },
        { "return", &message->result },       { "error", &message->error },
        { "event", &message->event },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(members); i++) {
        if (!message_span_is(key, members[i].name))
            continue;
        *members[i].span = value;
        message->oob |= i == 1;
    }
}

static Span span_between(const char *start, const char *end)
{
    while (end > start && g_ascii_isspace(end[-1]))
        end--;
    return (Span){ start, (size_t) (end - start) };
}

Message message_scan(const char *text, size_t len)
{
    Message message = { 0 };
    const char *end = text + len;
    const char *p = skip_space(text, end);
    if (p >= end || *p++ != '{')
        return message;
    for (;;) {
        p = skip_space(p, end);
        if (p >= end || *p != '"')
            return message;
        const char *key = p;
        p = skip_string(p, end);
        Span key_span = span_between(key, p);
        p = skip_space(p, end);
        if (p >= end || *p++ != ':')
            return message;
        const char *value = p = skip_space(p, end);
        p = skip_value(p, end);
        store(&message, key_span, span_between(value, p));
        p = skip_space(p, end);
        if (p >= end || *p++ != ',')
            return message;
    }
}

bool message_span_is(Span span, const char *word)
{
    return span.len == strlen(word) + 2 && span.start[0] == '"' &&
           memcmp(span.start + 1, word, span.len - 2) == 0;
}

char *message_span_string(Span span)
{
    if (!span.start)
        return NULL;
    g_autoptr(cJSON) value = cJSON_ParseWithLength(span.start, span.len);
    return g_strdup(cJSON_GetStringValue(value));
}

char *message_command(Span execute, bool oob, Span arguments, const char *id)
{
    GString *out = g_string_sized_new(execute.len + arguments.len + 64);
    g_string_append(out, oob ? "{\"exec-oob\":" : "{\"execute\":");
    g_string_append_len(out, execute.start, (gssize) execute.len);
    if (arguments.start) {
        g_string_append(out, ",\"arguments\":");
        g_string_append_len(out, arguments.start, (gssize) arguments.len);
    }
    if (id)
        g_string_append_printf(out, ",\"id\":%s", id);
    g_string_append_c(out, '}');
    return g_string_free(out, FALSE);
}

char *message_typed(const char *command, cJSON *arguments, const char *id)
{
    g_autofree char *name = g_strdup_printf("\"%s\"", command);
    char *text = cJSON_PrintUnformatted(arguments);
    cJSON_Delete(arguments);
    char *message =
        message_command((Span){ name, strlen(name) }, false, (Span){ text, strlen(text) }, id);
    cJSON_free(text);
    return message;
}

char *message_reply(const Message *reply, const char *id)
{
    bool failed = reply->error.start != NULL;
    Span body = failed ? reply->error : reply->result;
    GString *out = g_string_sized_new(body.len + 64);
    g_string_append(out, failed ? "{\"error\": " : "{\"return\": ");
    g_string_append_len(out, body.start, (gssize) body.len);
    if (id)
        g_string_append_printf(out, ", \"id\": %s", id);
    g_string_append(out, "}\r\n");
    return g_string_free(out, FALSE);
}

char *message_error(const char *error_class, const char *desc, const char *id)
{
    g_autoptr(cJSON) error = cJSON_CreateObject();
    cJSON_AddStringToObject(error, "class", error_class);
    cJSON_AddStringToObject(error, "desc", desc);
    g_autofree char *text = cJSON_PrintUnformatted(error);
    Message reply = { .error = { text, strlen(text) } };
    return message_reply(&reply, id);
}
