/* SPDX-License-Identifier: Apache-2.0 */
/* Changing the configuration of a machine: several changes, checked together, saved or not. */
#pragma once

#include "bundles/bundle.h"

typedef struct {
    Bundle *bundle;    /* owned: with the new configuration */
    UtmConfig *before; /* owned */
    char *on_disk;     /* owned: config.plist as it was read */
    bool is_protected; /* what `Protected` is to be */
    bool was_protected;
    bool was_damaged;    /* bundle_open() refused the file */
    GPtrArray *damage;   /* (owned) of Problem: for which bundle_open() refuses the file */
    GPtrArray *notes;    /* (owned) of char *: what saving did beside */
    GPtrArray *warnings; /* (owned) of char *: what is odd about the new values */
} ConfigEdit;

typedef struct {
    bool force;         /* a running or suspended machine, and doubtful values, too */
    bool delete_images; /* images that come out of use are deleted, not kept */
    bool dry_run;       /* check only */
} ConfigSave;

/* A key that is not in config.plist: the machine is not deleted without --force. */
#define CONFIG_EDIT_PROTECTED "Protected"

/**
 * config_edit_open() - Open a machine to change its configuration
 * @vm:    as for library_resolve()
 * @error: that of library_open()
 *
 * Also one whose values are not all valid, unless it is of UTM 3 or older: it can be saved when each
 * of them has been given another value or removed.
 *
 * Return: the edit; free with config_edit_free()
 */
ConfigEdit *config_edit_open(const char *vm, GError **error) G_GNUC_WARN_UNUSED_RESULT;

void config_edit_free(ConfigEdit *edit);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ConfigEdit, config_edit_free)

/**
 * config_edit_set() - Change a value
 * @assignment: "KEY=VALUE"; KEY may also be CONFIG_EDIT_PROTECTED
 * @error:      UTM_ERROR_USAGE for a bad value, UTM_ERROR_NOT_FOUND for a key, both with the nearest
 *              right words as their hint
 */
bool config_edit_set(ConfigEdit *edit, const char *assignment,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * config_edit_unset() - Make a value absent, or what it is in a new machine
 */
bool config_edit_unset(ConfigEdit *edit, const char *path,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * config_edit_add() - Append to a list
 * @path:     list such as "Drive", "Network[0].PortForward" or "QEMU.AdditionalArguments"
 * @words:    "KEY=VALUE" with keys of the new element; for a list of strings the strings
 * @out_path: key path of the new element, a new string
 *
 * What is not given suits the machine: a drive gets the interface and a display, network adapter or
 * sound card the device that a new machine of the architecture has.
 */
bool config_edit_add(ConfigEdit *edit, const char *path, char *const *words, char **out_path,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * config_edit_remove() - Remove elements of lists
 * @paths: such as "Drive[0]", "Drive[2]"; indices are those before any is removed
 */
bool config_edit_remove(ConfigEdit *edit, char *const *paths,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * config_edit_is_changed() - Whether there is anything to save
 */
bool config_edit_is_changed(const ConfigEdit *edit);

/**
 * config_edit_save() - Check and save the new configuration
 * @save:  how
 * @error: UTM_ERROR_INVALID when something of the damage is left, UTM_ERROR_USAGE for what would
 *         not be a working machine any more, UTM_ERROR_WRONG_STATE
 *         when it runs or is suspended and QEMU could not follow, or config.plist was changed by
 *         somebody else meanwhile
 *
 * A legacy bundle is migrated on the way. Fills .notes and .warnings.
 */
bool config_edit_save(ConfigEdit *edit, const ConfigSave *save,
                      GError **error) G_GNUC_WARN_UNUSED_RESULT;
