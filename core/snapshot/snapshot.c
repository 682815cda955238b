/* SPDX-License-Identifier: Apache-2.0 */
/* Making, going back to and forgetting snapshots, of running and of stopped machines. */
#include "core/snapshot/snapshot.h"

#include <string.h>

#include "bundles/sidecar.h"
#include "core/disk-room.h"
#include "core/error.h"
#include "core/guard.h"
#include "core/snapshot/external.h"
#include "core/snapshot/layers.h"
#include "core/snapshot/snapshot-images.h"
#include "core/snapshot/snapshot-marks.h"
#include "core/snapshot/snapshot-store.h"
#include "core/snapshot/warm-make.h"
#include "core/snapshot/warm.h"
#include "core/vm/keep-stopped.h"
#include "core/vm/run-dir.h"
#include "core/vm/saved-state.h"
#include "core/vm/unclean.h"
#include "qapi/generated/qmp-commands.h"

/* QEMU keeps names in 256 bytes. Source: QEMU include/block/snapshot.h */
#define NAME_BYTES 255

static const char *uuid_of(const Bundle *bundle)
{
    return bundle->config->information.uuid;
}

static bool is_running(const Bundle *bundle)
{
    return run_dir_runs(uuid_of(bundle), bundle->path, NULL);
}

/* ---- the helper ---- */

static bool ask_helper(QmpClient *client, QmpUtmSnapshotAction action, const char *tag,
                       bool disk_only, int64_t timeout_us, GError **error)
{
    g_autoptr(GError) local = NULL;
    /* The helper keeps to the time limit. */
    qmp_client_set_timeout(client, 0);
    if (qmp_x_utm_snapshot(client, action, tag, true, disk_only, true, timeout_us, &local))
        return true;
    vm_helper_error(error, local);
    return false;
}

/* ---- the record ---- */

typedef struct {
    const char *tag;
    const char *description;
    char *fingerprint; /* owned, or NULL */
    char *warm_ram;    /* owned, or NULL */
} Made;

static void made_clear(Made *made)
{
    g_free(made->fingerprint);
    g_free(made->warm_ram);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Made, made_clear)

/* Before it is made, so that nothing that is known of it can get lost. A snapshot that no image has
 * is not seen. */
static void note_made(Sidecar *sidecar, void *user)
{
    const Made *made = user;
    g_autofree char *parent = g_strdup(sidecar_text(sidecar, "Current"));
    const SidecarSnapshot record = { .created = g_get_real_time() / G_USEC_PER_SEC,
                                     .parent = parent,
                                     .description = (char *) made->description,
                                     .fingerprint = made->fingerprint,
                                     .warm_ram = made->warm_ram };
    sidecar_set_snapshot(sidecar, made->tag, &record);
}

static void forget_made(Sidecar *sidecar, void *user)
{
    const Made *made = user;
    sidecar_set_snapshot(sidecar, made->tag, NULL);
}

/* ---- a machine that stands still ---- */

/* Nobody starts it meanwhile, and nothing is left half done in it. */
static KeepStopped *take(const Bundle *bundle, GError **error)
{
    g_autofree char *damaged = NULL;
    bool changed = false;
    g_autoptr(KeepStopped) claim = keep_stopped(bundle, error);
    if (!claim || !unclean_repair(bundle, false, &damaged, error) ||
        !snapshot_recover(bundle, &changed, error))
        return NULL;
    if (!changed)
        return g_steal_pointer(&claim);
    utm_error_set(error, UTM_ERROR_WRONG_STATE, NULL,
                  "a restore that had been cut short has been finished just now; try again");
    return NULL;
}

/* ---- forgetting one ---- */

static bool delete_inside(const Bundle *bundle, const char *tag, GError **error)
{
    if (is_running(bundle)) {
        g_autoptr(QmpClient) client = vm_connect(bundle, error);
        return client && ask_helper(client, QMP_UTM_SNAPSHOT_ACTION_DELETE, tag, false, 0, error);
    }
    g_autoptr(KeepStopped) claim = take(bundle, error);
    g_autoptr(GPtrArray) images = claim ? snapshot_images(bundle, error) : NULL;
    return images && snapshot_mark(bundle, SNAPSHOT_DELETING, tag, error) &&
           snapshot_images_delete(images, tag, error) &&
           snapshot_mark_done(bundle, SNAPSHOT_DELETING, tag, error);
}

