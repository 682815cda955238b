/* SPDX-License-Identifier: Apache-2.0 */
/* Where in a configuration somebody is, made into a key path only when there is something to say. */
#pragma once

#include <glib.h>

/* Linked from the inside out, on the stack of whoever walks down a tree. NULL is the root. */
typedef struct PlistPlace {
    const struct PlistPlace *up;
    const char *key; /* or NULL: an array element */
    guint index;
} PlistPlace;

/**
 * plist_place_path() - A place as a key path such as "Drive[0].Interface"
 *
 * Return: a new string; "" for the root
 */
char *plist_place_path(const PlistPlace *place);
