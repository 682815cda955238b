/* SPDX-License-Identifier: Apache-2.0 */
/* Unix sockets: behind paths of any length, and with descriptors that go along. */
#include "qapi/unix-socket.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int unix_socket_address(const char *path, struct sockaddr_un *out_address)
{
    *out_address = (struct sockaddr_un){ .sun_family = AF_UNIX };
    if (strlen(path) < sizeof out_address->sun_path) {
        strcpy(out_address->sun_path, path);
        return -1;
    }
    g_autofree char *folder = g_path_get_dirname(path);
    g_autofree char *name = g_path_get_basename(path);
    int fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    g_snprintf(out_address->sun_path, sizeof out_address->sun_path, "/proc/self/fd/%d/%s", fd,
               name);
    return fd;
}

int unix_socket_connect(const char *path, int64_t timeout_us, GError **error)
{
    struct sockaddr_un address;
    int folder = unix_socket_address(path, &address);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    /* Connecting waits as long as sending may. */
    struct timeval limit = { timeout_us / G_USEC_PER_SEC, timeout_us % G_USEC_PER_SEC };
    if (fd >= 0 && timeout_us)
        (void) setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    int code = fd < 0 || connect(fd, (struct sockaddr *) &address, sizeof address) < 0 ? errno : 0;
    if (folder >= 0)
        close(folder);
    if (!code)
        return fd;
    g_set_error(error, G_IO_ERROR, g_io_error_from_errno(code), "cannot connect to \"%s\": %s",
                path, g_strerror(code));
    if (fd >= 0)
        close(fd);
    return -1;
}

ssize_t unix_socket_send(int fd, const void *data, size_t size, int passed_fd, int flags)
{
    struct iovec iov = { (void *) data, size };
    union {
        char buffer[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control = { 0 };
    struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
    if (passed_fd >= 0) {
        msg.msg_control = control.buffer;
        msg.msg_controllen = sizeof control.buffer;
        struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);
        cmsg->cmsg_level = SOL_SOCKET;
        cmsg->cmsg_type = SCM_RIGHTS;
        cmsg->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(cmsg), &passed_fd, sizeof passed_fd);
    }
    return sendmsg(fd, &msg, flags);
}
