/* SPDX-License-Identifier: Apache-2.0 */
/* The additional arguments of a bundle. */
#pragma once

#include <stdbool.h>

/**
 * argv_split_words() - Split one element of QEMU.AdditionalArguments
 * @element: what the user wrote
 *
 * Words are divided by white space outside of double quotes. A word that begins and ends with a
 * quote loses these two; other quotes stay. A quote without a partner divides and is dropped. There
 * are no escapes.
 *
 * Source: UTM 5.0.3 QEMUArgument.swift
 * Return: a new NULL-terminated vector, free with g_strfreev()
 */
char **argv_split_words(const char *element);

/**
 * argv_user_sets_boot_device() - Whether some "-prom-env boot-device=…" is among the arguments
 * @arguments: QEMU.AdditionalArguments
 */
bool argv_user_sets_boot_device(char **arguments);
