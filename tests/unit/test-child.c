/* SPDX-License-Identifier: Apache-2.0 */
/* What a child may ask of the kernel: this program starts itself, and the child ends with the errno
 * of what it tried. */
#include "core/vm/child.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/error.h"
#include "core/vm/confine.h"

/* ---- the child ---- */

static int try_connect(int fd, const void *address, size_t size)
{
    return fd < 0 || connect(fd, address, (socklen_t) size) < 0 ? errno : 0;
}

static int try_unix(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    g_strlcpy(address.sun_path, path, sizeof address.sun_path);
    if (*path == '@')
        address.sun_path[0] = '\0';
    return try_connect(socket(AF_UNIX, SOCK_STREAM, 0), &address, sizeof address);
}

static int try_internet(const char *port, int flags)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_port = htons((uint16_t) atoi(port)),
                                   .sin_addr = { htonl(INADDR_LOOPBACK) } };
    int fd = socket(AF_INET, SOCK_STREAM | flags, 0);
    int code = try_connect(fd, &address, sizeof address);
    if (fd >= 0 && !(fcntl(fd, F_GETFL) & O_NONBLOCK) != !flags)
        return EBADFD; /* the socket is not as it was made */
    return code == EINPROGRESS ? 0 : code;
}

/* "ADDRESS:PORT", "udp:…" for datagrams. */
static int try_bind(const char *argument)
{
    bool udp = g_str_has_prefix(argument, "udp:");
    g_auto(GStrv) words = g_strsplit(argument + (udp ? strlen("udp:") : 0), ":", 2);
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_port = htons((uint16_t) atoi(words[1])),
                                   .sin_addr = { inet_addr(words[0]) } };
    int fd = socket(AF_INET, udp ? SOCK_DGRAM : SOCK_STREAM, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *) &address, sizeof address) < 0)
        return errno;
    return udp || listen(fd, 1) == 0 ? 0 : errno;
}

/* Listens there and connects to itself. */
static int try_bind_unix(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    g_strlcpy(address.sun_path, path, sizeof address.sun_path);
    if (fd < 0 || bind(fd, (struct sockaddr *) &address, sizeof address) < 0)
        return errno;
    return listen(fd, 1) == 0 && access(path, F_OK) == 0 ? try_unix(path) : EBADFD;
}

static int try_it(const char *what, const char *argument)
{
    if (g_str_equal(what, "unix"))
        return try_unix(argument);
    if (g_str_equal(what, "bind"))
        return try_bind(argument);
    if (g_str_equal(what, "bind-unix"))
        return try_bind_unix(argument);
    if (g_str_equal(what, "internet"))
        return try_internet(argument, 0);
    if (g_str_equal(what, "internet-later"))
        return try_internet(argument, SOCK_NONBLOCK);
    if (g_str_equal(what, "datagram"))
        return socket(AF_UNIX, SOCK_DGRAM, 0) < 0 ? errno : 0;
    if (g_str_equal(what, "packet"))
        return socket(AF_PACKET, SOCK_RAW, 0) < 0 ? errno : 0;
    if (g_str_equal(what, "kill"))
        return kill(atoi(argument), 0) < 0 ? errno : 0;
    if (g_str_equal(what, "raise"))
        return kill(getpid(), 0) < 0 || raise(0) != 0 ? errno : 0;
    if (g_str_equal(what, "io_uring"))
        return syscall(SYS_io_uring_setup, 0, NULL) < 0 ? errno : 0;
    return -1;
}

/* ---- the parent ---- */

typedef struct {
    char *top;
    char *folder; /* the child's own, below it */
    char *program;
    GPtrArray *listeners;
} Fixture;

static void on_exit_status(Child *child, int wait_status, void *user)
{
    (void) child;
    *(int *) user = wait_status;
}

