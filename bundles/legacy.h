/* SPDX-License-Identifier: Apache-2.0 */
/* Configurations of UTM 3 and older, QEMU and Apple, as version 4 ones. Pure: no file is read. */
#pragma once

#include "bundles/config.h"
#include "bundles/plist.h"

typedef struct {
    UtmConfig *config;       /* owned */
    GPtrArray *notes;        /* (owned) of char *: what becomes of what, where that is not plain */
    GHashTable *identifiers; /* owned: legacy DriveName -> Drive[].Identifier */
    bool is_apple;
} Legacy;

void legacy_free(Legacy *legacy);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Legacy, legacy_free)

/**
 * legacy_is() - Whether a file's dictionary is a legacy one: it has no backend
 */
bool legacy_is(const PlistDict *root);

/**
 * legacy_convert() - Convert a legacy configuration
 * @root:     the file's dictionary
 * @title:    name of the bundle's folder without ".utm", which is a legacy QEMU machine's name
 * @seed:     what tells this bundle from others, such as its path: from it comes the UUID of a
 *            machine that has none, so that it is the same each time
 * @problems: list of Problem, for what cannot be converted
 * @error:    BUNDLE_ERROR_TOO_NEW, BUNDLE_ERROR_INVALID when it is no legacy configuration
 *
 * The result is that of UTM's own migration, save where that loses data: a port forward keeps its
 * host port, an Apple machine its icon, empty addresses are absent.
 *
 * Source: UTM 5.0.3 Configuration/Legacy/UTMLegacyQemuConfiguration*.m,
 * UTMQemuConfiguration*.swift init(migrating:), UTMLegacyAppleConfiguration.swift
 * Return: the result, or NULL
 */
Legacy *legacy_convert(const PlistDict *root, const char *title, const char *seed,
                       GPtrArray *problems, GError **error);
