/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of the session share. Only for its thread, unless a field says otherwise. */
#pragma once

#include <spice-client.h>

#include "display/host-clipboard.h"
#include "display/session.h"

/* A size that was asked for and not sent yet. */
typedef struct {
    int channel;
    unsigned monitor;
    Size size;
} SessionResize;

struct Session {
    SessionSetup setup;
    GThread *thread;
    Mailbox *inbox; /* both threads */
    GMainLoop *loop;
    GSource *mail; /* runs what is in the inbox */
    Board board;   /* with the turn */
    bool stopping;

    SpiceSession *spice;    /* owned; NULL between two attempts */
    SpiceMainChannel *main; /* borrowed from spice, as are the others */
    SpiceInputsChannel *inputs;
    unsigned key_locks; /* as told last, also before there was a channel for them */
    bool has_key_locks;
    pid_t server;           /* process at the other end of the socket, 0 when not known */
    gint64 started_us;      /* when the first attempt began */
    unsigned attempt_timer; /* sources; 0 for none */
    unsigned patience_timer;
    unsigned retire_timer;
    unsigned resize_timer;
    SessionResize resize;
    SpiceAudio *audio;          /* borrowed from spice */
    SpiceUsbDeviceManager *usb; /* borrowed from spice */
    unsigned notice_timer;
    Clipboard clipboard;
    HostClipboard *host_clipboard; /* owned; NULL before anything is to be copied */
    GHashTable *alive;             /* set of borrowed SpiceChannels that were not finalized yet */
    GHashTable *fresh;   /* of these, the ones whose other end may not be ready; session-leave.c */
    GPtrArray *later;    /* of owned SpiceChannels, to be connected when the displays are */
    unsigned n_displays; /* that are being connected */
    unsigned order_timer;
};

/**
 * session_changed() - Have the window's thread woken before this one sleeps
 */
static inline void session_changed(Session *session)
{
    session->board.changed = true;
}

/* Each part is told of new channels and takes those that are its own. Handlers are connected with
 * g_signal_connect() and the Session; they end with the channel. */

/**
 * session_display_new() - A display channel: its surfaces, damage and monitors
 */
void session_display_new(Session *session, SpiceChannel *channel);

/**
 * session_display_gone() - Its screens are no more
 */
void session_display_gone(Session *session, SpiceChannel *channel);

/**
 * session_cursor_new() - A cursor channel: shapes and, for relative pointers, positions
 */
void session_cursor_new(Session *session, SpiceChannel *channel);

/**
 * session_inputs_new() - The channel for keys, and lock keys from the guest
 */
void session_inputs_new(Session *session, SpiceChannel *channel);

/**
 * session_connect() - Connect a channel when its turn has come
 *
 * Displays at once, the others after them; see session-order.c.
 */
void session_connect(Session *session, SpiceChannel *channel);

/**
 * session_order_clear() - Forget the channels that were not connected yet
 */
void session_order_clear(Session *session);

/**
 * session_leave_watch() - There is a new channel
 */
void session_leave_watch(Session *session, SpiceChannel *channel);

/**
 * session_leave_connecting() - A channel is about to be connected
 */
void session_leave_connecting(Session *session, SpiceChannel *channel);

/**
 * session_leave_wait() - Wait until the connection can be closed without harm to the server
 */
void session_leave_wait(Session *session);

/**
 * session_leave_end() - Wait until all channels are finalized, whose coroutines have to end
 */
void session_leave_end(Session *session);

/**
 * session_inputs_gone() - It is no more
 */
void session_inputs_gone(Session *session);

/**
 * session_say() - Say something in the titles
 * @lasting: until something else is said; else for a few seconds
 */
void session_say(Session *session, bool lasting, const char *format, ...) G_GNUC_PRINTF(3, 4);

/**
 * session_sharing_begin() - A connection is about to be made: what it offers the guest
 */
void session_sharing_begin(Session *session);

/**
 * session_sharing_channel() - A channel for sound, or for the shared folder
 */
void session_sharing_channel(Session *session, SpiceChannel *channel);

/**
 * session_usb_begin() - A connection is about to be made: which devices there are
 */
void session_usb_begin(Session *session);

/**
 * session_usb_channel() - There is a channel more that a device can be handed over by
 */
void session_usb_channel(Session *session);

/**
 * session_usb_end() - It is over
 */
void session_usb_end(Session *session);

/**
 * session_clipboard_new() - The main channel, which the clipboard goes through
 */
void session_clipboard_new(Session *session, SpiceMainChannel *channel);

/**
 * session_clipboard_gone() - The connection is over, and the agent with it
 */
void session_clipboard_gone(Session *session);

/**
 * session_clipboard_end() - The session is over
 */
void session_clipboard_end(Session *session);
