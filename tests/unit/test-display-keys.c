/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of display/scancode.c and display/keys.c. */
#include "display/keys.h"

#include <glib.h>

/* One of each group, by the number that SDL has for it. */
static void test_scancodes(void)
{
    static const struct {
        unsigned key, code;
    } rows[] = {
        { 4, 0x1e },    /* A */
        { 29, 0x2c },   /* Z */
        { 30, 0x02 },   /* 1 */
        { 39, 0x0b },   /* 0 */
        { 40, 0x1c },   /* Return */
        { 50, 0x2b },   /* the # of ISO keyboards */
        { 56, 0x35 },   /* / */
        { 58, 0x3b },   /* F1 */
        { 69, 0x58 },   /* F12 */
        { 70, 0x137 },  /* Print Screen */
        { 72, 0x146 },  /* Pause */
        { 78, 0x151 },  /* Page Down */
        { 82, 0x148 },  /* up */
        { 83, 0x45 },   /* Num Lock */
        { 84, 0x135 },  /* keypad's / */
        { 88, 0x11c },  /* keypad's Enter */
        { 99, 0x53 },   /* keypad's . */
        { 100, 0x56 },  /* between left Shift and Z */
        { 115, 0x6f },  /* F24 */
        { 133, 0x7e },  /* keypad's comma of Brazil */
        { 135, 0x73 },  /* Ro */
        { 136, 0x70 },  /* Katakana/Hiragana */
        { 137, 0x7d },  /* Yen */
        { 138, 0x79 },  /* Henkan */
        { 139, 0x7b },  /* Muhenkan */
        { 144, 0x172 }, /* Hangul */
        { 145, 0x171 }, /* Hanja */
        { 148, 0x76 },  /* Zenkaku/Hankaku */
        { 224, 0x1d },  /* left Ctrl */
        { 231, 0x15c }, /* right system key */
        { 258, 0x119 }, /* next track */
        { 261, 0x122 }, /* play */
        { 0, 0 },       /* unknown */
        { 290, 0 },     /* end call */
        { 512, 0 },     { 0xffffffff, 0 },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        g_assert_cmphex(scancode_of(rows[i].key), ==, rows[i].code);
}

/* What makes two keys of a keyboard with 105 keys the same would be a mistake in the table. */
static void test_no_twins(void)
{
    unsigned seen[SCANCODE_CODES] = { 0 };
    for (unsigned key = 4; key <= 231; key++) {
        unsigned code = scancode_of(key);
        g_assert_cmpuint(code, <, SCANCODE_CODES);
        bool is_twin = key == 50 || key == 134 || key == 154; /* of \\, keypad's = and Print */
        if (code && !is_twin)
            g_assert_cmpuint(seen[code]++, ==, 0);
    }
    for (unsigned key = 4; key <= 101; key++)
        g_assert_cmpuint(scancode_of(key), !=, 0);
}

static void test_release_what_was_pressed(void)
{
    Keys keys = { 0 };
    g_assert_cmphex(keys_release(&keys, 4), ==, 0);
    g_assert_cmphex(keys_press(&keys, 4), ==, 0x1e);
    g_assert_cmphex(keys_press(&keys, 4), ==, 0x1e); /* it repeats */
    g_assert_cmphex(keys_release(&keys, 4), ==, 0x1e);
    g_assert_cmphex(keys_release(&keys, 4), ==, 0);
    g_assert_cmphex(keys_press(&keys, 290), ==, 0);
    g_assert_cmphex(keys_take(&keys), ==, 0);
}

static void test_take_all(void)
{
    Keys keys = { 0 };
    keys_press(&keys, 228); /* right Ctrl */
    keys_press(&keys, 225); /* left Shift */
    keys_press(&keys, 82);
    keys_press(&keys, 4);
    g_assert_cmphex(keys_take(&keys), ==, 0x1e);
    g_assert_cmphex(keys_take(&keys), ==, 0x148);
    g_assert_cmphex(keys_take(&keys), ==, 0x2a);
    g_assert_cmphex(keys_take(&keys), ==, 0x11d);
    g_assert_cmphex(keys_take(&keys), ==, 0);
    g_assert_cmphex(keys_release(&keys, 4), ==, 0);
}

static void test_locks(void)
{
    g_assert_cmphex(keys_locks(0), ==, 0);
    g_assert_cmphex(keys_locks(0x2000), ==, KEYS_CAPS_LOCK);
    g_assert_cmphex(keys_locks(0x1000 | 0x40), ==, KEYS_NUM_LOCK);
    g_assert_cmphex(keys_locks(0x8000 | 0x3000), ==,
                    KEYS_CAPS_LOCK | KEYS_NUM_LOCK | KEYS_SCROLL_LOCK);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/display/keys/scancodes", test_scancodes);
    g_test_add_func("/display/keys/no-twins", test_no_twins);
    g_test_add_func("/display/keys/release", test_release_what_was_pressed);
    g_test_add_func("/display/keys/take-all", test_take_all);
    g_test_add_func("/display/keys/locks", test_locks);
    return g_test_run();
}
