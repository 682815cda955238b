/* SPDX-License-Identifier: Apache-2.0 */
/* What is in a machine's removable drives, on this host. */
#include "core/media.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bundles/image.h"
#include "core/error.h"
#include "core/host-facts.h"
#include "core/vm/hot-plug.h"
#include "core/vm/lock-owner.h"
#include "core/vm/vm.h"
#include "qapi/generated/qmp-commands.h"

/* QEMU's name of a drive begins so. Source: UTM 5.0.3, argument mapping */
#define DEVICE_PREFIX "drive"

/* How often a guest that keeps the tray shut is asked again. */
#define ASK_AGAIN_US (200 * 1000)

static void drive_free(MediaDrive *drive)
{
    g_free(drive->identifier);
    g_free(drive->image);
    g_free(drive);
}

static const char *uuid_of(const Bundle *bundle)
{
    return bundle->config->information.uuid;
}

static char *device_of(const char *identifier)
{
    return g_strconcat(DEVICE_PREFIX, identifier, NULL);
}

static const char *kind_of(const ConfigDrive *drive)
{
    if (drive->interface == DRIVE_INTERFACE_FLOPPY)
        return "floppy";
    if (drive->image_type == IMAGE_TYPE_CD)
        return "cd";
    return drive->interface == DRIVE_INTERFACE_USB ? "usb" : "disk";
}

/* ---- listing ---- */

static GPtrArray *list_removable(const Bundle *bundle, const HostFacts *facts)
{
    GPtrArray *list = g_ptr_array_new_with_free_func((GDestroyNotify) drive_free);
    const GPtrArray *drives = bundle->config->drives;
    for (guint i = 0; i < drives->len; i++) {
        const ConfigDrive *config = drives->pdata[i];
        bool medium = config->image_type == IMAGE_TYPE_DISK || config->image_type == IMAGE_TYPE_CD;
        if (config->image_name || !medium)
            continue;
        MediaDrive *drive = g_new0(MediaDrive, 1);
        drive->index = i;
        drive->identifier = g_strdup(config->identifier);
        drive->kind = kind_of(config);
        drive->image = g_strdup(g_hash_table_lookup(facts->media, config->identifier));
        g_ptr_array_add(list, drive);
    }
    return list;
}

static void add_live(MediaDrive *drive, const QmpBlockInfoList *devices)
{
    g_autofree char *device = device_of(drive->identifier);
    for (size_t i = 0; i < devices->len; i++) {
        const QmpBlockInfo *info = devices->items[i];
        if (g_strcmp0(info->device, device) != 0)
            continue;
        drive->tray_open = info->has_tray_open && info->tray_open;
        drive->locked = info->locked;
    }
}

GPtrArray *media_list(const Bundle *bundle, GError **error)
{
    g_autoptr(HostFacts) facts = host_facts_load(uuid_of(bundle), error);
    g_autoptr(GPtrArray) list = facts ? list_removable(bundle, facts) : NULL;
    if (!list || !vm_is_running(bundle))
        return g_steal_pointer(&list);
    g_autoptr(QmpClient) client = vm_connect(bundle, error);
    g_autoptr(QmpBlockInfoList) devices = NULL;
    if (!client || !qmp_query_block(client, &devices, error))
        return NULL;
    for (guint i = 0; i < list->len; i++)
        add_live(list->pdata[i], devices);
    return g_steal_pointer(&list);
}

/* ---- which drive ---- */

static bool matches(const MediaDrive *drive, const char *word)
{
    g_autofree char *index = g_strdup_printf("%u", drive->index);
    return strcmp(drive->identifier, word) == 0 || strcmp(index, word) == 0 ||
           strcmp(drive->kind, word) == 0;
}

static void list_into(GString *text, const GPtrArray *list)
{
    for (guint i = 0; i < list->len; i++) {
        const MediaDrive *drive = list->pdata[i];
        g_string_append_printf(text, "%s%u (%s, %s)", i ? ", " : "", drive->index, drive->kind,
                               drive->identifier);
    }
}

