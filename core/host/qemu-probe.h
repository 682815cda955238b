/* SPDX-License-Identifier: Apache-2.0 */
/* A QEMU without a machine, started only to answer questions. */
#pragma once

#include "qapi/qmp-client.h"

typedef struct QemuProbe QemuProbe;

/**
 * qemu_probe_start() - Start a QEMU binary without a machine and negotiate
 * @binary: absolute path
 * @error:  UTM_ERROR_UNSUPPORTED with QEMU's own last line
 *
 * Return: free with qemu_probe_free()
 */
QemuProbe *qemu_probe_start(const char *binary, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qemu_probe_client() - The monitor of a probe
 *
 * Return: borrowed from @probe
 */
QmpClient *qemu_probe_client(QemuProbe *probe);

/**
 * qemu_probe_help() - What QEMU prints for an option that lists its drivers
 * @binary: absolute path
 * @option: such as "-netdev"; "help" is its value
 * @error:  UTM_ERROR_UNSUPPORTED with QEMU's own last line
 *
 * The schema names drivers that were left out of the build or are in a module which is not
 * installed; this list does not.
 *
 * Return: standard output, a new string
 */
char *qemu_probe_help(const char *binary, const char *option,
                      GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qemu_probe_free() - End a probe's QEMU; NULL is ignored
 */
void qemu_probe_free(QemuProbe *probe);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(QemuProbe, qemu_probe_free)
