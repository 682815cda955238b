/* SPDX-License-Identifier: Apache-2.0 */
/* How every change of a configuration ends. */
#pragma once

#include "core/config-edit.h"

/**
 * config_change_confirm() - Ask before images are deleted
 * @delete_images: whether they would be
 */
bool config_change_confirm(const ConfigEdit *edit, bool delete_images,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * config_change_finish() - Save, and print what was changed
 */
bool config_change_finish(ConfigEdit *edit, bool force, bool delete_images,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;
