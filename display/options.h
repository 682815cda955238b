/* SPDX-License-Identifier: Apache-2.0 */
/* The command line of utmctl-display. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "display/chords.h"
#include "display/target.h"

typedef enum { RENDERER_AUTO, RENDERER_SURFACE, RENDERER_TEXTURE } Renderer;

/* Which pictures show the nearest pixels instead of mixed ones. */
typedef struct {
    bool enlarged, reduced;
} Sharpness;

/* What GOption writes is gboolean and int, not bool. */
typedef struct {
    Target target;
    char *title; /* machine's name */
    int monitor; /* only this screen of the guest, from 0; -1 for all */
    gboolean fullscreen;
    int fullscreen_on; /* host's monitor, from 0; -1 for where the window is */
    double scale;      /* 1 is natural size */
    Sharpness sharp;
    gboolean native;       /* a guest's pixel is a host's pixel on high-DPI hosts */
    gboolean resize_guest; /* the window's size is the guest's, through the agent */
    gboolean wait;
    int timeout_s; /* for --wait; 0 for ever */
    gboolean no_audio;
    bool to_guest, to_host; /* which way the clipboard goes */
    char *shared_dir;       /* folder that is served to the guest, or NULL */
    gboolean shared_read_only;
    gboolean usb_sharing;      /* USB devices may be handed to the guest */
    char **usb;                /* "VID:PID" of those that are at once; NULL for none */
    GPtrArray *chords;         /* (owned) of Chord, for the menu */
    gboolean help_keys;        /* list keys and do nothing else */
    gboolean relative_pointer; /* a mouse even where the guest takes positions */
    gboolean json;
    gboolean stats;
    Renderer renderer;
} Options;

/**
 * options_parse() - Read the command line and the environment
 * @argc:  as main() has it
 * @argv:  likewise
 * @error: DISPLAY_ERROR_USAGE
 *
 * The environment's password is taken out of it.
 */
bool options_parse(Options *options, int argc, char **argv,
                   GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * options_clear() - Free what is inside
 */
void options_clear(Options *options);
