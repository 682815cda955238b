/* SPDX-License-Identifier: Apache-2.0 */
/* Display channels: surfaces, damage, and which part of a surface is which monitor. */
#include "display/session-private.h"

static int channel_id(SpiceChannel *channel)
{
    int id = 0;
    g_object_get(channel, "channel-id", &id, NULL);
    return id;
}

static CanvasImage picture_of(SpiceChannel *channel)
{
    CanvasImage image = { 0 };
    SpiceDisplayPrimary primary = { 0 };
    if (spice_display_channel_get_primary(channel, 0, &primary) && primary.marked &&
        !canvas_source(primary.format, primary.width, primary.height, primary.stride, primary.data,
                       &image))
        g_debug("display: a surface of format %d, %dx%d, stride %d cannot be shown", primary.format,
                primary.width, primary.height, primary.stride);
    return image;
}

static bool is_listed(GArray *monitors, unsigned id)
{
    for (unsigned i = 0; i < monitors->len; i++)
        if (g_array_index(monitors, SpiceDisplayMonitorConfig, i).id == id)
            return true;
    return false;
}

/* Monitors that a channel has no more; the first one stays while the channel lives, since servers
 * send an empty list for a moment when the guest changes its mode. */
static void remove_unlisted(Board *board, int channel, GArray *monitors)
{
    for (unsigned i = board->n_screens; i-- > 0;) {
        BoardScreen *screen = &board->screens[i];
        if (screen->channel == channel && screen->monitor != 0 &&
            !is_listed(monitors, screen->monitor))
            board_remove_screen(board, screen);
    }
}

static void set_screen(Session *session, int channel, unsigned monitor, const CanvasImage *picture,
                       const Rect *area)
{
    BoardScreen *screen = board_add_screen(&session->board, channel, monitor);
    if (screen)
        board_set_picture(screen, picture, area);
}

/* A monitor of size 0 is off. */
static void set_listed(Session *session, int channel, GArray *monitors, const CanvasImage *picture)
{
    for (unsigned i = 0; i < monitors->len; i++) {
        const SpiceDisplayMonitorConfig *m = &g_array_index(monitors, SpiceDisplayMonitorConfig, i);
        if (m->surface_id != 0 || m->x > CANVAS_SIDE_MAX || m->y > CANVAS_SIDE_MAX ||
            m->width > CANVAS_SIDE_MAX || m->height > CANVAS_SIDE_MAX)
            continue;
        Rect area = { (int) m->x, (int) m->y, (int) m->width, (int) m->height };
        set_screen(session, channel, m->id, picture, &area);
    }
}

static void refresh(Session *session, SpiceChannel *channel)
{
    int id = channel_id(channel);
    g_autoptr(GArray) monitors = NULL;
    g_object_get(channel, "monitors", &monitors, NULL);
    CanvasImage picture = picture_of(channel);
    Rect whole = { 0, 0, picture.width, picture.height };
    if (monitors)
        remove_unlisted(&session->board, id, monitors);
    if (monitors && monitors->len > 0)
        set_listed(session, id, monitors, &picture);
    else
        set_screen(session, id, 0, &picture, &whole);
    session_changed(session);
}

static void on_primary_create(SpiceChannel *channel, G_GNUC_UNUSED int format,
                              G_GNUC_UNUSED int width, G_GNUC_UNUSED int height,
                              G_GNUC_UNUSED int stride, G_GNUC_UNUSED int shmid,
                              G_GNUC_UNUSED void *data, void *user)
{
    refresh(user, channel);
}

static void forget_pictures(Session *session, SpiceChannel *channel)
{
    static const CanvasImage none = { 0 };
    static const Rect nowhere = { 0 };
    int id = channel_id(channel);
    for (unsigned i = 0; i < session->board.n_screens; i++) {
        BoardScreen *screen = &session->board.screens[i];
        if (screen->channel == id)
            board_set_picture(screen, &none, &nowhere);
    }
    session_changed(session);
}

/* The surface is freed after this, so nobody may have a pointer to it any more. */
static void on_primary_destroy(SpiceChannel *channel, void *user)
{
    forget_pictures(user, channel);
}

static void on_mark(SpiceChannel *channel, G_GNUC_UNUSED gboolean marked, void *user)
{
    refresh(user, channel);
}

static void on_monitors(SpiceChannel *channel, G_GNUC_UNUSED GParamSpec *what, void *user)
{
    refresh(user, channel);
}

static void on_invalidate(SpiceChannel *channel, int x, int y, int width, int height, void *user)
{
    Session *session = user;
    board_damage(&session->board, channel_id(channel), x, y, width, height);
}

/* The guest is let go on, which waits until each picture was drawn. */
static void on_gl_draw(SpiceChannel *channel, G_GNUC_UNUSED guint x, G_GNUC_UNUSED guint y,
                       G_GNUC_UNUSED guint width, G_GNUC_UNUSED guint height, void *user)
{
    Session *session = user;
    spice_display_channel_gl_draw_done(SPICE_DISPLAY_CHANNEL(channel));
    if (!session->board.opengl) {
        session->board.opengl = true;
        session_changed(session);
    }
}

void session_display_new(Session *session, SpiceChannel *channel)
{
    g_signal_connect(channel, "display-primary-create", G_CALLBACK(on_primary_create), session);
    g_signal_connect(channel, "display-primary-destroy", G_CALLBACK(on_primary_destroy), session);
    g_signal_connect(channel, "display-mark", G_CALLBACK(on_mark), session);
    g_signal_connect(channel, "notify::monitors", G_CALLBACK(on_monitors), session);
    g_signal_connect(channel, "display-invalidate", G_CALLBACK(on_invalidate), session);
    g_signal_connect(channel, "gl-draw", G_CALLBACK(on_gl_draw), session);
    session_connect(session, channel);
}

void session_display_gone(Session *session, SpiceChannel *channel)
{
    forget_pictures(session, channel);
}
