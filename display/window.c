/* SPDX-License-Identifier: Apache-2.0 */
/* Size, contents and life of a window. */
#include "display/window.h"

#include <string.h>

#include "display/failure.h"
#include "display/turn.h"

/* Before the guest says how large its screen is. */
static const Size usual_size = { 800, 600 };

/* How long OpenGL may take to notice that its window has another size. */
#define AGAIN_US 100000

static Size size_in_points(const Window *window)
{
    Size size;
    SDL_GetWindowSize(window->sdl, &size.width, &size.height);
    return size;
}

static Size size_in_pixels(const Window *window)
{
    Size size;
    SDL_GetWindowSizeInPixels(window->sdl, &size.width, &size.height);
    return size;
}

static int host_monitor(const Options *options)
{
    int wanted = options->fullscreen_on;
    return wanted >= 0 && wanted < SDL_GetNumVideoDisplays() ? wanted : 0;
}

static Size room_on(int host)
{
    SDL_Rect usable;
    if (SDL_GetDisplayUsableBounds(host, &usable) != 0)
        return (Size){ 0 };
    return (Size){ usable.w, usable.h };
}

static void fit(Window *window)
{
    Size guest = { window->area.width, window->area.height };
    geometry_set(&window->geometry, guest, size_in_points(window), size_in_pixels(window));
}

Window *window_new(const Options *options, Size size, GError **error)
{
    bool fullscreen = options->fullscreen || options->fullscreen_on >= 0;
    int host = host_monitor(options);
    /* Hidden, because a renderer may have to make another one of it. */
    Uint32 flags = SDL_WINDOW_RESIZABLE | SDL_WINDOW_ALLOW_HIGHDPI | SDL_WINDOW_HIDDEN;
    Size wanted = geometry_window_size(size.width > 0 ? size : usual_size, options->scale, 1,
                                       options->native, room_on(host));
    int place = (int) SDL_WINDOWPOS_UNDEFINED_DISPLAY(host);
    g_autoptr(Window) window = g_new0(Window, 1);
    *window = (Window){ .options = options, .asked = wanted };
    window->sdl = SDL_CreateWindow(options->title, place, place, wanted.width, wanted.height,
                                   flags | (fullscreen ? SDL_WINDOW_FULLSCREEN_DESKTOP : 0));
    if (!window->sdl) {
        g_set_error(error, DISPLAY_ERROR, DISPLAY_ERROR_UNSUPPORTED, "cannot open a window: %s",
                    SDL_GetError());
        return NULL;
    }
    window->id = SDL_GetWindowID(window->sdl);
    window->present = present_new(window->sdl, options->renderer, options->sharp, error);
    if (!window->present)
        return NULL;
    SDL_ShowWindow(window->sdl);
    return g_steal_pointer(&window);
}

void window_free(Window *window)
{
    if (!window)
        return;
    present_free(window->present);
    if (window->cursor)
        SDL_FreeCursor(window->cursor);
    if (window->sdl)
        SDL_DestroyWindow(window->sdl);
    g_free(window);
}

bool window_is_fullscreen(const Window *window)
{
    return SDL_GetWindowFlags(window->sdl) & SDL_WINDOW_FULLSCREEN_DESKTOP;
}

void window_set_fullscreen(Window *window, bool on)
{
    SDL_SetWindowFullscreen(window->sdl, on ? SDL_WINDOW_FULLSCREEN_DESKTOP : 0);
}

static void schedule_at(Window *window, int64_t due_us)
{
    window->due_us = window->pending ? MIN(window->due_us, due_us) : due_us;
    window->pending = true;
}

static void schedule(Window *window)
{
    schedule_at(window, pace_due(&window->pace, g_get_monotonic_time()));
}

