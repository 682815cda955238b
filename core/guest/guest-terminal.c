/* SPDX-License-Identifier: Apache-2.0 */
/* A terminal in a guest that shows what is typed on one of this host. */
#include "core/guest/guest-terminal.h"

#include <errno.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "core/error.h"
#include "core/guest/guest-file.h"
#include "core/guest/guest-process.h"
#include "core/guest/guest.h"
#include "qapi/generated/qmp-commands.h"

/* So many bytes a pipe takes as a whole or not at all. Source: POSIX, _POSIX_PIPE_BUF */
#define WRITE_SIZE 512

/* The host's own terminal keeps what is typed beyond this. */
#define TYPED_LIMIT 4096

/* Only util-linux's script(1) knows this option, and only it returns the program's status. */
static const char find_tool[] = "script -V >/dev/null 2>&1 && exit 10\n"
                                "command -v python3 >/dev/null && python3 -c 'import pty' && "
                                "exit 11\n"
                                "exit 1\n";

static const char python[] = "import os, pty, sys\n"
                             "status = pty.spawn(['" GUEST_SHELL "', '-c', sys.argv[1]])\n"
                             "code = os.waitstatus_to_exitcode(status)\n"
                             "sys.exit(code if code >= 0 else 128 - code)\n";

static const char resize[] = "read -r t <\"$0/terminal\" && stty rows $1 cols $2 <\"$t\"";

void guest_terminal_clear(GuestTerminal *terminal)
{
    g_clear_pointer(&terminal->typed, g_byte_array_unref);
}

/* ---- starting ---- */

/* False when it is the size that the guest knows. */
static bool look_at_size(GuestTerminal *terminal)
{
    struct winsize size;
    if (ioctl(terminal->fd, TIOCGWINSZ, &size) < 0 || !size.ws_row || !size.ws_col ||
        (size.ws_row == terminal->rows && size.ws_col == terminal->columns))
        return false;
    terminal->rows = size.ws_row;
    terminal->columns = size.ws_col;
    return true;
}

/* The first that runs on the new terminal says which it is, and sets its size. */
static char *command_line(const GuestTerminal *terminal, char *const *words)
{
    g_autoptr(GString) line = g_string_new(NULL);
    g_string_printf(line,
                    "mkdir -p -m 700 '%s' && tty >'%s/terminal'; "
                    "stty rows %u cols %u 2>/dev/null; exec",
                    terminal->folder, terminal->folder, terminal->rows, terminal->columns);
    for (; *words; words++) {
        g_autofree char *quoted = g_shell_quote(*words);
        g_string_append_printf(line, " %s", quoted);
    }
    return g_string_free(g_steal_pointer(&line), FALSE);
}

char **guest_terminal_words(GuestTerminal *terminal, char *const *words, GError **error)
{
    char *ask[] = { (char *) GUEST_SHELL, (char *) "-c", (char *) find_tool, NULL };
    g_auto(GuestProcess) tool = { 0 };
    if (!guest_process_wait(terminal->client, ask, &tool, error))
        return NULL;
    if (!look_at_size(terminal)) {
        terminal->rows = 24;
        terminal->columns = 80;
    }
    g_autofree char *line = command_line(terminal, words);
    const char *const script[] = { "script", "-qfec", line, "/dev/null", NULL };
    const char *const by_python[] = { "python3", "-c", python, line, NULL };
    int status = guest_process_exit_status(&tool);
    if (status == 10 || status == 11)
        return g_strdupv((char **) (status == 10 ? script : by_python));
    utm_error_set(error, UTM_ERROR_UNSUPPORTED,
                  "install script of util-linux (package \"bsdutils\" or \"util-linux-script\") or "
                  "python3 in the guest",
                  "the guest has no program that makes terminals");
    return NULL;
}

/* ---- while it runs ---- */

static bool read_keys(GuestTerminal *terminal, int64_t wait_us, bool *out_typed, GError **error)
{
    guint8 buffer[1024];
    struct pollfd keys = { .fd = terminal->fd, .events = POLLIN };
    if (!terminal->typed)
        terminal->typed = g_byte_array_new();
    *out_typed = false;
    if (terminal->typed->len > TYPED_LIMIT)
        keys.fd = -1;
    if (poll(&keys, 1, (int) (wait_us / 1000)) <= 0)
        return true;
    ssize_t n = read(terminal->fd, buffer, sizeof buffer);
    if (n > 0) {
        g_byte_array_append(terminal->typed, buffer, (guint) n);
        *out_typed = true;
        return true;
    }
    if (n < 0 && (errno == EINTR || errno == EAGAIN))
        return true;
    utm_error_set(error, UTM_ERROR_INTERRUPTED, NULL, "the terminal is gone");
    return false;
}

/* A full pipe takes nothing of it, and then it is sent again. */
static bool send_some(GuestTerminal *terminal, GError **error)
{
    guint size = MIN(terminal->typed->len, WRITE_SIZE);
    g_autoptr(GError) local = NULL;
    if (!guest_file_write(terminal->client, terminal->pipe, terminal->typed->data, size, error))
        return false;
    if (qmp_guest_file_flush(terminal->client, terminal->pipe, &local)) {
        g_byte_array_remove_range(terminal->typed, 0, size);
        return true;
    }
    if (local->code == QMP_ERROR_FAILED)
        return true;
    g_propagate_error(error, g_steal_pointer(&local));
    return guest_explain(error);
}

static bool send_keys(GuestTerminal *terminal, int64_t pid, GError **error)
{
    if (!terminal->typed->len)
        return true;
    g_autoptr(GError) local = NULL;
    g_autofree char *path = g_strdup_printf("/proc/%" G_GINT64_FORMAT "/fd/7", pid);
    if (terminal->pipe < 0 &&
        !guest_file_open(terminal->client, path, "w", &terminal->pipe, &local)) {
        /* It is not there yet, or not any more. */
        if (g_error_matches(local, UTM_ERROR, UTM_ERROR_NOT_FOUND))
            return true;
        g_propagate_error(error, g_steal_pointer(&local));
        return false;
    }
    return send_some(terminal, error);
}

bool guest_terminal_serve(GuestTerminal *terminal, int64_t pid, int64_t wait_us, bool *out_typed,
                          GError **error)
{
    if (look_at_size(terminal)) {
        g_autofree char *rows = g_strdup_printf("%u", terminal->rows);
        g_autofree char *columns = g_strdup_printf("%u", terminal->columns);
        char *arguments[] = { (char *) terminal->folder, rows, columns, NULL };
        if (!guest_process_shell(terminal->client, resize, arguments, error))
            return false;
    }
    return read_keys(terminal, wait_us, out_typed, error) && send_keys(terminal, pid, error);
}
