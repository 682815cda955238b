/* SPDX-License-Identifier: Apache-2.0 */
/* What a child process may ask of the kernel beyond files, which Landlock sees to. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

typedef struct {
    bool network; /* it may have internet sockets */
    bool ask;     /* connect() and bind() are for connect-guard.h; else there is no connect() */
    GArray
        *ports; /* of uint16_t, borrowed: where it may listen for other hosts; NULL for nowhere */
} SyscallFilter;

/**
 * syscall_filter_install() - Restrict this process and its children from now on, for ever
 * @filter:       what it may
 * @own_pid:      the only process that it may send signals to; 0 where it sees no other
 * @out_listener: where these two are asked, when they are; -1 otherwise. NULL: nobody would answer
 *
 * Where nobody answers, or the kernel cannot ask because something around us is asked already, both
 * stay allowed.
 * Internet sockets are closed without a network; of unix sockets there are only streams, because
 * datagrams are sent without connecting. No signals to other processes, no io_uring, which does all
 * of this past a filter, no system calls of another architecture.
 *
 * Needs no_new_privs to be set. Async-signal-safe.
 *
 * Source: Linux Documentation/userspace-api/seccomp_filter.rst
 * Return: false with errno set
 */
bool syscall_filter_install(const SyscallFilter *filter, pid_t own_pid, int *out_listener);
