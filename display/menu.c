/* SPDX-License-Identifier: Apache-2.0 */
/* The viewer's menu, in boxes of the desktop: keys to send, USB devices, and commands. */
#include "display/menu.h"

#include <pthread.h>
#include <signal.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "display/turn.h"

/* Buttons of one box, without the last two. */
enum { PAGE = 6, CHOSE_MORE = PAGE, CHOSE_NOTHING };

typedef struct {
    Input *input;
    Viewer *viewer;
    Window *window;
} Menu;

/* ---- a box ---- */

#ifdef __linux__
/* SDL shows a box of X11 in a process of its own, which must not outlive this one. */
static void die_with_parent(void)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
}
#endif

static void add_button(SDL_MessageBoxButtonData *buttons, int *count, int id, const char *text,
                       Uint32 flags)
{
    buttons[(*count)++] = (SDL_MessageBoxButtonData){ flags, id, text };
}

static int ask(const Menu *menu, const char *question, const char *const *texts, int count,
               bool more)
{
    SDL_MessageBoxButtonData buttons[PAGE + 2];
    int n = 0, chosen = CHOSE_NOTHING;
    for (int i = 0; i < count; i++)
        add_button(buttons, &n, i, texts[i], i ? 0 : SDL_MESSAGEBOX_BUTTON_RETURNKEY_DEFAULT);
    if (more)
        add_button(buttons, &n, CHOSE_MORE, "More", 0);
    add_button(buttons, &n, CHOSE_NOTHING, "Close", SDL_MESSAGEBOX_BUTTON_ESCAPEKEY_DEFAULT);
    g_autofree char *title = g_strdup_printf("%s: menu", viewer_options(menu->viewer)->title);
    const SDL_MessageBoxData box = { .flags = SDL_MESSAGEBOX_BUTTONS_LEFT_TO_RIGHT,
                                     .window = menu->window->sdl,
                                     .title = title,
                                     .message = question,
                                     .numbuttons = n,
                                     .buttons = buttons };
    /* A box that is closed with its frame has no button. */
    viewer_set_blocked(menu->viewer, true);
    bool asked = SDL_ShowMessageBox(&box, &chosen) == 0;
    viewer_set_blocked(menu->viewer, false);
    return asked && chosen >= 0 ? chosen : CHOSE_NOTHING;
}

/* Page after page, until something is chosen; -1 for nothing. */
static int choose(const Menu *menu, const char *question, const GPtrArray *texts)
{
    for (int first = 0; first < (int) texts->len; first += PAGE) {
        int left = (int) texts->len - first;
        int chosen = ask(menu, question, (const char *const *) texts->pdata + first,
                         MIN(left, PAGE), left > PAGE);
        if (chosen == CHOSE_NOTHING)
            return -1;
        if (chosen != CHOSE_MORE)
            return first + chosen;
    }
    return -1;
}

/* ---- what there is to choose ---- */

static void send_keys(const Menu *menu)
{
    const GPtrArray *chords = viewer_options(menu->viewer)->chords;
    g_autoptr(GPtrArray) texts = g_ptr_array_new();
    for (guint i = 0; i < chords->len; i++)
        g_ptr_array_add(texts, ((const Chord *) chords->pdata[i])->name);
    int chosen = choose(menu, "Which keys shall be pressed in the guest?", texts);
    if (chosen >= 0)
        input_send_chord(menu->input, chords->pdata[chosen]);
}

static GPtrArray *list_usb(const Menu *menu)
{
    const Board *board = session_board(viewer_session(menu->viewer));
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    turn_take();
    for (unsigned i = 0; i < board->n_usb; i++)
        g_ptr_array_add(names, g_strdup_printf("%s%s", board->usb[i].connected ? "* " : "",
                                               board->usb[i].name));
    turn_give();
    return names;
}

static void toggle_usb(const Menu *menu)
{
    g_autoptr(GPtrArray) names = list_usb(menu);
    if (!names->len) {
        ask(menu,
            viewer_options(menu->viewer)->usb_sharing
                ? "There is no USB device that could be handed to the guest."
                : "USB devices are not shared with this machine: Input.UsbSharing is off.",
            NULL, 0, false);
        return;
    }
    int chosen = choose(menu, "Which device goes to the guest, or (*) comes back?", names);
    if (chosen < 0)
        return;
    const char *name = names->pdata[chosen];
    session_toggle_usb(viewer_session(menu->viewer),
                       g_str_has_prefix(name, "* ") ? name + 2 : name);
}

void menu_run(Input *input, Viewer *viewer, Window *window)
{
#ifdef __linux__
    static gsize prepared;
    if (g_once_init_enter(&prepared)) {
        pthread_atfork(NULL, NULL, die_with_parent);
        g_once_init_leave(&prepared, 1);
    }
#endif
    static const Command commands[] = { COMMAND_FULL_SCREEN, COMMAND_POINTER, COMMAND_SYSTEM_KEYS };
    const Menu menu = { input, viewer, window };
    const GPtrArray *chords = viewer_options(viewer)->chords;
    const Chord *first = chords->pdata[0];
    const char *texts[PAGE] = { first->name, "Keys", "USB" };
    for (size_t i = 0; i < G_N_ELEMENTS(commands); i++)
        texts[3 + i] = command_text(commands[i]);
    int chosen = ask(&menu, "Ctrl-Alt-M opens this menu.", texts, PAGE, false);
    if (chosen == 0)
        input_send_chord(input, first);
    else if (chosen == 1)
        send_keys(&menu);
    else if (chosen == 2)
        toggle_usb(&menu);
    else if (chosen < PAGE)
        input_command(input, window, commands[chosen - 3]);
}
