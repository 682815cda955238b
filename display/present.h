/* SPDX-License-Identifier: Apache-2.0 */
/* Bringing a guest's picture into a window: as a texture where there is a GPU, else as memory that
 * the X server shares, which costs neither OpenGL's libraries nor a second copy.
 *
 * A picture goes the same way in both: present_begin(), then with the turn present_draw(), then
 * without it present_show(). Only in the window's thread.
 */
#pragma once

#include <SDL.h>
#include <glib.h>
#include <stdbool.h>

#include "display/canvas.h"
#include "display/geometry.h"
#include "display/options.h"

/* The guest's pointer where it is drawn into the picture. */
typedef struct {
    const uint8_t *rgba; /* borrowed; NULL for none */
    int width, height;
    int x, y;        /* of its upper left pixel, in guest pixels */
    unsigned serial; /* another one for each change of shape */
} Overlay;

/* What is drawn. */
typedef struct {
    const CanvasImage *picture; /* the guest's surface */
    Rect area;                  /* the part of it that is this window's */
    const Geometry *geometry;
    Overlay overlay;
    const pixman_box32_t *boxes; /* damage, in the surface's coordinates, within the area */
    int n_boxes;
} Drawing;

typedef struct Present Present;

/**
 * present_new() - Prepare a window for pictures
 * @window:   borrowed
 * @renderer: RENDERER_AUTO takes textures where the host has a GPU
 * @sharp:    how to scale
 * @error:    DISPLAY_ERROR_UNSUPPORTED
 */
Present *present_new(SDL_Window *window, Renderer renderer, Sharpness sharp,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * present_free() - Free it; NULL is ignored; before the window is destroyed
 */
void present_free(Present *present);

/**
 * present_begin() - Look whether the window still has what was drawn before
 *
 * Return: false when all has to be drawn
 */
bool present_begin(Present *present);

/**
 * present_lose() - What was drawn is not there any more, or must not be seen any more
 */
void present_lose(Present *present);

/**
 * present_draw() - Take the damaged pixels; with the turn
 * @drawing: a picture that is empty makes the window black
 */
void present_draw(Present *present, const Drawing *drawing);

/**
 * present_show() - Put on the screen what was drawn; may wait for the monitor
 * @drawing: as it was drawn; its picture and boxes are not looked at
 */
void present_show(Present *present, const Drawing *drawing);
