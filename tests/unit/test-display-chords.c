/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of display/chords.c. */
#include "display/chords.h"

enum { A = 4, M = 16, RETURN = 40, CTRL = 224, SHIFT = 225, ALT = 226, RIGHT_CTRL = 228 };

static void assert_chord(const char *text, const char *name, unsigned count, const unsigned *codes)
{
    g_autoptr(Chord) chord = chord_parse(text);
    g_assert_nonnull(chord);
    g_assert_cmpstr(chord->name, ==, name);
    g_assert_cmpmem(chord->codes, chord->count * sizeof *codes, codes, count * sizeof *codes);
}

static void test_parse(void)
{
    assert_chord("Ctrl-Alt-Delete", "Ctrl-Alt-Delete", 3, (unsigned[]){ 0x1d, 0x38, 0x153 });
    assert_chord("super+l", "super+l", 2, (unsigned[]){ 0x15b, 0x26 });
    assert_chord("Lock=Meta-L", "Lock", 2, (unsigned[]){ 0x15b, 0x26 });
    assert_chord("f12", "f12", 1, (unsigned[]){ 0x58 });
    assert_chord("F13", "F13", 1, (unsigned[]){ 0x5d });
    assert_chord("0", "0", 1, (unsigned[]){ 0x0b });
    assert_chord("9", "9", 1, (unsigned[]){ 0x0a });
    assert_chord("hangul", "hangul", 1, (unsigned[]){ 0x172 });
}

static void test_bad(void)
{
    static const char *const texts[] = { "",   "-",  "ctrl-", "ctrl-nose",     "f25",
                                         "f0", "=a", "name=", "a-b-c-d-e-f-g", "\xc3\xa4" };
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        g_assert_null(chord_parse(texts[i]));
}

static void test_standard(void)
{
    g_autoptr(GPtrArray) chords = chords_standard();
    unsigned function_keys = 0;
    for (guint i = 0; i < chords->len; i++) {
        const Chord *chord = chords->pdata[i];
        g_assert_nonnull(chord);
        if (g_str_has_prefix(chord->name, "Ctrl-Alt-F"))
            function_keys++;
    }
    g_assert_cmpuint(function_keys, ==, 12);
    g_assert_cmpstr(((const Chord *) chords->pdata[0])->name, ==, "Ctrl-Alt-Delete");
}

static void test_command_texts(void)
{
    for (Command command = COMMAND_NONE + 1; command < COMMAND_COUNT; command++) {
        g_assert_nonnull(command_keys(command));
        g_assert_nonnull(command_text(command));
    }
}

static void assert_nothing(CommandWatch *watch, unsigned key, bool down)
{
    g_assert_cmpint(command_watch(watch, key, down), ==, COMMAND_NONE);
}

static void test_release_alone(void)
{
    CommandWatch watch = { 0 };
    assert_nothing(&watch, CTRL, true);
    assert_nothing(&watch, ALT, true);
    assert_nothing(&watch, CTRL, false);
    g_assert_cmpint(command_watch(&watch, ALT, false), ==, COMMAND_RELEASE);
    /* Not both at a time. */
    assert_nothing(&watch, CTRL, true);
    assert_nothing(&watch, CTRL, false);
    assert_nothing(&watch, ALT, true);
    assert_nothing(&watch, ALT, false);
    /* The other Ctrl will do. */
    assert_nothing(&watch, ALT, true);
    assert_nothing(&watch, RIGHT_CTRL, true);
    assert_nothing(&watch, ALT, false);
    g_assert_cmpint(command_watch(&watch, RIGHT_CTRL, false), ==, COMMAND_RELEASE);
}

/* Ctrl-Alt-A and Ctrl-Alt with a click are for the guest. */
static void test_release_mixed(void)
{
    CommandWatch watch = { 0 };
    assert_nothing(&watch, CTRL, true);
    assert_nothing(&watch, ALT, true);
    assert_nothing(&watch, A, true);
    assert_nothing(&watch, A, false);
    assert_nothing(&watch, CTRL, false);
    assert_nothing(&watch, ALT, false);
    assert_nothing(&watch, CTRL, true);
    assert_nothing(&watch, ALT, true);
    command_watch_mix(&watch);
    assert_nothing(&watch, ALT, false);
    assert_nothing(&watch, CTRL, false);
    assert_nothing(&watch, CTRL, true);
    assert_nothing(&watch, SHIFT, true);
    assert_nothing(&watch, ALT, true);
    assert_nothing(&watch, ALT, false);
    assert_nothing(&watch, CTRL, false);
    /* And then they are the viewer's again. */
    assert_nothing(&watch, CTRL, true);
    assert_nothing(&watch, ALT, true);
    assert_nothing(&watch, ALT, false);
    g_assert_cmpint(command_watch(&watch, CTRL, false), ==, COMMAND_RELEASE);
}

static void test_commands(void)
{
    CommandWatch watch = { 0 };
    assert_nothing(&watch, M, true);
    assert_nothing(&watch, M, false);
    assert_nothing(&watch, CTRL, true);
    assert_nothing(&watch, M, true);
    assert_nothing(&watch, ALT, true);
    g_assert_cmpint(command_watch(&watch, M, true), ==, COMMAND_MENU);
    assert_nothing(&watch, M, false);
    g_assert_cmpint(command_watch(&watch, RETURN, true), ==, COMMAND_FULL_SCREEN);
    command_watch_reset(&watch);
    assert_nothing(&watch, M, true);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/display/chords/parse", test_parse);
    g_test_add_func("/display/chords/bad", test_bad);
    g_test_add_func("/display/chords/standard", test_standard);
    g_test_add_func("/display/chords/command-texts", test_command_texts);
    g_test_add_func("/display/chords/release-alone", test_release_alone);
    g_test_add_func("/display/chords/release-mixed", test_release_mixed);
    g_test_add_func("/display/chords/commands", test_commands);
    return g_test_run();
}