static int outcome(Fixture *f, const SyscallFilter *filter, const char *what, const char *argument)
{
    const char *argv[] = { f->program, "--try", what, argument, NULL };
    const ChildSpec spec = {
        .argv = argv, .cwd = f->folder, .output_fd = STDERR_FILENO, .filter = filter
    };
    g_autoptr(GError) error = NULL;
    int status = -1;
    g_autoptr(Child) child = child_start(&spec, on_exit_status, &status, &error);
    g_assert_no_error(error);
    while (status == -1)
        g_main_context_iteration(NULL, TRUE);
    g_assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static char *path_of(const char *folder, const char *name)
{
    return g_build_filename(folder, name, NULL);
}

static void listen_at(Fixture *f, const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    g_strlcpy(address.sun_path, path, sizeof address.sun_path);
    socklen_t size = sizeof address;
    if (*path == '@')
        address.sun_path[0] = '\0';
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    g_assert_cmpint(bind(fd, (struct sockaddr *) &address, size), ==, 0);
    g_assert_cmpint(listen(fd, 5), ==, 0);
    g_ptr_array_add(f->listeners, GINT_TO_POINTER(fd));
}

static char *listen_on_port(Fixture *f)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    g_assert_cmpint(bind(fd, (struct sockaddr *) &address, size), ==, 0);
    g_assert_cmpint(listen(fd, 5), ==, 0);
    g_assert_cmpint(getsockname(fd, (struct sockaddr *) &address, &size), ==, 0);
    g_ptr_array_add(f->listeners, GINT_TO_POINTER(fd));
    return g_strdup_printf("%d", ntohs(address.sin_port));
}

static void set_up(Fixture *f, gconstpointer data)
{
    (void) data;
    f->top = g_dir_make_tmp("child-XXXXXX", NULL);
    f->folder = path_of(f->top, "own");
    f->program = g_file_read_link("/proc/self/exe", NULL);
    f->listeners = g_ptr_array_new();
    g_assert_cmpint(g_mkdir(f->folder, 0700), ==, 0);
}

static void remove_all(const char *folder)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    for (const char *name; (name = g_dir_read_name(dir));) {
        g_autofree char *path = path_of(folder, name);
        (void) g_unlink(path);
    }
    g_assert_cmpint(g_rmdir(folder), ==, 0);
}

static void tear_down(Fixture *f, gconstpointer data)
{
    (void) data;
    for (guint i = 0; i < f->listeners->len; i++)
        close(GPOINTER_TO_INT(f->listeners->pdata[i]));
    g_ptr_array_unref(f->listeners);
    remove_all(f->folder);
    remove_all(f->top);
    g_free(f->folder);
    g_free(f->top);
    g_free(f->program);
}

static const SyscallFilter no_network = { .network = false, .ask = true };
static const SyscallFilter with_network = { .network = true, .ask = true };
static const SyscallFilter alone = { .network = false, .ask = false };

/* Only what is in its own folder, is a socket and is not the helper's. */
static void test_unix(Fixture *f, gconstpointer data)
{
    (void) data;
    g_autofree char *own = path_of(f->folder, "swtpm");
    g_autofree char *qmp = path_of(f->folder, "qmp");
    g_autofree char *term = path_of(f->folder, "term0");
    g_autofree char *other = path_of(f->top, "bus");
    g_autofree char *link = path_of(f->folder, "link");
    g_autofree char *file = path_of(f->folder, "file");
    g_autofree char *around = g_strconcat(f->folder, "/../bus", NULL);
    g_autofree char *abstract = g_strdup_printf("@utmctl-test-%d", (int) getpid());
    listen_at(f, own);
    listen_at(f, qmp);
    listen_at(f, term);
    listen_at(f, other);
    listen_at(f, abstract);
    g_assert_cmpint(symlink(other, link), ==, 0);
    g_assert_true(g_file_set_contents(file, "", 0, NULL));
    const struct {
        const char *path;
        int code;
    } cases[] = {
        { own, 0 },         { "swtpm", 0 },       { "nothing", ENOENT }, { qmp, EACCES },
        { "qmp", EACCES },  { term, EACCES },     { other, EACCES },     { link, EACCES },
        { around, EACCES }, { "../bus", EACCES }, { file, EACCES },      { abstract, EACCES },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("%s", cases[i].path);
        g_assert_cmpint(outcome(f, &no_network, "unix", cases[i].path), ==, cases[i].code);
        g_assert_cmpint(outcome(f, &with_network, "unix", cases[i].path), ==, cases[i].code);
        g_assert_cmpint(outcome(f, &alone, "unix", cases[i].path), ==, EACCES);
    }
    g_assert_cmpint(outcome(f, NULL, "unix", other), ==, 0);
    g_assert_cmpint(outcome(f, &no_network, "datagram", ""), ==, EACCES);
}

