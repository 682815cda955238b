/* SPDX-License-Identifier: Apache-2.0 */
/* The clipboard of the host's desktop. Only in the session's thread, whose main context it uses. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "display/clipboard.h"

typedef struct HostClipboard HostClipboard;

/* What a clipboard tells by itself. */
typedef struct {
    /* Something else is in it: a set of ClipboardKind; @ours: what host_clipboard_give() put there */
    void (*copied)(unsigned kinds, bool ours, void *user);
    /* What host_clipboard_ask() asked for; NULL when it is there no more. @data is borrowed. */
    void (*gave)(ClipboardKind kind, const uint8_t *data, size_t size, void *user);
} HostClipboardOps;

/**
 * host_clipboard_new() - Begin to listen; what is in it now is told soon
 * @ops:  borrowed
 * @user: for @ops
 *
 * Return: NULL where the desktop has no clipboard that this program knows
 */
HostClipboard *host_clipboard_new(const HostClipboardOps *ops, void *user);

/**
 * host_clipboard_free() - What was put into it is gone with it; NULL is ignored
 */
void host_clipboard_free(HostClipboard *host);

/**
 * host_clipboard_ask() - Have the owner asked for its content
 *
 * Answered with ops.gave() in any case, after a few seconds at the latest when nothing moves.
 */
void host_clipboard_ask(HostClipboard *host, ClipboardKind kind);

/**
 * host_clipboard_renew() - What is given from now on is something else than what was before
 */
void host_clipboard_renew(HostClipboard *host);

/**
 * host_clipboard_give() - Put something into it, beside other kinds of the same
 * @data: copied
 */
void host_clipboard_give(HostClipboard *host, ClipboardKind kind, const uint8_t *data, size_t size);

/**
 * host_clipboard_clear() - Take back what was put into it
 */
void host_clipboard_clear(HostClipboard *host);
