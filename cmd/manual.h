/* SPDX-License-Identifier: Apache-2.0 */
/* Manual pages in scdoc's language, made from the declarations of the commands. */
#pragma once

#include "cmd/command.h"

/**
 * manual_print_root() - Print the page utmctl(1)
 */
void manual_print_root(const Command *const *commands);

/**
 * manual_print_command() - Print the page of one command of the table
 *
 * NAME, SYNOPSIS, DESCRIPTION, ARGUMENTS, OPTIONS, EXAMPLES and EXIT STATUS; what else belongs on a
 * page is prose in man/ and appended by the build.
 */
void manual_print_command(const Command *command);
