/* SPDX-License-Identifier: Apache-2.0 */
/* The library: a search path of folders with bundles in them, and finding a machine by its name. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "bundles/bundle.h"

/* What `list` and completion need of a bundle, read without decoding all of it. */
typedef struct {
    char *path;
    char *name;
    char *uuid; /* upper case */
    char *backend;
    char *architecture;
    int64_t memory_mib;
    bool is_protected;
    bool suspended;
    char *problem; /* why the bundle cannot be opened; NULL when it can. Name is then the folder's */
} LibraryEntry;

void library_entry_free(LibraryEntry *entry);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LibraryEntry, library_entry_free)

/**
 * library_path() - The folders that make up the library, in order
 *
 * UTMCTL_LIBRARY, colon-separated; by default $XDG_DATA_HOME/utmctl/library.
 *
 * Return: a new NULL-terminated vector with at least one element; free with g_strfreev()
 */
char **library_path(void);

/**
 * library_list() - Every bundle of the library, sorted by name
 * @error: only when no folder can be read for another reason than not being there
 *
 * A damaged bundle is listed with its problem and hides no other.
 *
 * Return: (owned) of LibraryEntry
 */
GPtrArray *library_list(GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * library_resolve() - From what a user calls a machine to the path of its bundle
 * @vm:    path to a .utm folder, UUID, UUID prefix of 4 or more hex digits, or name
 * @error: UTM_ERROR_NOT_FOUND with the nearest names, or UTM_ERROR_USAGE with every candidate when
 *         more than one matches
 *
 * Names are matched exactly, then case-insensitively. A path needs no library.
 *
 * Return: absolute path, a new string
 */
char *library_resolve(const char *vm, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * library_open() - library_resolve() and bundle_open() in one
 * @vm: as for library_resolve()
 *
 * Return: the bundle; free with bundle_free()
 */
Bundle *library_open(const char *vm, GError **error) G_GNUC_WARN_UNUSED_RESULT;
