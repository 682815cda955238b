/* SPDX-License-Identifier: Apache-2.0 */
/* Unpacking archives that may be malicious. */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "transfer/archive.h"
#include "transfer/report.h"

#define MAX_ENTRIES 5000
#define MAX_DEPTH 32
#define MAX_NAME 255
/* Much more than disk images with systems on them yield, much less than bombs do. */
#define MAX_RATIO 200
/* Whatever the ratio: new disks are zeros, and these are small when packed. */
#define FREE_BYTES ((uint64_t) 512 * 1024 * 1024)
#define USUAL_MAX_BYTES ((uint64_t) 8 * 1024 * 1024 * 1024 * 1024)
/* Zeros are looked for in pieces of this size, which is a block of most file systems. */
#define HOLE_BYTES 4096

typedef struct {
    struct archive *in;
    const char *folder;
    uint64_t file_size; /* 0: a pipe */
    uint64_t max_bytes;
    bool is_limited; /* the ratio counts */
    uint64_t done;   /* bytes unpacked */
    uint64_t holes;  /* bytes that the archive says are holes */
    unsigned entries;
    GHashTable *names; /* owned: files made so far */
} Unpack;

static bool invalid(const char *name, const char *reason)
{
    return report_error("invalid", "\"%s\" in the archive %s", name, reason);
}

static bool read_failed(const Unpack *unpack)
{
    const char *text = archive_error_string(unpack->in);
    return report_error("invalid", "the archive is damaged or not one: %s",
                        text ? text : "unknown error");
}

/* --- Names ---------------------------------------------------------------------------------- */

static const char *step_problem(const char *step)
{
    if (strcmp(step, "..") == 0)
        return "climbs out of its folder";
    if (strlen(step) > MAX_NAME)
        return "has a name that is too long";
    for (const char *c = step; *c; c++)
        if ((unsigned char) *c < 0x20 || *c == 0x7f)
            return "has control characters in its name";
    return NULL;
}

/* The name without empty and "." steps; NULL when it has been reported why it is refused. */
static char *clean_name(const char *name)
{
    if (!name || !g_utf8_validate(name, -1, NULL)) {
        report_error("invalid", "a name in the archive is not UTF-8 text");
        return NULL;
    }
    if (name[0] == '/') {
        invalid(name, "has an absolute name");
        return NULL;
    }
    g_auto(GStrv) steps = g_strsplit(name, "/", -1);
    g_autoptr(GPtrArray) kept = g_ptr_array_new();
    for (char **step = steps; *step; step++) {
        const char *problem = step_problem(*step);
        if (!problem && kept->len >= MAX_DEPTH)
            problem = "lies too deep";
        if (problem) {
            invalid(name, problem);
            return NULL;
        }
        if (**step && strcmp(*step, ".") != 0)
            g_ptr_array_add(kept, *step);
    }
    g_ptr_array_add(kept, NULL);
    return g_strjoinv("/", (char **) kept->pdata);
}

/* What macOS adds to its archives. */
static bool is_mac_extra(const char *name)
{
    g_autofree char *base = g_path_get_basename(name);
    return g_str_has_prefix(name, "__MACOSX/") || strcmp(name, "__MACOSX") == 0 ||
           g_str_has_prefix(base, "._") || strcmp(base, ".DS_Store") == 0;
}

static const char *kind_problem(struct archive_entry *entry)
{
    if (archive_entry_hardlink(entry))
        return "is a link";
    switch (archive_entry_filetype(entry)) {
    case AE_IFREG:
    case AE_IFDIR:
        return NULL;
    case AE_IFLNK:
        return "is a link";
    default:
        return "is a device, a socket or a pipe";
    }
}

/* --- Content -------------------------------------------------------------------------------- */

/* Holes that the archive says are there cost nothing, neither here nor there. */
static bool count_bytes(Unpack *unpack, uint64_t bytes, uint64_t hole_bytes)
{
    unpack->done += bytes;
    unpack->holes += hole_bytes;
    uint64_t packed = MAX(unpack->file_size, (uint64_t) archive_filter_bytes(unpack->in, -1));
    bool is_bomb =
        unpack->is_limited && unpack->done > FREE_BYTES && unpack->done / MAX_RATIO > packed;
    bool fits =
        unpack->holes <= unpack->max_bytes && unpack->done <= unpack->max_bytes - unpack->holes;
    if (fits && !is_bomb)
        return true;
    report_hint("if you trust it, say how much it may become, such as --max-size 64G");
    if (is_bomb)
        return report_error(
            "invalid", "it unpacks to more than %d times its size, as archive bombs do", MAX_RATIO);
    return report_error("invalid", "it unpacks to more than %" G_GUINT64_FORMAT " bytes",
                        (guint64) unpack->max_bytes);
}

static bool is_zero(const char *bytes, size_t size)
{
    return size == 0 || (bytes[0] == 0 && memcmp(bytes, bytes + 1, size - 1) == 0);
}

