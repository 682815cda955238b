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
 * parse_owns_option() - Whether a command declares an option of this name itself
 */
bool parse_owns_option(const Command *command, const char *name);

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
