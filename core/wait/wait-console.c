/* SPDX-License-Identifier: Apache-2.0 */
/* The lines of a serial console, as they come, also while they are still incomplete. */
#include "core/wait/wait-console.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "core/fd.h"
#include "core/vm/plain-text.h"

/* A guest that writes no line ends is not remembered for ever. */
#define LINE_BYTES (64 * 1024)

struct WaitConsole {
    WaitLineFunc line;
    void *user;
    GString *partly;
};

WaitConsole *wait_console_new(WaitLineFunc line, void *user)
{
    WaitConsole *console = g_new0(WaitConsole, 1);
    console->line = line;
    console->user = user;
    console->partly = g_string_new(NULL);
    return console;
}

static void hand_out(const WaitConsole *console, const char *text, size_t size, bool complete)
{
    /* A NUL ends no line. */
    g_autofree char *raw = g_malloc(size + 1);
    for (size_t i = 0; i < size; i++)
        raw[i] = text[i] ? text[i] : ' ';
    raw[size] = '\0';
    g_autofree char *plain = plain_text(raw);
    /* A prompt may be looked for with the blank at its end. */
    g_autofree char *line = g_strconcat(plain, !complete && text[size - 1] == ' ' ? " " : "", NULL);
    console->line(line, complete, console->user);
}

static void take_lines(WaitConsole *console)
{
    const char *start = console->partly->str, *end = start + console->partly->len;
    for (const char *newline; (newline = memchr(start, '\n', (size_t) (end - start)));
         start = newline + 1)
        hand_out(console, start, (size_t) (newline - start), true);
    g_string_erase(console->partly, 0, start - console->partly->str);
    if (console->partly->len > LINE_BYTES)
        g_string_erase(console->partly, 0, (gssize) console->partly->len - LINE_BYTES / 2);
}

void wait_console_feed(WaitConsole *console, const char *data, size_t size)
{
    g_string_append_len(console->partly, data, (gssize) size);
    take_lines(console);
    if (console->partly->len)
        hand_out(console, console->partly->str, console->partly->len, false);
}

void wait_console_feed_file(WaitConsole *console, const char *path)
{
    char buffer[65536];
    g_auto(Fd) fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    for (ssize_t n; fd >= 0 && (n = read(fd, buffer, sizeof buffer)) > 0;) {
        g_string_append_len(console->partly, buffer, n);
        take_lines(console);
    }
    g_string_truncate(console->partly, 0);
}

bool wait_console_matches(const GRegex *regex, const char *line, bool complete)
{
    return g_regex_match(regex, line, complete ? 0 : G_REGEX_MATCH_NOTEOL, NULL);
}

void wait_console_free(WaitConsole *console)
{
    if (!console)
        return;
    g_string_free(console->partly, TRUE);
    g_free(console);
}
