/* SPDX-License-Identifier: Apache-2.0 */
/* What a guest wrote to its console, without what only a terminal understands. */
#pragma once

/**
 * plain_text() - Drop escape sequences, carriage returns, other control characters and empty lines
 * @text: console output
 *
 * Source: ECMA-48, CSI sequences end in a byte from @ to ~
 * Return: a new string, valid UTF-8
 */
char *plain_text(const char *text);
