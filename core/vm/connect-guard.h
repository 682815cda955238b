/* SPDX-License-Identifier: Apache-2.0 */
/* Connects and binds the sockets of a child that may not do so itself. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct ConnectGuard ConnectGuard;

/**
 * connect_guard_new() - Answer a child's connect() and bind() from the default main context
 * @listener: what syscall_filter_install() has made; owned
 * @folder:   the only folder with unix sockets for it. What the helper itself listens on there, and
 *            whatever lies behind a link, is not for it either
 * @network:  whether internet addresses are
 * @ports:    of uint16_t, borrowed: where it may listen for others than this host; NULL for nowhere
 *
 * Landlock and filters of system calls cannot see where a socket is connected to. The address is
 * read once, and it is here that the child's socket is connected, so that the child has no time to
 * put something else in its place.
 *
 * Source: seccomp_unotify(2)
 */
ConnectGuard *connect_guard_new(int listener, const char *folder, bool network,
                                const GArray *ports);

/**
 * connect_guard_works() - Whether this host lets us look into our children
 *
 * Containers may keep the system calls for that from us, and hardened hosts the right.
 *
 * Source: Linux Documentation/admin-guide/LSM/Yama.rst, ptrace_scope; Docker's default profile of
 * seccomp, which has pidfd_getfd(2) for CAP_SYS_PTRACE only
 */
bool connect_guard_works(void);

/**
 * connect_guard_open_port() - Let the child listen on one more port for other hosts
 */
void connect_guard_open_port(ConnectGuard *guard, uint16_t port);

/**
 * connect_guard_free() - Answer no more: the child's connect() fails. NULL is ignored
 */
void connect_guard_free(ConnectGuard *guard);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ConnectGuard, connect_guard_free)
