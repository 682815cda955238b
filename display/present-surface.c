/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures in memory that the window system shows: one copy of the damage, and no more. */
#include <string.h>

#include "display/failure.h"
#include "display/present-private.h"

typedef struct {
    SDL_Window *window; /* borrowed */
    Sharpness sharp;
    bool lost;         /* all has to be drawn */
    CanvasImage image; /* the window's memory, SDL's */
    SDL_Rect rects[CANVAS_RECTS_MAX + 2];
    int n_rects; /* drawn and not shown */
} Surface;

static void surface_free(void *self)
{
    g_free(self);
}

static bool find_format(Uint32 sdl, pixman_format_code_t *out_format)
{
    static const struct {
        Uint32 sdl;
        pixman_format_code_t pixman;
    } formats[] = {
        { SDL_PIXELFORMAT_RGB888, PIXMAN_x8r8g8b8 }, { SDL_PIXELFORMAT_ARGB8888, PIXMAN_x8r8g8b8 },
        { SDL_PIXELFORMAT_BGR888, PIXMAN_x8b8g8r8 }, { SDL_PIXELFORMAT_ABGR8888, PIXMAN_x8b8g8r8 },
        { SDL_PIXELFORMAT_RGB565, PIXMAN_r5g6b5 },   { SDL_PIXELFORMAT_XRGB1555, PIXMAN_x1r5g5b5 },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(formats); i++) {
        if (formats[i].sdl == sdl) {
            *out_format = formats[i].pixman;
            return true;
        }
    }
    return false;
}

/* SDL makes another surface when the window's size has changed. */
static bool find_memory(Surface *surface)
{
    SDL_Surface *memory = SDL_GetWindowSurface(surface->window);
    CanvasImage image = { 0 };
    if (!memory || !find_format(memory->format->format, &image.format))
        return false;
    image.width = memory->w;
    image.height = memory->h;
    image.stride = memory->pitch;
    image.pixels = memory->pixels;
    if (memcmp(&image, &surface->image, sizeof image) != 0)
        surface->lost = true;
    surface->image = image;
    return true;
}

static void *surface_create(SDL_Window *window, Sharpness sharp, GError **error)
{
    Surface *surface = g_new0(Surface, 1);
    *surface = (Surface){ .window = window, .sharp = sharp, .lost = true };
    if (find_memory(surface))
        return surface;
    g_set_error(error, DISPLAY_ERROR, DISPLAY_ERROR_UNSUPPORTED,
                "this host's windows cannot be drawn into: %s", SDL_GetError());
    g_free(surface);
    return NULL;
}

static bool surface_begin(void *self)
{
    Surface *surface = self;
    surface->n_rects = 0;
    return find_memory(surface) && !surface->lost;
}

static void surface_lose(void *self)
{
    ((Surface *) self)->lost = true;
}

static void add_rect(Surface *surface, Rect rect)
{
    Rect whole = { 0, 0, surface->image.width, surface->image.height };
    rect = rect_clip(&rect, &whole);
    if (rect.width > 0 && surface->n_rects < (int) G_N_ELEMENTS(surface->rects))
        surface->rects[surface->n_rects++] = (SDL_Rect){ rect.x, rect.y, rect.width, rect.height };
}

static void draw_overlay(const Surface *surface, const Drawing *drawing, const Rect *box)
{
    const Overlay *over = &drawing->overlay;
    const Geometry *g = drawing->geometry;
    if (!over->rgba)
        return;
    Rect place = { g->image.x + over->x * g->image.width / g->guest.width,
                   g->image.y + over->y * g->image.height / g->guest.height,
                   MAX(1, over->width * g->image.width / g->guest.width),
                   MAX(1, over->height * g->image.height / g->guest.height) };
    Rect seen = rect_clip(box, &g->image);
    canvas_blend(over->rgba, over->width, over->height, &surface->image, &place, &seen);
}

static void draw_box(Surface *surface, const Drawing *drawing, const pixman_box32_t *box)
{
    const Geometry *g = drawing->geometry;
    const Rect *area = &drawing->area;
    Rect part = { box->x1 - area->x, box->y1 - area->y, box->x2 - box->x1, box->y2 - box->y1 };
    Rect target = geometry_from_guest(g, &part);
    if (geometry_is_exact(g))
        canvas_copy(drawing->picture, &surface->image, box, 1, g->image.x - area->x,
                    g->image.y - area->y);
    else
        canvas_scale(drawing->picture, area, &surface->image, &g->image, &target,
                     !present_is_sharp(surface->sharp, g));
    draw_overlay(surface, drawing, &target);
    add_rect(surface, target);
}

static void draw_black(Surface *surface)
{
    memset(surface->image.pixels, 0, (size_t) surface->image.stride * surface->image.height);
    surface->n_rects = 0;
    add_rect(surface, (Rect){ 0, 0, surface->image.width, surface->image.height });
}

static void surface_draw(void *self, const Drawing *drawing)
{
    Surface *surface = self;
    if (!surface->image.pixels)
        return;
    bool covers = drawing->picture->pixels &&
                  drawing->geometry->image.width == surface->image.width &&
                  drawing->geometry->image.height == surface->image.height;
    if (surface->lost && !covers)
        draw_black(surface);
    surface->lost = false;
    for (int i = 0; i < drawing->n_boxes && drawing->picture->pixels; i++)
        draw_box(surface, drawing, &drawing->boxes[i]);
}

static void surface_show(void *self, G_GNUC_UNUSED const Drawing *drawing)
{
    Surface *surface = self;
    if (surface->n_rects > 0)
        SDL_UpdateWindowSurfaceRects(surface->window, surface->rects, surface->n_rects);
    surface->n_rects = 0;
}

const PresentWay present_surface = {
    .create = surface_create,
    .free = surface_free,
    .begin = surface_begin,
    .lose = surface_lose,
    .draw = surface_draw,
    .show = surface_show,
};
