/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of core/screen/pointer.c. */
#include "core/screen/pointer.h"

/* Guests make a pixel of what the tablet says in two ways: by cutting off, and by rounding to the
 * nearest when the last pixel is the end of the tablet. */
static void test_axis(void)
{
    static const unsigned sizes[] = { 1, 2, 400, 720, 800, 1080, 1280, 1366, 3840, 7680 };
    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++)
        for (unsigned pixel = 0; pixel < sizes[i]; pixel++) {
            int64_t value = pointer_axis(pixel, sizes[i]);
            g_assert_cmpint(value, >=, 0);
            g_assert_cmpint(value, <=, 0x7fff);
            g_assert_cmpint(value * sizes[i] / 0x8000, ==, pixel);
            g_assert_cmpint((2 * value * (sizes[i] - 1) + 0x7fff) / (2 * 0x7fff), ==, pixel);
        }
}

static void test_pixel(void)
{
    g_autoptr(Picture) screen = picture_new(4, 3);
    g_assert_true(pointer_check_pixel(screen, 0, 0, NULL));
    g_assert_true(pointer_check_pixel(screen, 3, 2, NULL));
    g_assert_false(pointer_check_pixel(screen, 4, 0, NULL));
    g_assert_false(pointer_check_pixel(screen, 0, 3, NULL));
    g_assert_false(pointer_check_pixel(screen, -1, 0, NULL));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/pointer/axis", test_axis);
    g_test_add_func("/pointer/pixel", test_pixel);
    return g_test_run();
}
