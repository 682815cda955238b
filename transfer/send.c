/* SPDX-License-Identifier: Apache-2.0 */
/* Packing a file or folder of this host for a guest. */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "transfer/copy.h"
#include "transfer/report.h"

#define OUTPUT_FD 3

typedef struct {
    struct archive *in, *out;
    struct archive_entry_linkresolver *links;
    GChecksum *sum;
    const char *path, *name;
    bool holes;
    uint64_t done;
} Send;

static la_ssize_t write_out(struct archive *out, void *user, const void *data, size_t size)
{
    Send *send = user;
    ssize_t n;
    do
        n = write(OUTPUT_FD, data, size);
    while (n < 0 && errno == EINTR);
    if (n < 0) {
        archive_set_error(out, errno, "%s", g_strerror(errno));
        return -1;
    }
    g_checksum_update(send->sum, data, n);
    send->done += (uint64_t) n;
    report_progress(send->done, 0);
    return n;
}

static bool failed(struct archive *archive, const char *what, const char *path)
{
    const char *text = archive_error_string(archive);
    return report_error("failed", "cannot %s \"%s\": %s", what, path,
                        text ? text : "unknown error");
}

/* The name that an entry has in the archive. */
static void rename_entry(const Send *send, struct archive_entry *entry)
{
    const char *path = archive_entry_sourcepath(entry);
    g_autofree char *name = g_strconcat(send->name, path + strlen(send->path), NULL);
    archive_entry_set_pathname(entry, name);
    archive_entry_set_uid(entry, 0);
    archive_entry_set_gid(entry, 0);
    archive_entry_set_uname(entry, NULL);
    archive_entry_set_gname(entry, NULL);
}

static bool write_zeros(const Send *send, la_int64_t count)
{
    static const char zeros[COPY_BLOCK];
    while (count > 0) {
        size_t size = (size_t) MIN(count, COPY_BLOCK);
        if (archive_write_data(send->out, zeros, size) < 0)
            return failed(send->out, "send", send->path);
        count -= (la_int64_t) size;
    }
    return true;
}

static bool write_content(const Send *send, struct archive_entry *entry)
{
    const void *block;
    size_t size;
    la_int64_t offset, at = 0;
    for (;;) {
        int status = archive_read_data_block(send->in, &block, &size, &offset);
        if (status == ARCHIVE_EOF)
            return write_zeros(send, archive_entry_size(entry) - at);
        if (status < ARCHIVE_WARN)
            return failed(send->in, "read", archive_entry_sourcepath(entry));
        if (!write_zeros(send, offset - at))
            return false;
        if (archive_write_data(send->out, block, size) < 0)
            return failed(send->out, "send", send->path);
        at = offset + (la_int64_t) size;
    }
}

static bool is_wanted(struct archive_entry *entry)
{
    mode_t type = archive_entry_filetype(entry);
    if (type == AE_IFREG || type == AE_IFDIR || type == AE_IFLNK)
        return true;
    report_note("\"%s\" is neither a file nor a folder: left out", archive_entry_sourcepath(entry));
    return false;
}

static bool send_entry(const Send *send, struct archive_entry *entry)
{
    struct archive_entry *spare = NULL;
    rename_entry(send, entry);
    if (!send->holes)
        archive_entry_sparse_clear(entry);
    archive_entry_linkify(send->links, &entry, &spare);
    if (archive_write_header(send->out, entry) < ARCHIVE_WARN)
        return failed(send->out, "send", archive_entry_sourcepath(entry));
    return archive_entry_size(entry) <= 0 || write_content(send, entry);
}

static bool send_all(const Send *send)
{
    for (;;) {
        struct archive_entry *entry = archive_entry_new();
        int status = archive_read_next_header2(send->in, entry);
        bool ok = status >= ARCHIVE_WARN && status != ARCHIVE_EOF;
        if (!ok && status != ARCHIVE_EOF)
            failed(send->in, "read", send->path);
        if (ok && is_wanted(entry))
            ok = send_entry(send, entry);
        archive_entry_free(entry);
        if (status == ARCHIVE_EOF)
            return true;
        if (!ok)
            return false;
        archive_read_disk_descend(send->in);
    }
}

static bool open_both(Send *send)
{
    /* Long names are written so that every tar reads them; holes only pax knows. */
    int format = send->holes ? archive_write_set_format_pax_restricted(send->out)
                             : archive_write_set_format_gnutar(send->out);
    archive_write_set_bytes_in_last_block(send->out, 1);
    archive_read_disk_set_symlink_hybrid(send->in);
    archive_read_disk_set_behavior(send->in, ARCHIVE_READDISK_NO_ACL | ARCHIVE_READDISK_NO_XATTR |
                                                 ARCHIVE_READDISK_NO_FFLAGS);
    archive_entry_linkresolver_set_strategy(send->links, archive_format(send->out));
    if (format != ARCHIVE_OK ||
        archive_write_open(send->out, send, NULL, write_out, NULL) != ARCHIVE_OK)
        return failed(send->out, "send", send->path);
    return archive_read_disk_open(send->in, send->path) == ARCHIVE_OK ||
           failed(send->in, "read", send->path);
}

bool send_tree(const char *path, const char *name, bool holes)
{
    Send send = { .in = archive_read_disk_new(),
                  .out = archive_write_new(),
                  .links = archive_entry_linkresolver_new(),
                  .sum = g_checksum_new(G_CHECKSUM_SHA256),
                  .path = path,
                  .name = name,
                  .holes = holes };
    bool ok = open_both(&send) && send_all(&send);
    if (archive_write_close(send.out) != ARCHIVE_OK && ok)
        ok = failed(send.out, "send", path);
    if (ok)
        report_note("%s", g_checksum_get_string(send.sum));
    archive_entry_linkresolver_free(send.links);
    archive_read_free(send.in);
    archive_write_free(send.out);
    g_checksum_free(send.sum);
    return ok;
}
