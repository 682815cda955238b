/* SPDX-License-Identifier: Apache-2.0 */
/* A bundle that came from somewhere else is data, not code: what it may not do unasked. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "bundles/bundle.h"

/**
 * trust_findings() - What a bundle asks for that reaches beyond it
 * @bundle: the machine
 * @error:  BUNDLE_ERROR when an image cannot be read
 *
 * Additional arguments that can open files, run programs or listen; the same hidden in names of
 * devices and machine properties; images that are links to, or need, files outside of the bundle.
 *
 * Return: (owned) of char *, one clause each; empty for a bundle that keeps to itself
 */
GPtrArray *trust_findings(const Bundle *bundle, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * trust_check() - Whether everything that a bundle asks for has been agreed to on this host
 * @error: UTM_ERROR_INVALID with what has not, and how to agree
 */
bool trust_check(const Bundle *bundle, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * trust_check_copy() - Whether what is in a bundle's images may become part of another file
 * @whole: the copy has what images stand on in it; else links alone lead to what is not the bundle's
 * @error: as for trust_check()
 *
 * A copy has nothing to be agreed to any more: its guest would read any file of this host that the
 * original had named.
 */
bool trust_check_copy(const Bundle *bundle, bool whole, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * trust_grant() - Agree to exactly what the bundle asks for now
 *
 * Kept with the facts of this host. What is asked for later has to be agreed to again.
 */
bool trust_grant(const Bundle *bundle, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * trust_revoke() - Agree to nothing any more
 */
bool trust_revoke(const Bundle *bundle, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * trust_argument_is_safe() - Whether a QEMU option keeps to the machine
 * @option: such as "-device"
 * @value:  its value, or NULL
 *
 * What is not known to be safe is not.
 */
bool trust_argument_is_safe(const char *option, const char *value);
