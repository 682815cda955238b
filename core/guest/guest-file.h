/* SPDX-License-Identifier: Apache-2.0 */
/* Files of a guest, read and written through its agent. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "qapi/qmp-client.h"

/**
 * guest_file_open() - Open a file of the guest
 * @path:       as the guest names it
 * @mode:       fopen()'s: "r", "w"…
 * @out_handle: for the other functions; until guest_file_close()
 * @error:      UTM_ERROR_NOT_FOUND, UTM_ERROR_GUEST_UNREACHABLE
 */
bool guest_file_open(QmpClient *client, const char *path, const char *mode, int64_t *out_handle,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * guest_file_close() - Close a file
 * @error: also for what could not be written until now
 */
bool guest_file_close(QmpClient *client, int64_t handle, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * guest_file_read() - Read the next bytes
 * @count:    at most so many
 * @out_data: new; fewer bytes than asked for, and 0 at the end of the file
 */
bool guest_file_read(QmpClient *client, int64_t handle, size_t count, GBytes **out_data,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Takes what was read; false with an error to end the reading. */
typedef bool (*GuestFileTake)(const void *data, size_t size, void *user, GError **error);

/**
 * guest_file_read_on() - Read from where a file is open up to its present end
 * @take: given the bytes in order
 *
 * While one block is taken, the guest prepares the next one.
 */
bool guest_file_read_on(QmpClient *client, int64_t handle, GuestFileTake take, void *user,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * guest_file_write() - Write all of @data
 */
bool guest_file_write(QmpClient *client, int64_t handle, const void *data, size_t size,
                      GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Who may want a copy to end before it is whole. */
typedef struct {
    bool (*interrupted)(void *user); /* asked between blocks; NULL: never */
    void *user;
} GuestFileWatch;

/**
 * guest_file_pull() - Copy a file of the guest to a descriptor
 * @fd:    borrowed
 * @error: UTM_ERROR_INTERRUPTED as @watch said, UTM_ERROR_NOT_FOUND, UTM_ERROR_FAILED
 */
bool guest_file_pull(QmpClient *client, const char *path, int fd, const GuestFileWatch *watch,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * guest_file_push() - Copy what a descriptor gives to a file of the guest, which is emptied first
 * @fd:    borrowed; read to its end
 * @error: UTM_ERROR_INTERRUPTED as @watch said, with what came so far in the file; UTM_ERROR_FAILED
 */
bool guest_file_push(QmpClient *client, const char *path, int fd, const GuestFileWatch *watch,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * guest_file_push_after() - guest_file_push() of what has been read before and the rest
 * @first: what was read already; borrowed
 */
bool guest_file_push_after(QmpClient *client, const char *path, const void *first, size_t size,
                           int fd, const GuestFileWatch *watch,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * guest_write_all() - Write to a descriptor of this host until everything is written
 * @error: UTM_ERROR_FAILED with the system's reason
 */
bool guest_write_all(int fd, const void *data, size_t size,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;
