/* SPDX-License-Identifier: Apache-2.0 */
/* utmctl sendkey: press keys of a machine. */
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/press.h"
#include "core/error.h"
#include "core/screen/keyboard.h"

static struct {
    char *vm, **keys;
    gint64 hold_us;
} opt = { .hold_us = KEYBOARD_HOLD_US };

static const CmdArg args[] = {
    { .name = "VM", .kind = ARG_VM, .value = &opt.vm },
    { .name = "KEYS",
      .kind = ARG_WORDS,
      .value = &opt.keys,
      .help = "Keys by name, joined by \"-\" where they are pressed together" },
    { 0 },
};

static const CmdOption options[] = {
    { .name = "hold",
      .kind = OPT_DURATION,
      .value = &opt.hold_us,
      .arg = "DURATION",
      .help = "How long each key is held down; the default is 20ms" },
    { 0 },
};

static GArray *parse_chords(GError **error)
{
    g_autoptr(GArray) chords = g_array_new(FALSE, TRUE, sizeof(Chord));
    if (opt.hold_us < 1000 || opt.hold_us > G_USEC_PER_SEC * 60) {
        utm_error_set(error, UTM_ERROR_USAGE, NULL, "--hold: from 1ms to 1m");
        return NULL;
    }
    for (char **word = opt.keys; word && *word; word++) {
        Chord chord;
        if (!chord_parse(*word, &chord, error))
            return NULL;
        g_array_append_val(chords, chord);
    }
    return g_steal_pointer(&chords);
}

static bool run(GError **error)
{
    g_autoptr(GArray) chords = parse_chords(error);
    return cmd_press(opt.vm, chords, opt.hold_us, "send keys", error);
}

static const char *const examples[] = {
    "utmctl sendkey web ctrl-alt-delete",
    "What opens a menu on Windows and restarts other systems",
    "utmctl sendkey web down down enter",
    "Choose the third entry of a boot menu",
    "utmctl sendkey --hold 2s web f12",
    "Keep a key down that the firmware looks at",
    NULL,
};

const Command cmd_sendkey = {
    .name = "sendkey",
    .group = GROUP_SCREEN,
    .summary = "Press keys of a machine",
    .description =
        "One word after the other; the keys of one word are pressed together. Keys have the names "
        "that QEMU gives them (ret, esc, pgup, kp_enter, f1…) and those that people use (enter, "
        "del, win, space…). They stand for places on a US keyboard, whatever the guest makes of "
        "them; text is for \"utmctl type\".",
    .args = args,
    .options = options,
    .examples = examples,
    .run = run,
};
