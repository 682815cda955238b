/* SPDX-License-Identifier: Apache-2.0 */
/* Keys by name, alone and pressed together. */
#include "core/screen/keys.h"

#include "core/error.h"
#include "core/near-miss.h"

static const struct {
    const char *name;
    QmpQKeyCode key;
} aliases[] = {
    { "enter", QMP_QKEY_CODE_RET },
    { "return", QMP_QKEY_CODE_RET },
    { "escape", QMP_QKEY_CODE_ESC },
    { "del", QMP_QKEY_CODE_DELETE },
    { "ins", QMP_QKEY_CODE_INSERT },
    { "space", QMP_QKEY_CODE_SPC },
    { "bksp", QMP_QKEY_CODE_BACKSPACE },
    { "control", QMP_QKEY_CODE_CTRL },
    { "ctrl_l", QMP_QKEY_CODE_CTRL },
    { "rctrl", QMP_QKEY_CODE_CTRL_R },
    { "shift_l", QMP_QKEY_CODE_SHIFT },
    { "rshift", QMP_QKEY_CODE_SHIFT_R },
    { "alt_l", QMP_QKEY_CODE_ALT },
    { "option", QMP_QKEY_CODE_ALT },
    { "altgr", QMP_QKEY_CODE_ALT_R },
    { "win", QMP_QKEY_CODE_META_L },
    { "super", QMP_QKEY_CODE_META_L },
    { "meta", QMP_QKEY_CODE_META_L },
    { "cmd", QMP_QKEY_CODE_META_L },
    { "command", QMP_QKEY_CODE_META_L },
    { "pageup", QMP_QKEY_CODE_PGUP },
    { "pagedown", QMP_QKEY_CODE_PGDN },
    { "pgdown", QMP_QKEY_CODE_PGDN },
    { "capslock", QMP_QKEY_CODE_CAPS_LOCK },
    { "numlock", QMP_QKEY_CODE_NUM_LOCK },
    { "scrolllock", QMP_QKEY_CODE_SCROLL_LOCK },
    { "printscreen", QMP_QKEY_CODE_PRINT },
    { "prtsc", QMP_QKEY_CODE_PRINT },
    { "break", QMP_QKEY_CODE_PAUSE },
    { "period", QMP_QKEY_CODE_DOT },
    { "quote", QMP_QKEY_CODE_APOSTROPHE },
    { "grave", QMP_QKEY_CODE_GRAVE_ACCENT },
    { "backtick", QMP_QKEY_CODE_GRAVE_ACCENT },
    { "equals", QMP_QKEY_CODE_EQUAL },
    { "mute", QMP_QKEY_CODE_AUDIOMUTE },
};

static bool find_key(const char *lower, QmpQKeyCode *out_key)
{
    for (size_t i = 0; i < G_N_ELEMENTS(aliases); i++)
        if (g_str_equal(lower, aliases[i].name)) {
            *out_key = aliases[i].key;
            return true;
        }
    QmpQKeyCode key;
    if (!qmp_qkey_code_parse(lower, &key) || key == QMP_QKEY_CODE_UNMAPPED)
        return false;
    *out_key = key;
    return true;
}

char **key_names(void)
{
    GPtrArray *names = g_ptr_array_new();
    for (int key = QMP_QKEY_CODE_UNMAPPED + 1; key < QMP_QKEY_CODE__COUNT; key++)
        g_ptr_array_add(names, (char *) qmp_qkey_code_name((QmpQKeyCode) key));
    for (size_t i = 0; i < G_N_ELEMENTS(aliases); i++)
        g_ptr_array_add(names, (char *) aliases[i].name);
    g_ptr_array_add(names, NULL);
    return (char **) g_ptr_array_free(names, FALSE);
}

static char *nearest_keys(const char *name)
{
    g_autofree char **names = key_names();
    return near_miss(name, names);
}

/* QEMU's name for a key, or one that people use, in any case.
 * Source: QEMU qapi/ui.json, "QKeyCode" */
static bool parse_key(const char *name, QmpQKeyCode *out_key, GError **error)
{
    g_autofree char *lower = g_ascii_strdown(name, -1);
    if (find_key(lower, out_key))
        return true;
    g_autofree char *near = nearest_keys(lower);
    g_autofree char *hint = near ? g_strdup_printf("did you mean %s?", near) : NULL;
    utm_error_set(error, UTM_ERROR_USAGE, hint, "there is no key \"%s\"", name);
    return false;
}

static bool add_key(Chord *chord, const char *name, const char *text, GError **error)
{
    QmpQKeyCode key;
    if (!*name) {
        utm_error_set(error, UTM_ERROR_USAGE, "the keys - and + are called minus and kp_add",
                      "\"%s\": a key is missing", text);
        return false;
    }
    if (!parse_key(name, &key, error))
        return false;
    for (unsigned i = 0; i < chord->count; i++)
        if (chord->keys[i] == key) {
            utm_error_set(error, UTM_ERROR_USAGE, NULL, "\"%s\": \"%s\" is there twice", text,
                          name);
            return false;
        }
    if (chord->count == CHORD_KEYS) {
        utm_error_set(error, UTM_ERROR_USAGE, NULL, "\"%s\": no more than %d keys at once", text,
                      CHORD_KEYS);
        return false;
    }
    chord->keys[chord->count++] = key;
    return true;
}

bool chord_parse(const char *text, Chord *out_chord, GError **error)
{
    g_auto(GStrv) names = g_strsplit_set(text, "-+", -1);
    Chord chord = { 0 };
    if (!*names)
        return add_key(&chord, "", text, error);
    for (char **name = names; *name; name++)
        if (!add_key(&chord, *name, text, error))
            return false;
    *out_chord = chord;
    return true;
}
