/* SPDX-License-Identifier: Apache-2.0 */
/* Whether QEMU may put a machine on a bridge of this host. */
#pragma once

#include <glib.h>
#include <stdbool.h>

/**
 * bridge_exists() - Whether the host has a bridge of this name
 */
bool bridge_exists(const char *name);

/**
 * bridge_is_allowed() - Whether rules let QEMU use a bridge
 * @rules: text of bridge.conf
 *
 * Rules that include other files are taken for allowing it: QEMU will say.
 *
 * Source: QEMU qemu-bridge-helper.c, parse_acl_file(): the last rule that fits counts
 */
bool bridge_is_allowed(const char *rules, const char *name);

/**
 * bridge_check() - See that qemu-bridge-helper can do what is needed
 * @error: UTM_ERROR_UNSUPPORTED with the command that makes it possible
 */
bool bridge_check(const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;
