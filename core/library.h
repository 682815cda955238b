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
    char
        *problem; /* why the bundle cannot be opened; NULL when it can. Name is then the folder's */
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

/**
 * library_entry_read() - The entry of one bundle, wherever it is
 * @path: the .utm folder
 *
 * Return: a new entry; one with a problem when the bundle cannot be opened
 */
LibraryEntry *library_entry_read(const char *path);

/**
 * library_check_name() - Whether a machine may be given a name
 * @name:  the new name
 * @error: UTM_ERROR_USAGE: empty, too long for a folder, with a slash or a control character, or
 *         what could be taken for a UUID
 *
 * Bundles from elsewhere may have such names and open all the same.
 */
bool library_check_name(const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * library_new_path() - Where the bundle of a new machine goes
 * @name:  the machine's name
 * @error: UTM_ERROR_USAGE for a name that cannot be given, UTM_ERROR_WRONG_STATE when the library
 *         has a machine of this name or the folder is there
 *
 * Makes the first folder of the library when it is missing.
 *
 * Return: path of a folder that does not exist; a new string
 */
char *library_new_path(const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * library_holds() - Whether a bundle lies directly in one of the library's folders
 * @path: absolute path
 */
bool library_holds(const char *path);
