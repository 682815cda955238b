/* SPDX-License-Identifier: Apache-2.0 */
/* What a machine shows, as a picture. */
#include "core/screen/screenshot.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>

#include <glib/gstdio.h>

#include "core/error.h"
#include "core/fd.h"
#include "qapi/generated/qmp-commands.h"

/* Guests choose the size of their screens: no more than this is read back. */
#define MAXIMUM_BYTES (512 * 1024 * 1024)

/* ---- a file without a name ---- */

typedef struct {
    Fd ours;
    Fd theirs; /* write-only: QEMU takes no other for a file that it writes */
} Pair;

static void pair_clear(Pair *pair)
{
    if (pair->ours >= 0)
        close(pair->ours);
    if (pair->theirs >= 0)
        close(pair->theirs);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Pair, pair_clear)

/* A temporary file that is gone from its folder once it has been opened twice. */
static bool open_pair(Pair *pair, GError **error)
{
    g_autofree char *path = NULL;
    pair->ours = g_file_open_tmp("utmctl-screen-XXXXXX", &path, error);
    if (pair->ours < 0)
        return false;
    pair->theirs = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
    int reason = errno;
    g_unlink(path);
    if (pair->theirs < 0)
        utm_error_set(error, UTM_ERROR_FAILED, NULL, "cannot open a temporary file: %s",
                      g_strerror(reason));
    return pair->theirs >= 0;
}

static GBytes *read_back(int fd, GError **error)
{
    off_t size = lseek(fd, 0, SEEK_END);
    if (size <= 0 || size > MAXIMUM_BYTES) {
        utm_error_set(error, UTM_ERROR_FAILED, NULL,
                      "QEMU wrote a picture of %" G_GINT64_FORMAT " bytes", (gint64) size);
        return NULL;
    }
    g_autofree uint8_t *data = g_malloc((size_t) size);
    for (off_t at = 0; at < size;) {
        ssize_t got = pread(fd, data + at, (size_t) (size - at), at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            utm_error_set(error, UTM_ERROR_FAILED, NULL, "cannot read the picture back: %s",
                          got ? g_strerror(errno) : "it ended early");
            return NULL;
        }
        at += got;
    }
    return g_bytes_new_take(g_steal_pointer(&data), (size_t) size);
}

/* ---- asking QEMU ---- */

char *screen_device(unsigned display)
{
    return display ? g_strdup_printf("display%u", display) : NULL;
}

static bool dump_to(QmpClient *client, int fd, unsigned display, GError **error)
{
    g_autoptr(QmpAddfdInfo) added = NULL;
    qmp_client_pass_fd(client, fd);
    if (!qmp_add_fd(client, false, 0, "screenshot", &added, error))
        return false;
    g_autofree char *file = g_strdup_printf("/dev/fdset/%" G_GINT64_FORMAT, added->fdset_id);
    g_autofree char *device = screen_device(display);
    bool ok = qmp_screendump(client, file, device, false, 0, true, QMP_IMAGE_FORMAT_PPM, error);
    utm_ignore(qmp_remove_fd(client, added->fdset_id, false, 0, NULL));
    return ok;
}

/* Source: QEMU 7.2 ui/console.c, qmp_screendump() */
static bool lacks_screen(const GError *error)
{
    return strstr(error->message, "no console") || strstr(error->message, "no surface");
}

static void set_no_screen(GError **error)
{
    utm_error_set(error, UTM_ERROR_UNSUPPORTED,
                  "utmctl attach shows its serial console; utmctl config add VM Display "
                  "Hardware=virtio-vga gives it a display",
                  "the machine has no display");
}

bool screen_check_display(const Bundle *bundle, unsigned display, GError **error)
{
    unsigned count = bundle->config->displays->len;
    if (!display || display < count)
        return true;
    utm_error_set(error, UTM_ERROR_NOT_FOUND, NULL,
                  "there is no display %u: displays are counted from 0, and it has %u", display,
                  count);
    return false;
}

Picture *screenshot_take(QmpClient *client, const Bundle *bundle, unsigned display, GError **error)
{
    g_auto(Pair) pair = { -1, -1 };
    g_autoptr(GError) local = NULL;
    if (!screen_check_display(bundle, display, error) || !open_pair(&pair, error))
        return NULL;
    if (!dump_to(client, pair.theirs, display, &local)) {
        if (lacks_screen(local))
            set_no_screen(error);
        else
            g_propagate_error(error, g_steal_pointer(&local));
        return NULL;
    }
    g_autoptr(GBytes) file = read_back(pair.ours, error);
    if (!file)
        return NULL;
    gsize length;
    const void *data = g_bytes_get_data(file, &length);
    return picture_from_ppm(data, length, error);
}
