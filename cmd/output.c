/* SPDX-License-Identifier: Apache-2.0 */
/* What a command prints: one JSON document, a table, hints on standard error, progress. */
#include "cmd/output.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd/command.h"
#include "core/error.h"

/* The width of the bar between its brackets. */
#define BAR_WIDTH 24

static struct {
    OutputColor color;
    int percent; /* of the bar on the screen; -1: none */
} state = { .percent = -1 };

void output_set_color(OutputColor color)
{
    state.color = color;
}

static bool env_says(const char *name, bool *out_on)
{
    const char *value = g_getenv(name);
    if (!value || !*value)
        return false;
    *out_on = strcmp(value, "0") != 0;
    return true;
}

bool output_use_color(int fd)
{
    if (state.color != OUTPUT_COLOR_AUTO)
        return state.color == OUTPUT_COLOR_ALWAYS;
    const char *no_color = g_getenv("NO_COLOR");
    if (no_color && *no_color)
        return false;
    bool on;
    if (env_says("CLICOLOR_FORCE", &on) && on)
        return true;
    if (env_says("CLICOLOR", &on) && !on)
        return false;
    return isatty(fd) && g_strcmp0(g_getenv("TERM"), "dumb") != 0;
}

/* GSocket ignores SIGPIPE for the whole process; a reader that went away ends us all the same. */
static void die_of_pipe(void)
{
    signal(SIGPIPE, SIG_DFL);
    raise(SIGPIPE);
}

static bool flush(void)
{
    errno = 0;
    bool ok = fflush(stdout) == 0 && !ferror(stdout);
    /* What did not fit into the buffer failed before, and its reason is gone: ask once more. */
    if (!ok && !errno && write(STDOUT_FILENO, "\n", 1) == 1)
        errno = EIO;
    if (!ok && errno == EPIPE)
        die_of_pipe();
    return ok;
}

bool output_finish(GError **error)
{
    if (flush())
        return true;
    utm_error_set(error, UTM_ERROR_FAILED, NULL, "cannot write to standard output%s%s",
                  errno ? ": " : "", errno ? g_strerror(errno) : "");
    return false;
}

static void print_scalar(const cJSON *item)
{
    char *text = cJSON_PrintUnformatted(item);
    fputs(text, stdout);
    cJSON_free(text);
}

static void print_name(const char *name)
{
    cJSON *text = cJSON_CreateStringReference(name);
    print_scalar(text);
    cJSON_Delete(text);
    fputs(": ", stdout);
}

/* Two blanks a level; cJSON's own layout has tabs and is hard to read. */
static void print_item(const cJSON *item, int depth)
{
    if (!item->child || !(cJSON_IsObject(item) || cJSON_IsArray(item))) {
        print_scalar(item);
        return;
    }
    bool object = cJSON_IsObject(item);
    putchar(object ? '{' : '[');
    const cJSON *child;
    cJSON_ArrayForEach (child, item) {
        printf("%s\n%*s", child == item->child ? "" : ",", 2 * (depth + 1), "");
        if (object)
            print_name(child->string);
        print_item(child, depth + 1);
    }
    printf("\n%*s%c", 2 * depth, "", object ? '}' : ']');
}

void output_json(cJSON *document)
{
    print_item(document, 0);
    putchar('\n');
    cJSON_Delete(document);
}

void output_json_line(cJSON *item)
{
    char *text = cJSON_PrintUnformatted(item);
    puts(text);
    cJSON_free(text);
    cJSON_Delete(item);
    (void) flush();
}

static char *escape(const char *text, bool keep_lines)
{
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    GString *safe = g_string_sized_new(strlen(valid));
    for (const char *c = valid; *c; c++) {
        bool kept = keep_lines && (*c == '\n' || *c == '\t');
        if (g_ascii_iscntrl(*c) && !kept)
            g_string_append_printf(safe, "\\x%02x", (unsigned) *c);
        else
            g_string_append_c(safe, *c);
    }
    return g_string_free(safe, FALSE);
}

char *output_escape(const char *text)
{
    return escape(text, false);
}

