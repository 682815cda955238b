/* SPDX-License-Identifier: Apache-2.0 */
/* Connects and binds the sockets of a child that may not do so itself. */
#include "core/vm/connect-guard.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/fd.h"
#include "core/vm/run-dir.h"

struct ConnectGuard {
    int listener;
    guint source;
    char *folder;
    bool network;
    GArray *ports;      /* of uint16_t */
    GPtrArray *waiting; /* (owned) of Waiting */
};

/* A child that waits for an answer from far away, which takes its time. */
typedef struct {
    ConnectGuard *guard; /* borrowed */
    guint64 id;
    int fd;
    int flags; /* what they were */
    guint source;
} Waiting;

typedef union {
    struct sockaddr any;
    struct sockaddr_un un;
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
    struct sockaddr_storage storage;
} Address;

static void respond(const ConnectGuard *guard, guint64 id, int code)
{
    struct seccomp_notif_resp response = { .id = id, .error = -code };
    /* The child may have been killed meanwhile. */
    (void) ioctl(guard->listener, SECCOMP_IOCTL_NOTIF_SEND, &response);
}

/* ---- the child ---- */

/* Requests come from threads; memory and descriptors are the process's. */
static pid_t process_of(pid_t thread)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/status", (int) thread);
    g_autofree char *text = NULL;
    if (!g_file_get_contents(path, &text, NULL, NULL))
        return -1;
    const char *line = strstr(text, "\nTgid:");
    return line ? (pid_t) atoi(line + strlen("\nTgid:")) : -1;
}

static int fetch_socket(const struct seccomp_notif *request)
{
    g_auto(Fd) process = (int) syscall(SYS_pidfd_open, process_of((pid_t) request->pid), 0);
    return process < 0 ? -1 : (int) syscall(SYS_pidfd_getfd, process, request->data.args[0], 0);
}

static bool fetch_address(const struct seccomp_notif *request, Address *out, socklen_t *out_size)
{
    size_t size = request->data.args[2];
    if (size < sizeof(sa_family_t) || size > sizeof out->storage)
        return false;
    *out = (Address){ 0 };
    struct iovec local = { out, size };
    struct iovec remote = { (void *) (uintptr_t) request->data.args[1], size };
    *out_size = (socklen_t) size;
    return process_vm_readv((pid_t) request->pid, &local, 1, &remote, 1, 0) == (ssize_t) size;
}

/* ---- unix sockets ---- */

/* The name of a socket in the folder; NULL when it is anywhere else, or the helper's. */
static char *name_of(const ConnectGuard *guard, const Address *address, socklen_t size)
{
    size_t length = size - offsetof(struct sockaddr_un, sun_path);
    if (size <= offsetof(struct sockaddr_un, sun_path) || !address->un.sun_path[0])
        return NULL;
    g_autofree char *path = g_strndup(address->un.sun_path, length);
    g_autofree char *folder = g_path_get_dirname(path);
    g_autofree char *name = g_path_get_basename(path);
    if (strchr(path, '/') && strcmp(folder, guard->folder) != 0)
        return NULL;
    if (strcmp(name, RUN_DIR_QMP) == 0 || g_str_has_prefix(name, "term"))
        return NULL;
    return g_steal_pointer(&name);
}

/* A descriptor in the place of a path: nobody can exchange what is behind it, and no link is
 * followed. Source: proc(5), /proc/PID/fd */
static int connect_unix(const ConnectGuard *guard, int fd, const Address *address, socklen_t size)
{
    struct sockaddr_un target = { .sun_family = AF_UNIX };
    struct stat st;
    g_autofree char *name = name_of(guard, address, size);
    if (!name)
        return EACCES;
    g_autofree char *path = g_build_filename(guard->folder, name, NULL);
    g_auto(Fd) found = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (found < 0 || fstat(found, &st) < 0)
        return errno;
    if (!S_ISSOCK(st.st_mode))
        return EACCES;
    g_snprintf(target.sun_path, sizeof target.sun_path, "/proc/self/fd/%d", found);
    return connect(fd, (struct sockaddr *) &target, sizeof target) < 0 ? errno : 0;
}