static bool write_at(int fd, const char *bytes, size_t size, off_t at)
{
    while (size > 0) {
        ssize_t n = pwrite(fd, bytes, size, at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        bytes += n;
        size -= (size_t) n;
        at += n;
    }
    return true;
}

/* Runs of data are written at once, zeros between them not at all. */
static bool write_block(int fd, const char *bytes, size_t size, off_t at)
{
    size_t start = 0;
    for (size_t i = 0; i < size; i += HOLE_BYTES) {
        size_t piece = MIN(size - i, HOLE_BYTES);
        if (!is_zero(bytes + i, piece))
            continue;
        if (!write_at(fd, bytes + start, i - start, at + (off_t) start))
            return false;
        start = i + piece;
    }
    return write_at(fd, bytes + start, size - start, at + (off_t) start);
}

static bool finish_file(Unpack *unpack, struct archive_entry *entry, int fd, int64_t end,
                        const char *path)
{
    /* A hole at the end has no block of its own. */
    int64_t size = archive_entry_size_is_set(entry) ? MAX(archive_entry_size(entry), end) : end;
    if (!count_bytes(unpack, 0, (uint64_t) (size - end)))
        return false;
    if (ftruncate(fd, (off_t) size) < 0)
        return report_error("failed", "cannot write \"%s\": %s", path, g_strerror(errno));
    return true;
}

static bool copy_content(Unpack *unpack, struct archive_entry *entry, int fd, const char *path)
{
    int64_t end = 0;
    for (;;) {
        const void *block;
        size_t size;
        la_int64_t at;
        int status = archive_read_data_block(unpack->in, &block, &size, &at);
        if (status == ARCHIVE_EOF)
            return finish_file(unpack, entry, fd, end, path);
        if (status < ARCHIVE_WARN || at < end)
            return read_failed(unpack);
        if (!count_bytes(unpack, size, (uint64_t) (at - end)))
            return false;
        if (!write_block(fd, block, size, (off_t) at))
            return report_error("failed", "cannot write \"%s\": %s", path, g_strerror(errno));
        end = at + (int64_t) size;
        report_progress((uint64_t) archive_filter_bytes(unpack->in, -1), unpack->file_size);
    }
}

static bool make_folder(const char *path)
{
    return g_mkdir_with_parents(path, 0755) == 0 ||
           report_error("failed", "cannot make folder \"%s\": %s", path, g_strerror(errno));
}

static bool make_file(Unpack *unpack, struct archive_entry *entry, const char *name,
                      const char *path)
{
    g_autofree char *parent = g_path_get_dirname(path);
    if (!g_hash_table_add(unpack->names, g_strdup(name)))
        return invalid(name, "is there twice");
    if (!make_folder(parent))
        return false;
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (fd < 0)
        return report_error("failed", "cannot create \"%s\": %s", path, g_strerror(errno));
    bool ok = copy_content(unpack, entry, fd, path);
    if (close(fd) < 0 && ok)
        return report_error("failed", "cannot write \"%s\": %s", path, g_strerror(errno));
    return ok;
}

static bool take_entry(Unpack *unpack, struct archive_entry *entry)
{
    const char *raw = archive_entry_pathname_utf8(entry);
    g_autofree char *name = clean_name(raw ? raw : archive_entry_pathname(entry));
    if (!name)
        return false;
    if (++unpack->entries > MAX_ENTRIES)
        return report_error("invalid", "the archive has more than %d entries", MAX_ENTRIES);
    if (!*name || is_mac_extra(name))
        return true;
    const char *problem = kind_problem(entry);
    if (problem)
        return invalid(name, problem);
    g_autofree char *path = g_build_filename(unpack->folder, name, NULL);
    return archive_entry_filetype(entry) == AE_IFDIR ? make_folder(path)
                                                     : make_file(unpack, entry, name, path);
}

static bool take_all(Unpack *unpack)
{
    for (;;) {
        struct archive_entry *entry;
        int status = archive_read_next_header(unpack->in, &entry);
        if (status == ARCHIVE_EOF)
            return true;
        if (status < ARCHIVE_WARN)
            return read_failed(unpack);
        if (!take_entry(unpack, entry))
            return false;
    }
}

static struct archive *new_reader(bool single)
{
    struct archive *in = archive_read_new();
    if (!single) {
        archive_read_support_format_zip(in);
        archive_read_support_format_tar(in);
    }
    /* What is no archive when it is decompressed: one file, which libarchive calls "data". */
    archive_read_support_format_raw(in);
    archive_read_support_filter_gzip(in);
    archive_read_support_filter_xz(in);
    archive_read_support_filter_zstd(in);
    return in;
}

static bool open_file(Unpack *unpack, const char *file, bool single)
{
    unpack->in = new_reader(single);
    int status = strcmp(file, "-") == 0
                     ? archive_read_open_fd(unpack->in, STDIN_FILENO, ARCHIVE_BLOCK)
                     : archive_read_open_filename(unpack->in, file, ARCHIVE_BLOCK);
    return status == ARCHIVE_OK || read_failed(unpack);
}

/* A disk image may begin with zeros, as the end of a tar file does. */
static bool try_single(Unpack *unpack, const char *file)
{
    if (unpack->entries > 0 || unpack->file_size == 0)
        return true;
    archive_read_free(unpack->in);
    return open_file(unpack, file, true) && take_all(unpack);
}

bool unpack_archive(const char *file, const char *folder, uint64_t max_bytes)
{
    struct stat st = { 0 };
    bool known = strcmp(file, "-") != 0 && stat(file, &st) == 0 && S_ISREG(st.st_mode);
    Unpack unpack = { .folder = folder,
                      .file_size = known ? (uint64_t) st.st_size : 0,
                      .max_bytes = max_bytes ? max_bytes : USUAL_MAX_BYTES,
                      .is_limited = max_bytes == 0,
                      .names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL) };
    bool ok = open_file(&unpack, file, false) && take_all(&unpack) && try_single(&unpack, file);
    if (ok && unpack.entries == 0)
        ok = report_error("invalid", "the archive is empty");
    archive_read_free(unpack.in);
    g_hash_table_unref(unpack.names);
    return ok;
}
