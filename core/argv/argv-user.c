/* SPDX-License-Identifier: Apache-2.0 */
/* Splitting and passing on the arguments that a user wrote. */
#include "core/argv/argv-user.h"

#include <string.h>

#include "core/argv/argv-build.h"

static gunichar next_character(const char *p, const char **out_next)
{
    gunichar c = g_utf8_get_char_validated(p, -1);
    bool broken = c == (gunichar) -1 || c == (gunichar) -2;
    *out_next = broken ? p + 1 : g_utf8_next_char(p);
    return broken ? 0xfffd : c;
}

/* Where the word that begins here ends; @start itself when none does. */
static const char *word_end(const char *start)
{
    const char *p = start, *next;
    while (*p) {
        if (*p == '"') {
            const char *partner = strchr(p + 1, '"');
            if (!partner)
                break;
            p = partner + 1;
        } else if (g_unichar_isspace(next_character(p, &next))) {
            break;
        } else {
            p = next;
        }
    }
    return p;
}

static char *unquoted(const char *start, const char *end)
{
    if (end - start >= 2 && *start == '"' && end[-1] == '"')
        return g_strndup(start + 1, (gsize) (end - start) - 2);
    return g_strndup(start, (gsize) (end - start));
}

char **argv_split_words(const char *element)
{
    g_autoptr(GPtrArray) words = g_ptr_array_new();
    const char *p = element, *next;
    while (*p) {
        const char *end = word_end(p);
        if (end == p) {
            next_character(p, &next);
            p = next;
            continue;
        }
        g_ptr_array_add(words, unquoted(p, end));
        p = end;
    }
    g_ptr_array_add(words, NULL);
    return (char **) g_ptr_array_steal(words, NULL);
}

bool argv_user_sets_boot_device(char **arguments)
{
    bool after_prom_env = false;
    for (char **element = arguments; element && *element; element++) {
        g_auto(GStrv) words = argv_split_words(*element);
        for (char **word = words; *word; word++) {
            if (after_prom_env && g_str_has_prefix(*word, "boot-device="))
                return true;
            after_prom_env = g_str_equal(*word, "-prom-env");
        }
    }
    return false;
}

/* Words up to the next option make one item; QEMU sees the same either way. */
typedef struct {
    GPtrArray *words;
    char *key;
} Pending;

static void flush(ArgvBuild *b, Pending *pending)
{
    if (pending->words->len > 0) {
        g_ptr_array_add(pending->words, NULL);
        argv_add_words(b, pending->key, "an argument of the user's own",
                       (char **) g_ptr_array_steal(pending->words, NULL));
    }
    g_clear_pointer(&pending->key, g_free);
}

bool argv_user(ArgvBuild *b, GError **error G_GNUC_UNUSED)
{
    char **arguments = b->config->qemu.additional_arguments;
    Pending pending = { .words = g_ptr_array_new_with_free_func(g_free) };
    for (unsigned i = 0; arguments && arguments[i]; i++) {
        g_auto(GStrv) words = argv_split_words(arguments[i]);
        for (char **word = words; *word; word++) {
            if ((*word)[0] == '-' || pending.words->len == 0) {
                flush(b, &pending);
                pending.key = g_strdup_printf("QEMU.AdditionalArguments[%u]", i);
            }
            g_ptr_array_add(pending.words, g_strdup(*word));
        }
    }
    flush(b, &pending);
    g_ptr_array_unref(pending.words);
    return true;
}
