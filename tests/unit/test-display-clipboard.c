/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of display/clipboard.c: what is asked of host and guest, written down as words. */
#include "display/clipboard.h"

#include <glib.h>

typedef struct {
    GString *log;
    Clipboard clipboard;
} Fixture;

static void offer_guest(unsigned kinds, void *user)
{
    g_string_append_printf(((Fixture *) user)->log, "offer-guest:%u ", kinds);
}

static void ask_guest(ClipboardKind kind, void *user)
{
    g_string_append_printf(((Fixture *) user)->log, "ask-guest:%u ", kind);
}

static void give_guest(ClipboardKind kind, const uint8_t *data, size_t size, void *user)
{
    g_autofree char *text = g_strescape((const char *) data, NULL);
    g_string_append_printf(((Fixture *) user)->log, "give-guest:%u:%.*s:%zu ", kind,
                           size ? (int) strlen(text) : 0, text, size);
}

static void ask_host(ClipboardKind kind, void *user)
{
    g_string_append_printf(((Fixture *) user)->log, "ask-host:%u ", kind);
}

static void give_host(ClipboardKind kind, const uint8_t *data, size_t size, void *user)
{
    g_autofree char *copy = g_strndup((const char *) data, kind == CLIPBOARD_TEXT ? size : 0);
    g_autofree char *text = g_strescape(copy, NULL);
    g_string_append_printf(((Fixture *) user)->log, "give-host:%u:%s:%zu ", kind, text, size);
}

static void clear_host(void *user)
{
    g_string_append(((Fixture *) user)->log, "clear-host ");
}

static const ClipboardOps ops = {
    .offer_guest = offer_guest,
    .ask_guest = ask_guest,
    .give_guest = give_guest,
    .ask_host = ask_host,
    .give_host = give_host,
    .clear_host = clear_host,
};

static void set_up(Fixture *f, G_GNUC_UNUSED const void *data)
{
    f->log = g_string_new(NULL);
    f->clipboard = (Clipboard){ .ops = &ops, .user = f, .to_guest = true, .to_host = true };
    clipboard_agent(&f->clipboard, true, false);
}

static void tear_down(Fixture *f, G_GNUC_UNUSED const void *data)
{
    g_string_free(f->log, TRUE);
}

static void assert_log(Fixture *f, const char *expected)
{
    g_assert_cmpstr(f->log->str, ==, expected);
    g_string_truncate(f->log, 0);
}

static void guest_gives(Fixture *f, unsigned kind, const char *text)
{
    clipboard_guest_gave(&f->clipboard, kind, (const uint8_t *) text, strlen(text));
}

static void host_gives(Fixture *f, ClipboardKind kind, const char *text)
{
    clipboard_host_gave(&f->clipboard, kind, (const uint8_t *) text, strlen(text));
}

static void test_host_to_guest(Fixture *f, G_GNUC_UNUSED const void *data)
{
    clipboard_host_copied(&f->clipboard, CLIPBOARD_TEXT, false);
    assert_log(f, "offer-guest:1 ");
    clipboard_guest_asks(&f->clipboard, CLIPBOARD_TEXT);
    clipboard_guest_asks(&f->clipboard, CLIPBOARD_TEXT);
    assert_log(f, "ask-host:1 ");
    host_gives(f, CLIPBOARD_TEXT, "one\ntwo");
    assert_log(f, "give-guest:1:one\\ntwo:7 ");
    host_gives(f, CLIPBOARD_TEXT, "unasked");
    clipboard_guest_asks(&f->clipboard, CLIPBOARD_PNG);
    clipboard_guest_asks(&f->clipboard, 0);
    assert_log(f, "give-guest:2::0 give-guest:0::0 ");
    clipboard_host_copied(&f->clipboard, 0, false);
    assert_log(f, "offer-guest:0 ");
    clipboard_host_copied(&f->clipboard, 0, false);
    assert_log(f, "");
}

static void test_guest_to_host(Fixture *f, G_GNUC_UNUSED const void *data)
{
    clipboard_guest_copied(&f->clipboard, CLIPBOARD_TEXT | CLIPBOARD_PNG);
    assert_log(f, "ask-guest:1 ask-guest:2 ");
    guest_gives(f, CLIPBOARD_TEXT, "hello");
    guest_gives(f, CLIPBOARD_TEXT, "again");
    assert_log(f, "give-host:1:hello:5 ");
    guest_gives(f, CLIPBOARD_PNG, "\x89PNG\r\n\x1a\nIHDR");
    assert_log(f, "give-host:2::12 ");
    clipboard_guest_released(&f->clipboard);
    clipboard_guest_released(&f->clipboard);
    assert_log(f, "clear-host ");
}

/* The host tells of what we have put there ourselves: that must not go back. */
static void test_no_loop(Fixture *f, G_GNUC_UNUSED const void *data)
{
    clipboard_guest_copied(&f->clipboard, CLIPBOARD_TEXT);
    guest_gives(f, CLIPBOARD_TEXT, "x");
    clipboard_host_copied(&f->clipboard, CLIPBOARD_TEXT, true);
    assert_log(f, "ask-guest:1 give-host:1:x:1 ");
    g_assert_cmpint(f->clipboard.owner, ==, CLIPBOARD_GUEST);
    clipboard_agent(&f->clipboard, false, false);
    clipboard_agent(&f->clipboard, true, false);
    assert_log(f, "");
}

