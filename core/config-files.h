/* SPDX-License-Identifier: Apache-2.0 */
/* Files of a bundle that come into or go out of use when its configuration changes. */
#pragma once

#include "bundles/bundle.h"
#include "bundles/problem.h"

/* Folder in a bundle's root for images that no drive uses any more. UTM leaves it alone, while it
 * deletes what it does not know in Data. */
#define CONFIG_FILES_UNUSED "Unused"

typedef struct ConfigFiles ConfigFiles;

/**
 * config_files_begin() - Put the files of a changed configuration where they will be
 * @bundle: of version 4, with the new configuration
 * @before: the old configuration
 * @delete: what comes out of use will be deleted, not kept in Unused
 * @error:  UTM_ERROR_FAILED; nothing is changed then
 *
 * Until config_files_finish() each file is in both places, so that a crash leaves what the old or
 * the new configuration needs.
 *
 * Return: what is going on; free with config_files_free(), which undoes what was not finished
 */
ConfigFiles *config_files_begin(const Bundle *bundle, const UtmConfig *before, bool delete,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * config_files_finish() - Remove the files from where they were
 * @notes: (owned) of char *: what became of which file is added
 */
void config_files_finish(ConfigFiles *files, GPtrArray *notes);

/**
 * config_files_parting() - Names of files that come out of use
 *
 * Return: (owned) of char *, only of those that exist
 */
GPtrArray *config_files_parting(const Bundle *bundle, const UtmConfig *before);

/**
 * config_files_check() - Files that a configuration names and that are not there
 * @problems: list of Problem, appended to
 */
void config_files_check(const Bundle *bundle, GPtrArray *problems);

/**
 * config_files_strangers() - What is in Data without the configuration speaking of it
 *
 * UTM deletes it when it saves the machine the next time.
 *
 * Source: UTM 5.0.3, clean-up when a machine is saved
 * Return: (owned) of char *, sorted
 */
GPtrArray *config_files_strangers(const Bundle *bundle);

void config_files_free(ConfigFiles *files);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ConfigFiles, config_files_free)
