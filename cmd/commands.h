/* SPDX-License-Identifier: Apache-2.0 */
/* Every command: one line here, one in main.c's table, one in CMakeLists.txt. */
#pragma once

#include "cmd/command.h"

extern const Command cmd_help;
extern const Command cmd_argv;
extern const Command cmd_version;