/* The drive's entry in the configuration; exactly one must match. */
static const ConfigDrive *choose(const Bundle *bundle, const char *word, GError **error)
{
    g_autoptr(HostFacts) none = host_facts_new();
    g_autoptr(GPtrArray) list = list_removable(bundle, none);
    g_autoptr(GString) all = g_string_new(NULL);
    const ConfigDrive *chosen = NULL;
    guint n = 0;
    list_into(all, list);
    for (guint i = 0; i < list->len; i++) {
        const MediaDrive *drive = list->pdata[i];
        if (!matches(drive, word))
            continue;
        chosen = bundle->config->drives->pdata[drive->index];
        n++;
    }
    if (n == 1)
        return chosen;
    if (!list->len)
        utm_error_set(error, UTM_ERROR_NOT_FOUND,
                      "utmctl config add VM Drive ImageType=CD Interface=USB",
                      "it has no removable drive");
    else if (n)
        utm_error_set(error, UTM_ERROR_USAGE, NULL, "\"%s\" could be any of %s", word, all->str);
    else
        utm_error_set(error, UTM_ERROR_NOT_FOUND, NULL,
                      "it has no removable drive \"%s\"; there is %s", word, all->str);
    return NULL;
}

/* ---- the image ---- */

typedef struct {
    char *path;         /* absolute */
    const char *driver; /* static */
    bool read_only;
    int fd; /* -1: none */
} Medium;

static void medium_clear(Medium *medium)
{
    g_free(medium->path);
    if (medium->fd >= 0)
        close(medium->fd);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Medium, medium_clear)

static bool refuse_name(const char *image, GError **error)
{
    g_autofree char *scheme = g_uri_parse_scheme(image);
    if (strcmp(image, "-") != 0 && !scheme)
        return true;
    utm_error_set(error, UTM_ERROR_USAGE, "download it first, and mount the file",
                  "\"%s\" is no file: only files can be in a drive", image);
    return false;
}

static bool check_file(const Medium *medium, GError **error)
{
    struct stat st;
    if (fstat(medium->fd, &st) == 0 && (S_ISREG(st.st_mode) || S_ISBLK(st.st_mode)))
        return true;
    utm_error_set(error, UTM_ERROR_INVALID, NULL, "\"%s\" is neither a file nor a block device",
                  medium->path);
    return false;
}

