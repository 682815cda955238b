/* SPDX-License-Identifier: Apache-2.0 */
/* Getting at the desktop. */
#pragma once

#include <glib.h>
#include <stdbool.h>

/**
 * video_prepare() - Set what SDL and X read from the environment
 *
 * Before there is a second thread.
 */
void video_prepare(void);

/**
 * video_open() - Connect to the desktop
 * @error: DISPLAY_ERROR_UNSUPPORTED where there is none
 */
bool video_open(GError **error) G_GNUC_WARN_UNUSED_RESULT;
