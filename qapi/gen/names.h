/* SPDX-License-Identifier: Apache-2.0 */
/* Names of the schema language: which are allowed, and what they become in C. */
#pragma once

#include <stdbool.h>

#include "qapi/gen/arena.h"

/**
 * name_is_valid() - Whether a name is one that the language has at all
 * @name:     e.g. "x-foo", "__com.example_bar"
 * @out_stem: the name without its vendor and "x-" prefix; may be NULL
 *
 * Source: QEMU docs/devel/qapi-code-gen.rst, "Naming rules and reserved names"
 */
bool name_is_valid(const char *name, const char **out_stem);

/**
 * name_is_upper() - Whether a stem may be the name of an event
 */
bool name_is_upper(const char *stem);

/**
 * name_is_lower() - Whether a stem may be the name of a command or a member
 * @allow_upper, @allow_underscore: what a pragma permits
 */
bool name_is_lower(const char *stem, bool allow_upper, bool allow_underscore);

/**
 * name_is_camel() - Whether a stem may be the name of a type
 */
bool name_is_camel(const char *stem);

/**
 * c_name() - A name as a C identifier
 *
 * What C or a system header keeps for itself gets "q_" in front.
 */
char *c_name(Arena *arena, const char *name);

/**
 * c_upper() - A name of a type, CamelCase or not, in capitals: "RunState" becomes "RUN_STATE"
 */
char *c_upper(Arena *arena, const char *name);

/**
 * c_lower() - c_upper() in small letters
 */
char *c_lower(Arena *arena, const char *name);

/**
 * c_camel() - A name of a command or event in CamelCase: "query-status" becomes "QueryStatus"
 */
char *c_camel(Arena *arena, const char *name);
