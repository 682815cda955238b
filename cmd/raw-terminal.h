/* SPDX-License-Identifier: Apache-2.0 */
/* The user's terminal without line editing, for the time that a guest has it. */
#pragma once

#include <glib.h>
#include <stdbool.h>

/**
 * raw_terminal_enter() - Pass every key on as it is
 * @fd: a terminal
 *
 * Return: false when @fd is none, and then nothing was changed
 */
bool raw_terminal_enter(int fd);

/**
 * raw_terminal_leave() - Restore what raw_terminal_enter() changed; harmless without it
 *
 * Also runs at exit. Safe in a signal handler.
 */
void raw_terminal_leave(void);
