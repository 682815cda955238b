/* SPDX-License-Identifier: Apache-2.0 */
/* The state that both threads know. */
#include "display/board.h"

static void screen_clear(BoardScreen *screen)
{
    pixman_region32_fini(&screen->damage);
}

void board_clear(Board *board)
{
    for (unsigned i = 0; i < board->n_screens; i++)
        screen_clear(&board->screens[i]);
    board->n_screens = 0;
    for (unsigned i = 0; i < BOARD_CHANNELS_MAX; i++)
        g_clear_pointer(&board->cursors[i].rgba, g_free);
    g_clear_error(&board->failure);
    g_clear_pointer(&board->server_name, g_free);
}

BoardScreen *board_screen(Board *board, int channel, unsigned monitor)
{
    for (unsigned i = 0; i < board->n_screens; i++) {
        BoardScreen *screen = &board->screens[i];
        if (screen->channel == channel && screen->monitor == monitor)
            return screen;
    }
    return NULL;
}

BoardScreen *board_add_screen(Board *board, int channel, unsigned monitor)
{
    BoardScreen *screen = board_screen(board, channel, monitor);
    if (screen || board->n_screens == BOARD_SCREENS_MAX)
        return screen;
    screen = &board->screens[board->n_screens++];
    *screen = (BoardScreen){ .channel = channel, .monitor = monitor };
    pixman_region32_init(&screen->damage);
    board->changed = true;
    return screen;
}

void board_remove_screen(Board *board, BoardScreen *screen)
{
    screen_clear(screen);
    *screen = board->screens[--board->n_screens];
    board->changed = true;
}

/* Return: whether the window has to be told */
static bool add_damage(Board *board, BoardScreen *screen, const Rect *rect)
{
    if (board->timed && screen->n_arrivals < BOARD_ARRIVALS_MAX)
        screen->arrivals_us[screen->n_arrivals++] = g_get_monotonic_time();
    canvas_damage(&screen->damage, &screen->area, rect->x, rect->y, rect->width, rect->height);
    return !screen->awaited;
}

void board_set_picture(BoardScreen *screen, const CanvasImage *picture, const Rect *area)
{
    Rect whole = { 0, 0, picture->width, picture->height };
    screen->picture = *picture;
    screen->area = rect_clip(area, &whole);
    screen->serial++;
    pixman_region32_clear(&screen->damage);
    screen->n_arrivals = 0;
    canvas_damage(&screen->damage, &screen->area, screen->area.x, screen->area.y,
                  screen->area.width, screen->area.height);
}

void board_damage(Board *board, int channel, int x, int y, int width, int height)
{
    Rect rect = { x, y, width, height };
    bool news = false;
    for (unsigned i = 0; i < board->n_screens; i++)
        if (board->screens[i].channel == channel)
            news |= add_damage(board, &board->screens[i], &rect);
    board->n_damages++;
    if (news && board->damaged_us == 0)
        board->damaged_us = g_get_monotonic_time();
}

void board_fail(Board *board, const char *hint, GError *error)
{
    board->changed = true;
    if (board->failure) {
        g_error_free(error);
        return;
    }
    board->link = LINK_OVER;
    board->failure = error;
    board->failure_hint = hint;
}
