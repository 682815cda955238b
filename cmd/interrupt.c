/* SPDX-License-Identifier: Apache-2.0 */
/* Ctrl-C and its like for commands that have something to tidy up. */
#include "cmd/interrupt.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <signal.h>
#include <unistd.h>

static const int caught[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };

static volatile sig_atomic_t number;
static int pipe_fds[2] = { -1, -1 };

static void on_signal(int signal_number)
{
    int saved = errno;
    number = signal_number;
    /* Whichever comes next ends us. */
    for (size_t i = 0; i < G_N_ELEMENTS(caught); i++)
        signal(caught[i], SIG_DFL);
    if (write(pipe_fds[1], "", 1) < 0) {
        /* One byte is enough. */
    }
    errno = saved;
}

static void on_pipe(int signal_number G_GNUC_UNUSED)
{
}

void interrupt_catch(void)
{
    /* Without SA_RESTART: reading standard input must end as well. */
    const struct sigaction note = { .sa_handler = on_signal };
    /* Not SIG_IGN, which programs that we start would inherit. */
    const struct sigaction ignore = { .sa_handler = on_pipe, .sa_flags = SA_RESTART };
    if (g_unix_open_pipe(pipe_fds, FD_CLOEXEC, NULL))
        fcntl(pipe_fds[1], F_SETFL, O_NONBLOCK);
    for (size_t i = 0; i < G_N_ELEMENTS(caught); i++) {
        struct sigaction before;
        bool outlives_terminal = caught[i] == SIGHUP && sigaction(SIGHUP, NULL, &before) == 0 &&
                                 before.sa_handler == SIG_IGN;
        if (!outlives_terminal)
            sigaction(caught[i], &note, NULL);
    }
    sigaction(SIGPIPE, &ignore, NULL);
}

int interrupt_number(void)
{
    return number;
}

int interrupt_fd(void)
{
    return pipe_fds[0];
}

bool interrupt_has_come(void *user G_GNUC_UNUSED)
{
    return number != 0;
}
