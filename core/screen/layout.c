/* SPDX-License-Identifier: Apache-2.0 */
/* Keyboard layouts: which keys make a text. */
#include "core/screen/layout.h"

#include <string.h>

#include "core/error.h"

/* The keys that make characters, row by row, as the strings of a layout are read. "less" is the key
 * beside the left Shift that US keyboards lack. */
static const QmpQKeyCode places[] = {
    QMP_QKEY_CODE_GRAVE_ACCENT,
    QMP_QKEY_CODE_1,
    QMP_QKEY_CODE_2,
    QMP_QKEY_CODE_3,
    QMP_QKEY_CODE_4,
    QMP_QKEY_CODE_5,
    QMP_QKEY_CODE_6,
    QMP_QKEY_CODE_7,
    QMP_QKEY_CODE_8,
    QMP_QKEY_CODE_9,
    QMP_QKEY_CODE_0,
    QMP_QKEY_CODE_MINUS,
    QMP_QKEY_CODE_EQUAL,
    QMP_QKEY_CODE_Q,
    QMP_QKEY_CODE_W,
    QMP_QKEY_CODE_E,
    QMP_QKEY_CODE_R,
    QMP_QKEY_CODE_T,
    QMP_QKEY_CODE_Y,
    QMP_QKEY_CODE_U,
    QMP_QKEY_CODE_I,
    QMP_QKEY_CODE_O,
    QMP_QKEY_CODE_P,
    QMP_QKEY_CODE_BRACKET_LEFT,
    QMP_QKEY_CODE_BRACKET_RIGHT,
    QMP_QKEY_CODE_A,
    QMP_QKEY_CODE_S,
    QMP_QKEY_CODE_D,
    QMP_QKEY_CODE_F,
    QMP_QKEY_CODE_G,
    QMP_QKEY_CODE_H,
    QMP_QKEY_CODE_J,
    QMP_QKEY_CODE_K,
    QMP_QKEY_CODE_L,
    QMP_QKEY_CODE_SEMICOLON,
    QMP_QKEY_CODE_APOSTROPHE,
    QMP_QKEY_CODE_BACKSLASH,
    QMP_QKEY_CODE_LESS,
    QMP_QKEY_CODE_Z,
    QMP_QKEY_CODE_X,
    QMP_QKEY_CODE_C,
    QMP_QKEY_CODE_V,
    QMP_QKEY_CODE_B,
    QMP_QKEY_CODE_N,
    QMP_QKEY_CODE_M,
    QMP_QKEY_CODE_COMMA,
    QMP_QKEY_CODE_DOT,
    QMP_QKEY_CODE_SLASH,
};

enum { PLAIN, SHIFT, ALTGR, LEVELS };

/* A level has a character for each place, a blank where there is none. What is in .dead waits for
 * the next key: by itself it takes a blank after it. */
typedef struct {
    const char *name;
    const char *level[LEVELS];
    const char *dead[LEVELS]; /* NULL: none */
} Layout;

static const Layout layouts[] = {
    { .name = "us",
      .level = { "`1234567890-="
                 "qwertyuiop[]"
                 "asdfghjkl;'\\"
                 " zxcvbnm,./",
                 "~!@#$%^&*()_+"
                 "QWERTYUIOP{}"
                 "ASDFGHJKL:\"|"
                 " ZXCVBNM<>?" } },
    { .name = "uk",
      .level = { "`1234567890-="
                 "qwertyuiop[]"
                 "asdfghjkl;'#"
                 "\\zxcvbnm,./",
                 "¬!\"£$%^&*()_+"
                 "QWERTYUIOP{}"
                 "ASDFGHJKL:@~"
                 "|ZXCVBNM<>?",
                 "    €" } },
    { .name = "de",
      .level = { " 1234567890ß "
                 "qwertzuiopü+"
                 "asdfghjklöä#"
                 "<yxcvbnm,.-",
                 "°!\"§$%&/()=? "
                 "QWERTZUIOPÜ*"
                 "ASDFGHJKLÖÄ'"
                 ">YXCVBNM;:_",
                 "  ²³   {[]}\\ "
                 "@ €        ~"
                 "            "
                 "|      µ" },
      .dead = { "^           ´", "            `" } },
    { .name = "fr",
      .level = { "²&é\"'(-è_çà)="
                 "azertyuiop $"
                 "qsdfghjklmù*"
                 "<wxcvbn,;:!",
                 " 1234567890°+"
                 "AZERTYUIOP £"
                 "QSDFGHJKLM%µ"
                 ">WXCVBN?./§",
                 "  ~#{[|`\\^@]}"
                 "  €        ¤" },
      .dead = { "                       ^", "                       ¨" } },
    { .name = "es",
      .level = { "º1234567890'¡"
                 "qwertyuiop +"
                 "asdfghjklñ ç"
                 "<zxcvbnm,.-",
                 "ª!\"·$%&/()=?¿"
                 "QWERTYUIOP *"
                 "ASDFGHJKLÑ Ç"
                 ">ZXCVBNM;:_",
                 "\\|@#~        "
                 "  €       []"
                 "          {}"
                 "" },
      .dead = { "                       `           ´", "                       ^           ¨" } },
};

/* What a dead key makes of the next one: pairs of what is typed and what comes of it. */
static const struct {
    const char *accent;
    const char *pairs;
} composed[] = {
    { "´", "aáeéiíoóuúyýAÁEÉIÍOÓUÚYÝ" },
    { "`", "aàeèiìoòuùAÀEÈIÌOÒUÙ" },
    { "^", "aâeêiîoôuûAÂEÊIÎOÔUÛ" },
    { "¨", "aäeëiïoöuüyÿAÄEËIÏOÖUÜ" },
};

