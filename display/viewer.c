/* SPDX-License-Identifier: Apache-2.0 */
/* The loop of the window's thread: it sleeps until SDL has an event or a picture is due. */
#include "display/viewer.h"

#include <glib-unix.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "display/failure.h"
#include "display/input.h"
#include "display/turn.h"
#include "display/video.h"

/* When a window is opened although the guest has not said how large its screen is. */
#define PATIENCE_US (400 * G_TIME_SPAN_MILLISECOND)
/* How long after connecting a screen may turn up that the user asked for. */
#define SCREEN_PATIENCE_US (2 * G_USEC_PER_SEC)

struct Viewer {
    Options *options;   /* borrowed */
    Session *session;   /* owned */
    Mailbox *inbox;     /* owned; both threads */
    Input *input;       /* owned */
    GPtrArray *windows; /* of owned Windows */
    Uint32 wake_event;
    int ready;   /* atomic: SDL takes events */
    int woken;   /* atomic: an event is on its way */
    int blocked; /* atomic: the user is asked something, and nothing else is heard */
    int64_t started_us, connected_us;
    LinkState link;
    bool absolute_pointer, opengl, opengl_said;
    char notice[BOARD_NOTICE_BYTES];
    GArray *closed; /* of BoardKeys that the user closed */
    bool over;
    GError *error; /* owned */
    const char *hint;
};

/* Which screen. */
typedef struct {
    int channel;
    unsigned monitor;
    Size size;
} BoardKey;

/* Channels come in any order, so that a place in a list would say nothing. A machine has either
 * several channels with one monitor each, or one channel. */
static int screen_number(const BoardKey *key)
{
    return key->channel + (int) key->monitor;
}

/* In the session's thread. */
static void wake(void *user)
{
    Viewer *viewer = user;
    if (!g_atomic_int_get(&viewer->ready) ||
        !g_atomic_int_compare_and_exchange(&viewer->woken, 0, 1))
        return;
    SDL_Event event = { .type = viewer->wake_event };
    if (SDL_PushEvent(&event) != 1)
        g_atomic_int_set(&viewer->woken, 0);
}

Session *viewer_session(Viewer *viewer)
{
    return viewer->session;
}

const Options *viewer_options(Viewer *viewer)
{
    return viewer->options;
}

void viewer_post(Viewer *viewer, MailboxCall call, void *data, GDestroyNotify free)
{
    mailbox_post(viewer->inbox, call, data, free);
}

void viewer_set_blocked(Viewer *viewer, bool blocked)
{
    g_atomic_int_set(&viewer->blocked, blocked);
}

Window *viewer_window(Viewer *viewer, Uint32 id)
{
    for (unsigned i = 0; i < viewer->windows->len; i++) {
        Window *window = g_ptr_array_index(viewer->windows, i);
        if (window->id == id)
            return window;
    }
    return NULL;
}

static void fail(Viewer *viewer, const char *hint, GError *error)
{
    viewer->over = true;
    if (viewer->error) {
        g_error_free(error);
        return;
    }
    viewer->error = error;
    viewer->hint = hint;
}

static Window *find_window(Viewer *viewer, const BoardKey *key)
{
    for (unsigned i = 0; i < viewer->windows->len; i++) {
        Window *window = g_ptr_array_index(viewer->windows, i);
        if (window->bound && window->channel == key->channel && window->monitor == key->monitor)
            return window;
    }
    return NULL;
}

static Window *find_unbound(Viewer *viewer)
{
    for (unsigned i = 0; i < viewer->windows->len; i++) {
        Window *window = g_ptr_array_index(viewer->windows, i);
        if (!window->bound)
            return window;
    }
    return NULL;
}

static Window *open_window(Viewer *viewer, Size size)
{
    GError *error = NULL;
    Window *window = window_new(viewer->options, size, &error);
    if (window)
        g_ptr_array_add(viewer->windows, window);
    else
        fail(viewer, NULL, error);
    return window;
}

static bool was_closed(const Viewer *viewer, const BoardKey *key)
{
    for (unsigned i = 0; i < viewer->closed->len; i++) {
        const BoardKey *closed = &g_array_index(viewer->closed, BoardKey, i);
        if (closed->channel == key->channel && closed->monitor == key->monitor)
            return true;
    }
    return false;
}

static int compare_keys(const void *a, const void *b)
{
    const BoardKey *x = a, *y = b;
    if (x->channel != y->channel)
        return x->channel - y->channel;
    return (int) x->monitor - (int) y->monitor;
}

