/* SPDX-License-Identifier: Apache-2.0 */
/* The session's thread: all spice-glib objects live there and nowhere else.
 *
 * The window's thread learns from it by the board (see board.h) and by calls posted to it, and has
 * things done in it by session_post(). Nothing here waits for the network.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "display/board.h"
#include "display/mailbox.h"
#include "display/options.h"
#include "display/target.h"

typedef struct Session Session;

typedef struct {
    Target target;            /* taken */
    bool wait;                /* for a server that is not there yet, or not any more */
    bool audio;               /* open the channels of sound */
    const Options *options;   /* borrowed: what is shared with the guest */
    gint64 timeout_us;        /* how long to wait for the first connection; 0 for ever */
    void (*wake)(void *user); /* wakes the window's thread: the board has changed */
    void *user;               /* for wake */
} SessionSetup;

/**
 * session_start() - Start the thread, which begins to connect at once
 * @setup: its target is taken, the rest borrowed for as long as the session lives
 */
Session *session_start(SessionSetup *setup);

/**
 * session_stop() - Leave the server, end the thread and free everything; NULL is ignored
 */
void session_stop(Session *session);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Session, session_stop)

/**
 * session_board() - What the session shows; to be touched with the turn only
 *
 * Return: borrowed
 */
Board *session_board(Session *session);

/**
 * session_post() - Have something done in the session's thread
 * @call: gets the Session as its owner
 * @data: taken
 * @free: for @data; may be NULL
 */
void session_post(Session *session, MailboxCall call, void *data, GDestroyNotify free);

/* The guest's keyboard and pointer; from the window's thread. Nothing happens while the machine is
 * not connected. */

/**
 * session_key() - Press or release a key
 * @scancode: PC set 1 as SPICE has it: 0x1e for A, 0x11d for the right Ctrl (0xe0 0x1d)
 */
void session_key(Session *session, unsigned scancode, bool down);

/**
 * session_key_locks() - Tell the guest which of the lock keys are on here
 * @locks: SPICE_INPUTS_X_LOCK bits
 */
void session_key_locks(Session *session, unsigned locks);

/**
 * session_pointer_to() - Put the pointer somewhere; for an absolute pointer
 * @channel: the screen's, see BoardScreen
 * @x:       in the screen's pixels; the screen's place on a surface of several is added
 * @y:       likewise
 * @buttons: SPICE_MOUSE_BUTTON_MASK_X bits of what is held
 */
void session_pointer_to(Session *session, int channel, unsigned monitor, int x, int y,
                        unsigned buttons);

/**
 * session_pointer_by() - Move the pointer; for a relative pointer
 */
void session_pointer_by(Session *session, int dx, int dy, unsigned buttons);

/**
 * session_button() - Press or release a button of the mouse
 * @button:  SPICE_MOUSE_BUTTON_X; UP and DOWN are steps of the wheel
 * @buttons: what is held before it, likewise as SPICE_MOUSE_BUTTON_MASK_X bits
 */
void session_button(Session *session, unsigned button, bool down, unsigned buttons);

/**
 * session_pointer_mode() - Ask for an absolute or a relative pointer
 *
 * The server decides; the board says what it is.
 */
void session_pointer_mode(Session *session, bool absolute);

/**
 * session_send_files() - Copy files into the guest, through its agent
 * @paths: NULL-terminated; taken
 *
 * The board's notice says how far it is, and what went wrong.
 */
void session_send_files(Session *session, char **paths);

/**
 * session_toggle_usb() - Hand a device of the host to the guest, or take it back
 * @name: as the board has it; copied
 */
void session_toggle_usb(Session *session, const char *name);

/**
 * session_resize() - Ask the guest's agent for another size of a screen
 *
 * Asked once a window has kept its size for a moment. Without an agent nothing happens.
 */
void session_resize(Session *session, int channel, unsigned monitor, Size size);
