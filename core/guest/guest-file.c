/* SPDX-License-Identifier: Apache-2.0 */
/* Files of a guest, read and written through its agent. */
#include "core/guest/guest-file.h"

#include <errno.h>
#include <unistd.h>

#include "core/error.h"
#include "core/guest/guest.h"
#include "qapi/generated/qmp-commands.h"

/* Each block is a question and an answer; beyond these sizes they are not what takes the time. */
#define BLOCK_SIZE (256 * 1024)
#define READ_SIZE (1024 * 1024)

/* So many blocks are asked for at once: the guest is busy with one while we are with another. */
#define READS_UNDER_WAY 2

bool guest_file_open(QmpClient *client, const char *path, const char *mode, int64_t *out_handle,
                     GError **error)
{
    return qmp_guest_file_open(client, path, mode, out_handle, error) || guest_explain(error);
}

bool guest_file_close(QmpClient *client, int64_t handle, GError **error)
{
    return qmp_guest_file_close(client, handle, error) || guest_explain(error);
}

/* ---- reading ---- */

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

typedef struct {
    QmpClient *client;
    int64_t handle;
    GuestFileTake take;
    void *user;
    unsigned under_way;
    bool begun; /* the file was worth a second question */
    bool ended;
    bool abandoned; /* the last answer frees it */
    GError *error;  /* owned */
} Reading;

static void reading_free(Reading *reading)
{
    g_clear_error(&reading->error);
    g_free(reading);
}

static void ask_on(Reading *reading);

static bool take_block(Reading *reading, const cJSON *result, GError **error)
{
    g_autoptr(QmpGuestFileRead) block = qmp_guest_file_read_from_json(result, error);
    if (!block)
        return false;
    gsize size = 0;
    g_autofree guchar *data = g_base64_decode(block->buf_b64, &size);
    reading->begun = size == READ_SIZE;
    reading->ended |= !reading->begun;
    ask_on(reading);
    return !size || reading->take(data, size, reading->user, error);
}

static void on_block(QmpClient *client G_GNUC_UNUSED, const cJSON *result, const GError *error,
                     void *user)
{
    Reading *reading = user;
    reading->under_way--;
    if (reading->abandoned) {
        if (!reading->under_way)
            reading_free(reading);
        return;
    }
    if (reading->error)
        return;
    if (error)
        reading->error = g_error_copy(error);
    else if (!take_block(reading, result, &reading->error))
        reading->ended = true;
}

/* What grows while it is read may have more behind its end, so every answer counts. */
static void ask_on(Reading *reading)
{
    unsigned wanted = reading->begun ? READS_UNDER_WAY : 1;
    while (!reading->ended && !reading->error && reading->under_way < wanted) {
        reading->under_way++;
        if (!qmp_guest_file_read_send(reading->client, reading->handle, true, READ_SIZE, on_block,
                                      reading, &reading->error))
            reading->under_way--;
    }
}

static bool is_idle(void *user)
{
    return !((const Reading *) user)->under_way;
}

/* No limit of our own: the helper has one on each answer. */
bool guest_file_read_on(QmpClient *client, int64_t handle, GuestFileTake take, void *user,
                        GError **error)
{
    Reading *reading = g_new0(Reading, 1);
    *reading = (Reading){ .client = client, .handle = handle, .take = take, .user = user };
    ask_on(reading);
    if (!qmp_client_pump(client, is_idle, reading, 0, error)) {
        reading->abandoned = true;
        return guest_explain(error);
    }
    bool ok = !reading->error;
    if (!ok)
        g_propagate_error(error, g_steal_pointer(&reading->error));
    reading_free(reading);
    return ok || guest_explain(error);
}

/* ---- writing ---- */

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

typedef struct {
    int fd;
    const GuestFileWatch *watch;
} Sink;

static bool write_block(const void *data, size_t size, void *user, GError **error)
{
    const Sink *sink = user;
    return guest_write_all(sink->fd, data, size, error) && may_go_on(sink->watch, error);
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
    Sink sink = { fd, watch };
    return guest_file_open(client, path, "r", &handle, error) &&
           finish(client, handle, guest_file_read_on(client, handle, write_block, &sink, error),
                  error);
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