/* Relative to the folder, as the child has it: what the socket is called is seen again later. */
static int bind_unix(const ConnectGuard *guard, int fd, const Address *address, socklen_t size)
{
    g_autofree char *name = name_of(guard, address, size);
    g_auto(Fd) before = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (!name)
        return EACCES;
    if (before < 0 || chdir(guard->folder) < 0)
        return errno;
    int code = bind(fd, &address->any, size) < 0 ? errno : 0;
    if (fchdir(before) < 0)
        g_error("cannot go back to a folder: %s", g_strerror(errno));
    return code;
}

/* ---- internet sockets ---- */

static bool is_loopback(const Address *address)
{
    if (address->any.sa_family == AF_INET)
        return ntohl(address->in.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
    return address->any.sa_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&address->in6.sin6_addr);
}

static bool is_open(const ConnectGuard *guard, uint16_t port)
{
    for (guint i = 0; i < guard->ports->len; i++)
        if (g_array_index(guard->ports, uint16_t, i) == port)
            return true;
    return false;
}

/* A packet may come from any port, but only what was agreed to is reached by others. */
static int bind_internet(const ConnectGuard *guard, int fd, const Address *address, socklen_t size)
{
    int type = -1;
    socklen_t type_size = sizeof type;
    /* In the same place for both families. */
    uint16_t port = ntohs(address->in.sin_port);
    if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &type_size) < 0)
        return errno;
    bool sends_only = type == SOCK_DGRAM && port == 0;
    if (!guard->network || (!is_loopback(address) && !is_open(guard, port) && !sends_only))
        return EACCES;
    return bind(fd, &address->any, size) < 0 ? errno : 0;
}

/* ---- waiting ---- */

static void waiting_free(void *user)
{
    Waiting *waiting = user;
    g_clear_handle_id(&waiting->source, g_source_remove);
    (void) fcntl(waiting->fd, F_SETFL, waiting->flags);
    close(waiting->fd);
    g_free(waiting);
}

static gboolean on_connected(gint fd, GIOCondition condition, gpointer user)
{
    (void) condition;
    Waiting *waiting = user;
    int code = 0;
    socklen_t size = sizeof code;
    waiting->source = 0;
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &code, &size) < 0)
        code = errno;
    (void) fcntl(fd, F_SETFL, waiting->flags);
    respond(waiting->guard, waiting->id, code);
    g_ptr_array_remove_fast(waiting->guard->waiting, waiting);
    return G_SOURCE_REMOVE;
}

static void wait_for(ConnectGuard *guard, guint64 id, int fd, int flags)
{
    Waiting *waiting = g_new0(Waiting, 1);
    waiting->guard = guard;
    waiting->id = id;
    waiting->fd = fd;
    waiting->flags = flags;
    waiting->source = g_unix_fd_add(fd, G_IO_OUT | G_IO_ERR | G_IO_HUP, on_connected, waiting);
    g_ptr_array_add(guard->waiting, waiting);
}

/* ---- requests ---- */

static int domain_of(int fd)
{
    int domain = -1;
    socklen_t size = sizeof domain;
    return getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 ? domain : -1;
}

static int connect_it(const ConnectGuard *guard, int fd, const Address *address, socklen_t size)
{
    int domain = domain_of(fd);
    if (domain == AF_UNIX)
        return connect_unix(guard, fd, address, size);
    if (!guard->network || (domain != AF_INET && domain != AF_INET6))
        return EACCES;
    return connect(fd, &address->any, size) < 0 ? errno : 0;
}

