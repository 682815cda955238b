/* SPDX-License-Identifier: Apache-2.0 */
/* What the user does in a window, on its way to the guest. Only in the window's thread.
 *
 * SDL's events come in here one by one; keys, buttons and movements go out by session_key() and
 * its like in display/session.h. Nothing of SPICE is known here, and nothing of pictures.
 */
#pragma once

#include <SDL.h>
#include <glib.h>
#include <stdbool.h>

#include "display/chords.h"
#include "display/viewer.h"

typedef struct Input Input;

/**
 * input_new() - Nothing is pressed
 * @viewer: borrowed
 */
Input *input_new(Viewer *viewer);

/**
 * input_free() - Free it; NULL is ignored
 */
void input_free(Input *input);

/**
 * input_event() - Hand an event to the guest
 * @window: where it happened; NULL for an event without a window
 *
 * Focus coming and going is an event like any other (SDL_WINDOWEVENT).
 */
void input_event(Input *input, Window *window, const SDL_Event *event);

/**
 * input_board_changed() - The session's news: the kind of pointer, lock keys, the agent
 * @board: with the turn, which the caller has
 */
void input_board_changed(Input *input, const Board *board);

/**
 * input_command() - Do what a command of the viewer says
 * @window: the one that it is for
 */
void input_command(Input *input, Window *window, Command command);

/**
 * input_send_chord() - Press the keys of a chord in the guest and let them go
 */
void input_send_chord(Input *input, const Chord *chord);

/**
 * input_title() - What a window's title says of the pointer, such as how to release it
 *
 * Return: static text, NULL for nothing
 */
const char *input_title(const Input *input);
