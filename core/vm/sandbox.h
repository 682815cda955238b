/* SPDX-License-Identifier: Apache-2.0 */
/* What a child process may reach: Landlock rules, made before the fork and enforced after it. */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef enum {
    SANDBOX_READ = 1 << 0, /* read files, list folders */
    SANDBOX_EXECUTE = 1 << 1,
    SANDBOX_WRITE = 1 << 2,  /* write files that are there, shorten them */
    SANDBOX_CREATE = 1 << 3, /* make, rename and remove files, folders, links and sockets */
    SANDBOX_LISTEN = 1 << 4, /* make sockets, and nothing else */
} SandboxAccess;

typedef struct Sandbox Sandbox;

/**
 * sandbox_new() - Rules that allow nothing yet
 * @network:    whether TCP ports may be bound and connected to; what the kernel is too old to
 *              forbid stays allowed
 * @out_reason: why there is no sandbox, one clause; a new string; untouched otherwise
 *
 * Where the kernel has no Landlock, bubblewrap does it if it is installed and works.
 *
 * Source: Linux Documentation/userspace-api/landlock.rst
 * Return: the rules; free with sandbox_free(). NULL when the host has neither
 */
Sandbox *sandbox_new(bool network, char **out_reason);

/**
 * sandbox_allow() - Allow access to a file, or to a folder and everything below it
 * @path:   followed when it is a link; nothing happens when it is not there
 * @access: SandboxAccess flags
 */
void sandbox_allow(const Sandbox *sandbox, const char *path, unsigned access);

/**
 * sandbox_name() - "landlock" or "bubblewrap"
 */
const char *sandbox_name(const Sandbox *sandbox);

/**
 * sandbox_wrap() - The arguments with which a program is started in the sandbox
 * @cwd:  its working directory
 * @argv: its own arguments
 *
 * Return: a new array of strings, or NULL when they stay what they are. With others, the program
 * sees no processes but its own
 */
char **sandbox_wrap(const Sandbox *sandbox, const char *cwd, const char *const *argv);

/**
 * sandbox_enforce() - Restrict this process and its children from now on, for ever
 *
 * Nothing happens when that is bubblewrap's to do. Needs no_new_privs to be set. Async-signal-safe.
 *
 * Return: false with errno set
 */
bool sandbox_enforce(const Sandbox *sandbox);

/**
 * sandbox_free() - Free the rules; what is enforced stays. NULL is ignored
 */
void sandbox_free(Sandbox *sandbox);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Sandbox, sandbox_free)
