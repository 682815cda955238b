/* SPDX-License-Identifier: Apache-2.0 */
/* What the session's thread shows to the window's: everything here is read and written with the turn.
 *
 * The session writes and calls board_changed(); before it sleeps, the window's thread is woken once
 * for all that changed. The window then takes the turn and looks at what it needs. So a server that
 * sends a million messages fills no queue.
 */
#pragma once

#include <glib.h>
#include <pixman.h>
#include <stdbool.h>
#include <stdint.h>

#include "display/canvas.h"
#include "display/geometry.h"

#define BOARD_CHANNELS_MAX 16 /* display channels of a server */
#define BOARD_SCREENS_MAX 16  /* monitors of all display channels */
#define BOARD_USB_MAX 24
#define BOARD_NOTICE_BYTES 160
#define BOARD_ARRIVALS_MAX 256

/* States of the connection, and what moves it on:
 *   CONNECTING  nothing was ever heard; CONNECTED when the server lets us in, else OVER or WAITING
 *   CONNECTED   WAITING or OVER when the server goes away
 *   WAITING     for a server, only when the user asked for it; CONNECTED when there is one
 *   OVER        the error says why; the program ends
 */
typedef enum { LINK_CONNECTING, LINK_CONNECTED, LINK_WAITING, LINK_OVER } LinkState;

/* A shape that the guest gave the pointer. */
typedef struct {
    unsigned serial;   /* another one for each change of what follows; 0: none was ever sent */
    bool hidden;       /* the guest shows no pointer */
    int width, height; /* 0 by 0 for the guest's default, which only it knows */
    int hot_x, hot_y;  /* the pixel that points */
    uint8_t *rgba;     /* owned; rows of width * 4 bytes */
    int x, y;          /* where the server has it; counts only when the pointer is relative */
} BoardCursor;

/* A monitor of the guest: the whole or a part of a display channel's surface. */
typedef struct {
    int channel;              /* number of the display channel */
    unsigned monitor;         /* number within the channel */
    CanvasImage picture;      /* the channel's surface, in spice-glib's memory; may be empty */
    Rect area;                /* this monitor's part of the surface */
    pixman_region32_t damage; /* in the surface's coordinates; taken by the window */
    int64_t arrivals_us[BOARD_ARRIVALS_MAX]; /* when damage came in; later ones are not noted */
    unsigned n_arrivals;
    bool awaited;    /* the window will look at the damage anyway: more of it is no news */
    unsigned serial; /* another one for each change of picture or area */
} BoardScreen;

/* A USB device of the host. */
typedef struct {
    char name[80];  /* what it calls itself, with its numbers */
    bool connected; /* the guest has it */
} BoardUsb;

typedef struct {
    LinkState link;
    GError *failure; /* owned; set when OVER */
    const char *failure_hint;
    BoardScreen screens[BOARD_SCREENS_MAX];
    unsigned n_screens;
    BoardCursor cursors[BOARD_CHANNELS_MAX]; /* by number of the channel */
    bool absolute_pointer;                   /* the guest takes positions (tablet), not movements */
    bool agent;                              /* the guest's SPICE agent is there */
    unsigned key_locks;                      /* SPICE_INPUTS_X_LOCK bits as the guest has them */
    bool opengl;                             /* the guest draws with OpenGL, which is not shown */
    char notice[BOARD_NOTICE_BYTES];         /* what the titles say meanwhile; may be empty */
    BoardUsb usb[BOARD_USB_MAX];             /* devices of the host that could be handed over */
    unsigned n_usb;
    char *server_name;  /* owned; NULL until the server said it */
    uint64_t n_damages; /* ever */
    bool timed;         /* note when damage comes in */
    int64_t paced_us;   /* no window draws before; news until then need not be collected */
    /* for the session's thread alone: */
    bool changed;       /* since the window's thread was woken */
    int64_t damaged_us; /* oldest damage since then; 0 for none */
} Board;

/**
 * board_clear() - Free what is inside
 */
void board_clear(Board *board);

/**
 * board_screen() - Find a monitor
 *
 * Return: borrowed, NULL when there is none
 */
BoardScreen *board_screen(Board *board, int channel, unsigned monitor);

/**
 * board_add_screen() - A monitor, which is made when there is none
 *
 * Return: borrowed, until another is removed; NULL when there are too many
 */
BoardScreen *board_add_screen(Board *board, int channel, unsigned monitor);

/**
 * board_remove_screen() - Forget a monitor
 * @screen: of this board
 */
void board_remove_screen(Board *board, BoardScreen *screen);

/**
 * board_set_picture() - Give a monitor another picture or part of it
 * @picture: copied; empty for none
 * @area:    clipped to the picture
 *
 * All of it becomes damage.
 */
void board_set_picture(BoardScreen *screen, const CanvasImage *picture, const Rect *area);

/**
 * board_damage() - A part of a channel's surface has changed
 *
 * For all monitors that show it; the numbers may be anything.
 */
void board_damage(Board *board, int channel, int x, int y, int width, int height);

/**
 * board_fail() - The connection is over, or was never there
 * @hint:  static text, may be NULL
 * @error: taken
 *
 * The first failure stays.
 */
void board_fail(Board *board, const char *hint, GError *error);
