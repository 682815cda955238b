/* SPDX-License-Identifier: Apache-2.0 */
/* What a guest's program writes, read from the pieces that a script keeps it in. */
#pragma once

#include "core/guest/guest-exec.h"

/* One of the program's streams. */
typedef struct {
    QmpClient *client;     /* borrowed */
    const GuestExec *exec; /* borrowed */
    const char *folder;    /* of the pieces; borrowed */
    int descriptor;        /* 1 or 2 */
    unsigned piece;
    int64_t handle;  /* of the piece; -1: not open */
    size_t in_piece; /* bytes read of the piece */
} GuestPieces;

/**
 * guest_pieces_read() - Give the caller's output what has come
 * @ended:     the script has ended, so there will be no more
 * @out_moved: set when something came
 * @error:     what the caller's output set, or UTM_ERROR_INTERRUPTED
 */
bool guest_pieces_read(GuestPieces *pieces, bool ended, bool *out_moved,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * guest_pieces_close() - Close what is open in the guest
 */
void guest_pieces_close(GuestPieces *pieces);
