/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of core/screen/keys.c and layout.c. */
#include <string.h>

#include "core/error.h"
#include "core/screen/keys.h"
#include "core/screen/layout.h"

static char *chord_text(const Chord *chord)
{
    g_autoptr(GString) text = g_string_new(NULL);
    for (unsigned i = 0; i < chord->count; i++)
        g_string_append_printf(text, "%s%s", i ? "-" : "", qmp_qkey_code_name(chord->keys[i]));
    return g_string_free(g_steal_pointer(&text), FALSE);
}

static void assert_chord(const char *typed, const char *expected)
{
    Chord chord;
    g_autoptr(GError) error = NULL;
    bool ok = chord_parse(typed, &chord, &error);
    g_assert_no_error(error);
    g_assert_true(ok);
    g_autofree char *text = chord_text(&chord);
    g_assert_cmpstr(text, ==, expected);
}

static void test_chords(void)
{
    assert_chord("ret", "ret");
    assert_chord("ctrl-alt-delete", "ctrl-alt-delete");
    assert_chord("Ctrl+Alt+Del", "ctrl-alt-delete");
    assert_chord("Win-r", "meta_l-r");
    assert_chord("F12", "f12");
    assert_chord("PageUp", "pgup");
    assert_chord("kp_add", "kp_add");
}

static void assert_refused(const char *typed, const char *message, const char *hint)
{
    Chord chord;
    g_autoptr(GError) error = NULL;
    g_assert_false(chord_parse(typed, &chord, &error));
    g_assert_error(error, UTM_ERROR, UTM_ERROR_USAGE);
    g_assert_nonnull(strstr(error->message, message));
    if (hint)
        g_assert_nonnull(strstr(utm_error_hint(error), hint));
    else
        g_assert_null(utm_error_hint(error));
}

static void test_bad_chords(void)
{
    assert_refused("", "missing", "minus");
    assert_refused("-", "missing", "minus");
    assert_refused("ctrl-", "missing", "minus");
    assert_refused("ctrl--a", "missing", "minus");
    assert_refused("ctrl-ctrl", "twice", NULL);
    assert_refused("del-delete", "twice", NULL);
    assert_refused("unmapped", "no key", NULL);
    assert_refused("entr", "\"entr\"", "\"enter\"");
    assert_refused("ctrl-xyzzyxyzzy", "\"xyzzyxyzzy\"", NULL);
    assert_refused("a-b-c-d-e-f-g-h-i", "8 keys", NULL);
}

/* ---- layouts ---- */

static char *keys_of(const char *layout, const char *text)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GArray) chords = layout_chords(layout, text, &error);
    g_assert_no_error(error);
    g_autoptr(GString) keys = g_string_new(NULL);
    for (guint i = 0; i < chords->len; i++) {
        g_autofree char *one = chord_text(&g_array_index(chords, Chord, i));
        g_string_append_printf(keys, "%s%s", i ? " " : "", one);
    }
    return g_string_free(g_steal_pointer(&keys), FALSE);
}

static void test_layouts(void)
{
    static const struct {
        const char *layout, *text, *keys;
    } rows[] = {
        { "us", "aA1!", "a shift-a 1 shift-1" },
        { "us", "\\|\"'", "backslash shift-backslash shift-apostrophe apostrophe" },
        { "us", "/?`~", "slash shift-slash grave_accent shift-grave_accent" },
        { "us", " \n\t", "spc ret tab" },
        { "us", "a\r\nb\rc", "a ret b ret c" },
        { "us", "", "" },
        { "uk", "\"@#~\\|", "shift-2 shift-apostrophe backslash shift-backslash less shift-less" },
        { "uk", "£€¬", "shift-3 alt_r-4 shift-grave_accent" },
        { "de", "yzYZ", "z y shift-z shift-y" },
        { "de", "{[]}\\", "alt_r-7 alt_r-8 alt_r-9 alt_r-0 alt_r-minus" },
        { "de", "@€~|µ", "alt_r-q alt_r-e alt_r-bracket_right alt_r-less alt_r-m" },
        { "de", "äöüß", "apostrophe semicolon bracket_left minus" },
        { "de", "-_<>#'", "slash shift-slash less shift-less backslash shift-backslash" },
        { "de", "^`", "grave_accent spc shift-equal spc" },
        { "de", "éÈâ", "equal e shift-equal shift-e grave_accent a" },
        { "fr", "azqwm", "q w a z semicolon" },
        { "fr", "19&é", "shift-1 shift-9 1 2" },
        { "fr", "@#^`", "alt_r-0 alt_r-3 alt_r-9 alt_r-7" },
        { "fr", ",;:!?./§", "m comma dot slash shift-m shift-comma shift-dot shift-slash" },
        { "fr", "êëù", "bracket_left e shift-bracket_left e apostrophe" },
        { "es", "ñÑç¿¡", "semicolon shift-semicolon backslash shift-equal equal" },
        { "es", "áü", "apostrophe a shift-apostrophe u" },
        { "es", "\\|@#{}[]",
          "alt_r-grave_accent alt_r-1 alt_r-2 alt_r-3 alt_r-apostrophe alt_r-backslash "
          "alt_r-bracket_left alt_r-bracket_right" },
        { "es", "^", "shift-bracket_left spc" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *keys = keys_of(rows[i].layout, rows[i].text);
        g_assert_cmpstr(keys, ==, rows[i].keys);
    }
}

/* A shell is typed into in every layout, and no two characters have the same keys. */
static void test_all_of_ascii(void)
{
    for (const char *const *layout = layout_names; *layout; layout++) {
        g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
        for (char c = ' '; c <= '~'; c++) {
            const char text[] = { c, 0 };
            char *keys = keys_of(*layout, text);
            if (!g_hash_table_add(seen, keys))
                g_error("%s: two characters are %s", *layout, keys);
        }
    }
}

static void test_untypable(void)
{
    g_autoptr(GError) error = NULL;
    g_assert_null(layout_chords("us", "one\ntwo €", &error));
    g_assert_error(error, UTM_ERROR, UTM_ERROR_USAGE);
    g_assert_nonnull(strstr(error->message, "\"€\" (U+20AC, line 2, character 5)"));
    g_assert_nonnull(strstr(utm_error_hint(error), "--layout uk or --layout de"));
    g_clear_error(&error);
    g_assert_null(layout_chords("de", "\x1b", &error));
    g_assert_nonnull(strstr(error->message, "\"\" (U+001B"));
    g_assert_null(utm_error_hint(error));
    g_clear_error(&error);
    g_assert_null(layout_chords("us", "\xff", &error));
    g_assert_error(error, UTM_ERROR, UTM_ERROR_USAGE);
    g_clear_error(&error);
    g_assert_null(layout_chords("xx", "a", &error));
    g_assert_error(error, UTM_ERROR, UTM_ERROR_USAGE);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/keys/chords", test_chords);
    g_test_add_func("/keys/bad-chords", test_bad_chords);
    g_test_add_func("/keys/layouts", test_layouts);
    g_test_add_func("/keys/all-of-ascii", test_all_of_ascii);
    g_test_add_func("/keys/untypable", test_untypable);
    return g_test_run();
}
