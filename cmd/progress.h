/* SPDX-License-Identifier: Apache-2.0 */
/* What a long operation reports, as callbacks for core: how far it is, and what it says. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/**
 * progress_step() - Show how far a long operation is, and cancel it after Ctrl-C
 * @done: units done
 * @all:  units in all; 0: not known. 0 of 0 only asks whether to go on
 * @what: const char *, what is done, such as "copying"
 *
 * A TreeProgress. interrupt_catch() has to come before, output_progress_end() after the operation.
 *
 * Return: false once a signal has come
 */
bool progress_step(uint64_t done, uint64_t all, void *what);

/**
 * progress_note() - Pass on what a long operation says
 * @text: borrowed
 * @user: ignored
 */
void progress_note(const char *text, void *user);
