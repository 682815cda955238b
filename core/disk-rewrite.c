/* SPDX-License-Identifier: Apache-2.0 */
/* Writing the image of a disk anew: smaller, or in another format. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "core/disk.h"
#include "core/error.h"
#include "core/fd.h"
#include "core/guard.h"
#include "core/qemu-img.h"
#include "core/trust.h"
#include "core/vm/keep-stopped.h"

/* What can be written: UTM and QEMU read both on every host. */
typedef struct {
    const char *format;
    const char *ending;
} Target;

static const Target targets[] = { { "qcow2", "qcow2" }, { "raw", "img" } };

static const Target *find_target(const char *format, GError **error)
{
    for (size_t i = 0; i < G_N_ELEMENTS(targets); i++)
        if (g_ascii_strcasecmp(targets[i].format, format) == 0)
            return &targets[i];
    utm_error_set(error, UTM_ERROR_USAGE, NULL,
                  "\"%s\" is no format for a disk: there is qcow2 and raw", format);
    return NULL;
}

/* ---- what cannot be taken over ---- */

static bool check_snapshots(const ImageInfo *info, GError **error)
{
    if (!info->snapshots->len)
        return true;
    g_autoptr(GString) names = g_string_new(NULL);
    for (guint i = 0; i < info->snapshots->len; i++)
        g_string_append_printf(names, "%s\"%s\"", i ? ", " : "",
                               ((const ImageSnapshot *) info->snapshots->pdata[i])->tag);
    utm_error_set(error, UTM_ERROR_WRONG_STATE, "utmctl snapshot delete, or leave it as it is",
                  "it has snapshots, which would be lost: %s", names->str);
    return false;
}

/* A layer of external snapshots that became whole would leave them behind. */
static bool check_layers(const Bundle *bundle, const Disk *disk, GError **error)
{
    g_autofree char *folder = g_build_filename(bundle->path, "Snapshots", "", NULL);
    if (!disk->chain->len || !g_str_has_prefix(disk->chain->pdata[0], folder))
        return true;
    utm_error_set(error, UTM_ERROR_WRONG_STATE, "utmctl snapshot flatten",
                  "it stands on external snapshots, which would be lost");
    return false;
}

static bool check_source(const Bundle *bundle, const Disk *disk, GError **error)
{
    const ImageInfo *info = disk->info;
    if (!info)
        utm_error_set(error, UTM_ERROR_INVALID, NULL, "%s", disk->problem);
    else if (!image_format_driver(info->format))
        utm_error_set(error, UTM_ERROR_UNSUPPORTED, NULL, "QEMU cannot read \"%s\": it is %s",
                      disk->path, image_format_name(info->format));
    else if (strcmp(disk->type, "Disk") != 0)
        utm_error_set(error, UTM_ERROR_WRONG_STATE, NULL, "drive %u is no disk but a %s",
                      disk->index, disk->type);
    else if (info->is_encrypted || info->data_file || info->extents->len)
        utm_error_set(error, UTM_ERROR_UNSUPPORTED, NULL, "\"%s\" is %s", disk->path,
                      info->is_encrypted ? "encrypted" : "made of several files");
    else if (g_file_test(disk->path, G_FILE_TEST_IS_SYMLINK))
        utm_error_set(error, UTM_ERROR_UNSUPPORTED, NULL, "\"%s\" is a link", disk->path);
    else
        return guard_check_change(bundle->path, NULL, error) && check_snapshots(info, error);
    return false;
}

/* ---- the new image ---- */

/* Options that keep a qcow2 image what it is: the size of its clusters, the image below. */
static char *create_options(const ImageInfo *info)
{
    return info->format == IMAGE_QCOW2
               ? g_strdup_printf("cluster_size=%" G_GUINT64_FORMAT ",extended_l2=%s",
                                 G_GUINT64_CONSTANT(1) << info->cluster_bits,
                                 info->extended_l2 ? "on" : "off")
               : g_strdup("cluster_size=65536");
}