/* The window follows the guest's modes until the user gives it a size, and where it has the room. */
static void follow_guest(Window *window)
{
    Uint32 held = SDL_WINDOW_FULLSCREEN_DESKTOP | SDL_WINDOW_MAXIMIZED;
    if (window->sized_by_user || window->area.width < 1 || SDL_GetWindowFlags(window->sdl) & held)
        return;
    Size points = size_in_points(window), pixels = size_in_pixels(window);
    double ratio = points.width > 0 ? (double) pixels.width / points.width : 1;
    Size guest = { window->area.width, window->area.height };
    Size room = room_on(MAX(SDL_GetWindowDisplayIndex(window->sdl), 0));
    window->asked =
        geometry_window_size(guest, window->options->scale, ratio, window->options->native, room);
    if (window->asked.width != points.width || window->asked.height != points.height)
        SDL_SetWindowSize(window->sdl, window->asked.width, window->asked.height);
}

/* What is taken from the board with the turn, and used without it. */
typedef struct {
    bool has_screen, is_damaged, absolute;
    unsigned serial, cursor_serial;
    Rect area;
    BoardCursor cursor; /* with a copy of its pixels where the shape is new */
} Look;

static void take_look(const Window *window, Board *board, Look *look)
{
    BoardScreen *screen = board_screen(board, window->channel, window->monitor);
    const BoardCursor *cursor = &board->cursors[window->channel];
    *look = (Look){ .absolute = board->absolute_pointer, .cursor = *cursor };
    if (cursor->serial != window->cursor_serial && cursor->rgba)
        look->cursor.rgba =
            g_memdup2(cursor->rgba, (gsize) cursor->width * (gsize) cursor->height * 4);
    else
        look->cursor.rgba = NULL;
    if (!screen)
        return;
    look->has_screen = true;
    look->serial = screen->serial;
    look->area = screen->area;
    look->is_damaged = pixman_region32_not_empty(&screen->damage);
    screen->awaited = look->is_damaged;
}

static SDL_Cursor *make_cursor(const BoardCursor *shape)
{
    if (!shape->rgba)
        return NULL;
    SDL_Surface *surface = SDL_CreateRGBSurfaceWithFormatFrom(
        shape->rgba, shape->width, shape->height, 32, shape->width * 4, SDL_PIXELFORMAT_RGBA32);
    SDL_Cursor *cursor =
        surface ? SDL_CreateColorCursor(surface, shape->hot_x, shape->hot_y) : NULL;
    SDL_FreeSurface(surface);
    return cursor;
}

/* An absolute pointer is the host's own, in the guest's shape; a relative one is in the picture. */
static void take_cursor(Window *window, const Look *look)
{
    bool drawn = !look->absolute;
    if (window->cursor_serial == look->cursor.serial && window->cursor_drawn == drawn)
        return;
    if (window->cursor_serial != look->cursor.serial) {
        SDL_Cursor *old = window->cursor;
        window->cursor = make_cursor(&look->cursor);
        SDL_SetCursor(window->cursor ? window->cursor : SDL_GetDefaultCursor());
        if (old)
            SDL_FreeCursor(old);
    }
    window->cursor_serial = look->cursor.serial;
    window->cursor_drawn = drawn;
    SDL_ShowCursor(look->cursor.hidden && !drawn ? SDL_DISABLE : SDL_ENABLE);
}

static bool pointer_has_moved(const Window *window, const Look *look)
{
    Rect now = { look->cursor.x, look->cursor.y, 0, 0 };
    return !look->absolute && (window->overlay.x != now.x || window->overlay.y != now.y ||
                               window->overlay.serial != look->cursor.serial);
}

void window_look(Window *window, Board *board)
{
    Look look;
    turn_take();
    take_look(window, board, &look);
    turn_give();
    take_cursor(window, &look);
    g_free(look.cursor.rgba);
    if (!look.has_screen)
        return;
    if (look.serial != window->serial) {
        window->serial = look.serial;
        window->area = look.area;
        follow_guest(window);
        fit(window);
        present_lose(window->present);
    }
    if (look.is_damaged || pointer_has_moved(window, &look))
        schedule(window);
}

