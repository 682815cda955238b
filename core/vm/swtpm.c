/* SPDX-License-Identifier: Apache-2.0 */
/* The software TPM of a machine. */
#include "core/vm/swtpm.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "core/error.h"
#include "core/vm/confine.h"
#include "core/vm/socket-server.h"

/* swtpm wants its state file to be there. */
static bool make_state(const char *path, GError **error)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        utm_error_set(error, UTM_ERROR_FAILED, NULL, "cannot create \"%s\": %s", path,
                      g_strerror(errno));
        return false;
    }
    close(fd);
    return true;
}

Child *swtpm_start(const char *data_dir, const char *socket_path, int log_fd, ChildExited exited,
                   void *user, GError **error)
{
    g_autofree char *program = g_find_program_in_path("swtpm");
    if (!program) {
        utm_error_set(error, UTM_ERROR_UNSUPPORTED, "apt install swtpm",
                      "the machine has a TPM and swtpm is not installed");
        return NULL;
    }
    g_autofree char *state = g_build_filename(data_dir, "tpmdata", NULL);
    if (!make_state(state, error))
        return NULL;
    int listener = socket_listen(socket_path, error);
    if (listener < 0)
        return NULL;

    g_autofree char *tpmstate = g_strdup_printf("backend-uri=file://%s", state);
    const char *argv[] = { program,  "socket",           "--tpm2",      "--tpmstate", tpmstate,
                           "--ctrl", "type=unixio,fd=3", "--terminate", NULL };
    g_autoptr(Sandbox) sandbox = confine_swtpm(state);
    const SyscallFilter filter = { .network = false };
    const ChildFd fds[] = { { listener, 3 } };
    const ChildSpec spec = { .argv = argv,
                             .cwd = data_dir,
                             .sandbox = sandbox,
                             .filter = &filter,
                             .output_fd = log_fd,
                             .fds = fds,
                             .n_fds = 1,
                             .end_with_parent = true };
    Child *child = child_start(&spec, exited, user, error);
    close(listener);
    return child;
}
