/* SPDX-License-Identifier: Apache-2.0 */
/* The two ways to show a picture; see present.h for what each function is for. */
#pragma once

#include "display/present.h"

typedef struct {
    void *(*create)(SDL_Window *window, Sharpness sharp, GError **error);
    void (*free)(void *self);
    bool (*begin)(void *self);
    void (*lose)(void *self);
    void (*draw)(void *self, const Drawing *drawing);
    void (*show)(void *self, const Drawing *drawing);
} PresentWay;

/**
 * present_is_sharp() - Whether a picture that is scaled so shows the nearest pixels
 */
bool present_is_sharp(Sharpness sharp, const Geometry *geometry);

extern const PresentWay present_surface;
extern const PresentWay present_texture;
