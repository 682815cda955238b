/* SPDX-License-Identifier: Apache-2.0 */
/* Which way pictures go to a window. */
#include "display/present-private.h"

#include <unistd.h>

struct Present {
    const PresentWay *way;
    void *self; /* the way's own */
};

/* Asking OpenGL would load it, which costs more memory than all else here; without a device it
 * would draw with the processor. */
static bool has_gpu(void)
{
#ifdef __linux__
    for (int i = 128; i < 144; i++) {
        g_autofree char *node = g_strdup_printf("/dev/dri/renderD%d", i);
        if (access(node, R_OK | W_OK) == 0)
            return true;
    }
    return false;
#else
    return true;
#endif
}

bool present_is_sharp(Sharpness sharp, const Geometry *geometry)
{
    return geometry_is_enlarged(geometry) ? sharp.enlarged : sharp.reduced;
}

Present *present_new(SDL_Window *window, Renderer renderer, Sharpness sharp, GError **error)
{
    bool texture = renderer == RENDERER_TEXTURE || (renderer == RENDERER_AUTO && has_gpu());
    const PresentWay *way = texture ? &present_texture : &present_surface;
    void *self = way->create(window, sharp, renderer == RENDERER_AUTO && texture ? NULL : error);
    if (!self && renderer == RENDERER_AUTO && texture) {
        way = &present_surface;
        self = way->create(window, sharp, error);
    }
    if (!self)
        return NULL;
    Present *present = g_new(Present, 1);
    *present = (Present){ way, self };
    return present;
}

void present_free(Present *present)
{
    if (!present)
        return;
    present->way->free(present->self);
    g_free(present);
}

bool present_begin(Present *present)
{
    return present->way->begin(present->self);
}

void present_lose(Present *present)
{
    present->way->lose(present->self);
}

void present_draw(Present *present, const Drawing *drawing)
{
    present->way->draw(present->self, drawing);
}

void present_show(Present *present, const Drawing *drawing)
{
    present->way->show(present->self, drawing);
}
