/* SPDX-License-Identifier: Apache-2.0 */
/* What a guest's program writes, read from the pieces that a script keeps it in. */
#include "core/guest/guest-exec-pieces.h"

#include "core/error.h"
#include "core/guest/guest-exec-script.h"
#include "core/guest/guest-file.h"

static char *piece_path(const GuestPieces *pieces, unsigned piece, const char *suffix)
{
    return g_strdup_printf("%s/%d.%u%s", pieces->folder, pieces->descriptor, piece, suffix);
}

/* A file that is not there, yet or any more, is none: *out_handle is -1 then. */
static bool open_piece(const GuestPieces *pieces, unsigned piece, int64_t *out_handle,
                       GError **error)
{
    g_autofree char *path = piece_path(pieces, piece, "");
    g_autoptr(GError) local = NULL;
    *out_handle = -1;
    if (guest_file_open(pieces->client, path, "r", out_handle, &local) ||
        g_error_matches(local, UTM_ERROR, UTM_ERROR_NOT_FOUND))
        return true;
    g_propagate_error(error, g_steal_pointer(&local));
    return false;
}

static bool take(const void *data, size_t size, void *user, GError **error)
{
    GuestPieces *pieces = user;
    const GuestExec *exec = pieces->exec;
    pieces->in_piece += size;
    if (!exec->output(pieces->descriptor, data, size, exec->user, error))
        return false;
    if (!exec->interrupted(exec->user))
        return true;
    utm_error_set(error, UTM_ERROR_INTERRUPTED, NULL, "interrupted");
    return false;
}

static bool read_piece(GuestPieces *pieces, bool *out_moved, GError **error)
{
    size_t before = pieces->in_piece;
    bool ok = guest_file_read_on(pieces->client, pieces->handle, take, pieces, error);
    *out_moved |= pieces->in_piece > before;
    return ok;
}

static bool make_empty(const GuestPieces *pieces, const char *path, GError **error)
{
    int64_t handle;
    return guest_file_open(pieces->client, path, "w", &handle, error) &&
           guest_file_close(pieces->client, handle, error);
}

/* The next piece is begun only when this one is complete, so it is read to its end once more. */
static bool next_piece(GuestPieces *pieces, int64_t next, bool *out_moved, GError **error)
{
    g_autofree char *done = piece_path(pieces, pieces->piece, ".ok");
    if (!read_piece(pieces, out_moved, error) ||
        !guest_file_close(pieces->client, pieces->handle, error))
        return false;
    pieces->handle = next;
    pieces->in_piece = 0;
    pieces->piece++;
    return make_empty(pieces, done, error);
}

bool guest_pieces_read(GuestPieces *pieces, bool ended, bool *out_moved, GError **error)
{
    if (pieces->handle < 0 && !open_piece(pieces, pieces->piece, &pieces->handle, error))
        return false;
    while (pieces->handle >= 0) {
        bool moved = false;
        int64_t next;
        if (!read_piece(pieces, &moved, error))
            return false;
        *out_moved |= moved;
        /* A small piece is asked about only when nothing more comes. */
        bool complete =
            pieces->in_piece >= (moved ? GUEST_EXEC_PIECE_BYTES : GUEST_EXEC_PIECE_READS);
        if (!ended && !complete)
            return true;
        if (!open_piece(pieces, pieces->piece + 1, &next, error))
            return false;
        if (next < 0)
            return true;
        if (!next_piece(pieces, next, out_moved, error))
            return false;
    }
    return true;
}

void guest_pieces_close(GuestPieces *pieces)
{
    if (pieces->handle >= 0)
        utm_ignore(guest_file_close(pieces->client, pieces->handle, NULL));
    pieces->handle = -1;
}
