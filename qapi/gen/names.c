/* SPDX-License-Identifier: Apache-2.0 */
/* Names of the schema language: which are allowed, and what they become in C. */
#include "qapi/gen/names.h"

#include <string.h>

static const char *skip_vendor(const char *name)
{
    if (!g_str_has_prefix(name, "__"))
        return name;
    const char *p = name + 2;
    while (g_ascii_isalnum(*p) || *p == '.' || *p == '-')
        p++;
    return *p == '_' && p > name + 2 ? p + 1 : name;
}

bool name_is_valid(const char *name, const char **out_stem)
{
    const char *stem = skip_vendor(name);
    if (g_ascii_strncasecmp(stem, "x-", 2) == 0 && g_ascii_isalpha(stem[2]))
        stem += 2;
    if (!g_ascii_isalpha(*stem))
        return false;
    for (const char *p = stem; *p; p++)
        if (!g_ascii_isalnum(*p) && *p != '-' && *p != '_')
            return false;
    /* "q_" is what keeps generated names apart from others. */
    if (name[0] == 'q' && (name[1] == '_' || name[1] == '-'))
        return false;
    if (out_stem)
        *out_stem = stem;
    return true;
}

bool name_is_upper(const char *stem)
{
    for (const char *p = stem; *p; p++)
        if (g_ascii_islower(*p) || *p == '-')
            return false;
    return true;
}

bool name_is_lower(const char *stem, bool allow_upper, bool allow_underscore)
{
    for (const char *p = stem; *p; p++)
        if ((g_ascii_isupper(*p) && !allow_upper) || (*p == '_' && !allow_underscore))
            return false;
    return true;
}

bool name_is_camel(const char *stem)
{
    if (!g_ascii_isupper(*stem))
        return false;
    bool lower = false;
    for (const char *p = stem + 1; *p; p++) {
        if (!g_ascii_isalnum(*p))
            return false;
        lower |= g_ascii_islower(*p);
    }
    return lower;
}

static char *replace_others(Arena *arena, const char *name)
{
    char *copy = arena_printf(arena, "%s", name);
    for (char *p = copy; *p; p++)
        if (!g_ascii_isalnum(*p))
            *p = '_';
    return copy;
}

/* Words of C17 and C23, of GNU C, macros that compilers and system headers define, and words of
 * C++, so that a program in it can use the headers. */
static const char taken_words[] =
    " alignas alignof asm auto bool break case char const constexpr continue default do double else"
    " enum errno extern false float for goto i386 if inline int linux long mips nullptr register"
    " restrict return short signed sizeof sparc static static_assert stderr stdin stdout struct"
    " switch thread_local true typedef typeof union unix unsigned void volatile while"
    " and and_eq bitand bitor catch class compl const_cast delete dynamic_cast explicit export"
    " friend mutable namespace new not not_eq operator or or_eq private protected public"
    " reinterpret_cast static_cast template this throw try typeid typename using virtual wchar_t"
    " xor xor_eq ";

char *c_name(Arena *arena, const char *name)
{
    char *copy = replace_others(arena, name);
    g_autofree char *word = g_strdup_printf(" %s ", copy);
    if (g_ascii_isdigit(*copy) || strstr(taken_words, word))
        return arena_printf(arena, "q_%s", copy);
    return copy;
}

/* A capital begins a word after a small letter or digit; the last capital of several begins one
 * when no capital follows. */
char *c_upper(Arena *arena, const char *name)
{
    g_autoptr(GString) out = g_string_new(NULL);
    g_string_append_c(out, name[0]);
    bool capital = g_ascii_isupper(name[0]);
    for (const char *p = name + 1; *p; p++) {
        if (g_ascii_isupper(*p) != capital) {
            if (!capital && g_ascii_isalnum(out->str[out->len - 1]))
                g_string_append_c(out, '_');
            else if (capital && out->len > 2 && g_ascii_isalnum(out->str[out->len - 2]))
                g_string_insert_c(out, (gssize) out->len - 1, '_');
        }
        g_string_append_c(out, *p);
        capital = g_ascii_isupper(*p);
    }
    g_autofree char *upper = g_ascii_strup(out->str, -1);
    return replace_others(arena, upper + strspn(upper, "_"));
}

char *c_lower(Arena *arena, const char *name)
{
    return arena_take(arena, g_ascii_strdown(c_upper(arena, name), -1));
}

char *c_camel(Arena *arena, const char *name)
{
    GString *out = g_string_new(NULL);
    bool begin = true;
    for (const char *p = name; *p; p++) {
        if (!g_ascii_isalnum(*p)) {
            begin = true;
            continue;
        }
        g_string_append_c(out, begin ? g_ascii_toupper(*p) : g_ascii_tolower(*p));
        begin = false;
    }
    return arena_take(arena, g_string_free(out, FALSE));
}
