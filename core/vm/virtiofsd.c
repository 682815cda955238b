/* SPDX-License-Identifier: Apache-2.0 */
/* virtiofsd: the process that serves a folder to a guest. */
#include "core/vm/virtiofsd.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/error.h"
#include "core/fd.h"

#define LISTEN_FD 3

/* QEMU's own, up to 7.2, has other options than the later one, which is a project of its own. */
typedef struct {
    char *path;
    bool is_qemus;
} Program;

static void program_clear(Program *program)
{
    g_free(program->path);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Program, program_clear)

/* Distributions keep it out of PATH. */
static bool find_program(Program *out_program, GError **error)
{
    static const char *const places[] = { "/usr/libexec/virtiofsd", "/usr/lib/virtiofsd",
                                          "/usr/lib/qemu/virtiofsd",
                                          "/usr/libexec/qemu/virtiofsd" };
    out_program->path = g_find_program_in_path("virtiofsd");
    for (size_t i = 0; !out_program->path && i < G_N_ELEMENTS(places); i++)
        if (g_file_test(places[i], G_FILE_TEST_IS_EXECUTABLE))
            out_program->path = g_strdup(places[i]);
    if (out_program->path) {
        out_program->is_qemus = strstr(out_program->path, "/qemu/") != NULL;
        return true;
    }
    utm_error_set(error, UTM_ERROR_UNSUPPORTED, "apt install virtiofsd",
                  "a folder is shared by virtiofs and virtiofsd is not installed");
    return false;
}

/* ---- the socket ---- */

/* Both ends of a connection that is made before anybody answers it: nothing has to be found by its
 * name later. An abstract name that the kernel chooses leaves no file. */
static bool make_sockets(Fd *out_listener, Fd *out_client, GError **error)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    socklen_t size = sizeof(sa_family_t);
    g_auto(Fd) listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    g_auto(Fd) client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool ok = listener >= 0 && client >= 0 &&
              bind(listener, (struct sockaddr *) &address, size) == 0 && listen(listener, 1) == 0;
    size = sizeof address;
    ok = ok && getsockname(listener, (struct sockaddr *) &address, &size) == 0 &&
         connect(client, (struct sockaddr *) &address, size) == 0;
    if (!ok) {
        utm_error_set(error, UTM_ERROR_FAILED, NULL, "cannot make a socket for virtiofsd: %s",
                      g_strerror(errno));
        return false;
    }
    *out_listener = fd_steal(&listener);
    *out_client = fd_steal(&client);
    return true;
}

/* ---- the command ---- */

static void add(GPtrArray *argv, const char *word)
{
    g_ptr_array_add(argv, g_strdup(word));
}

/* QEMU's own cannot serve a folder read-only; a mount in a namespace of its own can. Where there is
 * no root, the namespaces belong to a user namespace. */
static bool add_namespaces(GPtrArray *argv, const HostShare *share, bool read_only, GError **error)
{
    static const char script[] = "mount --bind -- \"$0\" \"$0\" && "
                                 "mount -o remount,bind,ro -- \"$0\" && exec \"$@\"";
    bool is_root = geteuid() == 0;
    if (is_root && !read_only)
        return true;
    char *program = g_find_program_in_path("unshare");
    if (!program) {
        utm_error_set(error, UTM_ERROR_UNSUPPORTED, "apt install util-linux",
                      "virtiofsd needs unshare, which is not installed");
        return false;
    }
    g_ptr_array_add(argv, program);
    if (!is_root)
        add(argv, "--map-root-user");
    if (read_only) {
        add(argv, "--mount");
        add(argv, "--");
        add(argv, "/bin/sh");
        add(argv, "-c");
        add(argv, script);
        add(argv, share->path);
    } else {
        add(argv, "--");
    }
    return true;
}

static GPtrArray *make_command(const Program *program, const HostShare *share, bool read_only,
                               GError **error)
{
    g_autoptr(GPtrArray) argv = g_ptr_array_new_with_free_func(g_free);
    if (!add_namespaces(argv, share, read_only, error))
        return NULL;
    add(argv, program->path);
    g_ptr_array_add(argv, g_strdup_printf("--fd=%d", LISTEN_FD));
    if (program->is_qemus) {
        g_autofree char *source = g_strconcat("source=", share->path, NULL);
        add(argv, "-f");
        add(argv, "-o");
        add(argv, source);
        add(argv, "-o");
        add(argv, "log_level=err");
    } else {
        g_ptr_array_add(argv, g_strconcat("--shared-dir=", share->path, NULL));
        add(argv, "--log-level=error");
    }
    g_ptr_array_add(argv, NULL);
    return g_steal_pointer(&argv);
}

static bool check_folder(const Program *program, const HostShare *share, GError **error)
{
    if (!g_file_test(share->path, G_FILE_TEST_IS_DIR)) {
        utm_error_set(error, UTM_ERROR_NOT_FOUND, "utmctl share remove",
                      "the shared folder \"%s\" is not there", share->path);
        return false;
    }
    if (!program->is_qemus || !strchr(share->path, ','))
        return true;
    utm_error_set(error, UTM_ERROR_UNSUPPORTED, NULL,
                  "virtiofsd cannot share \"%s\", which has a comma in its name", share->path);
    return false;
}

Child *virtiofsd_start(const HostShare *share, bool read_only, int log_fd, int *out_fd,
                       ChildExited exited, void *user, GError **error)
{
    g_auto(Program) program = { 0 };
    g_auto(Fd) listener = -1;
    g_auto(Fd) client = -1;
    if (!find_program(&program, error) || !check_folder(&program, share, error))
        return NULL;
    g_autoptr(GPtrArray) argv = make_command(&program, share, read_only, error);
    if (!argv || !make_sockets(&listener, &client, error))
        return NULL;
    const ChildFd fds[] = { { listener, LISTEN_FD } };
    const ChildSpec spec = { .argv = (const char *const *) argv->pdata,
                             .cwd = "/",
                             .output_fd = log_fd,
                             .fds = fds,
                             .n_fds = G_N_ELEMENTS(fds),
                             .end_with_parent = true };
    Child *child = child_start(&spec, exited, user, error);
    if (child)
        *out_fd = fd_steal(&client);
    return child;
}
