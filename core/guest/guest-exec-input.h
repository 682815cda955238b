/* SPDX-License-Identifier: Apache-2.0 */
/* The standard input of a guest's program: a little goes with the command, more through a file. */
#pragma once

#include "core/guest/guest-exec.h"

/* Input that was read, as far as it goes with the command. */
typedef struct {
    char *data; /* owned */
    size_t size;
    bool complete;
} GuestInput;

void guest_input_clear(GuestInput *input);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(GuestInput, guest_input_clear)

/**
 * guest_input_read() - Read as much as goes with a command
 * @error: UTM_ERROR_INTERRUPTED, UTM_ERROR_FAILED
 */
bool guest_input_read(const GuestExec *exec, GuestInput *input,
                      GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * guest_input_text() - Complete input as the agent wants it; NULL for none or when it is a file
 */
char *guest_input_text(const GuestInput *input);

/**
 * guest_input_push() - Put what was read and the rest into the file "in" of a folder, which is made
 */
bool guest_input_push(QmpClient *client, const GuestExec *exec, const GuestInput *input,
                      const char *folder, GError **error) G_GNUC_WARN_UNUSED_RESULT;
