/* SPDX-License-Identifier: Apache-2.0 */
/* The two halves of utmctl-copy: trees as a stream of tar, on their way into and out of a guest. */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* One read or write. */
#define COPY_BLOCK (256 * 1024)

/**
 * send_tree() - Write a file or folder as tar to descriptor 3
 * @path:  file or folder; a link to one is followed, links in it are not
 * @name:  what it is called in the archive
 * @holes: whether the reader knows what pax says of holes; otherwise they become zeros
 *
 * Everything belongs to root there: users of this host mean nothing in a guest. Sockets, pipes and
 * devices are left out with a note. The last note is the SHA-256 of the stream.
 *
 * Return: false when it has been reported what is wrong
 */
bool send_tree(const char *path, const char *name, bool holes);

/**
 * receive_tree() - Read tar from standard input
 * @folder: exists; nothing outside of it is touched
 * @from:   what the file or folder is called in the archive; anything else there is an error
 * @name:   what it is to be called in @folder
 *
 * What comes from a guest may be malicious: no names that climb out, no way through links, no
 * devices, no set-user-ID. Blocks of zeros become holes. The last note is the SHA-256 of the stream.
 */
bool receive_tree(const char *folder, const char *from, const char *name);
