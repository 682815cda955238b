/* SPDX-License-Identifier: Apache-2.0 */
/* Completing what a machine has: snapshots, drives, disks. */
#pragma once

#include <stdbool.h>

#include "cmd/command.h"

/* @word: whole, begins with what is there already; @help may be NULL. */
typedef void (*CompleteFunc)(const char *word, const char *help, void *user);

/**
 * complete_live_arg() - Hand out what an argument of a command can be
 * @command: the command
 * @arg:     one of its arguments
 * @vm:      the machine named before it, or NULL
 * @partial: what is there of it already
 *
 * Return: false where that is not asked of a machine
 */
bool complete_live_arg(const Command *command, const CmdArg *arg, const char *vm,
                       const char *partial, CompleteFunc func, void *user);

/**
 * complete_live_option() - The same for the value of an option
 */
bool complete_live_option(const CmdOption *option, const char *vm, CompleteFunc func, void *user);