static int bind_it(const ConnectGuard *guard, int fd, const Address *address, socklen_t size)
{
    int domain = domain_of(fd);
    if (domain == AF_UNIX)
        return bind_unix(guard, fd, address, size);
    if (domain == AF_INET || domain == AF_INET6)
        return bind_internet(guard, fd, address, size);
    return bind(fd, &address->any, size) < 0 ? errno : 0;
}

/* Nobody has to wait here: a socket that would is one that does not for a while. */
static void answer(ConnectGuard *guard, const struct seccomp_notif *request)
{
    Address address;
    socklen_t size;
    g_auto(Fd) fd = fetch_socket(request);
    if (fd < 0) {
        respond(guard, request->id, errno);
        return;
    }
    if (!fetch_address(request, &address, &size)) {
        respond(guard, request->id, EINVAL);
        return;
    }
    /* What was read could be another's, had the child ended since. */
    if (ioctl(guard->listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &request->id) < 0)
        return;
    if (request->data.nr == SYS_bind) {
        respond(guard, request->id, bind_it(guard, fd, &address, size));
        return;
    }
    int flags = fcntl(fd, F_GETFL);
    (void) fcntl(fd, F_SETFL, flags | O_NONBLOCK);
    int code = connect_it(guard, fd, &address, size);
    if (code == EINPROGRESS && !(flags & O_NONBLOCK)) {
        wait_for(guard, request->id, fd_steal(&fd), flags);
        return;
    }
    (void) fcntl(fd, F_SETFL, flags);
    respond(guard, request->id, code);
}

static gboolean on_request(gint fd, GIOCondition condition, gpointer user)
{
    ConnectGuard *guard = user;
    struct seccomp_notif request = { 0 };
    if (!(condition & G_IO_IN)) {
        guard->source = 0;
        return G_SOURCE_REMOVE;
    }
    if (ioctl(fd, SECCOMP_IOCTL_NOTIF_RECV, &request) == 0)
        answer(guard, &request);
    return G_SOURCE_CONTINUE;
}

/* From this value on, a parent needs rights of its own to look into its children. */
#define YAMA_ADMIN 2

bool connect_guard_works(void)
{
    g_autofree char *scope = NULL;
    bool is_hardened =
        g_file_get_contents("/proc/sys/kernel/yama/ptrace_scope", &scope, NULL, NULL) &&
        atoi(scope) >= YAMA_ADMIN;
    if (is_hardened && geteuid() != 0)
        return false;
    /* Both are allowed on oneself, unless they are not there. */
    char from = 'x', to = 0;
    struct iovec local = { &to, 1 }, remote = { &from, 1 };
    g_auto(Fd) self = (int) syscall(SYS_pidfd_open, getpid(), 0);
    g_auto(Fd) copy = self < 0 ? -1 : (int) syscall(SYS_pidfd_getfd, self, self, 0);
    return copy >= 0 && process_vm_readv(getpid(), &local, 1, &remote, 1, 0) == 1;
}

ConnectGuard *connect_guard_new(int listener, const char *folder, bool network, const GArray *ports)
{
    ConnectGuard *guard = g_new0(ConnectGuard, 1);
    guard->listener = listener;
    guard->folder = g_strdup(folder);
    guard->network = network;
    guard->ports = g_array_new(FALSE, FALSE, sizeof(uint16_t));
    if (ports)
        g_array_append_vals(guard->ports, ports->data, ports->len);
    guard->waiting = g_ptr_array_new_with_free_func(waiting_free);
    guard->source = g_unix_fd_add(listener, G_IO_IN | G_IO_HUP, on_request, guard);
    return guard;
}

void connect_guard_open_port(ConnectGuard *guard, uint16_t port)
{
    g_array_append_val(guard->ports, port);
}

void connect_guard_free(ConnectGuard *guard)
{
    if (!guard)
        return;
    g_clear_handle_id(&guard->source, g_source_remove);
    g_ptr_array_unref(guard->waiting);
    g_array_unref(guard->ports);
    close(guard->listener);
    g_free(guard->folder);
    g_free(guard);
}
