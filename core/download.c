/* SPDX-License-Identifier: Apache-2.0 */
/* Files from the network, fetched by utmctl-download. */
#include "core/download.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "bundles/bundle.h"
#include "core/error.h"
#include "core/fd.h"
#include "core/paths.h"

#define DIGEST_DIGITS 64
#define READ_BYTES (1024 * 1024)

bool download_is_url(const char *source)
{
    return g_ascii_strncasecmp(source, "http://", 7) == 0 ||
           g_ascii_strncasecmp(source, "https://", 8) == 0;
}

char *download_name(const char *url)
{
    g_autofree char *path = g_strndup(url, strcspn(url, "?#"));
    const char *slash = strrchr(path, '/');
    g_autofree char *name = g_uri_unescape_string(slash ? slash + 1 : path, "/");
    bool usable = name && bundle_name_is_safe(name) && name[0] != '.';
    return g_strdup(usable ? name : "download");
}

/* One file for each address, however the server calls it. */
static char *cache_path(const char *url, GError **error)
{
    g_autofree char *folder = paths_cache("downloads");
    g_autofree char *digest = g_compute_checksum_for_string(G_CHECKSUM_SHA256, url, -1);
    if (!paths_make_private(folder, error))
        return NULL;
    return g_build_filename(folder, digest, NULL);
}

static bool check_digest_word(const char *sha256, GError **error)
{
    size_t length = strspn(sha256, "0123456789abcdefABCDEF");
    if (length == DIGEST_DIGITS && sha256[length] == '\0')
        return true;
    utm_error_set(error, UTM_ERROR_USAGE, NULL,
                  "\"%s\" is not a SHA-256 digest of %d hexadecimal digits", sha256, DIGEST_DIGITS);
    return false;
}

static char *digest_of(const char *path, GError **error)
{
    g_auto(Fd) fd = open(path, O_RDONLY | O_CLOEXEC);
    g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA256);
    g_autofree guchar *buffer = g_malloc(READ_BYTES);
    ssize_t n = fd < 0 ? -1 : 1;
    while (n > 0) {
        n = read(fd, buffer, READ_BYTES);
        if (n > 0)
            g_checksum_update(checksum, buffer, n);
    }
    if (n == 0)
        return g_strdup(g_checksum_get_string(checksum));
    utm_error_set(error, UTM_ERROR_FAILED, NULL, "cannot read \"%s\": %s", path, g_strerror(errno));
    return NULL;
}

bool download_check(const char *path, const char *sha256, GError **error)
{
    if (!check_digest_word(sha256, error))
        return false;
    g_autofree char *digest = digest_of(path, error);
    if (!digest)
        return false;
    if (g_ascii_strcasecmp(digest, sha256) == 0)
        return true;
    utm_error_set(error, UTM_ERROR_INVALID, NULL, "its SHA-256 digest is %s, not %s", digest,
                  sha256);
    return false;
}

void download_forget(const char *path)
{
    g_autofree char *mark = g_strconcat(path, ".mark", NULL);
    g_autofree char *lock = g_strconcat(path, ".lock", NULL);
    (void) g_unlink(path);
    (void) g_unlink(mark);
    (void) g_unlink(lock);
}

/* Two that fetch one address would write into one file. Held until this process ends. */
static bool lock_download(const char *path, const char *url, GError **error)
{
    g_autofree char *name = g_strconcat(path, ".lock", NULL);
    int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
        return true;
    bool busy = fd >= 0 && errno == EWOULDBLOCK;
    utm_error_set(error, busy ? UTM_ERROR_LOCKED : UTM_ERROR_FAILED, NULL,
                  busy ? "somebody else downloads \"%s\" already" : "cannot download \"%s\"", url);
    if (fd >= 0)
        close(fd);
    return false;
}

char *download_fetch(const char *url, const char *sha256, const LibexecWatch *watch, GError **error)
{
    if (sha256 && !check_digest_word(sha256, error))
        return NULL;
    g_autofree char *path = cache_path(url, error);
    if (!path || !lock_download(path, url, error))
        return NULL;
    const char *argv[] = { "utmctl-download", url, path, NULL };
    if (!libexec_run(argv, watch, error)) {
        if (!g_file_test(path, G_FILE_TEST_EXISTS))
            download_forget(path);
        g_prefix_error(error, "cannot download \"%s\": ", url);
        return NULL;
    }
    if (!sha256 || download_check(path, sha256, error))
        return g_steal_pointer(&path);
    download_forget(path);
    g_prefix_error(error, "\"%s\" is not the file that was wanted: ", url);
    return NULL;
}
