/* SPDX-License-Identifier: Apache-2.0 */
/* The standard input of a guest's program: a little goes with the command, more through a file. */
#include "core/guest/guest-exec-input.h"

#include <errno.h>
#include <unistd.h>

#include "core/error.h"
#include "core/guest/guest-file.h"
#include "core/guest/guest-process.h"

#define WITH_COMMAND (1024 * 1024)

void guest_input_clear(GuestInput *input)
{
    g_clear_pointer(&input->data, g_free);
}

bool guest_input_read(const GuestExec *exec, GuestInput *input, GError **error)
{
    input->complete = exec->input < 0 || exec->terminal;
    input->data = input->complete ? NULL : g_malloc(WITH_COMMAND);
    while (!input->complete && input->size < WITH_COMMAND) {
        ssize_t n = read(exec->input, input->data + input->size, WITH_COMMAND - input->size);
        if (n < 0 && errno == EINTR && !exec->interrupted(exec->user))
            continue;
        if (n < 0) {
            utm_error_set(error, errno == EINTR ? UTM_ERROR_INTERRUPTED : UTM_ERROR_FAILED, NULL,
                          "cannot read input: %s", g_strerror(errno));
            return false;
        }
        input->complete = n == 0;
        input->size += (size_t) n;
    }
    return true;
}

char *guest_input_text(const GuestInput *input)
{
    return input->complete && input->size ? g_base64_encode((guchar *) input->data, input->size)
                                          : NULL;
}

bool guest_input_push(QmpClient *client, const GuestExec *exec, const GuestInput *input,
                      const char *folder, GError **error)
{
    char *arguments[] = { (char *) folder, NULL };
    g_autofree char *path = g_build_filename(folder, "in", NULL);
    const GuestFileWatch watch = { .interrupted = exec->interrupted, .user = exec->user };
    return guest_process_shell(client, "mkdir -m 700 \"$0\"", arguments, error) &&
           guest_file_push_after(client, path, input->data, input->size, exec->input, &watch,
                                 error);
}
