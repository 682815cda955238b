/* SPDX-License-Identifier: Apache-2.0 */
/* The verbs of `utmctl config`, and what they share. */
#pragma once

#include <cjson/cJSON.h>

#include "bundles/value.h"
#include "cmd/command.h"

extern const Command cmd_config_get;
extern const Command cmd_config_list;
extern const Command cmd_config_set;
extern const Command cmd_config_unset;
extern const Command cmd_config_add;
extern const Command cmd_config_remove;
extern const Command cmd_config_describe;
extern const Command cmd_config_edit;
extern const Command cmd_config_validate;
extern const Command cmd_config_migrate;
extern const Command cmd_config_diff;

/**
 * config_json_value() - A value as JSON has it: a number, true, false, a string, a list, null
 */
cJSON *config_json_value(const ConfigRef *ref);

/**
 * config_json_all() - Every value of a configuration, keyed by its path
 *
 * Return: a new object
 */
cJSON *config_json_all(const UtmConfig *config);

/**
 * config_print_problems() - Print what is wrong, or add it to a JSON array
 * @problems: list of Problem
 * @array:    gets an object for each; NULL: they are printed to @stream
 */
void config_print_problems(const GPtrArray *problems, cJSON *array, void *stream);
