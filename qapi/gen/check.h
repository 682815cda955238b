/* SPDX-License-Identifier: Apache-2.0 */
/* Checks each expression of a schema by itself, before names mean anything. */
#pragma once

#include "qapi/gen/parser.h"

/**
 * check_definitions() - Check the form of every definition, and fill in its meta and name
 *
 * Short forms are brought to the long one: a member's "type" becomes { "type": … }, an enum value
 * or a feature { "name": … }.
 *
 * Source: QEMU docs/devel/qapi-code-gen.rst, "Schema syntax"
 */
bool check_definitions(Arena *arena, Definitions *definitions, GError **error);
