/* SPDX-License-Identifier: Apache-2.0 */
/* Key paths and values that somebody could mean who has not written all of a word yet. */
#pragma once

#include "bundles/value.h"

typedef enum {
    CONFIG_COMPLETE_VALUES,   /* keys that have a value: "Drive[0].Interface" */
    CONFIG_COMPLETE_LISTS,    /* lists that can be added to: "Drive", "Network[0].PortForward" */
    CONFIG_COMPLETE_ELEMENTS, /* elements of lists: "Drive[0]" */
} ConfigComplete;

/**
 * config_complete_paths() - Key paths of a machine, with the indices that it has
 *
 * Return: (owned) of ConfigKeyPath, in the order of the tables
 */
GPtrArray *config_complete_paths(const UtmConfig *config, ConfigComplete what);

/**
 * config_complete_members() - Keys of a new element of a list
 * @list: such as "Drive" or "Network[0].PortForward"
 *
 * Return: (owned) of ConfigKeyPath, whose paths are names; empty when it is no list of records
 */
GPtrArray *config_complete_members(const UtmConfig *config, const char *list);

/**
 * config_complete_words() - Values that a key can have, where there is a list of them
 * @config: decides which QEMU is asked for the devices, machines and CPU models that it knows
 * @key:    any key
 *
 * Return: words, sorted where QEMU named them; empty when any value goes
 */
char **config_complete_words(const UtmConfig *config, const ConfigKey *key);
