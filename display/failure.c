/* SPDX-License-Identifier: Apache-2.0 */
/* Printing the one error that ends the program, in utmctl's words. */
#include "display/failure.h"

#include <stdio.h>

G_DEFINE_QUARK(utmctl - display, display_error)

/* As the contract of the command line pairs them. */
static const struct {
    int status;
    const char *word;
} words[] = {
    { DISPLAY_ERROR_FAILED, "failed" },           { DISPLAY_ERROR_USAGE, "usage" },
    { DISPLAY_ERROR_NOT_FOUND, "not-found" },     { DISPLAY_ERROR_WRONG_STATE, "wrong-state" },
    { DISPLAY_ERROR_UNSUPPORTED, "unsupported" }, { DISPLAY_ERROR_LOCKED, "locked" },
    { DISPLAY_ERROR_TIMEOUT, "timeout" },         { DISPLAY_ERROR_INTERRUPTED, "interrupted" },
};

static const char *word_of(int status)
{
    for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
        if (words[i].status == status)
            return words[i].word;
    return "failed";
}

/* A JSON string; what a server says may hold anything. */
static char *quote(const char *text)
{
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    GString *out = g_string_new("\"");
    for (const char *c = valid; *c; c++) {
        if (*c == '"' || *c == '\\')
            g_string_append_c(out, '\\');
        if ((unsigned char) *c < 0x20)
            g_string_append_printf(out, "\\u%04x", (unsigned) *c);
        else
            g_string_append_c(out, *c);
    }
    g_string_append_c(out, '"');
    return g_string_free(out, FALSE);
}

static void print_json(const char *word, const char *message, const char *hint)
{
    g_autofree char *text = quote(message);
    g_autofree char *advice = hint ? quote(hint) : NULL;
    fprintf(stderr, "{\"error\":{\"code\":\"%s\",\"message\":%s%s%s}}\n", word, text,
            advice ? ",\"hint\":" : "", advice ? advice : "");
}

int failure_print(const GError *error, const char *name, const char *hint, bool json)
{
    int status = error->domain == DISPLAY_ERROR ? error->code : DISPLAY_ERROR_FAILED;
    g_autofree char *message =
        name ? g_strdup_printf("VM \"%s\": %s", name, error->message) : g_strdup(error->message);
    if (json) {
        print_json(word_of(status), message, hint);
    } else {
        fprintf(stderr, "utmctl: %s\n", message);
        if (hint)
            fprintf(stderr, "hint: %s\n", hint);
    }
    return status;
}
