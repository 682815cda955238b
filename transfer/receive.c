/* SPDX-License-Identifier: Apache-2.0 */
/* Unpacking what a guest sends, which may be malicious. */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "transfer/copy.h"
#include "transfer/report.h"

typedef struct {
    struct archive *in, *out;
    GChecksum *sum;
    const char *from, *name;
    char *buffer; /* COPY_BLOCK bytes */
} Receive;

static la_ssize_t read_in(struct archive *in, void *user, const void **out_data)
{
    Receive *receive = user;
    ssize_t n;
    do
        n = read(STDIN_FILENO, receive->buffer, COPY_BLOCK);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        archive_set_error(in, errno, "%s", g_strerror(errno));
    else
        g_checksum_update(receive->sum, (const guchar *) receive->buffer, n);
    *out_data = receive->buffer;
    return n;
}

static bool failed(struct archive *archive, const char *word, const char *what)
{
    const char *text = archive_error_string(archive);
    return report_error(word, "%s: %s", what, text ? text : "unknown error");
}

static bool climbs(const char *path)
{
    g_auto(GStrv) steps = g_strsplit(path, "/", 0);
    return path[0] == '/' || g_strv_contains((const char *const *) steps, "..");
}

/* The name on this host; NULL for one that has no business in this archive. */
static char *new_name(const Receive *receive, const char *path)
{
    size_t length = strlen(receive->from);
    if (climbs(path) || strncmp(path, receive->from, length) != 0 ||
        (path[length] && path[length] != '/'))
        return NULL;
    return g_strconcat(receive->name, path + length, NULL);
}

static bool set_names(const Receive *receive, struct archive_entry *entry)
{
    const char *path = archive_entry_pathname(entry), *link = archive_entry_hardlink(entry);
    g_autofree char *name = path ? new_name(receive, path) : NULL;
    g_autofree char *target = link ? new_name(receive, link) : NULL;
    if (!name || (link && !target))
        return report_error("invalid", "the guest sends \"%s\", which was not asked for",
                            name && link ? link
                            : path       ? path
                                         : "");
    archive_entry_set_pathname(entry, name);
    if (target)
        archive_entry_set_hardlink(entry, target);
    archive_entry_set_perm(entry, archive_entry_perm(entry) & 01777);
    return true;
}

static bool is_wanted(struct archive_entry *entry)
{
    mode_t type = archive_entry_filetype(entry);
    if (archive_entry_hardlink(entry) || type == AE_IFREG || type == AE_IFDIR || type == AE_IFLNK)
        return true;
    report_note("\"%s\" is neither a file nor a folder: left out", archive_entry_pathname(entry));
    return false;
}

static bool copy_content(const Receive *receive)
{
    const void *block;
    size_t size;
    la_int64_t offset;
    for (;;) {
        int status = archive_read_data_block(receive->in, &block, &size, &offset);
        if (status == ARCHIVE_EOF)
            return true;
        if (status < ARCHIVE_WARN)
            return failed(receive->in, "failed", "what the guest sends breaks off");
        if (archive_write_data_block(receive->out, block, size, offset) < ARCHIVE_WARN)
            return failed(receive->out, "failed", "cannot write");
    }
}

static bool receive_all(const Receive *receive)
{
    for (;;) {
        struct archive_entry *entry;
        int status = archive_read_next_header(receive->in, &entry);
        if (status == ARCHIVE_EOF)
            return true;
        if (status < ARCHIVE_WARN)
            return failed(receive->in, "failed", "what the guest sends breaks off");
        if (!is_wanted(entry))
            continue;
        if (!set_names(receive, entry))
            return false;
        if (archive_write_header(receive->out, entry) < ARCHIVE_WARN)
            return failed(receive->out, "failed", "cannot write");
        if (archive_entry_size(entry) > 0 && !copy_content(receive))
            return false;
        if (archive_write_finish_entry(receive->out) < ARCHIVE_WARN)
            return failed(receive->out, "failed", "cannot write");
    }
}

/* The sum is of everything, and the archive ends before its padding does. */
static void read_rest(Receive *receive)
{
    const void *data;
    while (read_in(receive->in, receive, &data) > 0)
        continue;
}

static bool open_both(Receive *receive, const char *folder)
{
    if (chdir(folder) < 0)
        return report_error("failed", "cannot enter folder \"%s\": %s", folder, g_strerror(errno));
    archive_read_support_format_tar(receive->in);
    archive_write_disk_set_options(
        receive->out, ARCHIVE_EXTRACT_TIME | ARCHIVE_EXTRACT_PERM | ARCHIVE_EXTRACT_SPARSE |
                          ARCHIVE_EXTRACT_SECURE_SYMLINKS | ARCHIVE_EXTRACT_SECURE_NODOTDOT |
                          ARCHIVE_EXTRACT_SECURE_NOABSOLUTEPATHS);
    return archive_read_open(receive->in, receive, NULL, read_in, NULL) == ARCHIVE_OK ||
           failed(receive->in, "failed", "the guest sends nothing that can be read");
}

bool receive_tree(const char *folder, const char *from, const char *name)
{
    Receive receive = { .in = archive_read_new(),
                        .out = archive_write_disk_new(),
                        .sum = g_checksum_new(G_CHECKSUM_SHA256),
                        .from = from,
                        .name = name,
                        .buffer = g_malloc(COPY_BLOCK) };
    bool ok = open_both(&receive, folder) && receive_all(&receive);
    /* Times and modes of folders are set last. */
    if (archive_write_close(receive.out) != ARCHIVE_OK && ok)
        ok = failed(receive.out, "failed", "cannot write");
    if (ok) {
        read_rest(&receive);
        report_note("%s", g_checksum_get_string(receive.sum));
    }
    archive_read_free(receive.in);
    archive_write_free(receive.out);
    g_checksum_free(receive.sum);
    g_free(receive.buffer);
    return ok;
}
