/* SPDX-License-Identifier: Apache-2.0 */
/* What a QEMU binary can do: asking it, and the file that remembers the answers. */
#pragma once

#include "core/host/host-profile.h"

/**
 * qemu_caps_probe() - Ask a QEMU binary over QMP
 * @binary: absolute path
 * @error:  UTM_ERROR_UNSUPPORTED with QEMU's own words
 *
 * Takes a few tenths of a second, most of it for QEMU to load its modules.
 *
 * The words of QemuCaps.features are: "accel-X", "netdev-X", "audiodev-X", "tpmdev-X" and "object-X"
 * for what these options take, "chardev-X" for its QOM types ("chardev-spicevmc"), "option-X" for
 * the options that query-command-line-options lists, and "spice", "spice-gl", "sandbox" for these
 * options.
 *
 * Source: QEMU qapi/introspect.json, qom.json, machine.json, control.json; the drivers of -netdev
 * and -audiodev from their own help
 * Return: new capabilities
 */
QemuCaps *qemu_caps_probe(const char *binary, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qemu_caps_key() - What a remembered answer depends on
 * @binary: absolute path
 *
 * Path, size and mtime of the binary, and the mtime of the folders with QEMU's modules: installing
 * a package of modules changes what an untouched binary can do.
 *
 * Return: one line, a new string; NULL when there is no such file
 */
char *qemu_caps_key(const char *binary);

/**
 * qemu_caps_read() - Read capabilities from a file
 * @path: file that qemu_caps_write() wrote
 * @key:  what qemu_caps_key() says now
 *
 * Return: new capabilities; NULL when the file is not there, is damaged or has another key
 */
QemuCaps *qemu_caps_read(const char *path, const char *key);

/**
 * qemu_caps_write() - Write capabilities to a file, all of it or nothing
 * @path:  file; its folder must exist
 * @error: G_FILE_ERROR
 */
bool qemu_caps_write(const QemuCaps *caps, const char *path, const char *key,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;
