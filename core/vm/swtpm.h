/* SPDX-License-Identifier: Apache-2.0 */
/* The software TPM of a machine. */
#pragma once

#include "core/vm/child.h"

/**
 * swtpm_start() - Start swtpm for a machine
 * @data_dir:    the bundle's Data folder; the state is its file tpmdata, as UTM has it
 * @socket_path: where QEMU will connect
 * @log_fd:      for what swtpm says; borrowed
 * @error:       UTM_ERROR_UNSUPPORTED when swtpm is not installed
 *
 * The socket listens when this returns: it is made here and handed over, so that nobody has to wait
 * for swtpm. swtpm ends when QEMU disconnects.
 *
 * Source: UTM 5.0.3 Services/UTMSWTPM; swtpm(8)
 * Return: the process; free with child_free()
 */
Child *swtpm_start(const char *data_dir, const char *socket_path, int log_fd, ChildExited exited,
                   void *user, GError **error) G_GNUC_WARN_UNUSED_RESULT;
