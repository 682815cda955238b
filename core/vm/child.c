/* SPDX-License-Identifier: Apache-2.0 */
/* The launcher: the step between fork and exec, and waiting for what was started. */
#include "core/vm/child.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/error.h"
#include "core/vm/connect-guard.h"
#include "qapi/unix-socket.h"

struct Child {
    pid_t pid;
    int pidfd;
    guint source;
    bool running;
    ChildExited exited;
    void *user;
    ConnectGuard *guard; /* NULL unless its connect() is ours to do */
};

/* Where the descriptors are put out of the way before they get their final numbers. */
#define FD_PARKING 100

/* Room for one descriptor. */
typedef union {
    char buffer[CMSG_SPACE(sizeof(int))];
    struct cmsghdr align;
} FdMessage;

static void fail(int report_fd)
{
    int code = errno;
    ssize_t n = write(report_fd, &code, sizeof code);
    (void) n;
    _exit(127);
}

/* Moves every descriptor out of the way first, so that one row cannot overwrite another's source.
 * The copy that dup2() makes is not close-on-exec, which is the point. */
static void arrange_fds(const ChildSpec *spec, int report_fd)
{
    int parked[64];
    if (spec->n_fds > G_N_ELEMENTS(parked)) {
        errno = EMFILE;
        fail(report_fd);
    }
    for (size_t i = 0; i < spec->n_fds; i++)
        if ((parked[i] = fcntl(spec->fds[i].from, F_DUPFD_CLOEXEC, FD_PARKING)) < 0)
            fail(report_fd);
    int null = open("/dev/null", O_RDONLY);
    if (null < 0 || dup2(null, 0) < 0 || dup2(spec->output_fd, 1) < 0 || dup2(1, 2) < 0)
        fail(report_fd);
    for (size_t i = 0; i < spec->n_fds; i++)
        if (dup2(parked[i], spec->fds[i].to) < 0)
            fail(report_fd);
}

/* The parent answers what the filter asks; here that would be the child itself. */
static void hand_over(int report_fd, int listener)
{
    int code = 0;
    if (unix_socket_send(report_fd, &code, sizeof code, listener, 0) < 0)
        fail(report_fd);
    close(listener);
}

/* Bubblewrap closes the network by a namespace, which it needs a socket to set up, and leaves no
 * other process in sight. */
static void install_filter(const SyscallFilter *filter, bool wrapped, bool guarded, int report_fd)
{
    int listener = -1;
    const SyscallFilter here = { .network = filter->network || wrapped, .ask = filter->ask };
    if (!syscall_filter_install(&here, wrapped ? 0 : getpid(), guarded ? &listener : NULL))
        fail(report_fd);
    if (listener >= 0)
        hand_over(report_fd, listener);
}

