/* SPDX-License-Identifier: Apache-2.0 */
/* Making a version 4 bundle of a legacy one, on disk. */
#pragma once

#include "bundles/bundle.h"

/* A file or folder that changes its place. Both relative to the bundle. */
typedef struct {
    char *from;
    char *to;
} BundleMove;

/**
 * bundle_migration_plan() - What bundle_migrate() will move, without doing it
 * @bundle: a legacy bundle; what becomes of its keys is in its notes
 * @error:  BUNDLE_ERROR_EXISTS when two files would get one name, BUNDLE_ERROR_IO
 *
 * Images that no drive uses go to the folder Unused in the bundle's root, where UTM, which deletes
 * what it does not know in Data, leaves them alone.
 *
 * Return: (owned) of BundleMove, in order
 */
GPtrArray *bundle_migration_plan(const Bundle *bundle, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * bundle_migrate() - Migrate a legacy bundle
 * @bundle: a legacy bundle that no machine runs from; a version 4 one afterwards
 * @error:  as bundle_migration_plan(); what was done so far stays done and the next try goes on
 *
 * In this order: the old file is copied to config.legacy.plist, files are moved, config.plist is
 * replaced. A crash leaves a legacy bundle that opens and can be migrated, or a migrated one.
 * view.plist stays for UTM to take over; see bundle_view_read().
 *
 * Source: UTM 5.0.3 UTMQemuConfiguration.swift, "Migration"
 */
bool bundle_migrate(Bundle *bundle, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* What view.plist of UTM 3 remembers of the window, the media and the shared folder. */
typedef struct {
    double scale; /* 0: not set */
    double origin_x, origin_y;
    bool has_toolbar, toolbar;
    bool has_keyboard, keyboard;
    bool suspended;
    char *shared_directory; /* path on the Mac, or NULL */
    GHashTable *media;      /* owned: Drive[].Identifier -> path on the Mac */
} BundleView;

void bundle_view_free(BundleView *view);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(BundleView, bundle_view_free)

/**
 * bundle_view_read() - Read a bundle's view.plist
 * @bundle: any bundle; the names of a legacy one's drives are turned into identifiers
 * @error:  BUNDLE_ERROR_INVALID, BUNDLE_ERROR_IO
 *
 * Return: the view, or NULL; without an error when there is no such file
 */
BundleView *bundle_view_read(const Bundle *bundle, GError **error);
