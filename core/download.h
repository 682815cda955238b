/* SPDX-License-Identifier: Apache-2.0 */
/* Files from the network, fetched by utmctl-download. */
#pragma once

#include "core/libexec.h"

/**
 * download_is_url() - Whether a source is an address that can be fetched: http or https
 */
bool download_is_url(const char *source);

/**
 * download_fetch() - Fetch a file into the cache, or what is missing of it there
 * @url:    address
 * @sha256: 64 hex digits that the file must have, any case; NULL: not checked
 * @watch:  may be NULL
 * @error:  UTM_ERROR_NOT_FOUND, UTM_ERROR_TIMEOUT, UTM_ERROR_FAILED; UTM_ERROR_INVALID for another
 *          digest, and then the file is removed
 *
 * What has come when it breaks off stays, and the next try goes on there, if the server says that
 * it has the same file still.
 *
 * Return: path of the whole file, a new string; download_forget() when it is not needed any more
 */
char *download_fetch(const char *url, const char *sha256, const LibexecWatch *watch,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * download_forget() - Remove a fetched file from the cache
 * @path: what download_fetch() returned
 */
void download_forget(const char *path);

/**
 * download_name() - File name at the end of an address
 *
 * Return: a new string, plain and never empty
 */
char *download_name(const char *url);

/**
 * download_check() - Check a file's SHA-256 digest
 * @error: UTM_ERROR_INVALID with both digests, UTM_ERROR_USAGE when @sha256 is none
 */
bool download_check(const char *path, const char *sha256, GError **error) G_GNUC_WARN_UNUSED_RESULT;
