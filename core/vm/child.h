/* SPDX-License-Identifier: Apache-2.0 */
/* The launcher: the step between fork and exec, and waiting for what was started. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/vm/sandbox.h"
#include "core/vm/syscall-filter.h"

/* A descriptor that the child gets under a number of its own. */
typedef struct {
    int from; /* ours; borrowed */
    int to;   /* the child's, 3 or more */
} ChildFd;

typedef struct {
    const char *const *argv; /* argv[0] is the absolute path of the program */
    const char *const *env;  /* "NAME=value", added to ours; NULL for none */
    const char *cwd;         /* working directory */
    int output_fd;           /* standard output and error; borrowed */
    const ChildFd *fds;
    size_t n_fds;
    const Sandbox *sandbox; /* borrowed; NULL for none */
    /* What it may ask of the kernel; borrowed; NULL for everything. Its unix sockets are in
     * @cwd. */
    const SyscallFilter *filter;
    /* It may start programs that are installed with more rights: qemu-bridge-helper. */
    bool may_gain_rights;
    /* It is one of many: no memory is given to it in pieces of megabytes, of which it uses a part. */
    bool small_pages;
    /* Ends the child by SIGTERM when this process dies, so that a killed helper leaves no QEMU. */
    bool end_with_parent;
} ChildSpec;

typedef struct Child Child;

/* @wait_status is as from waitpid(2). Called once, from the default main context. */
typedef void (*ChildExited)(Child *child, int wait_status, void *user);

/**
 * child_start() - Start a program that can gain no privileges and dumps no core
 * @spec:   borrowed
 * @exited: called when it ends; the child must not be freed before that unless it is to be killed
 * @error:  UTM_ERROR_FAILED with the program's path and the reason, also when exec itself failed
 *
 * Everything is closed on exec but the standard descriptors and @spec->fds.
 *
 * Return: the child; free with child_free()
 */
Child *child_start(const ChildSpec *spec, ChildExited exited, void *user,
                   GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * child_pid() - Process id; valid until the child is freed; bubblewrap's where that holds it
 */
pid_t child_pid(const Child *child);

/**
 * child_open_port() - Let a child with a filter listen on one more port for other hosts
 */
void child_open_port(Child *child, uint16_t port);

/**
 * child_signal() - Send a signal; nothing happens when it has ended
 */
void child_signal(Child *child, int signal_number);

/**
 * child_end() - Ask a child to end (SIGTERM), wait, kill it when it does not, and free it
 * @child:      taken
 * @timeout_us: how long it may take
 */
void child_end(Child *child, int64_t timeout_us);

/**
 * child_free() - Kill the child if it still runs, reap it; NULL is ignored
 */
void child_free(Child *child);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Child, child_free)

/**
 * child_status_text() - A wait status in words: "exit status 1", "signal 9 (Killed)"
 *
 * Return: a new string
 */
char *child_status_text(int wait_status);
