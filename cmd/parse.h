/* SPDX-License-Identifier: Apache-2.0 */
/* The words of a command line, put where a command's declaration wants them. */
#pragma once

#include "cmd/command.h"

/* What words besides a command's own options and arguments can ask for. */
typedef struct {
    bool help;
    bool version;
} ParseAsked;

/**
 * parse_shared_table() - The options that a command takes beside its own
 * @shared: CmdShared flags
 * @index:  which table, from 0; the first is the one that every command takes
 *
 * Return: a table that ends in OPT_END, static; NULL after the last one
 */
const CmdOption *parse_shared_table(unsigned shared, unsigned index);

/**
 * parse_owns_option() - Whether a command declares an option of this name itself
 */
bool parse_owns_option(const Command *command, const char *name);

/**
 * parse_early() - Find out how messages are wanted, even from a line that cannot be parsed
 * @words: what the user typed, NULL-terminated; borrowed
 */
void parse_early(char *const *words);

/**
 * parse_split() - Take the options that stand before a command's name
 * @words:   what the user typed, NULL-terminated; borrowed
 * @options: gets them, with their values; borrowed from @words
 *
 * Return: index of the first word that is neither an option nor an option's value
 */
size_t parse_split(char *const *words, GPtrArray *options);

/**
 * parse_command() - Put words where a command's declaration wants them
 * @command: the command
 * @words:   what follows its name, NULL-terminated; borrowed
 * @asked:   set to what the words ask for; with .help the arguments are not checked
 * @error:   UTM_ERROR_USAGE
 */
bool parse_command(const Command *command, char *const *words, ParseAsked *asked,
                   GError **error) G_GNUC_WARN_UNUSED_RESULT;
