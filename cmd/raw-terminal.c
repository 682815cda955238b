/* SPDX-License-Identifier: Apache-2.0 */
/* The user's terminal without line editing, for the time that a guest has it. */
#include "cmd/raw-terminal.h"

#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

static struct {
    int fd;
    struct termios before;
    bool registered;
} state = { .fd = -1 };

void raw_terminal_leave(void)
{
    if (state.fd >= 0)
        tcsetattr(state.fd, TCSADRAIN, &state.before);
    state.fd = -1;
}

bool raw_terminal_enter(int fd)
{
    if (!isatty(fd) || tcgetattr(fd, &state.before) < 0)
        return false;
    if (!state.registered)
        atexit(raw_terminal_leave);
    state.registered = true;
    struct termios raw = state.before;
    cfmakeraw(&raw);
    state.fd = fd;
    return tcsetattr(fd, TCSADRAIN, &raw) == 0;
}