static void test_internet(Fixture *f, gconstpointer data)
{
    (void) data;
    g_autofree char *port = listen_on_port(f);
    for (int later = 0; later < 2; later++) {
        const char *what = later ? "internet-later" : "internet";
        g_assert_cmpint(outcome(f, &with_network, what, port), ==, 0);
        g_assert_cmpint(outcome(f, &no_network, what, port), ==, EACCES);
        g_assert_cmpint(outcome(f, &alone, what, port), ==, EACCES);
    }
    /* Port 1 is nobody's. */
    g_assert_cmpint(outcome(f, &with_network, "internet", "1"), ==, ECONNREFUSED);
    g_assert_cmpint(outcome(f, &with_network, "packet", ""), ==, EACCES);
}

/* A port that nobody has at the moment. */
static char *free_port(void)
{
    struct sockaddr_in address = { .sin_family = AF_INET };
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    g_assert_cmpint(bind(fd, (struct sockaddr *) &address, size), ==, 0);
    g_assert_cmpint(getsockname(fd, (struct sockaddr *) &address, &size), ==, 0);
    close(fd);
    return g_strdup_printf("%d", ntohs(address.sin_port));
}

/* For this host wherever it likes, for others where it was said. */
static void test_listen(Fixture *f, gconstpointer data)
{
    (void) data;
    g_autofree char *port = free_port();
    g_autofree char *here = g_strconcat("127.0.0.1:", port, NULL);
    g_autofree char *everywhere = g_strconcat("0.0.0.0:", port, NULL);
    g_autofree char *packets = g_strconcat("udp:0.0.0.0:", port, NULL);
    uint16_t number = (uint16_t) atoi(port);
    g_autoptr(GArray) ports = g_array_new(FALSE, FALSE, sizeof number);
    g_array_append_val(ports, number);
    const SyscallFilter open = { .network = true, .ask = true, .ports = ports };
    g_assert_cmpint(outcome(f, &with_network, "bind", here), ==, 0);
    g_assert_cmpint(outcome(f, &with_network, "bind", everywhere), ==, EACCES);
    g_assert_cmpint(outcome(f, &with_network, "bind", packets), ==, EACCES);
    g_assert_cmpint(outcome(f, &with_network, "bind", "udp:0.0.0.0:0"), ==, 0);
    g_assert_cmpint(outcome(f, &with_network, "bind", "0.0.0.0:0"), ==, EACCES);
    g_assert_cmpint(outcome(f, &open, "bind", everywhere), ==, 0);
    g_assert_cmpint(outcome(f, &open, "bind", packets), ==, 0);
    g_assert_cmpint(outcome(f, &no_network, "bind", here), ==, EACCES);
    g_assert_cmpint(outcome(f, NULL, "bind", everywhere), ==, 0);

    g_autofree char *own = path_of(f->folder, "spice");
    g_autofree char *other = path_of(f->top, "spice");
    g_assert_cmpint(outcome(f, &no_network, "bind-unix", own), ==, 0);
    g_assert_cmpint(outcome(f, &no_network, "bind-unix", "relative"), ==, 0);
    g_assert_cmpint(outcome(f, &no_network, "bind-unix", "qmp"), ==, EACCES);
    g_assert_cmpint(outcome(f, &no_network, "bind-unix", other), ==, EACCES);
    g_assert_false(g_file_test(other, G_FILE_TEST_EXISTS));
}

