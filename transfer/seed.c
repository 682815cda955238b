/* SPDX-License-Identifier: Apache-2.0 */
/* The small CD image from which a guest configures itself at its first boot. */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <glib.h>
#include <string.h>

#include "transfer/archive.h"
#include "transfer/report.h"

/* By this label the guest finds it.
 * Source: cloud-init documentation, NoCloud: a file system with the label CIDATA or cidata */
#define LABEL "volume-id=cidata"

static bool write_failed(struct archive *out)
{
    const char *text = archive_error_string(out);
    return report_error("failed", "cannot write the CD image: %s", text ? text : "unknown error");
}

static bool add_file(struct archive *out, const char *folder, const char *name)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_autofree char *content = NULL;
    size_t size = 0;
    g_autoptr(GError) error = NULL;
    if (!g_file_get_contents(path, &content, &size, &error))
        return report_error("failed", "%s", error->message);
    struct archive_entry *entry = archive_entry_new();
    archive_entry_set_pathname_utf8(entry, name);
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_mtime(entry, g_get_real_time() / G_USEC_PER_SEC, 0);
    archive_entry_set_size(entry, (la_int64_t) size);
    bool ok = archive_write_header(out, entry) == ARCHIVE_OK &&
              archive_write_data(out, content, size) == (la_ssize_t) size;
    archive_entry_free(entry);
    return ok || write_failed(out);
}

static bool add_files(struct archive *out, const char *folder)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GDir) dir = g_dir_open(folder, 0, &error);
    if (!dir)
        return report_error("failed", "%s", error->message);
    bool ok = true;
    for (const char *name; ok && (name = g_dir_read_name(dir));)
        ok = add_file(out, folder, name);
    return ok;
}

bool seed_write(const char *folder, const char *file)
{
    struct archive *out = archive_write_new();
    /* Both ways to write long names in small letters: Linux reads the first, others the second. */
    bool ok = archive_write_set_format_iso9660(out) == ARCHIVE_OK &&
              archive_write_set_options(out, LABEL ",rockridge=useful,joliet") == ARCHIVE_OK &&
              archive_write_open_filename(out, file) == ARCHIVE_OK;
    ok = ok ? add_files(out, folder) : write_failed(out);
    if (archive_write_close(out) != ARCHIVE_OK && ok)
        ok = write_failed(out);
    archive_write_free(out);
    return ok;
}
