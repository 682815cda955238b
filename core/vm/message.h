/* SPDX-License-Identifier: Apache-2.0 */
/* QMP messages as text: looking at their members and giving them another id, without parsing all. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

#include <cjson/cJSON.h>

/* A piece of somebody else's text. */
typedef struct {
    const char *start; /* NULL: not there */
    size_t len;
} Span;

/* The members of a QMP message that a monitor has to see, as they stand in its text. */
typedef struct {
    Span execute; /* with its quotes; also of "exec-oob" */
    bool oob;     /* the command came as "exec-oob" */
    Span arguments;
    Span id;
    Span result; /* "return" */
    Span error;
    Span event;
} Message;

/**
 * message_scan() - Find the members of one complete JSON object
 * @text: a valid JSON object, as a JSON stream delivers it
 * @len:  its length in bytes
 *
 * Only the outermost level is looked at: a reply of megabytes costs one pass over its bytes.
 */
Message message_scan(const char *text, size_t len);

/**
 * message_span_is() - Whether a span is a string of this value (escapes are not resolved)
 */
bool message_span_is(Span span, const char *word);

/**
 * message_span_string() - The value of a string span; NULL when it is not a string
 *
 * Return: a new string
 */
char *message_span_string(Span span);

/**
 * message_command() - Build a command
 * @execute:   name with its quotes
 * @oob:       as "exec-oob"
 * @arguments: may be empty
 * @id:        any JSON text; NULL for none
 *
 * As short as can be: QEMU reads its monitor byte by byte, and each costs it several system calls.
 *
 * Source: QEMU monitor/monitor.c, monitor_can_read()
 * Return: a new string without a newline, which QEMU does not wait for
 */
char *message_command(Span execute, bool oob, Span arguments, const char *id);

/**
 * message_typed() - Build a command of our own
 * @arguments: what a generated …_args_to_json() has made; taken
 * @id:        as for message_command()
 */
char *message_typed(const char *command, cJSON *arguments, const char *id);

/**
 * message_reply() - Build the reply to a client out of the reply of QEMU
 * @reply: scanned reply
 * @id:    what the client called it, any JSON text; NULL for none
 *
 * Return: a new string that ends in "\r\n", as QEMU's own do
 */
char *message_reply(const Message *reply, const char *id);

/**
 * message_error() - Build an error reply
 * @error_class: "GenericError" or another QMP class
 * @desc:        message
 * @id:          as for message_reply()
 */
char *message_error(const char *error_class, const char *desc, const char *id);
