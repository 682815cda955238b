/* SPDX-License-Identifier: Apache-2.0 */
/* utmctl mouse: move and press the pointer of a machine. */
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/running.h"
#include "core/error.h"
#include "core/library.h"
#include "core/screen/keyboard.h"
#include "core/screen/pointer.h"
#include "core/screen/screenshot.h"
#include "core/vm/vm.h"

enum { MAXIMUM_SCROLL = 1000 };

static struct {
    char *vm, *action, **words;
} opt;

/* What the words ask for. */
typedef struct {
    unsigned display;
    int64_t x, y;
    QmpInputButton button;
    int64_t steps;
} Wish;

static const char *const action_words[] = { "move", "click", "drag", "scroll", NULL };

static const CmdArg args[] = {
    { .name = "VM", .kind = ARG_VM, .value = &opt.vm },
    { .name = "ACTION",
      .kind = ARG_WORD,
      .value = &opt.action,
      .choices = action_words,
      .help = "move X Y, click [BUTTON], drag X Y or scroll [DIRECTION] [N]" },
    { .name = "WORDS",
      .kind = ARG_WORDS,
      .value = &opt.words,
      .optional = true,
      .help = "What the action needs" },
    { 0 },
};

/* ---- words ---- */

static guint word_count(void)
{
    return opt.words ? g_strv_length(opt.words) : 0;
}

static bool set_usage(const char *usage, GError **error)
{
    g_autofree char *hint = g_strdup_printf("utmctl mouse VM %s", usage);
    utm_error_set(error, UTM_ERROR_USAGE, hint, "mouse %s: wrong words after it", opt.action);
    return false;
}

static bool parse_place(Wish *wish, const char *usage, GError **error)
{
    guint64 x, y;
    if (word_count() != 2 ||
        !g_ascii_string_to_unsigned(opt.words[0], 10, 0, G_MAXINT32, &x, NULL) ||
        !g_ascii_string_to_unsigned(opt.words[1], 10, 0, G_MAXINT32, &y, NULL))
        return set_usage(usage, error);
    wish->x = (int64_t) x;
    wish->y = (int64_t) y;
    return true;
}

static bool parse_move(Wish *wish, GError **error)
{
    return parse_place(wish, "move X Y", error);
}

static bool parse_drag(Wish *wish, GError **error)
{
    return parse_place(wish, "drag X Y", error);
}

static bool parse_click(Wish *wish, GError **error)
{
    static const QmpInputButton buttons[] = { QMP_INPUT_BUTTON_LEFT, QMP_INPUT_BUTTON_MIDDLE,
                                              QMP_INPUT_BUTTON_RIGHT, QMP_INPUT_BUTTON_SIDE,
                                              QMP_INPUT_BUTTON_EXTRA };
    wish->button = QMP_INPUT_BUTTON_LEFT;
    if (!word_count())
        return true;
    for (size_t i = 0; word_count() == 1 && i < G_N_ELEMENTS(buttons); i++)
        if (g_str_equal(opt.words[0], qmp_input_button_name(buttons[i]))) {
            wish->button = buttons[i];
            return true;
        }
    return set_usage("click left|middle|right|side|extra", error);
}

static bool parse_direction(const char *word, QmpInputButton *out_button)
{
    g_autofree char *name = g_strconcat("wheel-", word, NULL);
    return qmp_input_button_parse(name, out_button);
}

static bool parse_scroll(Wish *wish, GError **error)
{
    guint at = 0;
    wish->button = QMP_INPUT_BUTTON_WHEEL_DOWN;
    wish->steps = 1;
    if (word_count() && parse_direction(opt.words[0], &wish->button))
        at = 1;
    if (at && word_count() == 1)
        return true;
    gint64 steps;
    if (word_count() != at + 1 ||
        !g_ascii_string_to_signed(opt.words[at], 10, at ? 0 : -MAXIMUM_SCROLL, MAXIMUM_SCROLL,
                                  &steps, NULL))
        return set_usage("scroll [up|down|left|right] N", error);
    if (steps < 0)
        wish->button = QMP_INPUT_BUTTON_WHEEL_UP;
    wish->steps = ABS(steps);
    return true;
}

