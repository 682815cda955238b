/* SPDX-License-Identifier: Apache-2.0 */
/* Leaving a server. spice-server 0.15 reads freed memory, and QEMU ends with it, when a client goes
 * while its display or cursor channel is on the way from the thread that admits clients to the
 * thread that draws. So nobody leaves before the other end of these has said its first word.
 */
#include "display/session-private.h"

/* How long a server that hangs can keep us. */
#define LEAVE_MS 2000
#define LOOK_MS 5

/* What is in the table while a channel is not open yet. */
#define NOT_OPEN G_MAXSIZE

static gsize bytes_read(SpiceChannel *channel)
{
    gulong bytes = 0;
    g_object_get(channel, "total-read-bytes", &bytes, NULL);
    return bytes;
}

static void on_event(SpiceChannel *channel, SpiceChannelEvent event, void *user)
{
    Session *session = user;
    if (event == SPICE_CHANNEL_OPENED)
        g_hash_table_insert(session->fresh, channel, GSIZE_TO_POINTER(bytes_read(channel)));
    else if (event != SPICE_CHANNEL_NONE && event != SPICE_CHANNEL_SWITCHING)
        g_hash_table_remove(session->fresh, channel);
}

static void on_finalized(void *user, GObject *where_it_was)
{
    Session *session = user;
    g_hash_table_remove(session->alive, where_it_was);
    g_hash_table_remove(session->fresh, where_it_was);
}

void session_leave_watch(Session *session, SpiceChannel *channel)
{
    g_hash_table_add(session->alive, channel);
    g_object_weak_ref(G_OBJECT(channel), on_finalized, session);
}

void session_leave_connecting(Session *session, SpiceChannel *channel)
{
    if (!SPICE_IS_DISPLAY_CHANNEL(channel) && !SPICE_IS_CURSOR_CHANNEL(channel))
        return;
    g_hash_table_insert(session->fresh, channel, GSIZE_TO_POINTER(NOT_OPEN));
    g_signal_connect(channel, "channel-event", G_CALLBACK(on_event), session);
}

static gboolean has_spoken(void *channel, void *bytes_when_opened, G_GNUC_UNUSED void *user)
{
    gsize before = GPOINTER_TO_SIZE(bytes_when_opened);
    return before != NOT_OPEN && bytes_read(channel) > before;
}

static bool is_safe(Session *session)
{
    g_hash_table_foreach_remove(session->fresh, has_spoken, NULL);
    return g_hash_table_size(session->fresh) == 0;
}

static bool is_gone(Session *session)
{
    return g_hash_table_size(session->alive) == 0;
}

static gboolean keep_looking(G_GNUC_UNUSED void *user)
{
    return G_SOURCE_CONTINUE;
}

static void wait_until(Session *session, bool (*done)(Session *))
{
    gint64 end_us = g_get_monotonic_time() + LEAVE_MS * G_TIME_SPAN_MILLISECOND;
    unsigned timer = g_timeout_add(LOOK_MS, keep_looking, NULL);
    while (!done(session) && g_get_monotonic_time() < end_us)
        g_main_context_iteration(NULL, TRUE);
    g_source_remove(timer);
}

void session_leave_wait(Session *session)
{
    wait_until(session, is_safe);
}

void session_leave_end(Session *session)
{
    wait_until(session, is_gone);
}
