/* SPDX-License-Identifier: Apache-2.0 */
/* Keys, the pointer and its buttons. */
#include "display/input.h"

#include "display/keys.h"
#include "display/menu.h"
#include "display/pointer.h"

/* As many steps of the wheel as one event can be worth. */
#define WHEEL_STEPS_MAX 16

struct Input {
    Viewer *viewer; /* borrowed */
    Keys keys;
    CommandWatch watch;
    Pointer pointer;
    bool focused;
    bool linked;         /* the guest is there */
    bool wants_relative; /* the user wants a mouse where the guest has a tablet, too */
    bool system_keys;    /* the host's system leaves all keys to us */
    GPtrArray *dropped;  /* owned; paths of files, until all have come */
};

Input *input_new(Viewer *viewer)
{
    Input *input = g_new0(Input, 1);
    input->viewer = viewer;
    input->dropped = g_ptr_array_new_with_free_func(g_free);
    input->wants_relative = viewer_options(viewer)->relative_pointer;
    return input;
}

void input_free(Input *input)
{
    if (!input)
        return;
    g_ptr_array_unref(input->dropped);
    g_free(input);
}

static Session *session_of(const Input *input)
{
    return viewer_session(input->viewer);
}

/* ---- letting go ---- */

static void set_system_keys(Input *input, Window *window, bool on)
{
    if (window)
        SDL_SetWindowKeyboardGrab(window->sdl, on);
    input->system_keys = on && window;
}

static void release_pointer(Input *input)
{
    input->pointer.grabbed = false;
    SDL_SetRelativeMouseMode(SDL_FALSE);
    for (unsigned button; (button = pointer_take_button(&input->pointer));)
        session_button(session_of(input), button, false, input->pointer.buttons);
}

static void release_keys(Input *input)
{
    for (unsigned code; (code = keys_take(&input->keys));)
        session_key(session_of(input), code, false);
}

static void lose_focus(Input *input)
{
    release_keys(input);
    release_pointer(input);
    command_watch_reset(&input->watch);
    input->focused = false;
}

/* Caps Lock may have been pressed elsewhere. */
static void send_locks(const Input *input)
{
    session_key_locks(session_of(input), keys_locks((unsigned) SDL_GetModState()));
}

static void gain_focus(Input *input)
{
    /* Texts are the guest's business: an input method of the host would swallow keys. */
    SDL_StopTextInput();
    input->focused = true;
    send_locks(input);
}

/* ---- commands ---- */

static void ask_for_pointer(const Input *input)
{
    session_pointer_mode(session_of(input), !input->wants_relative);
}

void input_command(Input *input, Window *window, Command command)
{
    switch (command) {
    case COMMAND_RELEASE:
        release_pointer(input);
        set_system_keys(input, window, false);
        break;
    case COMMAND_FULL_SCREEN:
        window_set_fullscreen(window, !window_is_fullscreen(window));
        break;
    case COMMAND_MENU:
        lose_focus(input);
        menu_run(input, input->viewer, window);
        break;
    case COMMAND_SYSTEM_KEYS:
        set_system_keys(input, window, !input->system_keys);
        break;
    case COMMAND_POINTER:
        input->wants_relative = input->pointer.absolute;
        ask_for_pointer(input);
        break;
    default:
        break;
    }
    viewer_update_titles(input->viewer);
}

void input_send_chord(Input *input, const Chord *chord)
{
    for (unsigned i = 0; i < chord->count; i++)
        session_key(session_of(input), chord->codes[i], true);
    for (unsigned i = chord->count; i-- > 0;)
        session_key(session_of(input), chord->codes[i], false);
}

/* ---- events ---- */

static void handle_key(Input *input, Window *window, const SDL_KeyboardEvent *event)
{
    unsigned key = (unsigned) event->keysym.scancode;
    bool down = event->state == SDL_PRESSED;
    Command command = event->repeat ? COMMAND_NONE : command_watch(&input->watch, key, down);
    /* The end of a key whose beginning was a command's finds nothing to release. */
    if (command == COMMAND_NONE || command == COMMAND_RELEASE) {
        unsigned code = down ? keys_press(&input->keys, key) : keys_release(&input->keys, key);
        if (code)
            session_key(session_of(input), code, down);
    }
    if (command != COMMAND_NONE)
        input_command(input, window, command);
}

