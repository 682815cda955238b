/* SPDX-License-Identifier: Apache-2.0 */
/* Migrating a legacy bundle together with what this host knows of it. */
#pragma once

#include "bundles/bundle.h"

/**
 * config_migrate() - Migrate a bundle, and take over what view.plist says
 * @bundle: a legacy bundle that no machine runs from; a version 4 one afterwards
 * @notes:  (owned) of char *: what was done is added
 * @error:  UTM_ERROR_WRONG_STATE when it runs or clones stand on it, and as bundle_migrate()
 *
 * Media and the shared folder of view.plist become this host's facts where their paths exist here;
 * others are named in @notes.
 */
bool config_migrate(Bundle *bundle, GPtrArray *notes, GError **error) G_GNUC_WARN_UNUSED_RESULT;
