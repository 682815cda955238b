/* SPDX-License-Identifier: Apache-2.0 */
/* Files of a guest, read and written through its agent. */
#include "core/guest/guest-file.h"

#include <errno.h>
#include <unistd.h>

#include "core/error.h"
#include "core/guest/guest.h"
#include "qapi/generated/qmp-commands.h"

/* Each block is a question and an answer; beyond this size they are not what takes the time. */
#define BLOCK_SIZE (256 * 1024)

bool guest_file_open(QmpClient *client, const char *path, const char *mode, int64_t *out_handle,
                     GError **error)
{
    return qmp_guest_file_open(client, path, mode, out_handle, error) || guest_explain(error);
}

bool guest_file_close(QmpClient *client, int64_t handle, GError **error)
{
    return qmp_guest_file_close(client, handle, error) || guest_explain(error);
}

bool guest_file_read(QmpClient *client, int64_t handle, size_t count, GBytes **out_data,
                     GError **error)
{
    g_autoptr(QmpGuestFileRead) part = NULL;
    if (!qmp_guest_file_read(client, handle, true, (int64_t) count, &part, error))
        return guest_explain(error);
    gsize size = 0;
    guchar *data = g_base64_decode(part->buf_b64, &size);
    *out_data = g_bytes_new_take(data, size);
    return true;
}

bool guest_file_write(QmpClient *client, int64_t handle, const void *data, size_t size,
                      GError **error)
{
    const unsigned char *at = data;
    while (size) {
        g_autofree char *text = g_base64_encode(at, size);
        g_autoptr(QmpGuestFileWrite) written = NULL;
        if (!qmp_guest_file_write(client, handle, text, false, 0, &written, error))
            return guest_explain(error);
        if (written->count <= 0 || (size_t) written->count > size) {
            utm_error_set(error, UTM_ERROR_FAILED, NULL, "the guest does not take more");
            return false;
        }
        at += written->count;
        size -= (size_t) written->count;
    }
    return true;
}

bool guest_write_all(int fd, const void *data, size_t size, GError **error)
{
    const char *at = data;
    while (size) {
        ssize_t n = write(fd, at, size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            utm_error_set(error, UTM_ERROR_FAILED, NULL, "cannot write: %s", g_strerror(errno));
            return false;
        }
        at += n;
        size -= (size_t) n;
    }
    return true;
}

static bool may_go_on(const GuestFileWatch *watch, GError **error)
{
    if (!watch->interrupted || !watch->interrupted(watch->user))
        return true;
    utm_error_set(error, UTM_ERROR_INTERRUPTED, NULL, "interrupted; the copy is not whole");
    return false;
}

static bool copy_out(QmpClient *client, int64_t handle, int fd, const GuestFileWatch *watch,
                     GError **error)
{
    while (may_go_on(watch, error)) {
        g_autoptr(GBytes) data = NULL;
        if (!guest_file_read(client, handle, BLOCK_SIZE, &data, error))
            return false;
        gsize size;
        const void *bytes = g_bytes_get_data(data, &size);
        if (!size)
            return true;
        if (!guest_write_all(fd, bytes, size, error))
            return false;
    }
    return false;
}

/* A pipe gives little at a time: a block is filled before it is sent. */
static bool fill(int fd, char *block, const GuestFileWatch *watch, size_t *out_size, GError **error)
{
    size_t size = 0;
    while (size < BLOCK_SIZE) {
        if (!may_go_on(watch, error))
            return false;
        ssize_t n = read(fd, block + size, BLOCK_SIZE - size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            utm_error_set(error, UTM_ERROR_FAILED, NULL, "cannot read: %s", g_strerror(errno));
            return false;
        }
        if (!n)
            break;
        size += (size_t) n;
    }
    *out_size = size;
    return true;
}

static bool copy_in(QmpClient *client, int64_t handle, int fd, const GuestFileWatch *watch,
                    GError **error)
{
    g_autofree char *block = g_malloc(BLOCK_SIZE);
    for (size_t size;;) {
        if (!fill(fd, block, watch, &size, error))
            return false;
        if (!size)
            break;
        if (!guest_file_write(client, handle, block, size, error))
            return false;
    }
    return qmp_guest_file_flush(client, handle, error) || guest_explain(error);
}

/* Close in any case; the first error is the one that counts. */
static bool finish(QmpClient *client, int64_t handle, bool ok, GError **error)
{
    if (ok)
        return guest_file_close(client, handle, error);
    utm_ignore(guest_file_close(client, handle, NULL));
    return false;
}

bool guest_file_pull(QmpClient *client, const char *path, int fd, const GuestFileWatch *watch,
                     GError **error)
{
    int64_t handle;
    return guest_file_open(client, path, "r", &handle, error) &&
           finish(client, handle, copy_out(client, handle, fd, watch, error), error);
}

bool guest_file_push_after(QmpClient *client, const char *path, const void *first, size_t size,
                           int fd, const GuestFileWatch *watch, GError **error)
{
    int64_t handle;
    if (!guest_file_open(client, path, "w", &handle, error))
        return false;
    bool ok = guest_file_write(client, handle, first, size, error) &&
              copy_in(client, handle, fd, watch, error);
    return finish(client, handle, ok, error);
}

bool guest_file_push(QmpClient *client, const char *path, int fd, const GuestFileWatch *watch,
                     GError **error)
{
    return guest_file_push_after(client, path, NULL, 0, fd, watch, error);
}