/* The pointer where it was and where it is now has to be drawn, too. */
static void place_overlay(Window *window, Board *board, BoardScreen *screen, Drawing *drawing)
{
    const BoardCursor *cursor = &board->cursors[window->channel];
    const Rect *area = &screen->area;
    Rect old = window->overlay_rect;
    Rect new = { 0 };
    window->overlay = (Overlay){ .x = cursor->x, .y = cursor->y, .serial = cursor->serial };
    if (!board->absolute_pointer && !cursor->hidden && cursor->rgba) {
        Overlay *over = &drawing->overlay;
        *over = (Overlay){ .rgba = cursor->rgba,
                           .width = cursor->width,
                           .height = cursor->height,
                           .x = cursor->x - cursor->hot_x - area->x,
                           .y = cursor->y - cursor->hot_y - area->y,
                           .serial = cursor->serial };
        new = (Rect){ over->x, over->y, over->width, over->height };
    }
    window->overlay_rect = new;
    canvas_damage(&screen->damage, area, old.x + area->x, old.y + area->y, old.width, old.height);
    canvas_damage(&screen->damage, area, new.x + area->x, new.y + area->y, new.width, new.height);
}

/* What window_draw() remembers of a drawing once it has given the turn. */
typedef struct {
    int64_t us[BOARD_ARRIVALS_MAX];
    unsigned n;
} Arrivals;

/* With the turn. Return: whether there is something to show */
static bool draw_screen(Window *window, Board *board, bool kept, Drawing *drawing,
                        Arrivals *arrivals)
{
    BoardScreen *screen = board_screen(board, window->channel, window->monitor);
    if (!screen || screen->serial != window->serial)
        return false;
    place_overlay(window, board, screen, drawing);
    drawing->picture = &screen->picture;
    drawing->area = screen->area;
    if (!kept)
        canvas_damage(&screen->damage, &screen->area, screen->area.x, screen->area.y,
                      screen->area.width, screen->area.height);
    drawing->boxes = pixman_region32_rectangles(&screen->damage, &drawing->n_boxes);
    arrivals->n = screen->n_arrivals;
    memcpy(arrivals->us, screen->arrivals_us, sizeof arrivals->us[0] * arrivals->n);
    screen->n_arrivals = 0;
    present_draw(window->present, drawing);
    bool drawn = drawing->n_boxes > 0 || !kept;
    pixman_region32_clear(&screen->damage);
    screen->awaited = false;
    pace_shown(&window->pace, g_get_monotonic_time());
    board->paced_us = pace_due(&window->pace, window->pace.last_us);
    /* It is the session's, and may be freed once the turn is given. */
    drawing->overlay.rgba = NULL;
    return drawn;
}

void window_draw(Window *window, Board *board)
{
    Drawing drawing = { .geometry = &window->geometry };
    Arrivals arrivals = { .n = 0 };
    window->pending = false;
    if (SDL_GetWindowFlags(window->sdl) & (SDL_WINDOW_MINIMIZED | SDL_WINDOW_HIDDEN))
        return;
    bool kept = present_begin(window->present);
    turn_take();
    bool drawn = draw_screen(window, board, kept, &drawing, &arrivals);
    turn_give();
    if (!drawn)
        return;
    present_show(window->present, &drawing);
    int64_t shown_us = g_get_monotonic_time();
    window->frames++;
    for (unsigned i = 0; i < arrivals.n; i++)
        timing_add(&window->timing, shown_us - arrivals.us[i]);
    if (!window->first_us)
        window->first_us = shown_us;
    if (window->again) {
        window->again = false;
        present_lose(window->present);
        schedule_at(window, shown_us + AGAIN_US);
    }
}

bool window_event(Window *window, const SDL_WindowEvent *event)
{
    switch (event->event) {
    case SDL_WINDOWEVENT_SIZE_CHANGED: {
        Size now = { event->data1, event->data2 };
        bool ours = now.width == window->asked.width && now.height == window->asked.height;
        fit(window);
        present_lose(window->present);
        window->again = true;
        schedule(window);
        if (!ours)
            window->sized_by_user = !window_is_fullscreen(window);
        return !ours;
    }
    case SDL_WINDOWEVENT_EXPOSED:
    case SDL_WINDOWEVENT_SHOWN:
    case SDL_WINDOWEVENT_RESTORED:
        present_lose(window->present);
        schedule(window);
        return false;
    default:
        return false;
    }
}