static void handle_motion(Input *input, const Window *window, const SDL_MouseMotionEvent *event)
{
    const Pointer *pointer = &input->pointer;
    if (!pointer_moves(pointer) || !window->bound)
        return;
    if (!pointer->absolute) {
        session_pointer_by(session_of(input), event->xrel, event->yrel, pointer->buttons);
        return;
    }
    int x, y;
    geometry_to_guest(&window->geometry, event->x, event->y, &x, &y);
    session_pointer_to(session_of(input), window->channel, window->monitor, x, y, pointer->buttons);
}

static void handle_button(Input *input, const SDL_MouseButtonEvent *event)
{
    unsigned button = pointer_button_of(event->button);
    bool down = event->state == SDL_PRESSED;
    PointerStep step =
        down ? pointer_press(&input->pointer, button) : pointer_release(&input->pointer, button);
    command_watch_mix(&input->watch);
    if (step == POINTER_SEND)
        session_button(session_of(input), button, down, input->pointer.buttons);
    if (step != POINTER_GRAB)
        return;
    SDL_SetRelativeMouseMode(SDL_TRUE);
    viewer_update_titles(input->viewer);
}

static void handle_wheel(Input *input, const SDL_MouseWheelEvent *event)
{
    double amount = event->direction == SDL_MOUSEWHEEL_FLIPPED ? -event->preciseY : event->preciseY;
    int steps = CLAMP(pointer_scroll(&input->pointer, amount), -WHEEL_STEPS_MAX, WHEEL_STEPS_MAX);
    unsigned button = steps > 0 ? POINTER_UP : POINTER_DOWN;
    unsigned held = input->pointer.buttons;
    for (int i = ABS(steps); i > 0; i--) {
        session_button(session_of(input), button, true, held | pointer_bit(button));
        session_button(session_of(input), button, false, held);
    }
}

/* Files that are dropped together come one by one. */
static void handle_drop(Input *input, const SDL_DropEvent *event)
{
    if (event->type == SDL_DROPFILE)
        g_ptr_array_add(input->dropped, g_strdup(event->file));
    SDL_free(event->file);
    if (event->type != SDL_DROPCOMPLETE || !input->dropped->len)
        return;
    g_ptr_array_add(input->dropped, NULL);
    session_send_files(session_of(input), (char **) g_ptr_array_steal(input->dropped, NULL));
}

void input_event(Input *input, Window *window, const SDL_Event *event)
{
    if (!window)
        return;
    switch (event->type) {
    case SDL_KEYDOWN:
    case SDL_KEYUP:
        handle_key(input, window, &event->key);
        break;
    case SDL_MOUSEMOTION:
        handle_motion(input, window, &event->motion);
        break;
    case SDL_MOUSEBUTTONDOWN:
    case SDL_MOUSEBUTTONUP:
        handle_button(input, &event->button);
        break;
    case SDL_MOUSEWHEEL:
        handle_wheel(input, &event->wheel);
        break;
    case SDL_DROPFILE:
    case SDL_DROPTEXT:
    case SDL_DROPCOMPLETE:
        handle_drop(input, &event->drop);
        break;
    case SDL_WINDOWEVENT:
        if (event->window.event == SDL_WINDOWEVENT_FOCUS_GAINED)
            gain_focus(input);
        else if (event->window.event == SDL_WINDOWEVENT_FOCUS_LOST)
            lose_focus(input);
        break;
    default:
        break;
    }
}

void input_board_changed(Input *input, const Board *board)
{
    bool linked = board->link == LINK_CONNECTED, was_absolute = input->pointer.absolute;
    if (pointer_set_absolute(&input->pointer, board->absolute_pointer))
        SDL_SetRelativeMouseMode(SDL_FALSE);
    /* The server begins with what it likes better. */
    if (linked && input->wants_relative && board->absolute_pointer &&
        (!was_absolute || !input->linked))
        ask_for_pointer(input);
    if (linked && !input->linked && input->focused)
        send_locks(input);
    input->linked = linked;
}

const char *input_title(const Input *input)
{
    if (input->pointer.grabbed)
        return "Ctrl-Alt releases the pointer";
    if (input->system_keys)
        return "has all keys, Ctrl-Alt releases them";
    if (!input->pointer.absolute)
        return "a click takes the pointer";
    return NULL;
}
