/* SPDX-License-Identifier: Apache-2.0 */
/* A cache of what `list` shows of each bundle, valid as long as its files have not changed. */
#pragma once

#include <sys/stat.h>

#include "core/library.h"

/* What tells that a file is still the one that was read. All zero: there is no such file. */
typedef struct {
    guint64 device;
    guint64 inode;
    gint64 size;
    gint64 mtime_ns;
} FileStamp;

/* Which config.plist and utmctl.plist an entry was read from. */
typedef struct {
    FileStamp config;
    FileStamp sidecar;
} BundleStamp;

typedef struct LibraryIndex LibraryIndex;

/**
 * library_index_load() - Read the cache
 *
 * A cache that is missing, damaged or of another version is an empty one.
 *
 * Return: the index; free with library_index_free()
 */
LibraryIndex *library_index_load(void);

/**
 * library_index_free() - Free an index; NULL is ignored
 */
void library_index_free(LibraryIndex *index);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LibraryIndex, library_index_free)

/**
 * library_index_get() - The entry of a bundle that has not changed
 * @index: the index
 * @path:  bundle
 * @stamp: what its files are now
 *
 * Return: a new entry, or NULL when the bundle has to be read
 */
LibraryEntry *library_index_get(LibraryIndex *index, const char *path, const BundleStamp *stamp);

/**
 * library_index_add() - Remember an entry for library_index_save()
 * @entry: copied; one with a problem is not remembered, because the cause may lie elsewhere
 * @stamp: taken before the bundle was read
 */
void library_index_add(LibraryIndex *index, const LibraryEntry *entry, const BundleStamp *stamp);

/**
 * library_index_save() - Write the cache, if what was got and added differs from what was loaded
 *
 * Failure is no error: the next time is slower, nothing else.
 */
void library_index_save(LibraryIndex *index);