const char *const layout_names[G_N_ELEMENTS(layouts) + 1] = { "us", "uk", "de", "fr", "es" };

static const Layout *find_layout(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(layouts); i++)
        if (strcmp(layouts[i].name, name) == 0)
            return &layouts[i];
    return NULL;
}

/* ---- one character ---- */

static void chord_at(Chord *chord, int level, size_t place)
{
    *chord = (Chord){ 0 };
    if (level == SHIFT)
        chord->keys[chord->count++] = QMP_QKEY_CODE_SHIFT;
    if (level == ALTGR)
        chord->keys[chord->count++] = QMP_QKEY_CODE_ALT_R;
    chord->keys[chord->count++] = places[place];
}

static bool find_in(const char *const levels[LEVELS], gunichar wanted, Chord *out_chord)
{
    for (int level = PLAIN; level < LEVELS; level++) {
        size_t place = 0;
        for (const char *c = levels[level]; c && *c; c = g_utf8_next_char(c), place++)
            if (g_utf8_get_char(c) == wanted) {
                chord_at(out_chord, level, place);
                return true;
            }
    }
    return false;
}

static bool find_control(gunichar wanted, Chord *out_chord)
{
    static const struct {
        gunichar character;
        QmpQKeyCode key;
    } rows[] = {
        { ' ', QMP_QKEY_CODE_SPC },
        { '\n', QMP_QKEY_CODE_RET },
        { '\r', QMP_QKEY_CODE_RET },
        { '\t', QMP_QKEY_CODE_TAB },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        if (rows[i].character == wanted) {
            *out_chord = (Chord){ .count = 1, .keys = { rows[i].key } };
            return true;
        }
    return false;
}

/* The accent and the letter that a letter with an accent is made of. */
static bool take_apart(const Layout *layout, gunichar wanted, Chord out_chords[2])
{
    for (size_t i = 0; i < G_N_ELEMENTS(composed); i++) {
        if (!find_in(layout->dead, g_utf8_get_char(composed[i].accent), &out_chords[0]))
            continue;
        for (const char *c = composed[i].pairs; *c;) {
            gunichar letter = g_utf8_get_char(c);
            const char *whole = g_utf8_next_char(c);
            if (g_utf8_get_char(whole) == wanted)
                return find_in(layout->level, letter, &out_chords[1]);
            c = g_utf8_next_char(whole);
        }
    }
    return false;
}

/* How many chords a character takes; 0: it cannot be typed. */
static unsigned find_character(const Layout *layout, gunichar wanted, Chord out_chords[2])
{
    if (find_control(wanted, &out_chords[0]) || find_in(layout->level, wanted, &out_chords[0]))
        return 1;
    if (find_in(layout->dead, wanted, &out_chords[0]))
        return find_control(' ', &out_chords[1]) ? 2 : 0;
    return take_apart(layout, wanted, out_chords) ? 2 : 0;
}

/* ---- a text ---- */

/* The first character that cannot be typed, or NULL. */
static const char *add_text(const Layout *layout, const char *text, GArray *chords)
{
    for (const char *c = text; *c; c = g_utf8_next_char(c)) {
        Chord found[2];
        if (c[0] == '\r' && c[1] == '\n')
            continue;
        unsigned count = find_character(layout, g_utf8_get_char(c), found);
        if (!count)
            return c;
        g_array_append_vals(chords, found, count);
    }
    return NULL;
}

static char *others_that_can(const char *text)
{
    g_autoptr(GString) able = g_string_new(NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(layouts); i++) {
        g_autoptr(GArray) chords = g_array_new(FALSE, FALSE, sizeof(Chord));
        if (!add_text(&layouts[i], text, chords))
            g_string_append_printf(able, "%s--layout %s", able->len ? " or " : "", layouts[i].name);
    }
    if (able->len)
        g_string_append(able, " can, if the guest has that layout");
    return able->len ? g_string_free(g_steal_pointer(&able), FALSE) : NULL;
}

static void set_untypable(const char *layout, const char *text, const char *at, GError **error)
{
    unsigned line = 1, column = 1;
    for (const char *c = text; c < at; c = g_utf8_next_char(c)) {
        column = *c == '\n' ? 1 : column + 1;
        line += *c == '\n';
    }
    gunichar character = g_utf8_get_char(at);
    g_autofree char *shown = g_unichar_isgraph(character)
                                 ? g_strndup(at, (gsize) (g_utf8_next_char(at) - at))
                                 : g_strdup("");
    g_autofree char *hint = others_that_can(text);
    utm_error_set(error, UTM_ERROR_USAGE, hint,
                  "layout \"%s\" cannot type \"%s\" (U+%04X, line %u, character %u); nothing has "
                  "been typed",
                  layout, shown, character, line, column);
}

GArray *layout_chords(const char *layout, const char *text, GError **error)
{
    const Layout *found = find_layout(layout);
    if (!found || !g_utf8_validate(text, -1, NULL)) {
        utm_error_set(error, UTM_ERROR_USAGE, NULL,
                      found ? "the text is not UTF-8" : "there is no layout \"%s\"", layout);
        return NULL;
    }
    g_autoptr(GArray) chords = g_array_new(FALSE, FALSE, sizeof(Chord));
    const char *at = add_text(found, text, chords);
    if (!at)
        return g_steal_pointer(&chords);
    set_untypable(layout, text, at, error);
    return NULL;
}
