/* SPDX-License-Identifier: Apache-2.0 */
/* Packing a folder. */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "transfer/archive.h"
#include "transfer/report.h"

#define OUTPUT_FD 3

typedef struct {
    struct archive *out;
    uint64_t done, all;
    char *buffer; /* ARCHIVE_BLOCK bytes */
} Pack;

static bool write_failed(const Pack *pack)
{
    const char *text = archive_error_string(pack->out);
    return report_error("failed", "cannot write the archive: %s", text ? text : "unknown error");
}

static bool read_failed(const char *path)
{
    return report_error("failed", "cannot read \"%s\": %s", path, g_strerror(errno));
}

static int compare_names(const void *a, const void *b)
{
    const char *first = *(const char *const *) a, *second = *(const char *const *) b;
    /* Who looks into the archive finds the configuration without reading all of it. */
    bool is_config = strcmp(first, "config.plist") == 0;
    if (is_config != (strcmp(second, "config.plist") == 0))
        return is_config ? -1 : 1;
    return strcmp(first, second);
}

static GPtrArray *list_names(const char *folder)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    if (!dir)
        return NULL;
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    for (const char *name; (name = g_dir_read_name(dir));)
        g_ptr_array_add(names, g_strdup(name));
    g_ptr_array_sort(names, compare_names);
    return names;
}

static uint64_t measure(const char *path)
{
    struct stat st;
    if (stat(path, &st) < 0)
        return 0;
    if (!S_ISDIR(st.st_mode))
        return (uint64_t) st.st_size;
    g_autoptr(GPtrArray) names = list_names(path);
    uint64_t sum = 0;
    for (guint i = 0; names && i < names->len; i++) {
        g_autofree char *child = g_build_filename(path, names->pdata[i], NULL);
        sum += measure(child);
    }
    return sum;
}

static struct archive_entry *new_entry(const char *name, const struct stat *st)
{
    struct archive_entry *entry = archive_entry_new();
    bool is_folder = S_ISDIR(st->st_mode);
    archive_entry_set_pathname_utf8(entry, name);
    archive_entry_set_filetype(entry, is_folder ? AE_IFDIR : AE_IFREG);
    archive_entry_set_perm(entry, is_folder ? 0755 : 0644);
    archive_entry_set_mtime(entry, st->st_mtime, 0);
    if (!is_folder)
        archive_entry_set_size(entry, st->st_size);
    return entry;
}

/* Where the file has data; the tar format keeps holes. */
static void note_holes(struct archive_entry *entry, int fd, off_t size)
{
    off_t at = 0;
    bool any = false;
    while (at < size) {
        off_t data = lseek(fd, at, SEEK_DATA);
        if (data < 0)
            break;
        off_t hole = lseek(fd, data, SEEK_HOLE);
        if (hole < 0)
            return;
        if (data == 0 && hole == size)
            return;
        archive_entry_sparse_add_entry(entry, data, hole - data);
        any = true;
        at = hole;
    }
    if (!any && size > 0)
        archive_entry_sparse_add_entry(entry, size, 0);
}

static bool copy_content(Pack *pack, int fd, const char *path, off_t size)
{
    off_t left = size;
    (void) lseek(fd, 0, SEEK_SET);
    while (left > 0) {
        ssize_t n = read(fd, pack->buffer, (size_t) MIN(left, ARCHIVE_BLOCK));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return read_failed(path);
        if (n == 0)
            return report_error("failed", "\"%s\" was made shorter meanwhile", path);
        if (archive_write_data(pack->out, pack->buffer, (size_t) n) < 0)
            return write_failed(pack);
        left -= n;
        pack->done += (uint64_t) n;
        report_progress(pack->done, pack->all);
    }
    return true;
}

