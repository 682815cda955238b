/* SPDX-License-Identifier: Apache-2.0 */
/* One serial port of a running machine, shared by any number of clients and kept in a log. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "core/vm/log-file.h"

typedef struct SerialHub SerialHub;

/**
 * serial_hub_new() - Serve a serial port on a socket
 * @guest_fd:    our end of QEMU's chardev; owned by the hub from now on
 * @socket_path: where clients connect
 * @log:         taken; everything the guest writes goes there
 * @error:       UTM_ERROR_FAILED
 *
 * A client gets the last 64 KiB first, then what the guest writes; what it sends goes to the guest.
 * A client that does not read is dropped when a megabyte waits for it, so that it holds up neither
 * the guest nor the others. A guest that does not read holds up the writers, as a serial line does.
 *
 * Return: the hub; free with serial_hub_free()
 */
SerialHub *serial_hub_new(int guest_fd, const char *socket_path, LogFile *log,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * serial_hub_free() - Send what is left to the clients, disconnect them; NULL is ignored
 */
void serial_hub_free(SerialHub *hub);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SerialHub, serial_hub_free)
