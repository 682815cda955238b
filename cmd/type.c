/* SPDX-License-Identifier: Apache-2.0 */
/* utmctl type: type a text on a machine's keyboard. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/press.h"
#include "core/error.h"
#include "core/screen/keyboard.h"
#include "core/screen/layout.h"

/* Nobody types more than this: at 25 characters a second it takes more than half an hour. */
#define MAXIMUM_TEXT (64 * 1024)

static struct {
    char *vm, *text, *layout;
    gint64 hold_us;
} opt = { .hold_us = KEYBOARD_HOLD_US };

static const CmdArg args[] = {
    { .name = "VM", .kind = ARG_VM, .value = &opt.vm },
    { .name = "TEXT",
      .kind = ARG_WORD,
      .value = &opt.text,
      .help = "What to type; \"-\": what standard input says" },
    { 0 },
};

static const CmdOption options[] = {
    { .name = "layout",
      .kind = OPT_CHOICE,
      .value = &opt.layout,
      .choices = layout_names,
      .help = "The keyboard layout that the guest has; the default is us" },
    { .name = "hold",
      .kind = OPT_DURATION,
      .value = &opt.hold_us,
      .arg = "DURATION",
      .help = "How long each key is held down, and the pause after it; the default is 20ms" },
    { 0 },
};

static char *read_input(GError **error)
{
    g_autofree char *text = g_malloc0(MAXIMUM_TEXT + 2);
    size_t length = fread(text, 1, MAXIMUM_TEXT + 1, stdin);
    if (ferror(stdin)) {
        utm_error_set(error, UTM_ERROR_FAILED, NULL, "cannot read standard input: %s",
                      g_strerror(errno));
        return NULL;
    }
    if (memchr(text, 0, length)) {
        utm_error_set(error, UTM_ERROR_USAGE, NULL, "standard input is no text");
        return NULL;
    }
    return g_steal_pointer(&text);
}

static GArray *chords_of_text(GError **error)
{
    if (opt.hold_us < 1000 || opt.hold_us > G_USEC_PER_SEC) {
        utm_error_set(error, UTM_ERROR_USAGE, NULL, "--hold: from 1ms to 1s");
        return NULL;
    }
    g_autofree char *text = strcmp(opt.text, "-") == 0 ? read_input(error) : g_strdup(opt.text);
    if (!text)
        return NULL;
    if (strlen(text) > MAXIMUM_TEXT) {
        utm_error_set(error, UTM_ERROR_USAGE, "utmctl file push copies files into a guest",
                      "the text is longer than %d bytes", MAXIMUM_TEXT);
        return NULL;
    }
    return layout_chords(opt.layout ? opt.layout : layout_names[0], text, error);
}

static bool run(GError **error)
{
    g_autoptr(GArray) chords = chords_of_text(error);
    return cmd_press(opt.vm, chords, opt.hold_us, "type", error);
}

static const char *const examples[] = {
    "utmctl type web root$'\\n'",
    "Log in at a console; the newline is the Enter key",
    "utmctl type --layout de web - < answers.txt",
    "Type a file into a guest with a German keyboard",
    NULL,
};

const Command cmd_type = {
    .name = "type",
    .group = GROUP_SCREEN,
    .summary = "Type a text on a machine's keyboard",
    .description =
        "Each character becomes the keys that make it on a keyboard of --layout, which must be the "
        "one that the guest has chosen. Newlines are the Enter key, tabs the Tab key. When a "
        "character cannot be typed, it is named and nothing is typed at all. Keys are pressed "
        "slowly enough for a guest to take them all, and the command returns when it has been "
        "given the last.",
    .args = args,
    .options = options,
    .examples = examples,
    .run = run,
};