static bool add_file(Pack *pack, const char *path, const char *name)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) < 0) {
        bool told = read_failed(path);
        if (fd >= 0)
            close(fd);
        return told;
    }
    bool ok = S_ISREG(st.st_mode);
    if (!ok)
        report_error("invalid", "\"%s\" is neither a file nor a folder", path);
    struct archive_entry *entry = new_entry(name, &st);
    if (ok)
        note_holes(entry, fd, st.st_size);
    if (ok && archive_write_header(pack->out, entry) != ARCHIVE_OK)
        ok = write_failed(pack);
    ok = ok && copy_content(pack, fd, path, st.st_size);
    archive_entry_free(entry);
    close(fd);
    return ok;
}

static bool add_folder(Pack *pack, const char *path, const char *name, const struct stat *st);

static bool add_item(Pack *pack, const char *path, const char *name)
{
    struct stat st;
    if (stat(path, &st) < 0)
        return read_failed(path);
    return S_ISDIR(st.st_mode) ? add_folder(pack, path, name, &st) : add_file(pack, path, name);
}

static bool add_folder(Pack *pack, const char *path, const char *name, const struct stat *st)
{
    g_autofree char *folder_name = g_strconcat(name, "/", NULL);
    struct archive_entry *entry = new_entry(folder_name, st);
    bool ok = archive_write_header(pack->out, entry) == ARCHIVE_OK || write_failed(pack);
    archive_entry_free(entry);
    g_autoptr(GPtrArray) names = ok ? list_names(path) : NULL;
    if (ok && !names)
        return read_failed(path);
    for (guint i = 0; ok && i < names->len; i++) {
        g_autofree char *child = g_build_filename(path, names->pdata[i], NULL);
        g_autofree char *child_name = g_build_filename(name, names->pdata[i], NULL);
        ok = add_item(pack, child, child_name);
    }
    return ok;
}

static bool choose_format(struct archive *out, const char *format)
{
    if (strcmp(format, "zip") == 0)
        return archive_write_set_format_zip(out) == ARCHIVE_OK;
    if (archive_write_set_format_pax_restricted(out) != ARCHIVE_OK)
        return false;
    if (strcmp(format, "tar.gz") == 0)
        return archive_write_add_filter_gzip(out) == ARCHIVE_OK;
    if (strcmp(format, "tar.zst") == 0)
        return archive_write_add_filter_zstd(out) == ARCHIVE_OK;
    if (strcmp(format, "tar.xz") == 0)
        return archive_write_add_filter_xz(out) == ARCHIVE_OK;
    return strcmp(format, "tar") == 0;
}

static bool sync_file(const char *file)
{
    int fd = open(file, O_WRONLY | O_CLOEXEC);
    bool ok = fd >= 0 && (fsync(fd) == 0 || errno == EINVAL);
    if (!ok)
        report_error("failed", "cannot write \"%s\": %s", file, g_strerror(errno));
    if (fd >= 0)
        close(fd);
    return ok;
}

bool pack_archive(const char *folder, const char *name, const char *file, const char *format)
{
    Pack pack = { .out = archive_write_new(), .all = measure(folder) };
    bool ok = choose_format(pack.out, format) ||
              report_error("unsupported", "the installed libarchive cannot write \"%s\"", format);
    /* A pipe gets what there is, not padded to a tape's blocks. */
    archive_write_set_bytes_in_last_block(pack.out, 1);
    bool is_pipe = strcmp(file, "-") == 0;
    int status = is_pipe ? archive_write_open_fd(pack.out, OUTPUT_FD)
                         : archive_write_open_filename(pack.out, file);
    if (ok && status != ARCHIVE_OK)
        ok = write_failed(&pack);
    pack.buffer = g_malloc(ARCHIVE_BLOCK);
    ok = ok && add_item(&pack, folder, name);
    if (archive_write_close(pack.out) != ARCHIVE_OK && ok)
        ok = write_failed(&pack);
    archive_write_free(pack.out);
    g_free(pack.buffer);
    return ok && (is_pipe || sync_file(file));
}
