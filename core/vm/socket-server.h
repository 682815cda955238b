/* SPDX-License-Identifier: Apache-2.0 */
/* A listening unix socket in a machine's runtime folder, served from a main context. */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef struct SocketServer SocketServer;

/* A client has connected; @fd is close-on-exec, non-blocking and now belongs to the callee. */
typedef void (*SocketServerAccept)(int fd, void *user);

/**
 * socket_server_new() - Listen on a unix socket
 * @path:   where; an old socket there is replaced; mode 0600
 * @accept: called for each client
 * @error:  UTM_ERROR_FAILED with path and reason
 *
 * Runs in the default main context. A path longer than a sun_path is reached through its folder.
 *
 * Return: the server; free with socket_server_free()
 */
SocketServer *socket_server_new(const char *path, SocketServerAccept accept, void *user,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * socket_server_free() - Stop listening; NULL is ignored
 *
 * The socket's name stays: it may be another server's by now, and goes with its folder.
 */
void socket_server_free(SocketServer *server);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SocketServer, socket_server_free)

/**
 * socket_listen() - Make a listening unix socket
 * @path:  where; an old socket there is replaced; mode 0600
 * @error: UTM_ERROR_FAILED with path and reason
 *
 * Return: a close-on-exec, non-blocking descriptor, or -1
 */
int socket_listen(const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
