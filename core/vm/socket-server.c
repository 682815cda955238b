/* SPDX-License-Identifier: Apache-2.0 */
/* A listening unix socket in a machine's runtime folder, served from a main context. */
#include "core/vm/socket-server.h"

#include <errno.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/error.h"
#include "qapi/unix-socket.h"

struct SocketServer {
    int fd;
    guint source;
    SocketServerAccept accept;
    void *user;
};

static gboolean accept_client(gint fd, GIOCondition condition, gpointer user)
{
    (void) condition;
    SocketServer *server = user;
    int client = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (client >= 0)
        server->accept(client, server->user);
    return G_SOURCE_CONTINUE;
}

int socket_listen(const char *path, GError **error)
{
    struct sockaddr_un address;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int dir = unix_socket_address(path, &address);
    (void) unlink(path);
    mode_t mask = umask(0177);
    bool ok = fd >= 0 && bind(fd, (struct sockaddr *) &address, sizeof address) == 0 &&
              listen(fd, SOMAXCONN) == 0;
    int saved = errno;
    umask(mask);
    if (dir >= 0)
        close(dir);
    if (ok)
        return fd;
    utm_error_set(error, UTM_ERROR_FAILED, NULL, "cannot listen on \"%s\": %s", path,
                  g_strerror(saved));
    if (fd >= 0)
        close(fd);
    return -1;
}

SocketServer *socket_server_new(const char *path, SocketServerAccept accept_func, void *user,
                                GError **error)
{
    int fd = socket_listen(path, error);
    if (fd < 0)
        return NULL;
    SocketServer *server = g_new0(SocketServer, 1);
    server->fd = fd;
    server->accept = accept_func;
    server->user = user;
    server->source = g_unix_fd_add(fd, G_IO_IN, accept_client, server);
    return server;
}

void socket_server_free(SocketServer *server)
{
    if (!server)
        return;
    g_source_remove(server->source);
    close(server->fd);
    g_free(server);
}