static void show_screen(Viewer *viewer, const BoardKey *key)
{
    if (key->size.width < 1 || was_closed(viewer, key) || find_window(viewer, key))
        return;
    Window *window = find_unbound(viewer);
    if (!window)
        window = open_window(viewer, key->size);
    if (!window)
        return;
    window->bound = true;
    window->channel = key->channel;
    window->monitor = key->monitor;
}

static bool is_listed(const BoardKey *keys, unsigned n_keys, const Window *window)
{
    for (unsigned i = 0; i < n_keys; i++)
        if (keys[i].channel == window->channel && keys[i].monitor == window->monitor)
            return true;
    return false;
}

/* A screen that the guest has no more; the last window stays, for what comes. */
static void close_unlisted(Viewer *viewer, const BoardKey *keys, unsigned n_keys)
{
    for (unsigned i = viewer->windows->len; i-- > 0;) {
        const Window *window = g_ptr_array_index(viewer->windows, i);
        if (window->bound && viewer->windows->len > 1 && !is_listed(keys, n_keys, window))
            g_ptr_array_remove_index(viewer->windows, i);
    }
}

/* What is copied from the board with the turn. */
typedef struct {
    BoardKey keys[BOARD_SCREENS_MAX];
    unsigned n_keys;
    GError *failure;
    const char *hint;
} News;

static void read_board(Viewer *viewer, News *news)
{
    Board *board = session_board(viewer->session);
    turn_take();
    viewer->link = board->link;
    viewer->absolute_pointer = board->absolute_pointer;
    viewer->opengl = board->opengl;
    memcpy(viewer->notice, board->notice, sizeof viewer->notice);
    news->failure = g_steal_pointer(&board->failure);
    news->hint = board->failure_hint;
    for (unsigned i = 0; i < board->n_screens; i++) {
        const BoardScreen *screen = &board->screens[i];
        news->keys[news->n_keys++] = (BoardKey){ screen->channel,
                                                 screen->monitor,
                                                 { screen->area.width, screen->area.height } };
    }
    input_board_changed(viewer->input, board);
    turn_give();
    qsort(news->keys, news->n_keys, sizeof news->keys[0], compare_keys);
}

static const char *state_words(const Viewer *viewer)
{
    switch (viewer->link) {
    case LINK_CONNECTING:
        return viewer->options->wait ? "waiting for the machine" : "connecting";
    case LINK_WAITING:
        return "the machine is away, waiting for it";
    case LINK_CONNECTED:
        return viewer->opengl ? "the guest draws with OpenGL, which cannot be shown here" : NULL;
    default:
        return NULL;
    }
}

static void set_title(const Viewer *viewer, Window *window)
{
    const char *state = state_words(viewer), *pointer = input_title(viewer->input);
    if (*viewer->notice)
        state = viewer->notice;
    GString *title = g_string_new(viewer->options->title);
    if (window->bound && viewer->windows->len > 1)
        g_string_append_printf(title, ", screen %u",
                               (unsigned) window->channel + window->monitor + 1);
    if (state)
        g_string_append_printf(title, " (%s)", state);
    else if (pointer)
        g_string_append_printf(title, " (%s)", pointer);
    g_autofree char *text = g_string_free(title, FALSE);
    if (g_strcmp0(SDL_GetWindowTitle(window->sdl), text) != 0)
        SDL_SetWindowTitle(window->sdl, text);
}

void viewer_update_titles(Viewer *viewer)
{
    for (unsigned i = 0; i < viewer->windows->len; i++)
        set_title(viewer, g_ptr_array_index(viewer->windows, i));
}

static void say_once(Viewer *viewer)
{
    if (!viewer->opengl || viewer->opengl_said)
        return;
    viewer->opengl_said = true;
    fprintf(stderr,
            "utmctl: VM \"%s\": the guest draws with OpenGL, which this viewer cannot show; "
            "choose a display without \"-gl\"\n",
            viewer->options->title);
}

static void show_screens(Viewer *viewer, const News *news)
{
    int only = viewer->options->monitor;
    for (unsigned i = 0; i < news->n_keys && !viewer->over; i++)
        if (only < 0 || only == screen_number(&news->keys[i]))
            show_screen(viewer, &news->keys[i]);
    if (viewer->link == LINK_CONNECTED)
        close_unlisted(viewer, news->keys, news->n_keys);
}

