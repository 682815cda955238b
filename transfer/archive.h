/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of utmctl-archive. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* One read or write. */
#define ARCHIVE_BLOCK (1024 * 1024)

/**
 * unpack_archive() - Unpack an archive that may be malicious
 * @file:      archive; "-" is standard input
 * @folder:    exists and is empty
 * @max_bytes: how much it may unpack to; 0: a usual limit on size and on the ratio of sizes
 *
 * Only files and folders, only inside of @folder. Blocks of zeros become holes. One file that is
 * compressed alone becomes "data".
 *
 * Return: false when it has been reported what is wrong; @folder is for the caller to remove
 */
bool unpack_archive(const char *file, const char *folder, uint64_t max_bytes);

/**
 * pack_archive() - Pack a folder
 * @folder: what to pack; links to files are packed as the files
 * @name:   what the folder is called in the archive
 * @file:   archive to make; replaced. "-" is descriptor 3, since standard output has the reports
 * @format: "zip", "tar", "tar.gz", "tar.zst" or "tar.xz"
 */
bool pack_archive(const char *folder, const char *name, const char *file, const char *format);

/**
 * seed_write() - Write a CD image labelled "cidata"
 * @folder: whose files, and no folders, become those of the image
 * @file:   image to make; replaced
 */
bool seed_write(const char *folder, const char *file);
