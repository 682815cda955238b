/* SPDX-License-Identifier: Apache-2.0 */
/* A file descriptor that closes itself at the end of its scope. */
#pragma once

#include <glib.h>
#include <unistd.h>

/* g_auto(Fd) fd = open(…); below 0: none. */
typedef int Fd;

static inline void fd_close(Fd fd)
{
    close(fd);
}

G_DEFINE_AUTO_CLEANUP_FREE_FUNC(Fd, fd_close, -1)

/* The descriptor, which is the caller's to close from now on. */
static inline Fd fd_steal(Fd *fd)
{
    Fd taken = *fd;
    *fd = -1;
    return taken;
}