static void look_at_board(Viewer *viewer)
{
    News news = { 0 };
    g_atomic_int_set(&viewer->woken, 0);
    read_board(viewer, &news);
    if (news.failure) {
        fail(viewer, news.hint, news.failure);
        return;
    }
    if (viewer->link == LINK_CONNECTED && !viewer->connected_us)
        viewer->connected_us = g_get_monotonic_time();
    show_screens(viewer, &news);
    say_once(viewer);
    for (unsigned i = 0; i < viewer->windows->len && !viewer->over; i++) {
        Window *window = g_ptr_array_index(viewer->windows, i);
        if (window->bound)
            window_look(window, session_board(viewer->session));
        set_title(viewer, window);
    }
}

/* The last window takes the program with it. */
static void close_window(Viewer *viewer, Window *window)
{
    BoardKey key = { .channel = window->channel, .monitor = window->monitor };
    if (viewer->windows->len == 1) {
        viewer->over = true;
        return;
    }
    g_array_append_val(viewer->closed, key);
    g_ptr_array_remove(viewer->windows, window);
}

static Window *window_of(Viewer *viewer, const SDL_Event *event)
{
    switch (event->type) {
    case SDL_WINDOWEVENT:
        return viewer_window(viewer, event->window.windowID);
    case SDL_KEYDOWN:
    case SDL_KEYUP:
        return viewer_window(viewer, event->key.windowID);
    case SDL_MOUSEMOTION:
        return viewer_window(viewer, event->motion.windowID);
    case SDL_MOUSEBUTTONDOWN:
    case SDL_MOUSEBUTTONUP:
        return viewer_window(viewer, event->button.windowID);
    case SDL_MOUSEWHEEL:
        return viewer_window(viewer, event->wheel.windowID);
    case SDL_DROPFILE:
    case SDL_DROPTEXT:
    case SDL_DROPBEGIN:
    case SDL_DROPCOMPLETE:
        return viewer_window(viewer, event->drop.windowID);
    default:
        return NULL;
    }
}

static void resize_guest(Viewer *viewer, const Window *window)
{
    if (viewer->options->resize_guest && window->bound)
        session_resize(viewer->session, window->channel, window->monitor, window->geometry.pixels);
}

static void handle(Viewer *viewer, const SDL_Event *event)
{
    Window *window = window_of(viewer, event);
    if (event->type == viewer->wake_event) {
        look_at_board(viewer);
        mailbox_run(viewer->inbox);
        return;
    }
    if (event->type == SDL_QUIT)
        viewer->over = true;
    input_event(viewer->input, window, event);
    if (event->type != SDL_WINDOWEVENT || !window)
        return;
    if (event->window.event == SDL_WINDOWEVENT_CLOSE)
        close_window(viewer, window);
    else if (window_event(window, &event->window))
        resize_guest(viewer, window);
}

static bool screen_is_missing(const Viewer *viewer)
{
    for (unsigned i = 0; i < viewer->windows->len; i++)
        if (((Window *) g_ptr_array_index(viewer->windows, i))->bound)
            return false;
    return viewer->link == LINK_CONNECTED;
}

static void give_up_on_screen(Viewer *viewer)
{
    int monitor = viewer->options->monitor;
    if (monitor < 0)
        fail(viewer, "utmctl attach NAME reaches its serial port",
             g_error_new(DISPLAY_ERROR, DISPLAY_ERROR_NOT_FOUND, "it has no screen"));
    else
        fail(viewer, NULL,
             g_error_new(DISPLAY_ERROR, DISPLAY_ERROR_NOT_FOUND,
                         "it has no screen %d; the first is 0", monitor));
}

/* What has to be done without an event, and when; INT64_MAX for nothing. */
static int64_t do_what_is_due(Viewer *viewer, int64_t now_us)
{
    int64_t next_us = INT64_MAX;
    for (unsigned i = 0; i < viewer->windows->len; i++) {
        Window *window = g_ptr_array_index(viewer->windows, i);
        if (window->pending && window->due_us <= now_us)
            window_draw(window, session_board(viewer->session));
        if (window->pending)
            next_us = MIN(next_us, window->due_us);
    }
    if (viewer->windows->len == 0) {
        int64_t due_us = viewer->started_us + PATIENCE_US;
        if (now_us >= due_us && open_window(viewer, (Size){ 0 }))
            look_at_board(viewer);
        else
            next_us = MIN(next_us, due_us);
    }
    if (screen_is_missing(viewer)) {
        int64_t due_us = viewer->connected_us + SCREEN_PATIENCE_US;
        if (now_us >= due_us)
            give_up_on_screen(viewer);
        next_us = MIN(next_us, due_us);
    }
    return next_us;
}

