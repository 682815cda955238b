/* SPDX-License-Identifier: Apache-2.0 */
/* Cursor channels: the shape of the guest's pointer. */
#include "display/session-private.h"

/* As large as the protocol's users draw them; more would be an attack. */
#define CURSOR_SIDE_MAX 512

static BoardCursor *cursor_of(Session *session, SpiceChannel *channel)
{
    int id = 0;
    g_object_get(channel, "channel-id", &id, NULL);
    return id >= 0 && id < BOARD_CHANNELS_MAX ? &session->board.cursors[id] : NULL;
}

static void set_shape(BoardCursor *cursor, const SpiceCursorShape *shape)
{
    g_clear_pointer(&cursor->rgba, g_free);
    cursor->width = cursor->height = 0;
    cursor->hidden = false;
    cursor->serial++;
    if (!shape || !shape->data || shape->width < 1 || shape->height < 1 ||
        shape->width > CURSOR_SIDE_MAX || shape->height > CURSOR_SIDE_MAX)
        return;
    cursor->width = shape->width;
    cursor->height = shape->height;
    cursor->hot_x = MIN(shape->hot_spot_x, shape->width - 1);
    cursor->hot_y = MIN(shape->hot_spot_y, shape->height - 1);
    cursor->rgba = g_memdup2(shape->data, (gsize) shape->width * shape->height * 4);
}

static void on_shape(SpiceChannel *channel, G_GNUC_UNUSED GParamSpec *what, void *user)
{
    Session *session = user;
    BoardCursor *cursor = cursor_of(session, channel);
    SpiceCursorShape *shape = NULL;
    g_object_get(channel, "cursor", &shape, NULL);
    if (cursor)
        set_shape(cursor, shape);
    if (shape)
        g_boxed_free(SPICE_TYPE_CURSOR_SHAPE, shape);
    session_changed(session);
}

static void on_move(SpiceChannel *channel, int x, int y, void *user)
{
    Session *session = user;
    BoardCursor *cursor = cursor_of(session, channel);
    if (!cursor)
        return;
    /* A server moves only what it shows. */
    if (cursor->hidden)
        cursor->serial++;
    cursor->hidden = false;
    cursor->x = CLAMP(x, -CANVAS_SIDE_MAX, CANVAS_SIDE_MAX);
    cursor->y = CLAMP(y, -CANVAS_SIDE_MAX, CANVAS_SIDE_MAX);
    session_changed(session);
}

static void on_hide(SpiceChannel *channel, void *user)
{
    Session *session = user;
    BoardCursor *cursor = cursor_of(session, channel);
    if (!cursor)
        return;
    cursor->hidden = true;
    cursor->serial++;
    session_changed(session);
}

static void on_reset(SpiceChannel *channel, void *user)
{
    Session *session = user;
    BoardCursor *cursor = cursor_of(session, channel);
    if (cursor)
        set_shape(cursor, NULL);
    session_changed(session);
}

void session_cursor_new(Session *session, SpiceChannel *channel)
{
    g_signal_connect(channel, "notify::cursor", G_CALLBACK(on_shape), session);
    g_signal_connect(channel, "cursor-move", G_CALLBACK(on_move), session);
    g_signal_connect(channel, "cursor-hide", G_CALLBACK(on_hide), session);
    g_signal_connect(channel, "cursor-reset", G_CALLBACK(on_reset), session);
    session_connect(session, channel);
}
