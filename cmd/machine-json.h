/* SPDX-License-Identifier: Apache-2.0 */
/* A machine as `list --json` and `show --json` give it. */
#pragma once

#include <cjson/cJSON.h>

#include "bundles/bundle.h"
#include "core/library.h"

/**
 * machine_state_macos() - The word that UTM's own utmctl prints for a state
 * @state: one of UTM's words
 *
 * Source: UTM's utmctl shows saving as pausing and restoring as resuming
 * Return: static, or @state
 */
const char *machine_state_macos(const char *state);

/**
 * machine_json_entry() - What a list has of a machine
 * @entry: the machine
 * @state: its state
 *
 * Return: a new object
 */
cJSON *machine_json_entry(const LibraryEntry *entry, const char *state);

/**
 * machine_json_add_config() - Add every key of a configuration to an object
 * @object: gets a member for each section
 * @config: the configuration
 *
 * Names are those of the plist in lower_snake_case, sizes are in bytes.
 */
void machine_json_add_config(cJSON *object, const UtmConfig *config);
