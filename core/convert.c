/* SPDX-License-Identifier: Apache-2.0 */
/* Converting disk images with qemu-img, watched. */
#include "core/convert.h"

#include <errno.h>
#include <gio/gio.h>
#include <gio/gunixinputstream.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "core/error.h"

#define POLL_MS 200

static GSubprocess *spawn(const char *from, const char *driver, const char *to, GError **error)
{
    g_autoptr(GError) cause = NULL;
    /* What a name such as "json:…" means to qemu-img must not depend on the name. */
    g_autofree char *source = g_strconcat("file:", from, NULL);
    g_autofree char *target = g_strconcat("file:", to, NULL);
    GSubprocess *child = g_subprocess_new(
        G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE, &cause, "qemu-img",
        "convert", "-p", "-f", driver, "-O", "qcow2", source, target, NULL);
    if (!child)
        utm_error_set(error, UTM_ERROR_UNSUPPORTED, "apt install qemu-utils",
                      "cannot run qemu-img: %s", cause->message);
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

bool convert_image(const char *from, const char *driver, const char *to, const LibexecWatch *watch,
                   GError **error)
{
    g_autoptr(GSubprocess) child = spawn(from, driver, to, error);
    if (!child)
        return false;
    GInputStream *pipe = g_subprocess_get_stdout_pipe(child);
    bool whole = watch_percent(g_unix_input_stream_get_fd(G_UNIX_INPUT_STREAM(pipe)),
                               tree_size(from), watch);
    if (!whole)
        g_subprocess_send_signal(child, SIGTERM);
    g_autofree char *words = read_words(child);
    g_subprocess_wait(child, NULL, NULL);
    bool cancelled = !whole || (watch && watch->progress && !watch->progress(0, 0, watch->user));
    if (cancelled) {
        utm_error_set(error, UTM_ERROR_INTERRUPTED, NULL, "interrupted, nothing was changed");
        return false;
    }
    if (g_subprocess_get_successful(child))
        return true;
    utm_error_set(error, strstr(words, "No space") ? UTM_ERROR_FAILED : UTM_ERROR_INVALID, NULL,
                  "cannot convert \"%s\": %s", from, *words ? words : "qemu-img failed");
    return false;
}
