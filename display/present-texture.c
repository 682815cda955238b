/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures as streaming textures, which the GPU scales, shown with the monitor's beat. */
#include "display/failure.h"
#include "display/present-private.h"

typedef struct {
    SDL_Renderer *renderer; /* owned */
    SDL_Texture *picture;   /* owned; NULL while there is nothing to show */
    SDL_Texture *pointer;   /* owned; likewise */
    unsigned pointer_serial;
    Uint32 format;
    Size size;
    Sharpness sharp;
    bool lost;
} Texture;

static void drop(SDL_Texture **texture)
{
    if (*texture)
        SDL_DestroyTexture(*texture);
    *texture = NULL;
}

static void texture_free(void *self)
{
    Texture *texture = self;
    drop(&texture->picture);
    drop(&texture->pointer);
    SDL_DestroyRenderer(texture->renderer);
    g_free(texture);
}

static void *texture_create(SDL_Window *window, Sharpness sharp, GError **error)
{
    Uint32 flags = SDL_RENDERER_ACCELERATED | SDL_RENDERER_PRESENTVSYNC;
    SDL_Renderer *renderer = SDL_CreateRenderer(window, -1, flags);
    if (!renderer) {
        g_set_error(error, DISPLAY_ERROR, DISPLAY_ERROR_UNSUPPORTED,
                    "this host cannot draw textures: %s", SDL_GetError());
        return NULL;
    }
    Texture *texture = g_new0(Texture, 1);
    *texture = (Texture){ .renderer = renderer, .sharp = sharp, .lost = true };
    return texture;
}

static bool texture_begin(void *self)
{
    return !((Texture *) self)->lost;
}

/* What is in the textures stays; what is in the window is drawn anew each time. */
static void texture_lose(void *self)
{
    ((Texture *) self)->lost = true;
}

static Uint32 sdl_format(pixman_format_code_t format)
{
    switch (format) {
    case PIXMAN_r5g6b5:
        return SDL_PIXELFORMAT_RGB565;
    case PIXMAN_x1r5g5b5:
        return SDL_PIXELFORMAT_XRGB1555;
    default:
        return SDL_PIXELFORMAT_RGB888;
    }
}

/* Return: false when there is no texture */
static bool fit_picture(Texture *texture, const Drawing *drawing)
{
    const Rect *area = &drawing->area;
    Uint32 format = sdl_format(drawing->picture->format);
    if (texture->picture && texture->format == format && texture->size.width == area->width &&
        texture->size.height == area->height)
        return true;
    drop(&texture->picture);
    if (area->width < 1 || area->height < 1)
        return false;
    texture->picture = SDL_CreateTexture(texture->renderer, format, SDL_TEXTUREACCESS_STREAMING,
                                         area->width, area->height);
    if (!texture->picture)
        return false;
    texture->format = format;
    texture->size = (Size){ area->width, area->height };
    SDL_SetTextureBlendMode(texture->picture, SDL_BLENDMODE_NONE);
    return true;
}

static void fit_pointer(Texture *texture, const Overlay *over)
{
    if (texture->pointer && over->rgba && texture->pointer_serial == over->serial)
        return;
    drop(&texture->pointer);
    if (!over->rgba)
        return;
    texture->pointer = SDL_CreateTexture(texture->renderer, SDL_PIXELFORMAT_RGBA32,
                                         SDL_TEXTUREACCESS_STATIC, over->width, over->height);
    if (!texture->pointer)
        return;
    texture->pointer_serial = over->serial;
    SDL_UpdateTexture(texture->pointer, NULL, over->rgba, over->width * 4);
    SDL_SetTextureBlendMode(texture->pointer, SDL_BLENDMODE_BLEND);
}

static void texture_draw(void *self, const Drawing *drawing)
{
    Texture *texture = self;
    const CanvasImage *from = drawing->picture;
    texture->lost = false;
    fit_pointer(texture, &drawing->overlay);
    if (!from->pixels)
        drop(&texture->picture);
    if (!from->pixels || !fit_picture(texture, drawing))
        return;
    for (int i = 0; i < drawing->n_boxes; i++) {
        const pixman_box32_t *box = &drawing->boxes[i];
        SDL_Rect rect = { box->x1 - drawing->area.x, box->y1 - drawing->area.y, box->x2 - box->x1,
                          box->y2 - box->y1 };
        size_t bytes = PIXMAN_FORMAT_BPP(from->format) / 8;
        const uint8_t *pixels =
            from->pixels + (size_t) box->y1 * from->stride + (size_t) box->x1 * bytes;
        SDL_UpdateTexture(texture->picture, &rect, pixels, from->stride);
    }
}

static void show_pointer(const Texture *texture, const Drawing *drawing)
{
    const Overlay *over = &drawing->overlay;
    const Geometry *g = drawing->geometry;
    if (!texture->pointer || g->guest.width < 1)
        return;
    float factor = (float) g->image.width / (float) g->guest.width;
    SDL_FRect place = { (float) g->image.x + (float) over->x * factor,
                        (float) g->image.y + (float) over->y * factor, (float) over->width * factor,
                        (float) over->height * factor };
    SDL_RenderCopyF(texture->renderer, texture->pointer, NULL, &place);
}

static void texture_show(void *self, const Drawing *drawing)
{
    Texture *texture = self;
    const Rect *image = &drawing->geometry->image;
    SDL_Rect place = { image->x, image->y, image->width, image->height };
    SDL_SetRenderDrawColor(texture->renderer, 0, 0, 0, SDL_ALPHA_OPAQUE);
    SDL_RenderClear(texture->renderer);
    if (texture->picture) {
        bool sharp = present_is_sharp(texture->sharp, drawing->geometry);
        SDL_SetTextureScaleMode(texture->picture,
                                sharp ? SDL_ScaleModeNearest : SDL_ScaleModeLinear);
        SDL_RenderCopy(texture->renderer, texture->picture, NULL, &place);
        show_pointer(texture, drawing);
    }
    SDL_RenderPresent(texture->renderer);
}

const PresentWay present_texture = {
    .create = texture_create,
    .free = texture_free,
    .begin = texture_begin,
    .lose = texture_lose,
    .draw = texture_draw,
    .show = texture_show,
};