G_GNUC_PRINTF(3, 0)
static void print_line(const char *prefix, const char *color, const char *format, va_list args)
{
    g_autofree char *text = g_strdup_vprintf(format, args);
    g_autofree char *safe = escape(text, true);
    output_progress_end();
    bool colored = *prefix && output_use_color(STDERR_FILENO);
    fprintf(stderr, "%s%s%s%s%s\n", colored ? color : "", prefix, colored ? "\033[0m" : "",
            *prefix ? " " : "", safe);
}

void output_note(const char *format, ...)
{
    if (command_global.quiet)
        return;
    va_list args;
    va_start(args, format);
    print_line("", "", format, args);
    va_end(args);
}

void output_warning(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    print_line("warning:", "\033[33m", format, args);
    va_end(args);
}

void output_error(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    print_line("utmctl:", "\033[31m", format, args);
    va_end(args);
}

void output_hint(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    print_line("hint:", "\033[36m", format, args);
    va_end(args);
}

/* Columns that a terminal needs for a text: wide characters take two, combining ones none. */
static size_t text_width(const char *text)
{
    size_t width = 0;
    for (const char *c = text; *c; c = g_utf8_next_char(c)) {
        gunichar u = g_utf8_get_char(c);
        width += g_unichar_iszerowidth(u) ? 0 : g_unichar_iswide(u) ? 2 : 1;
    }
    return width;
}

static void measure_row(const char *const *row, GArray *widths)
{
    for (guint i = 0; row[i]; i++) {
        if (i == widths->len) {
            size_t none = 0;
            g_array_append_val(widths, none);
        }
        size_t *width = &g_array_index(widths, size_t, i);
        g_autofree char *safe = output_escape(row[i]);
        *width = MAX(*width, text_width(safe));
    }
}

static void print_row(const char *const *row, const GArray *widths, bool bold)
{
    if (bold)
        fputs("\033[1m", stdout);
    for (guint i = 0; row[i]; i++) {
        g_autofree char *safe = output_escape(row[i]);
        fputs(safe, stdout);
        size_t width = g_array_index(widths, size_t, i);
        for (size_t n = text_width(safe); row[i + 1] && n < width + 2; n++)
            putchar(' ');
    }
    fputs(bold ? "\033[0m\n" : "\n", stdout);
}

void output_table(const char *const *header, GPtrArray *rows)
{
    g_autoptr(GArray) widths = g_array_new(FALSE, FALSE, sizeof(size_t));
    if (header)
        measure_row(header, widths);
    for (guint i = 0; i < rows->len; i++)
        measure_row(rows->pdata[i], widths);
    if (header)
        print_row(header, widths, output_use_color(STDOUT_FILENO));
    for (guint i = 0; i < rows->len; i++)
        print_row(rows->pdata[i], widths, false);
}

static bool want_bar(void)
{
    const char *ci = g_getenv("CI");
    return !command_global.quiet && !(ci && *ci) && isatty(STDERR_FILENO);
}

void output_progress(const char *what, uint64_t done, uint64_t all)
{
    int percent = all ? (int) ((double) MIN(done, all) * 100 / (double) all) : 0;
    if (percent == state.percent || !want_bar())
        return;
    state.percent = percent;
    char bar[BAR_WIDTH + 1];
    int filled = percent * BAR_WIDTH / 100;
    memset(bar, '.', BAR_WIDTH);
    memset(bar, '#', (size_t) filled);
    bar[BAR_WIDTH] = '\0';
    fprintf(stderr, "\r%s [%s] %3d%%", what, bar, percent);
}

void output_progress_end(void)
{
    if (state.percent < 0)
        return;
    state.percent = -1;
    fputs("\r\033[K", stderr);
}

void output_json_add_uint(cJSON *object, const char *name, uint64_t value)
{
    char text[24];
    g_snprintf(text, sizeof text, "%" G_GUINT64_FORMAT, (guint64) value);
    cJSON_AddRawToObject(object, name, text);
}

void output_json_add_text(cJSON *object, const char *name, const char *text)
{
    cJSON_AddItemToObject(object, name, text ? cJSON_CreateString(text) : cJSON_CreateNull());
}
