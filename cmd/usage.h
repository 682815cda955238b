/* SPDX-License-Identifier: Apache-2.0 */
/* Help texts, made from the declarations of the commands. */
#pragma once

#include "cmd/command.h"

/**
 * usage_all() - Print every command with its summary, by group
 */
void usage_all(const Command *const *commands);

/**
 * usage_command() - Print the help of one command
 * @command: the command
 * @path:    its name with those of its parents: "snapshot create"
 */
void usage_command(const Command *command, const char *path);

/**
 * usage_synopsis() - One line that shows how a command is called
 *
 * Return: a new string such as "utmctl stop [OPTION…] VM"
 */
char *usage_synopsis(const Command *command, const char *path);

/**
 * usage_option_name() - An option as it is typed, such as "-q, --quiet" or "--timeout DURATION"
 *
 * Return: a new string
 */
char *usage_option_name(const CmdOption *option);

/**
 * usage_option_help() - What an option does, with its choices and its default
 * @command: the command that takes it; knows the default of --timeout
 * @option:  one of its own or of the shared options
 *
 * Return: a new string, one sentence without a full stop
 */
char *usage_option_help(const Command *command, const CmdOption *option);

/**
 * usage_argument_help() - What an argument is; every VM is explained in the same words
 */
const char *usage_argument_help(const CmdArg *arg);

/**
 * usage_group_title() - Title of a group of commands
 */
const char *usage_group_title(CmdGroup group);