static bool open_medium(const char *image, bool read_only, Medium *out_medium, GError **error)
{
    if (!refuse_name(image, error))
        return false;
    out_medium->path = g_canonicalize_filename(image, NULL);
    out_medium->read_only = read_only;
    out_medium->fd =
        open(out_medium->path, (read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC | O_NONBLOCK);
    if (out_medium->fd < 0) {
        UtmError code = errno == ENOENT ? UTM_ERROR_NOT_FOUND : UTM_ERROR_FAILED;
        utm_error_set(error, code, errno == EACCES && !read_only ? "--read-only" : NULL,
                      "cannot open \"%s\": %s", out_medium->path, g_strerror(errno));
        return false;
    }
    g_autoptr(ImageInfo) info = NULL;
    if (!check_file(out_medium, error) || !image_probe(out_medium->path, &info, error))
        return false;
    out_medium->driver = image_format_driver(info->format);
    if (!out_medium->driver)
        utm_error_set(error, UTM_ERROR_UNSUPPORTED, NULL, "QEMU cannot read \"%s\": it is %s",
                      out_medium->path, image_format_name(info->format));
    return out_medium->driver != NULL;
}

/* ---- the record ---- */

static bool note(const char *uuid, const char *identifier, const char *path, GError **error)
{
    g_autoptr(HostFacts) facts = host_facts_load(uuid, error);
    if (!facts)
        return false;
    if (path)
        g_hash_table_replace(facts->media, g_strdup(identifier), g_strdup(path));
    else
        g_hash_table_remove(facts->media, identifier);
    return host_facts_save(facts, uuid, error);
}

void media_forget(const char *uuid, const char *device)
{
    if (g_str_has_prefix(device, DEVICE_PREFIX))
        utm_ignore(note(uuid, device + strlen(DEVICE_PREFIX), NULL, NULL));
}

/* ---- a running machine ---- */

static bool never(void *user G_GNUC_UNUSED)
{
    return false;
}

/* QEMU has asked the guest to let go; it says so only in words.
 * Source: QEMU 7.2 block/qapi-sysemu.c, do_open_tray() */
static bool is_locked_tray(const GError *error)
{
    return strstr(error->message, "is locked") || strstr(error->message, "not open");
}

/* Repeat until the guest has opened its tray. */
static bool patiently(QmpClient *client, const MediaChange *change,
                      bool (*attempt)(QmpClient *client, void *user, GError **error), void *user,
                      GError **error)
{
    int64_t deadline =
        change->timeout_us ? g_get_monotonic_time() + change->timeout_us : G_MAXINT64;
    for (;;) {
        g_autoptr(GError) local = NULL;
        if (attempt(client, user, &local))
            return true;
        if (!is_locked_tray(local)) {
            g_propagate_error(error, g_steal_pointer(&local));
            return false;
        }
        if (g_get_monotonic_time() > deadline) {
            utm_error_set(error, UTM_ERROR_TIMEOUT, "--force takes it out all the same",
                          "the guest keeps the tray shut");
            return false;
        }
        utm_ignore(qmp_client_pump(client, never, NULL, ASK_AGAIN_US, NULL));
    }
}

typedef struct {
    const char *device;
    const Medium *medium;
    char *filename;
    bool force;
} Insertion;

static bool insert(QmpClient *client, void *user, GError **error)
{
    const Insertion *insertion = user;
    QmpBlockdevChangeReadOnlyMode mode = insertion->medium->read_only
                                             ? QMP_BLOCKDEV_CHANGE_READ_ONLY_MODE_READ_ONLY
                                             : QMP_BLOCKDEV_CHANGE_READ_ONLY_MODE_READ_WRITE;
    return qmp_blockdev_change_medium(client, insertion->device, NULL, insertion->filename,
                                      insertion->medium->driver, true, insertion->force, true, mode,
                                      error);
}

static void explain_lock(const Medium *medium, GError **error)
{
    if (!error || !*error || !strstr((*error)->message, "\" lock"))
        return;
    g_autofree char *owner = lock_owner(medium->path);
    g_clear_error(error);
    utm_error_set(error, UTM_ERROR_LOCKED, NULL, "\"%s\" is locked by %s", medium->path,
                  owner ? owner : "another process");
}

static bool mount_running(const Bundle *bundle, const char *device, const Medium *medium,
                          const MediaChange *change, GError **error)
{
    g_autoptr(QmpClient) client = vm_connect(bundle, error);
    int64_t set = client ? hot_plug_pass_fd(client, medium->fd, device, error) : -1;
    if (set < 0)
        return false;
    Insertion insertion = { .device = device, .medium = medium, .force = change->force };
    insertion.filename = g_strdup_printf("/dev/fdset/%" G_GINT64_FORMAT, set);
    bool ok = patiently(client, change, insert, &insertion, error);
    g_free(insertion.filename);
    if (ok) {
        hot_plug_drop_fds(client, device, set);
        return true;
    }
    utm_ignore(qmp_remove_fd(client, set, false, 0, NULL));
    explain_lock(medium, error);
    return false;
}

typedef struct {
    const char *device;
    bool force;
} Ejection;

static bool eject(QmpClient *client, void *user, GError **error)
{
    const Ejection *ejection = user;
    return qmp_eject(client, ejection->device, NULL, true, ejection->force, error);
}

static bool unmount_running(const Bundle *bundle, const char *device, const MediaChange *change,
                            GError **error)
{
    g_autoptr(QmpClient) client = vm_connect(bundle, error);
    Ejection ejection = { device, change->force };
    if (!client || !patiently(client, change, eject, &ejection, error))
        return false;
    hot_plug_drop_fds(client, device, -1);
    return true;
}

/* ---- what users ask for ---- */

static bool done(const Bundle *bundle, const char *what, bool ok, GError **error)
{
    if (!ok)
        g_prefix_error(error, "VM \"%s\": cannot %s: ", bundle->config->information.name, what);
    return ok;
}

static bool mount_it(const Bundle *bundle, const char *word, const char *image,
                     const MediaChange *change, GError **error)
{
    g_auto(Medium) medium = { .fd = -1 };
    const ConfigDrive *drive = choose(bundle, word, error);
    if (!drive)
        return false;
    bool read_only = change->read_only || drive->read_only || drive->image_type == IMAGE_TYPE_CD;
    if (!open_medium(image, read_only, &medium, error))
        return false;
    if (change->dry_run)
        return true;
    g_autofree char *device = device_of(drive->identifier);
    return (!vm_is_running(bundle) || mount_running(bundle, device, &medium, change, error)) &&
           note(uuid_of(bundle), drive->identifier, medium.path, error);
}

bool media_mount(const Bundle *bundle, const char *drive, const char *image,
                 const MediaChange *change, GError **error)
{
    return done(bundle, "mount", mount_it(bundle, drive, image, change, error), error);
}

static bool unmount_it(const Bundle *bundle, const char *word, const MediaChange *change,
                       GError **error)
{
    const ConfigDrive *drive = choose(bundle, word, error);
    if (!drive || change->dry_run)
        return drive != NULL;
    g_autofree char *device = device_of(drive->identifier);
    return (!vm_is_running(bundle) || unmount_running(bundle, device, change, error)) &&
           note(uuid_of(bundle), drive->identifier, NULL, error);
}

bool media_unmount(const Bundle *bundle, const char *drive, const MediaChange *change,
                   GError **error)
{
    return done(bundle, "unmount", unmount_it(bundle, drive, change, error), error);
}
