/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of display/pointer.c. */
#include "display/pointer.h"

#include <glib.h>

static void test_buttons(void)
{
    static const unsigned expected[] = {
        0, POINTER_LEFT, POINTER_MIDDLE, POINTER_RIGHT, POINTER_SIDE, POINTER_EXTRA, 0, 0
    };
    for (unsigned sdl = 0; sdl < G_N_ELEMENTS(expected); sdl++)
        g_assert_cmpuint(pointer_button_of(sdl), ==, expected[sdl]);
    g_assert_cmphex(pointer_bit(POINTER_LEFT), ==, 0x01);
    g_assert_cmphex(pointer_bit(POINTER_EXTRA), ==, 0x40);
    g_assert_cmphex(pointer_bit(0), ==, 0);
}

static void test_tablet(void)
{
    Pointer pointer = { .absolute = true };
    g_assert_true(pointer_moves(&pointer));
    g_assert_cmpint(pointer_press(&pointer, POINTER_LEFT), ==, POINTER_SEND);
    g_assert_cmpint(pointer_press(&pointer, POINTER_SIDE), ==, POINTER_SEND);
    g_assert_cmpint(pointer_press(&pointer, 0), ==, POINTER_IGNORE);
    g_assert_cmphex(pointer.buttons, ==, 0x21);
    g_assert_cmpint(pointer_release(&pointer, POINTER_LEFT), ==, POINTER_SEND);
    g_assert_cmpint(pointer_release(&pointer, POINTER_LEFT), ==, POINTER_IGNORE);
    g_assert_cmphex(pointer.buttons, ==, 0x20);
    g_assert_false(pointer.grabbed);
}

/* The click that grabs is not the guest's, and neither is its end. */
static void test_mouse(void)
{
    Pointer pointer = { 0 };
    g_assert_false(pointer_moves(&pointer));
    g_assert_cmpint(pointer_press(&pointer, POINTER_LEFT), ==, POINTER_GRAB);
    g_assert_cmpint(pointer_release(&pointer, POINTER_LEFT), ==, POINTER_IGNORE);
    g_assert_true(pointer_moves(&pointer));
    g_assert_cmpint(pointer_press(&pointer, POINTER_LEFT), ==, POINTER_SEND);
    g_assert_cmphex(pointer.buttons, ==, 1);
}

static void test_mode_changes(void)
{
    Pointer pointer = { 0 };
    pointer_press(&pointer, POINTER_LEFT);
    g_assert_true(pointer_set_absolute(&pointer, true));
    g_assert_false(pointer.grabbed);
    g_assert_false(pointer_set_absolute(&pointer, true));
    g_assert_false(pointer_set_absolute(&pointer, false));
    g_assert_false(pointer_moves(&pointer));
}

static void test_take_buttons(void)
{
    Pointer pointer = { .absolute = true };
    pointer_press(&pointer, POINTER_RIGHT);
    pointer_press(&pointer, POINTER_LEFT);
    g_assert_cmpuint(pointer_take_button(&pointer), ==, POINTER_LEFT);
    g_assert_cmpuint(pointer_take_button(&pointer), ==, POINTER_RIGHT);
    g_assert_cmpuint(pointer_take_button(&pointer), ==, 0);
    g_assert_cmphex(pointer.buttons, ==, 0);
}

static void test_whole_steps(void)
{
    Pointer pointer = { .absolute = true };
    g_assert_cmpint(pointer_scroll(&pointer, 1), ==, 1);
    g_assert_cmpint(pointer_scroll(&pointer, -2), ==, -2);
    g_assert_cmpint(pointer_scroll(&pointer, 0), ==, 0);
}

static void test_fine_wheel(void)
{
    Pointer pointer = { .absolute = true };
    int steps = 0;
    for (int i = 0; i < 30; i++)
        steps += pointer_scroll(&pointer, 0.1);
    g_assert_cmpint(steps, ==, 3);
    g_assert_cmpint(pointer_scroll(&pointer, 0.75), ==, 0);
    /* Turned back: what was left over does not count. */
    g_assert_cmpint(pointer_scroll(&pointer, -0.5), ==, 0);
    g_assert_cmpint(pointer_scroll(&pointer, -0.5), ==, -1);
    g_assert_cmpint(pointer_scroll(&pointer, -2.25), ==, -2);
    g_assert_cmpint(pointer_scroll(&pointer, -0.75), ==, -1);
}

static void test_free_mouse_does_not_scroll(void)
{
    Pointer pointer = { 0 };
    g_assert_cmpint(pointer_scroll(&pointer, 3), ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/display/pointer/buttons", test_buttons);
    g_test_add_func("/display/pointer/tablet", test_tablet);
    g_test_add_func("/display/pointer/mouse", test_mouse);
    g_test_add_func("/display/pointer/mode-changes", test_mode_changes);
    g_test_add_func("/display/pointer/take-buttons", test_take_buttons);
    g_test_add_func("/display/pointer/whole-steps", test_whole_steps);
    g_test_add_func("/display/pointer/fine-wheel", test_fine_wheel);
    g_test_add_func("/display/pointer/free-mouse", test_free_mouse_does_not_scroll);
    return g_test_run();
}
