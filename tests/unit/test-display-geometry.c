/* SPDX-License-Identifier: Apache-2.0 */
/* Where the guest's pixels are in a window, and when pictures are due. */
#include "display/geometry.h"

#include <glib.h>
#include <limits.h>

#include "display/timing.h"

static void assert_rect(Rect got, int x, int y, int width, int height)
{
    g_assert_cmpint(got.x, ==, x);
    g_assert_cmpint(got.y, ==, y);
    g_assert_cmpint(got.width, ==, width);
    g_assert_cmpint(got.height, ==, height);
}

static Geometry fitted(Size guest, Size points, Size pixels)
{
    Geometry geometry;
    geometry_set(&geometry, guest, points, pixels);
    return geometry;
}

static void test_fit(void)
{
    Size guest = { 640, 480 };
    Geometry g = fitted(guest, guest, guest);
    assert_rect(g.image, 0, 0, 640, 480);
    g_assert_true(geometry_is_exact(&g));
    g = fitted(guest, (Size){ 1000, 480 }, (Size){ 1000, 480 });
    assert_rect(g.image, 180, 0, 640, 480);
    g_assert_true(geometry_is_exact(&g));
    g = fitted(guest, (Size){ 640, 1000 }, (Size){ 640, 1000 });
    assert_rect(g.image, 0, 260, 640, 480);
    g = fitted(guest, (Size){ 320, 480 }, (Size){ 320, 480 });
    assert_rect(g.image, 0, 120, 320, 240);
    g_assert_false(geometry_is_exact(&g));
    g_assert_false(geometry_is_enlarged(&g));
    g = fitted(guest, (Size){ 1280, 960 }, (Size){ 1280, 960 });
    g_assert_true(geometry_is_enlarged(&g));
    g = fitted((Size){ 16384, 1 }, (Size){ 10, 10 }, (Size){ 10, 10 });
    assert_rect(g.image, 0, 4, 10, 1);
}

static void test_nothing_to_fit(void)
{
    Geometry g = fitted((Size){ 0, 0 }, (Size){ 10, 10 }, (Size){ 10, 10 });
    const Rect part = { 0, 0, 5, 5 };
    int x = 7, y = 7;
    g_assert_cmpint(geometry_from_guest(&g, &part).width, ==, 0);
    g_assert_false(geometry_to_guest(&g, 5, 5, &x, &y));
    g_assert_cmpint(x, ==, 0);
    g_assert_cmpint(y, ==, 0);
}

/* Each point of a window, and of one with more pixels than points, is where its pixel is. */
static void test_to_guest(void)
{
    Geometry g = fitted((Size){ 100, 50 }, (Size){ 120, 50 }, (Size){ 120, 50 });
    int x, y;
    for (int i = 0; i < 100; i++) {
        g_assert_true(geometry_to_guest(&g, i + 10, i / 2, &x, &y));
        g_assert_cmpint(x, ==, i);
        g_assert_cmpint(y, ==, i / 2);
    }
    g_assert_false(geometry_to_guest(&g, 9, 0, &x, &y));
    g_assert_cmpint(x, ==, 0);
    g_assert_false(geometry_to_guest(&g, 110, 60, &x, &y));
    g_assert_cmpint(x, ==, 99);
    g_assert_cmpint(y, ==, 49);
    g = fitted((Size){ 100, 50 }, (Size){ 100, 50 }, (Size){ 200, 100 });
    for (int i = 0; i < 100; i++) {
        g_assert_true(geometry_to_guest(&g, i, 0, &x, &y));
        g_assert_cmpint(x, ==, i);
    }
}

/* Every pixel of the guest can be pointed at in a window that is large enough. */
static void test_every_pixel(void)
{
    for (int window = 50; window < 200; window += 7) {
        Geometry g = fitted((Size){ 50, 50 }, (Size){ window, window }, (Size){ window, window });
        int last = -1, x, y;
        for (int i = 0; i < window; i++) {
            g_assert_true(geometry_to_guest(&g, i, i, &x, &y));
            g_assert_cmpint(x, <=, last + 1);
            last = x;
        }
        g_assert_cmpint(last, ==, 49);
    }
}