/* ---- doing it ---- */

/* The screen, when the pointer can be put where it shall go. */
static Picture *aim(QmpClient *client, const Bundle *bundle, const Wish *wish, GError **error)
{
    if (!pointer_check_tablet(client, error))
        return NULL;
    g_autoptr(Picture) screen = screenshot_take(client, bundle, wish->display, error);
    if (!screen || !pointer_check_pixel(screen, wish->x, wish->y, error))
        return NULL;
    return g_steal_pointer(&screen);
}

static bool go(QmpClient *client, const Bundle *bundle, const Wish *wish, GError **error)
{
    g_autoptr(Picture) screen = aim(client, bundle, wish, error);
    return screen && pointer_move(client, wish->display, screen, wish->x, wish->y, error);
}

static bool drag(QmpClient *client, const Bundle *bundle, const Wish *wish, GError **error)
{
    g_autoptr(Picture) screen = aim(client, bundle, wish, error);
    if (!screen || !pointer_button(client, wish->display, QMP_INPUT_BUTTON_LEFT, true, error))
        return false;
    bool ok = pointer_move(client, wish->display, screen, wish->x, wish->y, error);
    /* In any case: a button that stays down would spoil what comes next. */
    return pointer_button(client, wish->display, QMP_INPUT_BUTTON_LEFT, false, ok ? error : NULL) &&
           ok;
}

static bool click(QmpClient *client, const Bundle *bundle G_GNUC_UNUSED, const Wish *wish,
                  GError **error)
{
    return pointer_click(client, wish->display, wish->button, error);
}

static bool scroll(QmpClient *client, const Bundle *bundle G_GNUC_UNUSED, const Wish *wish,
                   GError **error)
{
    for (int64_t i = 0; i < wish->steps; i++)
        if (!pointer_click(client, wish->display, wish->button, error))
            return false;
    return true;
}

/* In the order of action_words. */
static const struct {
    bool (*parse)(Wish *wish, GError **error);
    bool (*run)(QmpClient *client, const Bundle *bundle, const Wish *wish, GError **error);
} actions[] = {
    { parse_move, go },
    { parse_click, click },
    { parse_drag, drag },
    { parse_scroll, scroll },
};

static bool run(GError **error)
{
    size_t which = 0;
    while (!g_str_equal(action_words[which], opt.action))
        which++;
    Wish wish = { 0 };
    g_autoptr(Bundle) bundle =
        actions[which].parse(&wish, error) ? library_open(opt.vm, error) : NULL;
    if (!bundle)
        return false;
    bool exists = cmd_which_display(&wish.display, error) &&
                  screen_check_display(bundle, wish.display, error);
    g_autoptr(QmpClient) client = exists ? vm_connect(bundle, error) : NULL;
    if (client && input_check_running(client, error) &&
        actions[which].run(client, bundle, &wish, error))
        return true;
    g_prefix_error(error, "VM \"%s\": mouse %s: ", bundle->config->information.name, opt.action);
    return false;
}

static const char *const examples[] = {
    "utmctl mouse web move 640 400",
    "Put the pointer on a pixel of the screen",
    "utmctl mouse web click right",
    "Press and release a button there",
    "utmctl mouse web scroll up 3",
    "Turn the wheel",
    NULL,
};

const Command cmd_mouse = {
    .name = "mouse",
    .group = GROUP_SCREEN,
    .summary = "Move and press the pointer of a machine",
    .description =
        "Pixels are those of \"utmctl screenshot\", counted from 0 at the top left. Moving needs a "
        "tablet, which machines with USB have; clicking and scrolling do not.\n"
        "\"drag\" holds the left button from where the pointer is to X Y. \"scroll N\" turns the "
        "wheel down, or N steps in the direction that is named before.\n"
        "A tablet that belongs to no display (-device usb-tablet without display=) spans what the "
        "guest makes of all of them: X and Y are then shares of that whole.",
    .args = args,
    .shared = SHARED_DISPLAY,
    .examples = examples,
    .run = run,
};
