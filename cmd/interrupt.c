/* SPDX-License-Identifier: Apache-2.0 */
/* Ctrl-C and its like for commands that have something to tidy up. */
#include "cmd/interrupt.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <signal.h>
#include <unistd.h>

static volatile sig_atomic_t number;
static int pipe_fds[2] = { -1, -1 };

static void on_signal(int signal_number)
{
    int saved = errno;
    number = signal_number;
    if (write(pipe_fds[1], "", 1) < 0) {
        /* One byte is enough. */
    }
    errno = saved;
}

/* Without SA_RESTART: reading standard input must end as well. */
void interrupt_catch(void)
{
    const struct sigaction note = { .sa_handler = on_signal, .sa_flags = (int) SA_RESETHAND };
    if (g_unix_open_pipe(pipe_fds, FD_CLOEXEC, NULL))
        fcntl(pipe_fds[1], F_SETFL, O_NONBLOCK);
    sigaction(SIGINT, &note, NULL);
    sigaction(SIGTERM, &note, NULL);
    sigaction(SIGHUP, &note, NULL);
    signal(SIGPIPE, SIG_IGN);
}

int interrupt_number(void)
{
    return number;
}

int interrupt_fd(void)
{
    return pipe_fds[0];
}
