/* SPDX-License-Identifier: Apache-2.0 */
/* The options that every command takes, and those that several share. */
#pragma once

#include "cmd/parse.h"

/**
 * shared_options_table() - The options that a command takes beside its own
 * @shared: CmdShared flags
 * @index:  which table, from 0; the first is the one that every command takes
 *
 * Return: a table that ends in OPT_END, static; NULL after the last one
 */
const CmdOption *shared_options_table(unsigned shared, unsigned index);

/**
 * shared_options_early() - Find out how messages are wanted, even from a line that cannot be parsed
 * @words: what the user typed, NULL-terminated; borrowed
 */
void shared_options_early(char *const *words);

/**
 * shared_options_apply() - Put what was parsed into command_global and in force
 * @command: knows the default of --timeout
 */
void shared_options_apply(const Command *command);

/**
 * shared_options_asked() - Whether help or the version was asked for
 */
void shared_options_asked(ParseAsked *out_asked);

/**
 * shared_options_timeout() - Where the value of --timeout is stored, to recognise its row
 */
const void *shared_options_timeout(void);
