/* SPDX-License-Identifier: Apache-2.0 */
/* Keys pressed together: those that the viewer offers, and those that it keeps for itself. */
#include "display/chords.h"

#include <string.h>

#include "display/scancode.h"

/* SDL_Scancode of the keys that are spoken of here. */
enum {
    KEY_A = 4,
    KEY_G = 10,
    KEY_M = 16,
    KEY_P = 19,
    KEY_1 = 30,
    KEY_0 = 39,
    KEY_RETURN = 40,
    KEY_F1 = 58,
    KEY_F13 = 104,
    KEY_LEFT_CTRL = 224,
    KEY_LEFT_ALT = 226,
    KEY_RIGHT_CTRL = 228,
};

static const struct {
    const char *name;
    unsigned key;
} named_keys[] = {
    { "ctrl", KEY_LEFT_CTRL },
    { "control", KEY_LEFT_CTRL },
    { "alt", KEY_LEFT_ALT },
    { "option", KEY_LEFT_ALT },
    { "shift", 225 },
    { "meta", 227 },
    { "super", 227 },
    { "win", 227 },
    { "cmd", 227 },
    { "command", 227 },
    { "rctrl", KEY_RIGHT_CTRL },
    { "rshift", 229 },
    { "altgr", 230 },
    { "ralt", 230 },
    { "enter", KEY_RETURN },
    { "return", KEY_RETURN },
    { "ret", KEY_RETURN },
    { "esc", 41 },
    { "escape", 41 },
    { "backspace", 42 },
    { "tab", 43 },
    { "space", 44 },
    { "spc", 44 },
    { "minus", 45 },
    { "equal", 46 },
    { "capslock", 57 },
    { "print", 70 },
    { "printscreen", 70 },
    { "sysrq", 154 },
    { "scrolllock", 71 },
    { "pause", 72 },
    { "insert", 73 },
    { "home", 74 },
    { "pageup", 75 },
    { "pgup", 75 },
    { "delete", 76 },
    { "del", 76 },
    { "end", 77 },
    { "pagedown", 78 },
    { "pgdn", 78 },
    { "right", 79 },
    { "left", 80 },
    { "down", 81 },
    { "up", 82 },
    { "numlock", 83 },
    { "menu", 101 },
    { "hangul", 144 },
    { "hanja", 145 },
    { "henkan", 138 },
    { "muhenkan", 139 },
    { "katakana", 136 },
    { "yen", 137 },
    { "zenkaku", 148 },
};

/* ---- chords ---- */

void chord_free(Chord *chord)
{
    if (!chord)
        return;
    g_free(chord->name);
    g_free(chord);
}

static unsigned function_key(const char *name)
{
    guint64 n;
    if (name[0] != 'f' || !g_ascii_string_to_unsigned(name + 1, 10, 1, 24, &n, NULL))
        return 0;
    return n <= 12 ? KEY_F1 + (unsigned) n - 1 : KEY_F13 + (unsigned) n - 13;
}

static unsigned find_key(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(named_keys); i++)
        if (g_str_equal(name, named_keys[i].name))
            return named_keys[i].key;
    if (strlen(name) != 1)
        return function_key(name);
    if (g_ascii_islower(*name))
        return KEY_A + (unsigned) (*name - 'a');
    if (*name == '0')
        return KEY_0;
    return g_ascii_isdigit(*name) ? KEY_1 + (unsigned) (*name - '1') : 0;
}

static bool parse_keys(Chord *chord, const char *text)
{
    g_autofree char *lower = g_ascii_strdown(text, -1);
    g_auto(GStrv) words = g_strsplit(g_strdelimit(lower, "+", '-'), "-", -1);
    for (char **word = words; *word; word++) {
        unsigned key = find_key(*word);
        if (!key || chord->count == CHORD_KEYS)
            return false;
        chord->codes[chord->count++] = scancode_of(key);
    }
    return chord->count > 0;
}

Chord *chord_parse(const char *text)
{
    const char *equals = strchr(text, '=');
    g_autoptr(Chord) chord = g_new0(Chord, 1);
    chord->name = equals ? g_strndup(text, (gsize) (equals - text)) : g_strdup(text);
    if (!*chord->name || !parse_keys(chord, equals ? equals + 1 : text))
        return NULL;
    return g_steal_pointer(&chord);
}

GPtrArray *chords_standard(void)
{
    static const char *const texts[] = {
        "Ctrl-Alt-Delete", "Ctrl-Alt-Backspace", "Ctrl-Alt-F1",  "Ctrl-Alt-F2",  "Ctrl-Alt-F3",
        "Ctrl-Alt-F4",     "Ctrl-Alt-F5",        "Ctrl-Alt-F6",  "Ctrl-Alt-F7",  "Ctrl-Alt-F8",
        "Ctrl-Alt-F9",     "Ctrl-Alt-F10",       "Ctrl-Alt-F11", "Ctrl-Alt-F12", "Alt-Tab",
        "Alt-F4",          "Ctrl-Esc",           "Super",        "Print",        "Pause"
    };
    GPtrArray *chords = g_ptr_array_new_with_free_func((GDestroyNotify) chord_free);
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        g_ptr_array_add(chords, chord_parse(texts[i]));
    return chords;
}

/* ---- commands ---- */

static const struct {
    unsigned key; /* with Ctrl and Alt */
    const char *keys;
    const char *text;
} commands[COMMAND_COUNT] = {
    [COMMAND_RELEASE] = { 0, "Ctrl-Alt", "Release pointer and keyboard" },
    [COMMAND_FULL_SCREEN] = { KEY_RETURN, "Ctrl-Alt-Enter", "Full screen" },
    [COMMAND_MENU] = { KEY_M, "Ctrl-Alt-M", "Menu" },
    [COMMAND_SYSTEM_KEYS] = { KEY_G, "Ctrl-Alt-G", "Take the system's keys" },
    [COMMAND_POINTER] = { KEY_P, "Ctrl-Alt-P", "Tablet or mouse" },
};

const char *command_keys(Command command)
{
    return commands[command].keys;
}

const char *command_text(Command command)
{
    return commands[command].text;
}

static bool is_control(unsigned key)
{
    return key == KEY_LEFT_CTRL || key == KEY_RIGHT_CTRL;
}

/* The right Alt key is AltGr, with which texts are typed. */
static bool is_alt(unsigned key)
{
    return key == KEY_LEFT_ALT;
}

static Command command_of(unsigned key)
{
    for (Command command = COMMAND_NONE + 1; command < COMMAND_COUNT; command++)
        if (commands[command].key && commands[command].key == key)
            return command;
    return COMMAND_NONE;
}

Command command_watch(CommandWatch *watch, unsigned key, bool down)
{
    if (!is_control(key) && !is_alt(key)) {
        command_watch_mix(watch);
        return down && watch->control && watch->alt ? command_of(key) : COMMAND_NONE;
    }
    if (is_control(key))
        watch->control = down;
    else
        watch->alt = down;
    if (watch->control && watch->alt)
        watch->both = true;
    if (watch->control || watch->alt)
        return COMMAND_NONE;
    bool alone = watch->both && !watch->mixed;
    command_watch_reset(watch);
    return alone ? COMMAND_RELEASE : COMMAND_NONE;
}

void command_watch_mix(CommandWatch *watch)
{
    watch->mixed = watch->control || watch->alt;
}

void command_watch_reset(CommandWatch *watch)
{
    *watch = (CommandWatch){ 0 };
}