static bool write_image(const Disk *disk, const char *to, const char *format, bool keep_chain,
                        const LibexecWatch *watch, GError **error)
{
    const ImageInfo *info = disk->info;
    g_autofree char *source = g_strconcat("file:", disk->path, NULL);
    g_autofree char *target = g_strconcat("file:", to, NULL);
    g_autofree char *options = create_options(info);
    g_autoptr(GPtrArray) argv = g_ptr_array_new();
    const char *words[] = { "qemu-img", "convert", "-p", "-f", image_format_driver(info->format),
                            "-O",       format,    NULL };
    for (size_t i = 0; words[i]; i++)
        g_ptr_array_add(argv, (gpointer) words[i]);
    if (strcmp(format, "qcow2") == 0) {
        g_ptr_array_add(argv, (gpointer) "-o");
        g_ptr_array_add(argv, options);
    }
    if (keep_chain && info->backing_file) {
        g_ptr_array_add(argv, (gpointer) "-B");
        g_ptr_array_add(argv, info->backing_file);
        g_ptr_array_add(argv, (gpointer) "-F");
        g_ptr_array_add(argv, info->backing_format ? info->backing_format : (gpointer) "qcow2");
    }
    g_ptr_array_add(argv, source);
    g_ptr_array_add(argv, target);
    g_ptr_array_add(argv, NULL);
    return qemu_img_watch((const char *const *) argv->pdata, disk_size(disk), watch, error);
}

static bool compare_images(const Disk *disk, const char *to, const char *format,
                           const LibexecWatch *watch, GError **error)
{
    g_autofree char *source = g_strconcat("file:", disk->path, NULL);
    g_autofree char *target = g_strconcat("file:", to, NULL);
    const char *argv[] = {
        "qemu-img", "compare", "-p",   "-f",   image_format_driver(disk->info->format),
        "-F",       format,    source, target, NULL
    };
    g_autoptr(GError) cause = NULL;
    if (qemu_img_watch(argv, disk_size(disk), watch, &cause))
        return true;
    if (utm_error_code(cause) == UTM_ERROR_FAILED)
        utm_error_set(error, UTM_ERROR_FAILED, NULL, "the new image is not like the old one: %s",
                      cause->message);
    else
        g_propagate_error(error, g_steal_pointer(&cause));
    return false;
}

static bool flush(const char *path, GError **error)
{
    g_auto(Fd) fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0 && fsync(fd) == 0)
        return true;
    utm_error_set(error, UTM_ERROR_FAILED, NULL, "cannot write \"%s\": %s", path,
                  g_strerror(errno));
    return false;
}

/* The new image under a name of its own. What a crash left behind of an earlier one goes first. */
static bool prepare(const Disk *disk, const char *to, const char *format, bool keep_chain,
                    const LibexecWatch *watch, GError **error)
{
    struct stat st;
    (void) g_unlink(to);
    bool ok = write_image(disk, to, format, keep_chain, watch, error) &&
              compare_images(disk, to, format, watch, error) && flush(to, error);
    if (ok && stat(disk->path, &st) == 0 && chmod(to, st.st_mode & 07777) < 0)
        g_debug("chmod \"%s\": %s", to, g_strerror(errno));
    if (!ok)
        (void) g_unlink(to);
    return ok;
}

static void flush_folder(const char *path)
{
    g_autofree char *folder = g_path_get_dirname(path);
    utm_ignore(flush(folder, NULL));
}

static bool take_name(const char *from, const char *to, GError **error)
{
    if (g_rename(from, to) == 0) {
        flush_folder(to);
        return true;
    }
    utm_error_set(error, UTM_ERROR_FAILED, NULL, "cannot rename \"%s\": %s", from,
                  g_strerror(errno));
    (void) g_unlink(from);
    return false;
}

static uint64_t allocated(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 ? (uint64_t) st.st_blocks * 512 : 0;
}

static char *beside(const Disk *disk)
{
    g_autofree char *folder = g_path_get_dirname(disk->path);
    g_autofree char *name = g_path_get_basename(disk->path);
    g_autofree char *hidden = g_strdup_printf(".%s.new", name);
    return g_build_filename(folder, hidden, NULL);
}

static bool done(const Bundle *bundle, const char *what, bool ok, GError **error)
{
    if (!ok)
        g_prefix_error(error, "VM \"%s\": cannot %s: ", bundle->config->information.name, what);
    return ok;
}

/* ---- what users ask for ---- */