static void test_from_guest(void)
{
    Geometry g = fitted((Size){ 100, 50 }, (Size){ 120, 50 }, (Size){ 120, 50 });
    const Rect part = { 10, 20, 5, 5 }, outside = { 100, 0, 5, 5 }, over = { 90, 40, 100, 100 };
    assert_rect(geometry_from_guest(&g, &part), 20, 20, 5, 5);
    g_assert_cmpint(geometry_from_guest(&g, &outside).width, ==, 0);
    assert_rect(geometry_from_guest(&g, &over), 100, 40, 10, 10);
    g = fitted((Size){ 100, 50 }, (Size){ 200, 100 }, (Size){ 200, 100 });
    assert_rect(geometry_from_guest(&g, &part), 18, 38, 14, 14);
    const Rect corner = { 0, 0, 1, 1 };
    assert_rect(geometry_from_guest(&g, &corner), 0, 0, 4, 4);
}

static void test_window_size(void)
{
    Size guest = { 1000, 500 }, room = { 800, 800 }, none = { 0, 0 };
    Size size = geometry_window_size(guest, 1, 1, false, none);
    g_assert_cmpint(size.width, ==, 1000);
    size = geometry_window_size(guest, 1.5, 1, false, none);
    g_assert_cmpint(size.width, ==, 1500);
    size = geometry_window_size(guest, 1, 1, false, room);
    g_assert_cmpint(size.width, ==, 800);
    g_assert_cmpint(size.height, ==, 400);
    size = geometry_window_size(guest, 1, 2, true, none);
    g_assert_cmpint(size.width, ==, 500);
    size = geometry_window_size(guest, 1, 2, false, none);
    g_assert_cmpint(size.width, ==, 1000);
    size = geometry_window_size((Size){ 10000, 1 }, 0.1, 1, false, room);
    g_assert_cmpint(size.height, ==, 1);
}

static void test_clip(void)
{
    const Rect a = { 0, 0, 10, 10 }, huge = { INT_MIN, INT_MIN, INT_MAX, INT_MAX };
    const Rect far = { INT_MAX, INT_MAX, INT_MAX, INT_MAX }, around = { -5, -5, INT_MAX, INT_MAX };
    g_assert_cmpint(rect_clip(&a, &huge).width, ==, 0);
    g_assert_cmpint(rect_clip(&a, &far).width, ==, 0);
    assert_rect(rect_clip(&a, &around), 0, 0, 10, 10);
}

/* At once after a pause, a few in quick succession, and no more than a monitor shows in a second. */
static void test_pace(void)
{
    Pace pace = { 0 };
    int64_t now = 5000000;
    g_assert_cmpint(pace_due(&pace, now), ==, now);
    pace_shown(&pace, now);
    g_assert_cmpint(pace_due(&pace, now), ==, now + 3000);
    g_assert_cmpint(pace_due(&pace, now + 50000), ==, now + 50000);
    int shown = 0;
    for (int64_t end = now + G_USEC_PER_SEC; (now = pace_due(&pace, now)) < end; shown++)
        pace_shown(&pace, now);
    g_assert_cmpint(shown, >=, 59);
    g_assert_cmpint(shown, <=, 68);
    now += G_USEC_PER_SEC;
    g_assert_cmpint(pace_due(&pace, now), ==, now);
}

static void test_median(void)
{
    g_autofree Timing *timing = g_new0(Timing, 1);
    g_assert_cmpint(timing_median_us(timing), ==, 0);
    for (int i = 0; i < 100; i++)
        timing_add(timing, i < 60 ? 1020 : 9000);
    g_assert_cmpint(timing_median_us(timing), ==, 1050);
    for (int i = 0; i < 100; i++)
        timing_add(timing, INT_MAX);
    timing_add(timing, -5);
    g_assert_cmpint(timing_median_us(timing), >, 9000);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/geometry/fit", test_fit);
    g_test_add_func("/geometry/nothing-to-fit", test_nothing_to_fit);
    g_test_add_func("/geometry/to-guest", test_to_guest);
    g_test_add_func("/geometry/every-pixel", test_every_pixel);
    g_test_add_func("/geometry/from-guest", test_from_guest);
    g_test_add_func("/geometry/window-size", test_window_size);
    g_test_add_func("/geometry/clip", test_clip);
    g_test_add_func("/timing/pace", test_pace);
    g_test_add_func("/timing/median", test_median);
    return g_test_run();
}
