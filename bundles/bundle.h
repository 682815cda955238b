/* SPDX-License-Identifier: Apache-2.0 */
/* A .utm bundle: the folder, what is in it, and how it is read and saved without losing anything. */
#pragma once

#include "bundles/config.h"

/**
 * BUNDLE_ERROR - Error domain of bundles
 */
#define BUNDLE_ERROR (bundle_error_quark())

typedef enum {
    BUNDLE_ERROR_NOT_FOUND, /* no such bundle, or no config.plist in it */
    BUNDLE_ERROR_INVALID, /* damaged, malicious, or a value that is refused: key and reason named */
    BUNDLE_ERROR_TOO_NEW, /* a version from the future */
    BUNDLE_ERROR_LEGACY,  /* a version 1 or 2 file, or one without a backend */
    BUNDLE_ERROR_BACKEND, /* an Apple machine where a QEMU one is needed */
    BUNDLE_ERROR_EXISTS,  /* the target of a create or rename is already there */
    BUNDLE_ERROR_IO,      /* the file system said no; the message names path and reason */
} BundleError;

/**
 * bundle_error_quark() - What BUNDLE_ERROR stands for
 */
GQuark bundle_error_quark(void);

typedef struct {
    char *path;        /* absolute, no trailing slash */
    UtmConfig *config; /* owned */
    /* A file of UTM 3 or older: converted in memory, and saved only after bundle_migrate(). The
     * machine can be shown and run as it is. */
    bool is_legacy;
    GPtrArray *notes;        /* legacy: (owned) of char *, what conversion changes; else NULL */
    GHashTable *identifiers; /* legacy: owned, old drive name -> Drive[].Identifier; else NULL */
} Bundle;

/**
 * bundle_open() - Read a bundle and decode its configuration
 * @path:  the .utm folder; borrowed
 * @error: BUNDLE_ERROR
 *
 * Reads only; a legacy file is not touched. Refused is what UTM refuses, and what would leave the
 * bundle; the first problem is named and the others are counted. Semantic problems (see
 * utm_config_validate()) do not keep a bundle from being opened, so that they can be repaired.
 *
 * Return: the bundle; free with bundle_free()
 */
Bundle *bundle_open(const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * bundle_new_take() - A bundle that is not on disk yet
 * @path:   where bundle_save() is to put it; copied. The folder must exist by then
 * @config: taken
 */
Bundle *bundle_new_take(const char *path, UtmConfig *config);

/**
 * bundle_problems() - Everything that is wrong with a bundle's configuration
 * @path:     the .utm folder
 * @problems: list of Problem, see bundles/problem.h
 * @error:    when there is nothing to look at: no bundle, or no property list in it
 */
bool bundle_problems(const char *path, GPtrArray *problems, GError **error);

/**
 * bundle_open_damaged() - Open a bundle whose configuration may be one that bundle_open() refuses
 * @path:     the .utm folder
 * @problems: list of Problem; gets everything that is wrong
 * @error:    as for bundle_problems()
 *
 * For repairing it: values that cannot be read are those of a new record.
 *
 * Return: the bundle; free with bundle_free()
 */
Bundle *bundle_open_damaged(const char *path, GPtrArray *problems,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * bundle_write_atomically() - Replace a file in a bundle, or leave the old one as it was
 * @path:  file; its folder must exist
 * @text:  new content
 * @error: BUNDLE_ERROR_IO
 *
 * Temporary file, fsync, rename, fsync of the folder. An existing file's mode is kept.
 */
bool bundle_write_atomically(const char *path, const char *text, GError **error);

/**
 * bundle_write_bytes_atomically() - The same for what is no text
 */
bool bundle_write_bytes_atomically(const char *path, const void *data, size_t size, GError **error);

/**
 * bundle_save() - Write config.plist: temporary file, fsync, rename, fsync of the folder
 * @bundle: a bundle whose configuration was changed
 * @error:  BUNDLE_ERROR, BUNDLE_ERROR_LEGACY for one that has to be migrated first; the old file is
 *          untouched on failure
 *
 * Values are checked with the same rules as on reading before anything is written. A file that
 * already says the same is left alone.
 */
bool bundle_save(Bundle *bundle, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * bundle_free() - Free a bundle; NULL is ignored
 */
void bundle_free(Bundle *bundle);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Bundle, bundle_free)

/**
 * bundle_data_path() - Path of a file in the bundle's Data folder
 * @bundle: the bundle
 * @name:   a plain file name that came from the configuration, or NULL for the folder itself
 *
 * Legacy bundles have an Images folder instead until they are migrated.
 *
 * Return: a new string
 */
char *bundle_data_path(const Bundle *bundle, const char *name);

/**
 * bundle_efi_vars_path() - Path of the UEFI variables that QEMU uses
 * @bundle: the bundle
 *
 * Those of an Apple machine are kept apart from Data/efi_vars.fd, which has Apple's own format, and
 * outside of Data, which UTM cleans up.
 *
 * Return: a new string
 */
char *bundle_efi_vars_path(const Bundle *bundle);

/**
 * bundle_name_is_safe() - Whether a name from a bundle stays inside it
 * @name: a file name such as Drive[].ImageName
 *
 * False for the empty name, ".", "..", and names with a slash or a control character.
 */
bool bundle_name_is_safe(const char *name);

/**
 * bundle_folder_name() - Folder name that UTM gives to a machine of this name
 * @name: the machine's name
 *
 * Source: UTM replaces each of , / : \ ? % * | " < > by "-" and appends ".utm"
 * Return: a new string
 */
char *bundle_folder_name(const char *name);