static bool compact(const Bundle *bundle, const Disk *disk, bool dry_run, const LibexecWatch *watch,
                    uint64_t *out_saved, GError **error)
{
    g_autoptr(KeepStopped) stopped =
        check_source(bundle, disk, error) && check_layers(bundle, disk, error)
            ? keep_stopped(bundle, error)
            : NULL;
    if (!stopped)
        return false;
    g_autofree char *to = beside(disk);
    const char *format = image_format_driver(disk->info->format);
    if (dry_run || !find_target(format, error)) {
        *out_saved = 0;
        return dry_run;
    }
    if (!prepare(disk, to, format, true, watch, error))
        return false;
    uint64_t before = allocated(disk->path), after = allocated(to);
    *out_saved = before > after ? before - after : 0;
    if (*out_saved)
        return take_name(to, disk->path, error);
    (void) g_unlink(to);
    return true;
}

bool disk_compact(const Bundle *bundle, const Disk *disk, bool dry_run, const LibexecWatch *watch,
                  uint64_t *out_saved, GError **error)
{
    return done(bundle, "compact the disk", compact(bundle, disk, dry_run, watch, out_saved, error),
                error);
}

/* A name for the image in its new format that nothing has yet. */
static char *free_name(const Bundle *bundle, const Disk *disk, const Target *target)
{
    g_autofree char *old = g_path_get_basename(disk->path);
    const char *dot = strrchr(old, '.');
    int stem = dot && dot > old ? (int) (dot - old) : (int) strlen(old);
    char *name = g_strdup_printf("%.*s.%s", stem, old, target->ending);
    for (int number = 2;; number++) {
        g_autofree char *path = bundle_data_path(bundle, name);
        if (!g_file_test(path, G_FILE_TEST_EXISTS))
            return name;
        g_free(name);
        name = g_strdup_printf("%.*s-%d.%s", stem, old, number, target->ending);
    }
}

/* Read anew: what has nothing to do with QEMU may have been changed meanwhile. */
static bool adopt(const Bundle *bundle, const Disk *disk, const char *name, GError **error)
{
    g_autoptr(Bundle) now = bundle_open(bundle->path, error);
    for (guint i = 0; now && i < now->config->drives->len; i++) {
        ConfigDrive *drive = now->config->drives->pdata[i];
        if (strcmp(drive->identifier, disk->identifier) != 0)
            continue;
        g_free(drive->image_name);
        drive->image_name = g_strdup(name);
        return bundle_save(now, error);
    }
    if (now)
        utm_error_set(error, UTM_ERROR_WRONG_STATE, NULL, "the drive has been removed meanwhile");
    return false;
}

/* Until the configuration names the new image, the old one is the machine's. */
static bool convert(const Bundle *bundle, const Disk *disk, const Target *target, bool dry_run,
                    const LibexecWatch *watch, char **out_name, GError **error)
{
    g_autoptr(KeepStopped) stopped = check_source(bundle, disk, error) &&
                                             check_layers(bundle, disk, error) &&
                                             trust_check_copy(bundle, true, error)
                                         ? keep_stopped(bundle, error)
                                         : NULL;
    if (!stopped)
        return false;
    g_autofree char *temporary = beside(disk);
    g_autofree char *name = free_name(bundle, disk, target);
    g_autofree char *path = bundle_data_path(bundle, name);
    if (strcmp(image_format_driver(disk->info->format), target->format) == 0) {
        *out_name = g_path_get_basename(disk->path);
        return true;
    }
    if (!dry_run) {
        if (!prepare(disk, temporary, target->format, false, watch, error) ||
            !take_name(temporary, path, error))
            return false;
        if (!adopt(bundle, disk, name, error)) {
            (void) g_unlink(path);
            return false;
        }
        (void) g_unlink(disk->path);
    }
    *out_name = g_steal_pointer(&name);
    return true;
}

bool disk_convert(const Bundle *bundle, const Disk *disk, const char *format, bool dry_run,
                  const LibexecWatch *watch, char **out_name, GError **error)
{
    const Target *target = find_target(format, error);
    return done(bundle, "convert the disk",
                target && convert(bundle, disk, target, dry_run, watch, out_name, error), error);
}
