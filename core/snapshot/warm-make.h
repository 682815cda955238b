/* SPDX-License-Identifier: Apache-2.0 */
/* Making the warm image of a snapshot. */
#pragma once

#include "bundles/bundle.h"

/**
 * warm_make() - Make the warm image of a full snapshot, anew when there is one
 * @bundle: the machine, running or not
 * @tag:    the snapshot's
 * @error:  UTM_ERROR_UNSUPPORTED when its record does not say that it is a warm one, or QEMU cannot
 *
 * Everything is read out of the snapshot, so that the machine itself is not touched: its disks are
 * copied, and a QEMU of its own loads memory and devices and leaves them as a warm image. That is
 * built beside its place and renamed; what an earlier try left behind is removed.
 */
bool warm_make(const Bundle *bundle, const char *tag, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * warm_add_file() - Put a file that is only read into a bundle: as a link where that can be
 * @from:  regular file
 * @to:    must not exist
 */
bool warm_add_file(const char *from, const char *to, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * warm_adopt() - Let a new bundle have what this host knows of another one
 * @from: bundle of which @to is a copy
 *
 * Inserted media, shared folder, and that its requests have been agreed to.
 */
bool warm_adopt(const Bundle *from, const Bundle *to, GError **error) G_GNUC_WARN_UNUSED_RESULT;