/* Runs between fork and exec: async-signal-safe calls only. */
static void become(const ChildSpec *spec, char *const *wrapped, bool guarded, char **env,
                   pid_t parent, int report_fd)
{
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    if (spec->end_with_parent && (prctl(PR_SET_PDEATHSIG, SIGTERM) < 0 || getppid() != parent))
        fail(report_fd);
    if (!spec->may_gain_rights && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        fail(report_fd);
    /* Source: prctl(2); kept over exec */
    if (spec->small_pages)
        (void) prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
    /* A core of QEMU would hold the guest's memory. */
    struct rlimit no_core = { 0, 0 };
    setrlimit(RLIMIT_CORE, &no_core);
    if (chdir(spec->cwd) < 0)
        fail(report_fd);
    report_fd = fcntl(report_fd, F_DUPFD_CLOEXEC, FD_PARKING);
    arrange_fds(spec, report_fd);
    if (spec->sandbox) {
        if (!sandbox_enforce(spec->sandbox))
            fail(report_fd);
    }
    if (spec->filter)
        install_filter(spec->filter, wrapped != NULL, guarded, report_fd);
    char *const *argv = wrapped ? wrapped : (char *const *) spec->argv;
    execve(argv[0], argv, env);
    fail(report_fd);
}

static gboolean reap(gint fd, GIOCondition condition, gpointer user)
{
    (void) fd;
    (void) condition;
    Child *child = user;
    int status = 0;
    waitpid(child->pid, &status, 0);
    child->running = false;
    child->source = 0;
    child->exited(child, status, child->user);
    return G_SOURCE_REMOVE;
}

static char **make_env(const ChildSpec *spec)
{
    char **env = g_get_environ();
    for (size_t i = 0; spec->env && spec->env[i]; i++) {
        g_auto(GStrv) pair = g_strsplit(spec->env[i], "=", 2);
        env = g_environ_setenv(env, pair[0], pair[1], TRUE);
    }
    return env;
}

/* An exec that worked closes the socket; before that there is at most a listener, with a 0. */
static int read_report(int fd, int *out_listener)
{
    int code = 0;
    ssize_t n;
    do {
        struct iovec iov = { &code, sizeof code };
        FdMessage control = { 0 };
        struct msghdr msg = { .msg_iov = &iov,
                              .msg_iovlen = 1,
                              .msg_control = control.buffer,
                              .msg_controllen = sizeof control.buffer };
        n = recvmsg(fd, &msg, MSG_CMSG_CLOEXEC);
        struct cmsghdr *cmsg = n > 0 ? CMSG_FIRSTHDR(&msg) : NULL;
        if (cmsg)
            memcpy(out_listener, CMSG_DATA(cmsg), sizeof *out_listener);
    } while ((n < 0 && errno == EINTR) || (n == sizeof code && code == 0));
    return n == sizeof code ? code : 0;
}

static Child *child_new(const ChildSpec *spec, pid_t pid, int listener, ChildExited exited,
                        void *user)
{
    Child *child = g_new0(Child, 1);
    child->pid = pid;
    child->pidfd = (int) syscall(SYS_pidfd_open, pid, 0);
    child->running = true;
    child->exited = exited;
    child->user = user;
    child->source = g_unix_fd_add(child->pidfd, G_IO_IN, reap, child);
    if (listener >= 0)
        child->guard =
            connect_guard_new(listener, spec->cwd, spec->filter->network, spec->filter->ports);
    return child;
}

Child *child_start(const ChildSpec *spec, ChildExited exited, void *user, GError **error)
{
    int report[2];
    int listener = -1;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, report) < 0) {
        utm_error_set(error, UTM_ERROR_FAILED, NULL, "cannot start \"%s\": %s", spec->argv[0],
                      g_strerror(errno));
        return NULL;
    }
    g_auto(GStrv) env = make_env(spec);
    g_auto(GStrv) wrapped =
        spec->sandbox ? sandbox_wrap(spec->sandbox, spec->cwd, spec->argv) : NULL;
    bool guarded = spec->filter && connect_guard_works();
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid == 0)
        become(spec, wrapped, guarded, env, parent, report[1]);
    int code = pid < 0 ? errno : 0;
    close(report[1]);
    if (pid > 0)
        code = read_report(report[0], &listener);
    close(report[0]);
    if (code) {
        if (listener >= 0)
            close(listener);
        if (pid > 0)
            waitpid(pid, NULL, 0);
        utm_error_set(error, UTM_ERROR_FAILED, NULL, "cannot start \"%s\": %s", spec->argv[0],
                      g_strerror(code));
        return NULL;
    }
    return child_new(spec, pid, listener, exited, user);
}

pid_t child_pid(const Child *child)
{
    return child->pid;
}

void child_open_port(Child *child, uint16_t port)
{
    if (child->guard)
        connect_guard_open_port(child->guard, port);
}

void child_signal(Child *child, int signal_number)
{
    if (child->running)
        kill(child->pid, signal_number);
}

void child_end(Child *child, int64_t timeout_us)
{
    struct pollfd ended = { .fd = child->pidfd, .events = POLLIN };
    child_signal(child, SIGTERM);
    if (child->running)
        (void) poll(&ended, 1, (int) (timeout_us / 1000));
    child_free(child);
}

void child_free(Child *child)
{
    if (!child)
        return;
    if (child->source)
        g_source_remove(child->source);
    if (child->running) {
        kill(child->pid, SIGKILL);
        waitpid(child->pid, NULL, 0);
    }
    connect_guard_free(child->guard);
    close(child->pidfd);
    g_free(child);
}

char *child_status_text(int wait_status)
{
    if (WIFSIGNALED(wait_status))
        return g_strdup_printf("signal %d (%s)", WTERMSIG(wait_status),
                               g_strsignal(WTERMSIG(wait_status)));
    return g_strdup_printf("exit status %d", WEXITSTATUS(wait_status));
}
