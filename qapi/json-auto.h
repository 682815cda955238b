/* SPDX-License-Identifier: Apache-2.0 */
/* Automatic cleanup of cJSON values. */
#pragma once

#include <glib.h>

#include <cjson/cJSON.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC(cJSON, cJSON_Delete)
