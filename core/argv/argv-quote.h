/* SPDX-License-Identifier: Apache-2.0 */
/* Showing arguments so that a shell would read them as they are. */
#pragma once

#include "core/argv/argv.h"

/**
 * argv_shell_quote() - A word as one would type it in a shell
 * @word: the word
 *
 * Return: @word itself where no character is special, else in single quotes; a new string
 */
char *argv_shell_quote(const char *word);

/**
 * argv_item_line() - One option with its value, quoted for a shell, on one line
 * @item: an item
 *
 * Return: a new string
 */
char *argv_item_line(const ArgvItem *item);
