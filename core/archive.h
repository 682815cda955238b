/* SPDX-License-Identifier: Apache-2.0 */
/* Archives: recognised here, packed and unpacked by utmctl-archive. */
#pragma once

#include "core/libexec.h"

/**
 * archive_is_one() - Whether a file begins like an archive that can be imported
 * @path: zip, tar, or what gzip, xz or zstd have compressed
 */
bool archive_is_one(const char *path);

/* What a file that is compressed alone is unpacked to. */
#define ARCHIVE_SINGLE "data"

/**
 * archive_unpack() - Unpack an archive that may be malicious
 * @file:      archive; "-" is standard input
 * @folder:    exists and is empty; what is in it after a failure is for the caller to remove
 * @max_bytes: how much it may become; 0: usual limits
 * @error:     UTM_ERROR_INVALID for names that climb out, links, devices, bombs, damage
 */
bool archive_unpack(const char *file, const char *folder, uint64_t max_bytes,
                    const LibexecWatch *watch, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * archive_pack() - Pack a folder
 * @folder: folder
 * @name:   what it is called in the archive
 * @file:   archive to make; "-" is standard output
 * @format: "zip", "tar", "tar.gz", "tar.zst" or "tar.xz"
 */
bool archive_pack(const char *folder, const char *name, const char *file, const char *format,
                  const LibexecWatch *watch, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * archive_seed() - Make the CD image from which a guest configures itself at its first boot
 * @folder: whose files it gets
 * @file:   image to make; replaced
 */
bool archive_seed(const char *folder, const char *file, GError **error) G_GNUC_WARN_UNUSED_RESULT;
