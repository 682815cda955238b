/* SPDX-License-Identifier: Apache-2.0 */
/* One window: a screen of the guest on the host's desktop. Only in the window's thread. */
#pragma once

#include <SDL.h>
#include <glib.h>
#include <stdbool.h>

#include "display/board.h"
#include "display/options.h"
#include "display/present.h"
#include "display/timing.h"

typedef struct {
    SDL_Window *sdl;        /* owned */
    Uint32 id;              /* SDL's */
    const Options *options; /* borrowed */
    Present *present;       /* owned */

    bool bound; /* belongs to the screen that follows; a window opened while waiting does not yet */
    int channel;
    unsigned monitor;

    Geometry geometry;
    Rect area;          /* of the picture that the geometry is for */
    unsigned serial;    /* of the board's screen that the window was fitted to */
    bool sized_by_user; /* and so not to be changed when the guest changes its mode */
    Size asked; /* size that the window was given last, to tell its own changes from the user's */

    bool pending;   /* there is something to draw */
    int64_t due_us; /* when; counts while pending */
    bool again;     /* draw once more: OpenGL may still have drawn for the size before */
    Pace pace;
    Overlay overlay;   /* as drawn last; its rgba is not kept */
    Rect overlay_rect; /* where, in guest pixels; empty for nowhere */

    unsigned cursor_serial; /* of the shape that the host's pointer has here */
    bool cursor_drawn;      /* the picture has the pointer, and the host shows none */
    SDL_Cursor *cursor;     /* owned; NULL for the host's own */

    uint64_t frames; /* shown */
    Timing timing;
    int64_t first_us; /* when the first picture was shown */
} Window;

/**
 * window_new() - Open a window
 * @size:  of the guest's screen; empty opens one of a usual size
 * @error: DISPLAY_ERROR_UNSUPPORTED
 */
Window *window_new(const Options *options, Size size, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * window_free() - Close it; NULL is ignored
 */
void window_free(Window *window);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Window, window_free)

/**
 * window_look() - See what is new on the board; takes and gives the turn
 *
 * Fits the window to a new mode of the guest, takes over a new shape of the pointer, and finds out
 * when to draw.
 */
void window_look(Window *window, Board *board);

/**
 * window_draw() - Draw what is damaged and show it; takes and gives the turn
 */
void window_draw(Window *window, Board *board);

/**
 * window_event() - React to what the desktop did to the window
 *
 * Return: whether the window has another size, which the user or the desktop chose
 */
bool window_event(Window *window, const SDL_WindowEvent *event);

/**
 * window_set_fullscreen() - Fill the monitor, or stop doing so
 */
void window_set_fullscreen(Window *window, bool on);

/**
 * window_is_fullscreen() - Whether it fills the monitor
 */
bool window_is_fullscreen(const Window *window);
