/* SPDX-License-Identifier: Apache-2.0 */
/* Unix sockets: behind paths of any length, and with descriptors that go along. */
#pragma once

#include <glib.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/un.h>

/**
 * unix_socket_address() - Fill an address for a path of any length
 * @out_address: where to bind or connect
 *
 * A folder opened as a descriptor has a short name below /proc.
 *
 * Source: unix(7), a sun_path holds 108 bytes
 * Return: a descriptor to close once the address has been used, or -1 when there is none
 */
int unix_socket_address(const char *path, struct sockaddr_un *out_address);

/**
 * unix_socket_connect() - Connect to a stream socket
 * @path:       may be longer than a sun_path
 * @timeout_us: for a server whose queue is full; 0 for ever
 * @error:      G_IO_ERROR
 *
 * Return: a close-on-exec descriptor, or -1
 */
int unix_socket_connect(const char *path, int64_t timeout_us,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * unix_socket_send() - Send bytes, and a descriptor with the first of them
 * @size:      above 0
 * @passed_fd: borrowed; -1 for none
 * @flags:     as for sendmsg()
 *
 * Async-signal-safe.
 *
 * Return: how many bytes went, and with any the descriptor too; -1 with errno set
 */
ssize_t unix_socket_send(int fd, const void *data, size_t size, int passed_fd, int flags);
