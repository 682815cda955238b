/* SPDX-License-Identifier: Apache-2.0 */
/* A hidden folder beside a target in which something is made, or removed, out of everybody's sight. */
#pragma once

#include <glib.h>
#include <stdbool.h>

/*
 * The folder has a file in it that its maker holds locked. Whoever is killed leaves the folder, and
 * whoever makes the next one there removes it, because the lock is gone: locks belong to the file
 * system, so that neither other mounts of it nor other namespaces of processes make a difference.
 * A folder that another host made stays, because not every file system has locks between hosts.
 */
typedef struct {
    char *folder; /* hidden; gone with the struct, with all that is in it */
    char *path;   /* in it, with the name of the target; nothing is there at first */
    int lock;
} Staging;

/**
 * staging_new() - Make a hidden folder beside a target
 * @target: where something is to be in the end; its folder is there
 * @error:  UTM_ERROR_FAILED
 *
 * What others left beside the target is removed first.
 */
Staging *staging_new(const char *target, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * staging_free() - Remove the folder with everything that is still in it; NULL is ignored
 */
void staging_free(Staging *staging);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Staging, staging_free)

/**
 * staging_sweep() - Remove the folders that those who were killed left
 * @folder: where they are
 *
 * What cannot be removed stays; it is tried again the next time.
 */
void staging_sweep(const char *folder);

/**
 * staging_left() - Folders that nobody works in any more, as far as can be told
 * @folder: where they are
 *
 * Return: a new NULL-terminated vector of paths, maybe empty; free with g_strfreev()
 */
char **staging_left(const char *folder);
