/* SPDX-License-Identifier: Apache-2.0 */
/* virtiofsd: the process that serves a folder to a guest. */
#pragma once

#include "core/host-facts.h"
#include "core/vm/child.h"

/**
 * virtiofsd_start() - Start virtiofsd for a folder
 * @share:     the folder; virtiofsd sees nothing else
 * @read_only: the guest may not write to it
 * @log_fd:    for what virtiofsd says; borrowed
 * @out_fd:    connected to it, for QEMU; the caller's to close
 * @error:     UTM_ERROR_UNSUPPORTED when virtiofsd is not installed
 *
 * Needs no root: without it virtiofsd gets a user namespace, in which it is root. It confines
 * itself to the folder with namespaces and a filter of system calls of its own, which rules of ours
 * would forbid. It ends when QEMU disconnects.
 *
 * Source: QEMU docs/tools/virtiofsd.rst; virtiofsd's README; unshare(1)
 * Return: the process; free with child_free()
 */
Child *virtiofsd_start(const HostShare *share, bool read_only, int log_fd, int *out_fd,
                       ChildExited exited, void *user, GError **error) G_GNUC_WARN_UNUSED_RESULT;
