/* SPDX-License-Identifier: Apache-2.0 */
/* Where the SPICE server is, and how to reach it. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

typedef struct {
    char *socket;       /* path of a unix socket, or NULL */
    char *uri;          /* spice://host:port and its like, or NULL */
    char *ca_file;      /* whose certificates to trust, or NULL for the host's */
    char *cert_subject; /* what the server's certificate must say, or NULL for the host's name */
    char *password;     /* or NULL */
} Target;

/**
 * target_clear() - Free what is inside; the password is overwritten first
 */
void target_clear(Target *target);

/**
 * target_set_uri() - Name a server by URI
 * @uri:   spice://HOST:PORT, spice://HOST?port=N&tls-port=N, spice+tls://HOST:PORT or
 *         spice+unix:///PATH
 * @error: DISPLAY_ERROR_USAGE
 */
bool target_set_uri(Target *target, const char *uri, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * target_read_password() - Read the first line of a file
 * @path:  "-" is standard input
 * @error: DISPLAY_ERROR_USAGE
 */
bool target_read_password(Target *target, const char *path,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * target_connect() - Connect to a unix socket
 * @out_pid: process that listens there, 0 where the host does not say it
 * @error:   DISPLAY_ERROR_WRONG_STATE when nobody listens, DISPLAY_ERROR_FAILED otherwise
 *
 * The path may be longer than a socket's address can be.
 *
 * Return: a descriptor, -1 on failure
 */
int target_connect(const Target *target, pid_t *out_pid, GError **error) G_GNUC_WARN_UNUSED_RESULT;
