/* SPDX-License-Identifier: Apache-2.0 */
/* Whose clipboard counts, and what may cross between host and guest. */
#include "display/clipboard.h"

#include <glib.h>
#include <string.h>

/* ---- what crosses ---- */

/* Lines that end in CR LF end in LF; returns the length. */
static size_t drop_returns(char *text, size_t length)
{
    size_t to = 0;
    for (size_t i = 0; i < length; i++)
        if (text[i] != '\r' || i + 1 == length || text[i + 1] != '\n')
            text[to++] = text[i];
    return to;
}

static char *add_returns(const char *text, size_t length, size_t *out_length)
{
    GString *with = g_string_sized_new(length + length / 32);
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '\n' && (i == 0 || text[i - 1] != '\r'))
            g_string_append_c(with, '\r');
        g_string_append_c(with, text[i]);
    }
    *out_length = with->len;
    return g_string_free(with, FALSE);
}

static bool is_png(const uint8_t *data, size_t size)
{
    static const uint8_t signature[] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n' };
    return size > sizeof signature && memcmp(data, signature, sizeof signature) == 0;
}

/* Some agents count the zero at the end of a text. */
static size_t text_length(const uint8_t *data, size_t size)
{
    const uint8_t *end = memchr(data, 0, size);
    return end ? (size_t) (end - data) : size;
}

/* ---- host to guest ---- */

static bool may_offer(const Clipboard *clipboard)
{
    return clipboard->agent && clipboard->to_guest;
}

static void refuse_guest(Clipboard *clipboard, ClipboardKind kind)
{
    clipboard->ops->give_guest(kind, (const uint8_t *) "", 0, clipboard->user);
}

/* Who waits for something of the host that is gone must not wait for ever. */
static void refuse_waiting(Clipboard *clipboard)
{
    for (unsigned kind = CLIPBOARD_TEXT; kind <= CLIPBOARD_PNG; kind <<= 1)
        if (clipboard->asked_host & kind)
            refuse_guest(clipboard, kind);
    clipboard->asked_host = 0;
}

void clipboard_agent(Clipboard *clipboard, bool there, bool crlf)
{
    bool is_new = there && !clipboard->agent;
    clipboard->agent = there;
    clipboard->crlf = crlf;
    if (is_new && may_offer(clipboard) && clipboard->host_kinds) {
        clipboard->owner = CLIPBOARD_HOST;
        clipboard->ops->offer_guest(clipboard->host_kinds, clipboard->user);
    }
    if (there)
        return;
    clipboard->asked_guest = clipboard->asked_host = 0;
    clipboard->owner = CLIPBOARD_NOBODY;
}

void clipboard_host_copied(Clipboard *clipboard, unsigned kinds, bool ours)
{
    if (ours) {
        clipboard->host_kinds = 0;
        return;
    }
    bool had = clipboard->owner == CLIPBOARD_HOST;
    clipboard->host_kinds = kinds;
    clipboard->asked_guest = 0; /* what the guest had is older now */
    refuse_waiting(clipboard);
    clipboard->owner = kinds && may_offer(clipboard) ? CLIPBOARD_HOST : CLIPBOARD_NOBODY;
    if (may_offer(clipboard) && (kinds || had))
        clipboard->ops->offer_guest(kinds, clipboard->user);
}

void clipboard_guest_asks(Clipboard *clipboard, unsigned kind)
{
    if (clipboard->owner != CLIPBOARD_HOST || !may_offer(clipboard) ||
        !(clipboard->host_kinds & kind)) {
        refuse_guest(clipboard, kind);
        return;
    }
    bool asked = clipboard->asked_host & kind;
    clipboard->asked_host |= kind;
    if (!asked)
        clipboard->ops->ask_host(kind, clipboard->user);
}

static void give_text(Clipboard *clipboard, const uint8_t *data, size_t size)
{
    size_t length;
    g_autofree char *text = add_returns((const char *) data, size, &length);
    clipboard->ops->give_guest(CLIPBOARD_TEXT, (const uint8_t *) text, length, clipboard->user);
}

void clipboard_host_gave(Clipboard *clipboard, ClipboardKind kind, const uint8_t *data, size_t size)
{
    if (!(clipboard->asked_host & kind))
        return;
    clipboard->asked_host &= ~(unsigned) kind;
    if (!data || size > CLIPBOARD_BYTES_MAX)
        refuse_guest(clipboard, kind);
    else if (kind == CLIPBOARD_TEXT && clipboard->crlf)
        give_text(clipboard, data, size);
    else
        clipboard->ops->give_guest(kind, data, size, clipboard->user);
}

/* ---- guest to host ---- */

void clipboard_guest_copied(Clipboard *clipboard, unsigned kinds)
{
    if (!clipboard->agent || !clipboard->to_host)
        return;
    refuse_waiting(clipboard);
    clipboard->owner = CLIPBOARD_GUEST;
    clipboard->asked_guest = kinds;
    for (unsigned kind = CLIPBOARD_TEXT; kind <= CLIPBOARD_PNG; kind <<= 1)
        if (kinds & kind)
            clipboard->ops->ask_guest(kind, clipboard->user);
}

void clipboard_guest_released(Clipboard *clipboard)
{
    if (clipboard->owner != CLIPBOARD_GUEST)
        return;
    clipboard->owner = CLIPBOARD_NOBODY;
    clipboard->asked_guest = 0;
    clipboard->ops->clear_host(clipboard->user);
}

static void take_text(Clipboard *clipboard, const uint8_t *data, size_t size)
{
    size_t length = text_length(data, size);
    if (!g_utf8_validate_len((const char *) data, length, NULL))
        return;
    g_autofree char *text = g_strndup((const char *) data, length);
    if (clipboard->crlf)
        length = drop_returns(text, length);
    clipboard->ops->give_host(CLIPBOARD_TEXT, (const uint8_t *) text, length, clipboard->user);
}

void clipboard_guest_gave(Clipboard *clipboard, unsigned kind, const uint8_t *data, size_t size)
{
    if (!(clipboard->asked_guest & kind))
        return;
    clipboard->asked_guest &= ~kind;
    if (clipboard->owner != CLIPBOARD_GUEST || size > CLIPBOARD_BYTES_MAX)
        return;
    if (kind == CLIPBOARD_TEXT)
        take_text(clipboard, data, size);
    else if (is_png(data, size))
        clipboard->ops->give_host(kind, data, size, clipboard->user);
}