static void test_directions(Fixture *f, G_GNUC_UNUSED const void *data)
{
    f->clipboard.to_guest = false;
    clipboard_host_copied(&f->clipboard, CLIPBOARD_TEXT, false);
    assert_log(f, "");
    clipboard_guest_asks(&f->clipboard, CLIPBOARD_TEXT);
    assert_log(f, "give-guest:1::0 ");
    f->clipboard.to_host = false;
    clipboard_guest_copied(&f->clipboard, CLIPBOARD_TEXT);
    guest_gives(f, CLIPBOARD_TEXT, "x");
    clipboard_guest_released(&f->clipboard);
    assert_log(f, "");
}

/* Copied while nobody listened: told when somebody does. */
static void test_agent_later(Fixture *f, G_GNUC_UNUSED const void *data)
{
    clipboard_agent(&f->clipboard, false, false);
    clipboard_host_copied(&f->clipboard, CLIPBOARD_PNG, false);
    assert_log(f, "");
    clipboard_agent(&f->clipboard, true, false);
    clipboard_agent(&f->clipboard, true, false);
    assert_log(f, "offer-guest:2 ");
}

/* The newer copy wins, and nobody waits for the older one for ever. */
static void test_overtaken(Fixture *f, G_GNUC_UNUSED const void *data)
{
    clipboard_host_copied(&f->clipboard, CLIPBOARD_TEXT, false);
    clipboard_guest_asks(&f->clipboard, CLIPBOARD_TEXT);
    assert_log(f, "offer-guest:1 ask-host:1 ");
    clipboard_guest_copied(&f->clipboard, CLIPBOARD_TEXT);
    assert_log(f, "give-guest:1::0 ask-guest:1 ");
    clipboard_host_copied(&f->clipboard, CLIPBOARD_TEXT, false);
    guest_gives(f, CLIPBOARD_TEXT, "late");
    clipboard_guest_released(&f->clipboard);
    assert_log(f, "offer-guest:1 ");
}

static void test_line_ends(Fixture *f, G_GNUC_UNUSED const void *data)
{
    clipboard_agent(&f->clipboard, true, true);
    clipboard_host_copied(&f->clipboard, CLIPBOARD_TEXT, false);
    clipboard_guest_asks(&f->clipboard, CLIPBOARD_TEXT);
    host_gives(f, CLIPBOARD_TEXT, "\na\nb\r\nc");
    assert_log(f, "offer-guest:1 ask-host:1 give-guest:1:\\r\\na\\r\\nb\\r\\nc:9 ");
    clipboard_guest_copied(&f->clipboard, CLIPBOARD_TEXT);
    guest_gives(f, CLIPBOARD_TEXT, "a\r\nb\rc\r");
    assert_log(f, "ask-guest:1 give-host:1:a\\nb\\rc\\r:6 ");
}

static void test_hostile_guest(Fixture *f, G_GNUC_UNUSED const void *data)
{
    static const uint8_t cut[] = "text\0hidden";
    guest_gives(f, CLIPBOARD_TEXT, "unasked");
    clipboard_guest_copied(&f->clipboard, CLIPBOARD_TEXT | CLIPBOARD_PNG);
    guest_gives(f, CLIPBOARD_TEXT, "\xff\xfe");
    guest_gives(f, CLIPBOARD_PNG, "GIF89a");
    clipboard_guest_copied(&f->clipboard, CLIPBOARD_TEXT);
    clipboard_guest_gave(&f->clipboard, CLIPBOARD_TEXT, cut, (size_t) CLIPBOARD_BYTES_MAX + 1);
    clipboard_guest_copied(&f->clipboard, CLIPBOARD_PNG);
    clipboard_guest_gave(&f->clipboard, CLIPBOARD_PNG, NULL, 0);
    assert_log(f, "ask-guest:1 ask-guest:2 ask-guest:1 ask-guest:2 ");
    clipboard_guest_copied(&f->clipboard, CLIPBOARD_TEXT);
    clipboard_guest_gave(&f->clipboard, CLIPBOARD_TEXT, cut, sizeof cut);
    assert_log(f, "ask-guest:1 give-host:1:text:4 ");
    clipboard_guest_copied(&f->clipboard, 0);
    assert_log(f, "");
}

static void test_host_lost_it(Fixture *f, G_GNUC_UNUSED const void *data)
{
    clipboard_host_copied(&f->clipboard, CLIPBOARD_PNG, false);
    clipboard_guest_asks(&f->clipboard, CLIPBOARD_PNG);
    clipboard_host_gave(&f->clipboard, CLIPBOARD_PNG, NULL, 0);
    assert_log(f, "offer-guest:2 ask-host:2 give-guest:2::0 ");
}

#define ADD(path, function) g_test_add(path, Fixture, NULL, set_up, function, tear_down)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("/display/clipboard/host-to-guest", test_host_to_guest);
    ADD("/display/clipboard/guest-to-host", test_guest_to_host);
    ADD("/display/clipboard/no-loop", test_no_loop);
    ADD("/display/clipboard/directions", test_directions);
    ADD("/display/clipboard/agent-later", test_agent_later);
    ADD("/display/clipboard/overtaken", test_overtaken);
    ADD("/display/clipboard/line-ends", test_line_ends);
    ADD("/display/clipboard/hostile-guest", test_hostile_guest);
    ADD("/display/clipboard/host-lost-it", test_host_lost_it);
    return g_test_run();
}
