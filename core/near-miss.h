/* SPDX-License-Identifier: Apache-2.0 */
/* What somebody probably meant: the nearest of the words that would have been right. */
#pragma once

#include <glib.h>

/**
 * near_miss() - The candidates that are nearest to a word
 * @word:       what was written
 * @candidates: what could have been meant, NULL-terminated; borrowed
 *
 * Near is an edit distance of at most a third of the longer word, and at least 1, without regard to
 * case; or one of the two begins with the other. At most three are named, nearest first, and none
 * that is clearly farther than the nearest.
 *
 * Return: such as "\"web\", \"web2\"", a new string; NULL when nothing is near
 */
char *near_miss(const char *word, char **candidates) G_GNUC_WARN_UNUSED_RESULT;

/**
 * near_miss_set() - near_miss() among the keys of a hash table that is used as a set of strings
 * @set: may be NULL
 */
char *near_miss_set(const char *word, GHashTable *set) G_GNUC_WARN_UNUSED_RESULT;