static void test_others(Fixture *f, gconstpointer data)
{
    (void) data;
    g_autofree char *parent = g_strdup_printf("%d", (int) getpid());
    g_assert_cmpint(outcome(f, NULL, "kill", parent), ==, 0);
    g_assert_cmpint(outcome(f, &no_network, "kill", parent), ==, EPERM);
    g_assert_cmpint(outcome(f, &no_network, "kill", "-1"), ==, EPERM);
    g_assert_cmpint(outcome(f, &no_network, "raise", ""), ==, 0);
    g_assert_cmpint(outcome(f, &no_network, "io_uring", ""), ==, ENOSYS);
}

/* Whether a shell that is confined as swtpm is gets through with a redirection. */
static bool can(Fixture *f, const Sandbox *sandbox, const char *redirection, const char *path)
{
    g_autofree char *script = g_strconcat("echo x ", redirection, " \"$0\"", NULL);
    const char *argv[] = { "/bin/sh", "-c", script, path, NULL };
    const ChildSpec spec = { .argv = argv,
                             .cwd = f->folder,
                             .output_fd = STDERR_FILENO,
                             .sandbox = sandbox,
                             .filter = &alone };
    g_autoptr(GError) error = NULL;
    int status = -1;
    g_autoptr(Child) child = child_start(&spec, on_exit_status, &status, &error);
    g_assert_no_error(error);
    while (status == -1)
        g_main_context_iteration(NULL, TRUE);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* The state of the TPM, and nothing beside it. */
static void test_swtpm(Fixture *f, gconstpointer data)
{
    (void) data;
    g_autofree char *state = path_of(f->folder, "tpmdata");
    g_autofree char *disk = path_of(f->folder, "disk.qcow2");
    g_autofree char *more = path_of(f->folder, "more");
    g_assert_true(g_file_set_contents(state, "", 0, NULL));
    g_assert_true(g_file_set_contents(disk, "", 0, NULL));
    g_autoptr(Sandbox) sandbox = confine_swtpm(state);
    if (!sandbox) {
        g_test_skip("neither Landlock nor bubblewrap");
        return;
    }
    g_assert_true(can(f, sandbox, "<", state));
    g_assert_true(can(f, sandbox, ">>", state));
    g_autofree char *parent = g_strdup_printf("/proc/%d/environ", (int) getpid());
    const char *const others[] = { disk, "/etc/passwd", parent, f->program };
    for (size_t i = 0; i < G_N_ELEMENTS(others); i++)
        g_assert_false(can(f, sandbox, "<", others[i]));
    /* Bubblewrap has it write to something that goes with it. */
    utm_ignore(can(f, sandbox, ">>", disk));
    utm_ignore(can(f, sandbox, ">", more));
    g_autofree char *text = NULL;
    g_assert_true(g_file_get_contents(disk, &text, NULL, NULL));
    g_assert_cmpstr(text, ==, "");
    g_assert_false(g_file_test(more, G_FILE_TEST_EXISTS));
    g_assert_true(can(f, NULL, "<", disk));
}

int main(int argc, char **argv)
{
    if (argc == 4 && g_str_equal(argv[1], "--try"))
        _exit(try_it(argv[2], argv[3]));
    g_test_init(&argc, &argv, NULL);
    g_test_add("/child/unix", Fixture, NULL, set_up, test_unix, tear_down);
    g_test_add("/child/internet", Fixture, NULL, set_up, test_internet, tear_down);
    g_test_add("/child/listen", Fixture, NULL, set_up, test_listen, tear_down);
    g_test_add("/child/others", Fixture, NULL, set_up, test_others, tear_down);
    g_test_add("/child/swtpm", Fixture, NULL, set_up, test_swtpm, tear_down);
    return g_test_run();
}
