/* SPDX-License-Identifier: Apache-2.0 */
/* Keys and pointer on their way from the window's thread to the guest. */
#include "display/session-private.h"

/* How long a window keeps its size before the guest is asked for it. */
#define RESIZE_DELAY_MS 250

/* One thing for the inputs channel; which members count depends on who made it. */
typedef struct {
    unsigned code;
    bool down;
    int x, y;
    int channel;
    unsigned monitor;
    unsigned buttons;
} Input;

static void post(Session *session, MailboxCall call, Input input)
{
    session_post(session, call, g_memdup2(&input, sizeof input), g_free);
}

static void send_key(void *owner, void *data)
{
    Session *session = owner;
    const Input *input = data;
    if (!session->inputs)
        return;
    if (input->down)
        spice_inputs_channel_key_press(session->inputs, input->code);
    else
        spice_inputs_channel_key_release(session->inputs, input->code);
}

void session_key(Session *session, unsigned scancode, bool down)
{
    post(session, send_key, (Input){ .code = scancode, .down = down });
}

static void send_locks(void *owner, void *data)
{
    Session *session = owner;
    const Input *input = data;
    session->key_locks = input->code;
    session->has_key_locks = true;
    if (session->inputs)
        spice_inputs_channel_set_key_locks(session->inputs, input->code);
}

void session_key_locks(Session *session, unsigned locks)
{
    post(session, send_locks, (Input){ .code = locks });
}

static void send_position(void *owner, void *data)
{
    Session *session = owner;
    const Input *input = data;
    const BoardScreen *screen = board_screen(&session->board, input->channel, input->monitor);
    if (session->inputs && screen)
        spice_inputs_channel_position(session->inputs, input->x + screen->area.x,
                                      input->y + screen->area.y, input->channel,
                                      (int) input->buttons);
}

void session_pointer_to(Session *session, int channel, unsigned monitor, int x, int y,
                        unsigned buttons)
{
    post(session, send_position,
         (Input){ .channel = channel, .monitor = monitor, .x = x, .y = y, .buttons = buttons });
}

static void send_motion(void *owner, void *data)
{
    Session *session = owner;
    const Input *input = data;
    if (session->inputs)
        spice_inputs_channel_motion(session->inputs, input->x, input->y, (int) input->buttons);
}

void session_pointer_by(Session *session, int dx, int dy, unsigned buttons)
{
    post(session, send_motion, (Input){ .x = dx, .y = dy, .buttons = buttons });
}

static void send_button(void *owner, void *data)
{
    Session *session = owner;
    const Input *input = data;
    if (!session->inputs)
        return;
    if (input->down)
        spice_inputs_channel_button_press(session->inputs, (int) input->code, (int) input->buttons);
    else
        spice_inputs_channel_button_release(session->inputs, (int) input->code,
                                            (int) input->buttons);
}

void session_button(Session *session, unsigned button, bool down, unsigned buttons)
{
    post(session, send_button, (Input){ .code = button, .down = down, .buttons = buttons });
}

static void send_mode(void *owner, void *data)
{
    Session *session = owner;
    const Input *input = data;
    if (session->main)
        spice_main_channel_request_mouse_mode(session->main, input->down ? SPICE_MOUSE_MODE_CLIENT
                                                                         : SPICE_MOUSE_MODE_SERVER);
}

void session_pointer_mode(Session *session, bool absolute)
{
    post(session, send_mode, (Input){ .down = absolute });
}

static gboolean send_resize(void *user)
{
    Session *session = user;
    const SessionResize *resize = &session->resize;
    session->resize_timer = 0;
    if (!session->main || !session->board.agent)
        return G_SOURCE_REMOVE;
    /* A channel with several monitors has number 0; else each has a channel of its own. */
    int id = resize->channel + (int) resize->monitor;
    spice_main_channel_update_display_enabled(session->main, id, TRUE, FALSE);
    spice_main_channel_update_display(session->main, id, 0, 0, resize->size.width,
                                      resize->size.height, TRUE);
    return G_SOURCE_REMOVE;
}

static void take_resize(void *owner, void *data)
{
    Session *session = owner;
    session->resize = *(const SessionResize *) data;
    if (session->resize_timer)
        g_source_remove(session->resize_timer);
    session->resize_timer = g_timeout_add(RESIZE_DELAY_MS, send_resize, session);
}

void session_resize(Session *session, int channel, unsigned monitor, Size size)
{
    SessionResize resize = { channel, monitor, size };
    session_post(session, take_resize, g_memdup2(&resize, sizeof resize), g_free);
}

static void on_modifiers(SpiceChannel *channel, void *user)
{
    Session *session = user;
    int locks = 0;
    g_object_get(channel, "key-modifiers", &locks, NULL);
    session->board.key_locks = (unsigned) locks;
    session_changed(session);
}

void session_inputs_new(Session *session, SpiceChannel *channel)
{
    session->inputs = SPICE_INPUTS_CHANNEL(channel);
    g_signal_connect(channel, "inputs-modifiers", G_CALLBACK(on_modifiers), session);
    session_connect(session, channel);
    /* The window may have had the focus before. spice-glib sends them when the channel is up. */
    if (session->has_key_locks)
        spice_inputs_channel_set_key_locks(session->inputs, session->key_locks);
}

void session_inputs_gone(Session *session)
{
    session->inputs = NULL;
}
