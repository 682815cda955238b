/* SPDX-License-Identifier: Apache-2.0 */
/* The picture first: a server makes a key for each channel that is connected, one after the other,
 * which takes longer than all else until there is a picture. So the other channels are connected
 * when the displays are.
 */
#include "display/session-private.h"

/* A display that does not answer must not keep the keyboard away. */
#define DISPLAY_PATIENCE_MS 500

static void connect_now(Session *session, SpiceChannel *channel)
{
    session_leave_connecting(session, channel);
    spice_channel_connect(channel);
}

static void connect_rest(Session *session)
{
    if (session->order_timer)
        g_source_remove(session->order_timer);
    session->order_timer = 0;
    session->n_displays = 0;
    for (guint i = 0; i < session->later->len; i++)
        connect_now(session, session->later->pdata[i]);
    g_ptr_array_set_size(session->later, 0);
}

static gboolean on_patience(void *user)
{
    Session *session = user;
    session->order_timer = 0;
    connect_rest(session);
    return G_SOURCE_REMOVE;
}

static void on_display_event(SpiceChannel *channel, SpiceChannelEvent event, void *user)
{
    Session *session = user;
    if (event == SPICE_CHANNEL_NONE)
        return;
    g_signal_handlers_disconnect_by_func(channel, on_display_event, session);
    if (session->n_displays > 0 && --session->n_displays == 0)
        connect_rest(session);
}

void session_connect(Session *session, SpiceChannel *channel)
{
    if (SPICE_IS_DISPLAY_CHANNEL(channel)) {
        session->n_displays++;
        g_signal_connect(channel, "channel-event", G_CALLBACK(on_display_event), session);
        connect_now(session, channel);
        return;
    }
    g_ptr_array_add(session->later, g_object_ref(channel));
    if (!session->order_timer)
        session->order_timer = g_timeout_add(DISPLAY_PATIENCE_MS, on_patience, session);
}

void session_order_clear(Session *session)
{
    if (session->order_timer)
        g_source_remove(session->order_timer);
    session->order_timer = 0;
    session->n_displays = 0;
    g_ptr_array_set_size(session->later, 0);
}
