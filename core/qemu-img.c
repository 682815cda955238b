/* SPDX-License-Identifier: Apache-2.0 */
/* Running qemu-img. */
#include "core/qemu-img.h"

#include <errno.h>
#include <gio/gio.h>
#include <gio/gunixinputstream.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "core/error.h"

#define POLL_MS 200

static void not_installed(const GError *cause, GError **error)
{
    utm_error_set(error, UTM_ERROR_UNSUPPORTED, "apt install qemu-utils", "cannot run qemu-img: %s",
                  cause->message);
}

static void set_failure(const char *words, GError **error)
{
    bool locked = strstr(words, "\" lock") != NULL;
    utm_error_set(error, locked ? UTM_ERROR_LOCKED : UTM_ERROR_FAILED, NULL, "%s",
                  *words ? words : "qemu-img failed");
}

bool qemu_img_read(const char *const *argv, char **out_text, int *out_status, GError **error)
{
    g_autofree char *text = NULL;
    g_autofree char *words = NULL;
    g_autoptr(GError) cause = NULL;
    int status = 0;
    if (!g_spawn_sync(NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_STDIN_FROM_DEV_NULL,
                      NULL, NULL, &text, &words, &status, &cause)) {
        not_installed(cause, error);
        return false;
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) != 1) {
        *out_text = g_steal_pointer(&text);
        *out_status = WEXITSTATUS(status);
        return true;
    }
    set_failure(g_strchomp(words), error);
    return false;
}

bool qemu_img_run(const char *const *argv, GError **error)
{
    g_autofree char *text = NULL;
    int status = 0;
    if (!qemu_img_read(argv, &text, &status, error))
        return false;
    if (status != 0)
        utm_error_set(error, UTM_ERROR_FAILED, NULL, "qemu-img ended with exit status %d", status);
    return status == 0;
}

/* ---- watched ---- */

static void end_with_parent(gpointer user G_GNUC_UNUSED)
{
    prctl(PR_SET_PDEATHSIG, SIGTERM);
}

static GSubprocess *spawn(const char *const *argv, GError **error)
{
    g_autoptr(GError) cause = NULL;
    g_autoptr(GSubprocessLauncher) launcher =
        g_subprocess_launcher_new(G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
    g_subprocess_launcher_set_child_setup(launcher, end_with_parent, NULL, NULL);
    GSubprocess *child = g_subprocess_launcher_spawnv(launcher, argv, &cause);
    if (!child)
        not_installed(cause, error);
    return child;
}

/* "    (12.34/100%)", written over itself. */
static double parse_percent(const char *text)
{
    const char *open = strrchr(text, '(');
    return open ? g_ascii_strtod(open + 1, NULL) : 0;
}

/* False when somebody cancelled. */
static bool watch_percent(int fd, uint64_t size, const LibexecWatch *watch)
{
    char buffer[256];
    double percent = 0;
    for (;;) {
        struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
        int ready = poll(&poll_fd, 1, POLL_MS);
        ssize_t n = ready > 0 ? read(fd, buffer, sizeof buffer - 1) : 1;
        if (n == 0 || (n < 0 && errno != EINTR))
            return true;
        if (ready > 0 && n > 0) {
            buffer[n] = '\0';
            percent = MAX(percent, parse_percent(buffer));
        }
        uint64_t done = (uint64_t) ((double) size * percent / 100);
        if (watch && watch->progress && !watch->progress(done, size, watch->user))
            return false;
    }
}

static char *read_words(GSubprocess *child)
{
    char buffer[4096] = "";
    gsize n = 0;
    GInputStream *pipe = g_subprocess_get_stderr_pipe(child);
    (void) g_input_stream_read_all(pipe, buffer, sizeof buffer - 1, &n, NULL, NULL);
    buffer[n] = '\0';
    return g_utf8_make_valid(g_strstrip(buffer), -1);
}

bool qemu_img_watch(const char *const *argv, uint64_t size, const LibexecWatch *watch,
                    GError **error)
{
    g_autoptr(GSubprocess) child = spawn(argv, error);
    if (!child)
        return false;
    GInputStream *pipe = g_subprocess_get_stdout_pipe(child);
    bool whole = watch_percent(g_unix_input_stream_get_fd(G_UNIX_INPUT_STREAM(pipe)), size, watch);
    if (!whole)
        g_subprocess_send_signal(child, SIGTERM);
    g_autofree char *words = read_words(child);
    g_subprocess_wait(child, NULL, NULL);
    bool cancelled = !whole || (watch && watch->progress && !watch->progress(0, 0, watch->user));
    if (cancelled) {
        utm_error_set(error, UTM_ERROR_INTERRUPTED, NULL, "interrupted, nothing was changed");
        return false;
    }
    if (!g_subprocess_get_successful(child))
        set_failure(words, error);
    return g_subprocess_get_successful(child);
}
