/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the one-line files of sysfs and procfs without an allocation. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/**
 * small_file_read() - The beginning of a file, as a string without the last newline
 * @path:   file; procfs and sysfs files are read by one read() each, so nothing that comes after
 *          @size costs anything
 * @buffer: receives at most @size - 1 bytes and a NUL; the empty string on failure
 *
 * Return: false when the file cannot be opened or read
 */
bool small_file_read(const char *path, char *buffer, size_t size);

/**
 * small_file_number() - The number that a file holds
 * @fallback: returned when the file is not there or does not begin with a number
 */
long small_file_number(const char *path, long fallback);