static void wait_for_event(Viewer *viewer, int64_t until_us)
{
    SDL_Event event;
    int64_t left_us = until_us == INT64_MAX ? -1 : until_us - g_get_monotonic_time();
    int got = until_us == INT64_MAX
                  ? SDL_WaitEvent(&event)
                  : SDL_WaitEventTimeout(&event, (int) MAX((left_us + 999) / 1000, 0));
    /* What is there already; SDL_PollEvent() would ask the X server again each time. */
    while (got > 0 && !viewer->over) {
        handle(viewer, &event);
        got = SDL_PeepEvents(&event, 1, SDL_GETEVENT, SDL_FIRSTEVENT, SDL_LASTEVENT);
    }
}

static void loop(Viewer *viewer)
{
    /* What came in before SDL took events has woken nobody. */
    mailbox_run(viewer->inbox);
    look_at_board(viewer);
    while (!viewer->over) {
        int64_t next_us = do_what_is_due(viewer, g_get_monotonic_time());
        if (!viewer->over)
            wait_for_event(viewer, next_us);
    }
}

static void interrupt(void *owner, G_GNUC_UNUSED void *data)
{
    fail(owner, NULL,
         g_error_new(DISPLAY_ERROR, DISPLAY_ERROR_INTERRUPTED, "interrupted; the machine runs on"));
}

/* In the session's thread. */
static gboolean on_signal(void *user)
{
    if (g_atomic_int_get(&((Viewer *) user)->blocked))
        _exit(DISPLAY_ERROR_INTERRUPTED);
    viewer_post(user, interrupt, NULL, NULL);
    return G_SOURCE_CONTINUE;
}

static void print_stats(const Viewer *viewer)
{
    turn_take();
    fprintf(stderr, "%" G_GUINT64_FORMAT " damages\n",
            (guint64) session_board(viewer->session)->n_damages);
    turn_give();
    for (unsigned i = 0; i < viewer->windows->len; i++) {
        const Window *window = g_ptr_array_index(viewer->windows, i);
        fprintf(stderr,
                "screen %u: %" G_GUINT64_FORMAT " frames, median %.2f ms, first at %.1f ms\n",
                (unsigned) window->channel + window->monitor, (guint64) window->frames,
                (double) timing_median_us(&window->timing) / 1000,
                (double) (window->first_us - viewer->started_us) / 1000);
    }
}

static void viewer_clear(Viewer *viewer)
{
    g_clear_pointer(&viewer->session, session_stop);
    g_clear_pointer(&viewer->windows, g_ptr_array_unref);
    g_clear_pointer(&viewer->input, input_free);
    g_clear_pointer(&viewer->inbox, mailbox_free);
    g_clear_pointer(&viewer->closed, g_array_unref);
    SDL_Quit();
}

static void start(Viewer *viewer)
{
    Options *options = viewer->options;
    SessionSetup setup = { .target = options->target,
                           .wait = options->wait,
                           .audio = !options->no_audio,
                           .options = options,
                           .timeout_us = (gint64) options->timeout_s * G_USEC_PER_SEC,
                           .wake = wake,
                           .user = viewer };
    options->target = (Target){ 0 };
    viewer->started_us = g_get_monotonic_time();
    viewer->inbox = mailbox_new(viewer, wake, viewer);
    viewer->windows = g_ptr_array_new_with_free_func((GDestroyNotify) window_free);
    viewer->closed = g_array_new(FALSE, FALSE, sizeof(BoardKey));
    viewer->input = input_new(viewer);
    viewer->wake_event = SDL_RegisterEvents(1);
    g_unix_signal_add(SIGINT, on_signal, viewer);
    g_unix_signal_add(SIGTERM, on_signal, viewer);
    g_unix_signal_add(SIGHUP, on_signal, viewer);
    viewer->session = session_start(&setup);
    turn_take();
    session_board(viewer->session)->timed = options->stats;
    turn_give();
}

bool viewer_run(Options *options, const char **out_hint, GError **error)
{
    Viewer viewer = { .options = options };
    video_prepare();
    /* The server is asked while the desktop is. */
    start(&viewer);
    if (video_open(&viewer.error)) {
        g_atomic_int_set(&viewer.ready, 1);
        loop(&viewer);
    } else {
        viewer.hint = "utmctl screenshot and utmctl attach work without one";
    }
    if (options->stats)
        print_stats(&viewer);
    *out_hint = viewer.hint;
    GError *failure = viewer.error;
    viewer_clear(&viewer);
    if (!failure)
        return true;
    g_propagate_error(error, failure);
    return false;
}
