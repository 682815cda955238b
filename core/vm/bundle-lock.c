/* SPDX-License-Identifier: Apache-2.0 */
/* The lock on a bundle's folder, which all see that use it: other users, other runtime folders. */
#include "core/vm/bundle-lock.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "core/error.h"

/* Who looks whether a bundle is free has it for less than a millisecond. */
#define PATIENCE_US (200 * 1000)

int bundle_lock(const char *path, BundleLockKind kind, GError **error)
{
    int operation = (kind == BUNDLE_LOCK_READ ? LOCK_SH : LOCK_EX) | LOCK_NB;
    gint64 deadline = g_get_monotonic_time() + PATIENCE_US;
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        utm_error_set(error, UTM_ERROR_FAILED, NULL, "cannot open \"%s\": %s", path,
                      g_strerror(errno));
        return -1;
    }
    while (flock(fd, operation) < 0 && errno == EWOULDBLOCK) {
        if (g_get_monotonic_time() < deadline) {
            g_usleep(1000);
            continue;
        }
        utm_error_set(
            error, UTM_ERROR_LOCKED, NULL,
            "the bundle \"%s\" is in use: it is being copied, or it runs for another user "
            "or with another XDG_RUNTIME_DIR",
            path);
        close(fd);
        return -1;
    }
    return fd;
}
