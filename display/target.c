/* SPDX-License-Identifier: Apache-2.0 */
/* Unix sockets are connected here; spice-glib does it for what a URI names. */
#include "display/target.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "display/failure.h"

#define PASSWORD_MAX 1024
#define UNIX_SCHEME "spice+unix://"

void target_clear(Target *target)
{
    if (target->password)
        explicit_bzero(target->password, strlen(target->password));
    g_free(target->socket);
    g_free(target->uri);
    g_free(target->ca_file);
    g_free(target->cert_subject);
    g_free(target->password);
    *target = (Target){ 0 };
}

bool target_set_uri(Target *target, const char *uri, GError **error)
{
    if (g_str_has_prefix(uri, UNIX_SCHEME "/")) {
        g_free(target->socket);
        target->socket = g_uri_unescape_string(uri + strlen(UNIX_SCHEME), NULL);
        if (target->socket)
            return true;
    } else if (g_str_has_prefix(uri, "spice://") || g_str_has_prefix(uri, "spice+tls://")) {
        g_autoptr(GUri) parsed = g_uri_parse(uri, G_URI_FLAGS_NONE, NULL);
        bool has_host = parsed && g_uri_get_host(parsed) && *g_uri_get_host(parsed);
        if (has_host && (g_uri_get_port(parsed) > 0 || g_uri_get_query(parsed))) {
            g_free(target->uri);
            target->uri = g_strdup(uri);
            return true;
        }
    }
    g_set_error(error, DISPLAY_ERROR, DISPLAY_ERROR_USAGE,
                "\"%s\" is not a SPICE URI: spice://HOST:PORT, spice://HOST?tls-port=PORT or "
                "spice+unix:///PATH",
                uri);
    return false;
}

bool target_read_password(Target *target, const char *path, GError **error)
{
    bool is_stdin = strcmp(path, "-") == 0;
    int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    char text[PASSWORD_MAX] = "";
    size_t length = 0;
    ssize_t got = fd < 0 ? -1 : 1;
    while (got > 0 && length < sizeof text - 1 && !memchr(text, '\n', length)) {
        got = read(fd, text + length, sizeof text - 1 - length);
        length += got > 0 ? (size_t) got : 0;
    }
    int saved = errno;
    if (!is_stdin && fd >= 0)
        close(fd);
    text[strcspn(text, "\r\n")] = '\0';
    if (got < 0 || !*text) {
        g_set_error(error, DISPLAY_ERROR, DISPLAY_ERROR_USAGE,
                    "cannot read a password from \"%s\": %s", path,
                    got < 0 ? g_strerror(saved) : "its first line is empty");
        return false;
    }
    g_free(target->password);
    target->password = g_strdup(text);
    explicit_bzero(text, sizeof text);
    return true;
}

/* Through its folder, which has a short name in /proc, where the path itself is too long. */
static bool socket_address(const char *path, int *out_folder, struct sockaddr_un *out_address)
{
    *out_address = (struct sockaddr_un){ .sun_family = AF_UNIX };
    *out_folder = -1;
    size_t room = sizeof out_address->sun_path;
    if (g_strlcpy(out_address->sun_path, path, room) < room)
        return true;
#ifdef __linux__
    g_autofree char *parent = g_path_get_dirname(path);
    g_autofree char *name = g_path_get_basename(path);
    *out_folder = open(parent, O_PATH | O_DIRECTORY | O_CLOEXEC);
    int length = g_snprintf(out_address->sun_path, room, "/proc/self/fd/%d/%s", *out_folder, name);
    return *out_folder >= 0 && length < (int) room;
#else
    return false;
#endif
}

static pid_t peer_pid(int fd)
{
#ifdef __linux__
    struct ucred peer = { 0 };
    socklen_t size = sizeof peer;
    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 ? peer.pid : 0;
#else
    (void) fd;
    return 0;
#endif
}

static void set_connect_error(GError **error, const char *path, int number)
{
    if (number == ENOENT || number == ENOTDIR || number == ECONNREFUSED)
        g_set_error(error, DISPLAY_ERROR, DISPLAY_ERROR_WRONG_STATE,
                    "the machine does not run: nobody answers at \"%s\"", path);
    else
        g_set_error(error, DISPLAY_ERROR, DISPLAY_ERROR_FAILED,
                    "cannot connect to its screen at \"%s\": %s", path, g_strerror(number));
}

int target_connect(const Target *target, pid_t *out_pid, GError **error)
{
    struct sockaddr_un address;
    int folder = -1;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool connected = fd >= 0 && socket_address(target->socket, &folder, &address) &&
                     connect(fd, (struct sockaddr *) &address, sizeof address) == 0;
    int saved = errno;
    if (folder >= 0)
        close(folder);
    if (connected) {
        *out_pid = peer_pid(fd);
        return fd;
    }
    if (fd >= 0)
        close(fd);
    set_connect_error(error, target->socket, saved);
    return -1;
}
