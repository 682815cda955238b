/* SPDX-License-Identifier: Apache-2.0 */
/* Waiting for what a machine shows. */
#include "core/screen/screen-wait.h"

#include <string.h>

#include <glib/gstdio.h>

#include "core/error.h"
#include "core/paths.h"
#include "core/screen/keyboard.h"
#include "core/screen/picture-compare.h"
#include "core/screen/screenshot.h"

/* Time between two pictures: of a screen that moves, and of one that does not. */
#define SHORTEST_PAUSE_US (50 * 1000)
#define LONGEST_PAUSE_US (250 * 1000)

/* As many times as long as taking a picture lasts, there is none taken. */
enum { PAUSE_FACTOR = 10 };

typedef struct {
    const ScreenWait *wish;
    Picture *last;    /* owned */
    Picture *base;    /* what has been standing still; owned, NULL while there is none */
    int64_t since_us; /* since when it shows what is wished for; 0: it does not */
    int64_t pause_us;
    int64_t deadline_us; /* INT64_MAX: none */
} Watch;

static void watch_clear(Watch *watch)
{
    picture_free(watch->last);
    picture_free(watch->base);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Watch, watch_clear)

/* Standing still is measured against where it began: a slow change is one. */
static bool shows_wish(const Watch *watch, const Picture *shot)
{
    const Picture *goal = watch->wish->image ? watch->wish->image : watch->base;
    return goal && picture_is_like(goal, shot, watch->wish->tolerance);
}

static Picture *copy_picture(const Picture *picture)
{
    Picture *copy = picture_new(picture->width, picture->height);
    memcpy(copy->rgb, picture->rgb, (size_t) picture->width * picture->height * 3);
    return copy;
}

/* Looks at a picture; true when that was all that is waited for. */
static bool look(Watch *watch, Picture *shot_taken, int64_t taken_us)
{
    bool moved = !watch->last || !picture_is_like(watch->last, shot_taken, -1);
    watch->pause_us = moved ? SHORTEST_PAUSE_US : MIN(2 * watch->pause_us, LONGEST_PAUSE_US);
    picture_free(watch->last);
    watch->last = shot_taken;
    if (!shows_wish(watch, shot_taken)) {
        watch->since_us = 0;
        if (watch->wish->image)
            return false;
        picture_free(watch->base);
        watch->base = copy_picture(shot_taken);
    }
    if (!watch->since_us)
        watch->since_us = taken_us;
    return taken_us - watch->since_us >= watch->wish->stable_us;
}

/* Where the last picture is: the state folder has one of each machine at most. */
static char *keep_last(const Watch *watch, const char *uuid)
{
    g_autofree char *folder = paths_state(uuid);
    g_autofree char *path = g_build_filename(folder, "screen.png", NULL);
    g_autoptr(GBytes) file = picture_to_png(watch->last);
    gsize length;
    const char *data = g_bytes_get_data(file, &length);
    bool ok = g_mkdir_with_parents(folder, 0700) == 0 &&
              g_file_set_contents_full(path, data, (gssize) length, G_FILE_SET_CONTENTS_CONSISTENT,
                                       0600, NULL);
    return ok ? g_steal_pointer(&path) : NULL;
}

static char *describe_end(const Watch *watch)
{
    const Picture *image = watch->wish->image, *last = watch->last;
    if (!image)
        return g_strdup("the screen still moves");
    if (image->width != last->width || image->height != last->height)
        return g_strdup_printf("the screen has %ux%u, the reference %ux%u", last->width,
                               last->height, image->width, image->height);
    PictureDifference difference = picture_compare(image, last);
    if (!difference.pixels)
        return g_strdup("the screen shows it, but not for long enough");
    double share = (double) difference.pixels * 100 / ((double) image->width * image->height);
    return g_strdup_printf("the screen differs in %.2f%% of its pixels, within %ux%u at %u,%u",
                           share, difference.width, difference.height, difference.left,
                           difference.top);
}

static void set_timeout(const Watch *watch, const char *uuid, GError **error)
{
    g_autofree char *end = describe_end(watch);
    g_autofree char *path = keep_last(watch, uuid);
    utm_error_set(error, UTM_ERROR_TIMEOUT, NULL, "after %.1f s %s; the last screenshot is %s%s%s",
                  (double) watch->wish->timeout_us / G_USEC_PER_SEC, end, path ? "\"" : "",
                  path ? path : "lost: its folder cannot be written to", path ? "\"" : "");
}

/* No longer than to the next moment at which something is decided. */
static int64_t next_pause(const Watch *watch, int64_t cost_us)
{
    int64_t now_us = g_get_monotonic_time();
    int64_t pause_us = MAX(watch->pause_us, PAUSE_FACTOR * cost_us);
    if (watch->since_us)
        pause_us = MIN(pause_us, watch->since_us + watch->wish->stable_us - now_us);
    return MAX(1000, MIN(pause_us, watch->deadline_us - now_us));
}

Picture *screen_wait(QmpClient *client, const Bundle *bundle, const ScreenWait *wish,
                     GError **error)
{
    int64_t begin_us = g_get_monotonic_time();
    g_auto(Watch)
        watch = { .wish = wish,
                  .pause_us = SHORTEST_PAUSE_US,
                  .deadline_us = wish->timeout_us ? begin_us + wish->timeout_us : INT64_MAX };
    for (;;) {
        int64_t asked_us = g_get_monotonic_time();
        Picture *shot = screenshot_take(client, bundle, wish->display, error);
        if (!shot)
            return NULL;
        int64_t taken_us = g_get_monotonic_time();
        if (look(&watch, shot, taken_us))
            return g_steal_pointer(&watch.last);
        if (taken_us >= watch.deadline_us) {
            set_timeout(&watch, bundle->config->information.uuid, error);
            return NULL;
        }
        if (!input_wait(client, next_pause(&watch, taken_us - asked_us), error))
            return NULL;
    }
}
