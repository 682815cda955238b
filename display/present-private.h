/* SPDX-License-Identifier: Apache-2.0 */
/* The two ways to show a picture; see present.h for what each function is for. */
#pragma once

#include "display/present.h"

typedef struct {
    void *(*create)(SDL_Window *window, bool smooth, GError **error);
    void (*free)(void *self);
    bool (*begin)(void *self);
    void (*lose)(void *self);
    void (*draw)(void *self, const Drawing *drawing);
    void (*show)(void *self, const Drawing *drawing);
} PresentWay;

extern const PresentWay present_surface;
extern const PresentWay present_texture;