/* How external snapshots are worked on: through the monitor of a machine that runs, or kept stopped. */
typedef struct {
    QmpClient *client;
    KeepStopped *claim;
} Access;

static void access_clear(Access *way)
{
    g_clear_pointer(&way->client, qmp_client_free);
    g_clear_pointer(&way->claim, keep_stopped_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Access, access_clear)

static bool get_access(const Bundle *bundle, Access *out_way, GError **error)
{
    if (is_running(bundle))
        out_way->client = vm_connect(bundle, error);
    else
        out_way->claim = take(bundle, error);
    return out_way->client || out_way->claim;
}

static bool delete_external(const Bundle *bundle, const char *const *tags,
                            const LibexecWatch *watch, GError **error)
{
    g_auto(Access) way = { 0 };
    return guard_check_change(bundle->path, NULL, error) && get_access(bundle, &way, error) &&
           external_forget(bundle, way.client, tags, watch, error);
}

/* ---- making ---- */

static bool check_name(const char *name, GError **error)
{
    const char *why = NULL;
    if (!*name)
        why = "it is empty";
    else if (strlen(name) > NAME_BYTES)
        why = "it is longer than 255 bytes";
    else if (!g_utf8_validate(name, -1, NULL))
        why = "it is not UTF-8";
    else if (strcmp(name, SAVED_STATE_TAG) == 0)
        why = "this is what the state of a suspended machine is called";
    else if (strspn(name, "0123456789") == strlen(name))
        why = "a number could be taken for the id of another snapshot";
    for (const char *p = name; *p && !why; p++)
        if (g_ascii_iscntrl(*p))
            why = "it has control characters";
    if (!why)
        return true;
    utm_error_set(error, UTM_ERROR_USAGE, NULL, "\"%s\" is no name for a snapshot: %s", name, why);
    return false;
}

static bool check_free(const Bundle *bundle, const char *name, GError **error)
{
    g_autoptr(GPtrArray) snapshots = snapshot_list(bundle, error);
    if (!snapshots)
        return false;
    for (guint i = 0; i < snapshots->len; i++) {
        const Snapshot *snapshot = snapshots->pdata[i];
        if (strcmp(snapshot->tag, name) == 0 || strcmp(snapshot->name, name) == 0) {
            utm_error_set(error, UTM_ERROR_WRONG_STATE, NULL, "there is a snapshot \"%s\" already",
                          name);
            return false;
        }
    }
    return true;
}

/* The helper thaws, so that a guest is not left frozen by who is killed. */
static bool freeze(QmpClient *client, GError **error)
{
    g_autoptr(GError) local = NULL;
    qmp_client_set_timeout(client, 0); /* the helper has a limit */
    if (qmp_x_utm_quiesce(client, &local))
        return true;
    vm_helper_error(error, local);
    return false;
}

/* What QEMU calls the machine's main memory; so must the file be called that replaces it.
 *
 * Source: QEMU qapi/machine.json, default-ram-id, since 5.2 */
static char *find_main_ram(QmpClient *client, GError **error)
{
    g_autoptr(cJSON) type = NULL;
    g_autoptr(QmpMachineInfoList) machines = NULL;
    if (!qmp_qom_get(client, "/machine", "type", &type, error) ||
        !qmp_query_machines(client, &machines, error))
        return NULL;
    const char *name = cJSON_GetStringValue(type);
    for (size_t i = 0; name && i < machines->len; i++) {
        const QmpMachineInfo *machine = machines->items[i];
        g_autofree char *type_name = g_strconcat(machine->name, "-machine", NULL);
        if (strcmp(type_name, name) == 0 && machine->default_ram_id)
            return g_strdup(machine->default_ram_id);
    }
    utm_error_set(error, UTM_ERROR_UNSUPPORTED, NULL,
                  "QEMU cannot keep the memory of machine type \"%s\" in a file",
                  name ? name : "?");
    return NULL;
}

static bool create_running(const Bundle *bundle, const char *name, const SnapshotCreate *options,
                           Made *made, GError **error)
{
    g_auto(VmStatus) status = { 0 };
    g_autoptr(QmpClient) client = vm_connect(bundle, error);
    if (!client || !vm_status(bundle, &status, error))
        return false;
    if (options->warm && !(made->warm_ram = find_main_ram(client, error)))
        return false;
    if (!options->disk_only && !options->external)
        made->fingerprint = g_steal_pointer(&status.fingerprint);
    if (!options->external && !snapshot_change_sidecar(bundle, note_made, made, error))
        return false;
    if (options->quiesce && !freeze(client, error))
        return false;
    int64_t begin = g_get_monotonic_time();
    bool ok = options->external ? external_create(bundle, client, name, options->description, error)
                                : ask_helper(client, QMP_UTM_SNAPSHOT_ACTION_SAVE, name,
                                             options->disk_only, options->timeout_us, error);
    if (options->stood_us)
        *options->stood_us = g_get_monotonic_time() - begin;
    return ok;
}

static bool create_stopped(const Bundle *bundle, Made *made, bool external, GError **error)
{
    if (saved_state_exists(bundle)) {
        utm_error_set(error, UTM_ERROR_WRONG_STATE, "utmctl start",
                      "it is suspended: its disks alone are not the state that it is in");
        return false;
    }
    g_autoptr(KeepStopped) claim = take(bundle, error);
    if (claim && external)
        return external_create(bundle, NULL, made->tag, made->description, error);
    g_autoptr(GPtrArray) images = claim ? snapshot_images(bundle, error) : NULL;
    if (!images || !snapshot_change_sidecar(bundle, note_made, made, error) ||
        !snapshot_mark(bundle, SNAPSHOT_CREATING, made->tag, error))
        return false;
    if (snapshot_images_create(images, made->tag, error))
        return snapshot_mark_done(bundle, SNAPSHOT_CREATING, made->tag, error);
    snapshot_mark_undone(bundle, SNAPSHOT_CREATING, made->tag);
    return false;
}

static bool check_warm(const SnapshotCreate *options, bool running, GError **error)
{
    if (!options->warm || running)
        return true;
    utm_error_set(error, UTM_ERROR_WRONG_STATE, "utmctl start",
                  "it is not running: a warm snapshot is of memory");
    return false;
}

static bool check_images(const Bundle *bundle, bool with_ram, GError **error)
{
    g_autoptr(GPtrArray) images = snapshot_images(bundle, error);
    return images && snapshot_images_check(bundle, images, with_ram, error);
}

static bool check_create(const Bundle *bundle, const char *name, const SnapshotCreate *options,
                         bool running, GError **error)
{
    return check_warm(options, running, error) &&
           (options->external
                ? guard_check_change(bundle->path, NULL, error) && layers_check(bundle, error)
                : check_images(bundle, running && !options->disk_only, error)) &&
           check_name(name, error) && check_free(bundle, name, error);
}

static bool create(const Bundle *bundle, const char *name, const SnapshotCreate *options,
                   GError **error)
{
    bool running = is_running(bundle);
    g_auto(Made) made = { .tag = name, .description = options->description };
    if (!check_create(bundle, name, options, running, error) ||
        (!options->external && !snapshot_store_save(bundle, name, error)))
        return false;
    bool ok = running ? create_running(bundle, name, options, &made, error)
                      : create_stopped(bundle, &made, options->external, error);
    if (options->external)
        return ok;
    if (!ok) {
        /* The mark, if there is one, is the helper's. */
        utm_ignore(snapshot_change_sidecar(bundle, forget_made, &made, NULL));
        snapshot_store_delete(bundle, name);
        return false;
    }
    if (!options->warm || warm_make(bundle, name, error))
        return true;
    utm_ignore(delete_inside(bundle, name, NULL));
    return false;
}

static bool with_prefix(const Bundle *bundle, const char *what, bool ok, GError **error)
{
    if (ok)
        return true;
    disk_room_explain(bundle->path, 0, error);
    g_prefix_error(error, "VM \"%s\": cannot %s: ", bundle->config->information.name, what);
    return ok;
}

bool snapshot_create(const Bundle *bundle, const char *name, const SnapshotCreate *options,
                     GError **error)
{
    return with_prefix(bundle, "make a snapshot", create(bundle, name, options, error), error);
}

/* ---- forgetting some ---- */

/* Children first, so that what is left when it is cut short is a tree all the same. */
static void list_tree(const GPtrArray *snapshots, const Snapshot *top, bool children,
                      GPtrArray *list)
{
    for (guint i = 0; i < snapshots->len && children; i++) {
        const Snapshot *child = snapshots->pdata[i];
        if (g_strcmp0(child->parent, top->tag) == 0)
            list_tree(snapshots, child, true, list);
    }
    g_ptr_array_add(list, (gpointer) top);
}

/* External ones together: what their layers are merged into is decided once. */
static bool delete_all(const Bundle *bundle, const GPtrArray *list, const LibexecWatch *watch,
                       GError **error)
{
    g_autoptr(GPtrArray) external = g_ptr_array_new();
    for (guint i = 0; i < list->len; i++) {
        const Snapshot *snapshot = list->pdata[i];
        if (snapshot->layers)
            g_ptr_array_add(external, snapshot->tag);
        else if (!delete_inside(bundle, snapshot->tag, error))
            return false;
    }
    bool any = external->len > 0;
    g_ptr_array_add(external, NULL);
    return !any || delete_external(bundle, (const char *const *) external->pdata, watch, error);
}

bool snapshot_delete(const Bundle *bundle, const char *name, bool children,
                     const LibexecWatch *watch, GError **error)
{
    g_autoptr(Snapshot) snapshot = snapshot_find(bundle, name, error);
    g_autoptr(GPtrArray) snapshots = snapshot ? snapshot_list(bundle, error) : NULL;
    g_autoptr(GPtrArray) list = g_ptr_array_new();
    if (snapshots)
        list_tree(snapshots, snapshot, children, list);
    return with_prefix(bundle, "delete the snapshot",
                       snapshots && delete_all(bundle, list, watch, error), error);
}

static bool flatten(const Bundle *bundle, const LibexecWatch *watch, GError **error)
{
    g_auto(Access) way = { 0 };
    g_autoptr(GPtrArray) tags = g_ptr_array_new();
    if (!guard_check_change(bundle->path, NULL, error) || !layers_check(bundle, error) ||
        !get_access(bundle, &way, error))
        return false;
    g_autoptr(GPtrArray) snapshots = snapshot_list(bundle, error);
    for (guint i = 0; snapshots && i < snapshots->len; i++) {
        const Snapshot *snapshot = snapshots->pdata[i];
        if (snapshot->layers)
            g_ptr_array_add(tags, snapshot->tag);
    }
    g_ptr_array_add(tags, NULL);
    return snapshots &&
           external_flatten(bundle, way.client, (const char *const *) tags->pdata, watch, error);
}

bool snapshot_flatten(const Bundle *bundle, const LibexecWatch *watch, GError **error)
{
    return with_prefix(bundle, "flatten the disks", flatten(bundle, watch, error), error);
}

/* ---- going back ---- */

static bool check_complete(const Snapshot *snapshot, GError **error)
{
    g_autoptr(GString) missing = g_string_new(NULL);
    for (guint i = 0; i < snapshot->disks->len; i++) {
        const SnapshotDisk *disk = snapshot->disks->pdata[i];
        if (!disk->present)
            g_string_append_printf(missing, "%s\"%s\"", missing->len ? ", " : "", disk->path);
    }
    if (!missing->len)
        return true;
    utm_error_set(error, UTM_ERROR_INVALID, NULL,
                  "snapshot \"%s\" is not in every image of the machine; it is missing in %s",
                  snapshot->name, missing->str);
    return false;
}

/* The disks of a stopped machine go back: what the mark says is carried through, now or by whoever
 * has the machine next. */
static bool restore_disks(const Bundle *bundle, const Snapshot *snapshot, GError **error)
{
    g_autoptr(KeepStopped) claim = take(bundle, error);
    bool changed = false;
    if (!claim || (snapshot->layers && !layers_check(bundle, error)))
        return false;
    return snapshot_mark(bundle, SNAPSHOT_RESTORING, snapshot->tag, error) &&
           snapshot_recover(bundle, &changed, error);
}

/* Leaves the warm image out when it cannot be read. */
static void use_warm(VmStartOptions *options, const char *folder)
{
    g_auto(WarmIndex) index = { 0 };
    if (!folder || !warm_index_read(folder, &index, NULL))
        return;
    options->warm = folder;
    options->accel = warm_accel(&index);
}

static bool start_from(const Bundle *bundle, const char *load_tag, bool paused,
                       VmStarted *out_started, GError **error)
{
    /* The configuration may have gone back too. */
    g_autoptr(Bundle) now = bundle_open(bundle->path, error);
    g_auto(VmStarted) ignored = { 0 };
    g_autofree char *warm = load_tag ? warm_find(uuid_of(bundle), load_tag) : NULL;
    VmStartOptions options = { .load_tag = load_tag, .paused = paused, .force = true };
    use_warm(&options, warm);
    return now && vm_start(now, &options, 0, out_started ? out_started : &ignored, error);
}

static bool restore_stopped(const Bundle *bundle, const Snapshot *snapshot, SnapshotThen then,
                            VmStarted *out_started, GError **error)
{
    bool full = snapshot->kind != SNAPSHOT_DISK;
    if (!restore_disks(bundle, snapshot, error))
        return false;
    if (then == SNAPSHOT_THEN_AS_KEPT && !full)
        return true;
    return start_from(bundle, full ? snapshot->tag : NULL, then == SNAPSHOT_THEN_PAUSED,
                      out_started, error);
}

static bool restore_running(const Bundle *bundle, const Snapshot *snapshot, SnapshotThen then,
                            GError **error)
{
    if (snapshot->kind == SNAPSHOT_DISK) {
        utm_error_set(error, UTM_ERROR_WRONG_STATE, "utmctl stop --request, then restore again",
                      "\"%s\" has no memory in it: a running guest would not notice that its disks "
                      "have changed",
                      snapshot->name);
        return false;
    }
    g_autoptr(QmpClient) client = vm_connect(bundle, error);
    if (!client ||
        !ask_helper(client, QMP_UTM_SNAPSHOT_ACTION_LOAD, snapshot->tag, false, 0, error))
        return false;
    return then == SNAPSHOT_THEN_PAUSED ? vm_pause(bundle, error) : vm_resume(bundle, error);
}

bool snapshot_restore(const Bundle *bundle, const char *name, SnapshotThen then,
                      VmStarted *out_started, GError **error)
{
    g_autoptr(Snapshot) snapshot = snapshot_find(bundle, name, error);
    bool ok = snapshot && check_complete(snapshot, error) &&
              guard_check_change(bundle->path, NULL, error) &&
              (is_running(bundle) ? restore_running(bundle, snapshot, then, error)
                                  : restore_stopped(bundle, snapshot, then, out_started, error));
    return with_prefix(bundle, "restore the snapshot", ok, error);
}

/* ---- names ---- */

typedef struct {
    const char *tag;
    const char *name;
} Renamed;

static void note_renamed(Sidecar *sidecar, void *user)
{
    const Renamed *renamed = user;
    g_autoptr(SidecarSnapshot) record = sidecar_snapshot(sidecar, renamed->tag);
    if (!record)
        record = g_new0(SidecarSnapshot, 1);
    g_free(record->label);
    record->label = strcmp(renamed->tag, renamed->name) == 0 ? NULL : g_strdup(renamed->name);
    sidecar_set_snapshot(sidecar, renamed->tag, record);
}

bool snapshot_rename(const Bundle *bundle, const char *name, const char *new_name, GError **error)
{
    g_autoptr(Snapshot) snapshot = snapshot_find(bundle, name, error);
    if (!snapshot)
        return with_prefix(bundle, "rename the snapshot", false, error);
    Renamed renamed = { snapshot->tag, new_name };
    bool back = strcmp(snapshot->tag, new_name) == 0;
    bool ok = check_name(new_name, error) && (back || check_free(bundle, new_name, error)) &&
              snapshot_change_sidecar(bundle, note_renamed, &renamed, error);
    return with_prefix(bundle, "rename the snapshot", ok, error);
}
