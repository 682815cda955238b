/* SPDX-License-Identifier: Apache-2.0 */
/* The declarations of commands as JSON, for programs that build on utmctl. */
#pragma once

#include <cjson/cJSON.h>

#include "cmd/command.h"

/**
 * declaration_json() - A command with its arguments, options and verbs
 *
 * Return: a new object
 */
cJSON *declaration_json(const Command *command);

/**
 * declaration_json_all() - Every command that the help shows
 *
 * Return: a new array
 */
cJSON *declaration_json_all(const Command *const *commands);
