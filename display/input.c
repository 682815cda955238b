/* SPDX-License-Identifier: Apache-2.0 */
/* The pointer and its buttons. */
#include "display/input.h"

/* Bits of the protocol: SPICE_MOUSE_BUTTON_MASK_X is 1 << (SPICE_MOUSE_BUTTON_X - 1) for the first
 * three. Source: spice-protocol, spice/enums.h */
enum {
    BUTTON_LEFT = 1,
    BUTTON_MIDDLE,
    BUTTON_RIGHT,
    BUTTON_UP,
    BUTTON_DOWN,
    BUTTON_SIDE,
    BUTTON_EXTRA
};
enum { MASK_SIDE = 1 << 5, MASK_EXTRA = 1 << 6 };

struct Input {
    Viewer *viewer; /* borrowed */
    unsigned buttons;
    bool absolute;
};

Input *input_new(Viewer *viewer)
{
    Input *input = g_new0(Input, 1);
    input->viewer = viewer;
    return input;
}

void input_free(Input *input)
{
    g_free(input);
}

static unsigned spice_button(Uint8 sdl)
{
    static const unsigned buttons[] = { [SDL_BUTTON_LEFT] = BUTTON_LEFT,
                                        [SDL_BUTTON_MIDDLE] = BUTTON_MIDDLE,
                                        [SDL_BUTTON_RIGHT] = BUTTON_RIGHT,
                                        [SDL_BUTTON_X1] = BUTTON_SIDE,
                                        [SDL_BUTTON_X2] = BUTTON_EXTRA };
    return sdl < G_N_ELEMENTS(buttons) ? buttons[sdl] : 0;
}

static unsigned mask_of(unsigned button)
{
    if (button == BUTTON_SIDE)
        return MASK_SIDE;
    return button == BUTTON_EXTRA ? MASK_EXTRA : 1U << (button - 1);
}

static void move(Input *input, const Window *window, int x, int y)
{
    int guest_x, guest_y;
    geometry_to_guest(&window->geometry, x, y, &guest_x, &guest_y);
    session_pointer_to(viewer_session(input->viewer), window->channel, window->monitor, guest_x,
                       guest_y, input->buttons);
}

static void press(Input *input, const SDL_MouseButtonEvent *event)
{
    unsigned button = spice_button(event->button);
    bool down = event->state == SDL_PRESSED;
    if (!button)
        return;
    input->buttons = down ? input->buttons | mask_of(button) : input->buttons & ~mask_of(button);
    session_button(viewer_session(input->viewer), button, down, input->buttons);
}

static void turn_wheel(Input *input, int steps)
{
    unsigned button = steps > 0 ? BUTTON_UP : BUTTON_DOWN;
    for (int i = ABS(steps); i > 0; i--) {
        session_button(viewer_session(input->viewer), button, true, input->buttons);
        session_button(viewer_session(input->viewer), button, false, input->buttons);
    }
}

void input_event(Input *input, Window *window, const SDL_Event *event)
{
    if (!window)
        return;
    if (event->type == SDL_MOUSEMOTION && input->absolute)
        move(input, window, event->motion.x, event->motion.y);
    else if (event->type == SDL_MOUSEBUTTONDOWN || event->type == SDL_MOUSEBUTTONUP)
        press(input, &event->button);
    else if (event->type == SDL_MOUSEWHEEL)
        turn_wheel(input, CLAMP(event->wheel.y, -16, 16));
}

void input_board_changed(Input *input, const Board *board)
{
    input->absolute = board->absolute_pointer;
}

const char *input_title(G_GNUC_UNUSED const Input *input)
{
    return NULL;
}
