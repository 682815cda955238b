/* SPDX-License-Identifier: Apache-2.0 */
/* "VM@NAME": a machine and one of its snapshots in one word. */
#pragma once

#include "bundles/bundle.h"

/**
 * snapshot_word_open() - Open the machine that "VM" or "VM@NAME" speaks of
 * @word:     as for library_open(), maybe with "@" and the name of a snapshot behind it
 * @out_name: name of the snapshot, a new string; NULL where there is none
 * @error:    as for library_open()
 *
 * A machine that is called by all of the word is meant before one that is called by its beginning.
 *
 * Return: the bundle; free with bundle_free()
 */
Bundle *snapshot_word_open(const char *word, char **out_name,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;
