/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands that open a machine's screen share. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "bundles/bundle.h"

/**
 * cmd_view() - Become the viewer of a machine that runs
 * @error: as viewer_check() and viewer_words() fail
 */
bool cmd_view(const Bundle *bundle, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * cmd_check_view() - Whether cmd_view() could work, before the machine is started for it
 * @error: UTM_ERROR_UNSUPPORTED: no display, no desktop, no viewer
 */
bool cmd_check_view(const Bundle *bundle, GError **error) G_GNUC_WARN_UNUSED_RESULT;
