/* SPDX-License-Identifier: Apache-2.0 */
/* Archives: recognised here, packed and unpacked by utmctl-archive. */
#include "core/archive.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "core/fd.h"

/* Source: the formats' own specifications; POSIX.1-1988 for tar */
static const struct {
    size_t at;
    size_t length;
    const char *bytes;
} magics[] = {
    { 0, 4, "PK\003\004" },
    { 0, 4, "PK\005\006" },
    { 0, 2, "\x1f\x8b" },
    { 0, 6,
      "\xfd"
      "7zXZ\0" },
    { 0, 4, "\x28\xb5\x2f\xfd" },
    { 257, 5, "ustar" },
};

bool archive_is_one(const char *path)
{
    char head[512];
    g_auto(Fd) fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    ssize_t n = fd < 0 ? -1 : read(fd, head, sizeof head);
    for (size_t i = 0; n > 0 && i < G_N_ELEMENTS(magics); i++)
        if (magics[i].at + magics[i].length <= (size_t) n &&
            memcmp(head + magics[i].at, magics[i].bytes, magics[i].length) == 0)
            return true;
    return false;
}

bool archive_unpack(const char *file, const char *folder, uint64_t max_bytes,
                    const LibexecWatch *watch, GError **error)
{
    g_autofree char *limit = g_strdup_printf("%" G_GUINT64_FORMAT, (guint64) max_bytes);
    const char *argv[] = { "utmctl-archive", "unpack", file, folder, limit, NULL };
    return libexec_run(argv, watch, error);
}

bool archive_pack(const char *folder, const char *name, const char *file, const char *format,
                  const LibexecWatch *watch, GError **error)
{
    const char *argv[] = { "utmctl-archive", "pack", folder, name, file, format, NULL };
    return libexec_run(argv, watch, error);
}

bool archive_seed(const char *folder, const char *file, GError **error)
{
    const char *argv[] = { "utmctl-archive", "seed", folder, file, NULL };
    return libexec_run(argv, NULL, error);
}
