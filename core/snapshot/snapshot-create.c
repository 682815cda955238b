/* SPDX-License-Identifier: Apache-2.0 */
/* Making snapshots, of running and of stopped machines. */
#include <string.h>

#include "bundles/sidecar.h"
#include "bundles/image.h"
#include "core/efi-vars.h"
#include "core/error.h"
#include "core/guard.h"
#include "core/snapshot/external.h"
#include "core/snapshot/guest-mounts.h"
#include "core/snapshot/layers.h"
#include "core/snapshot/snapshot-access.h"
#include "core/snapshot/snapshot-images.h"
#include "core/snapshot/snapshot-marks.h"
#include "core/snapshot/snapshot-store.h"
#include "core/snapshot/snapshot.h"
#include "core/snapshot/warm-make.h"
#include "core/vm/saved-state.h"
#include "core/vm/vm.h"

/* ---- the record ---- */

typedef struct {
    const char *tag;
    const char *description;
    char *fingerprint; /* owned, or NULL */
    char *warm_ram;    /* owned, or NULL */
    bool begun;        /* the helper has it: the mark is the helper's to remove */
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
    snapshot_mark_in(sidecar, SNAPSHOT_CREATING, made->tag);
}

static void forget_made(Sidecar *sidecar, void *user)
{
    const Made *made = user;
    sidecar_set_snapshot(sidecar, made->tag, NULL);
    if (!made->begun)
        snapshot_mark_in(sidecar, SNAPSHOT_CREATING, NULL);
}

/* What a helper refuses it has not begun. */
static bool is_refusal(const GError *error)
{
    return g_error_matches(error, UTM_ERROR, UTM_ERROR_WRONG_STATE) ||
           g_error_matches(error, UTM_ERROR, UTM_ERROR_USAGE);
}

static bool save_inside(QmpClient *client, const char *name, const SnapshotCreate *options,
                        Made *made, GError **error)
{
    g_autoptr(GError) local = NULL;
    bool ok = snapshot_ask_helper(client, QMP_UTM_SNAPSHOT_ACTION_SAVE, name, options->disk_only,
                                  options->timeout_us, &local);
    made->begun = !is_refusal(local);
    if (local)
        g_propagate_error(error, g_steal_pointer(&local));
    return ok;
}

/* ---- making ---- */

/* The helper thaws, so that a guest is not left frozen by who is killed. */
static bool freeze(QmpClient *client, GError **error)
{
    g_autoptr(GError) local = NULL;
    qmp_client_set_timeout(client, 0); /* the helper has a limit */
    if (qmp_x_utm_quiesce(client, false, 0, &local))
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

static bool with_ram(const SnapshotCreate *options)
{
    return !options->disk_only && !options->external;
}

static bool save_running(const Bundle *bundle, QmpClient *client, const char *name,
                         const SnapshotCreate *options, Made *made, GError **error)
{
    if (!options->external && !snapshot_change_sidecar(bundle, note_made, made, error))
        return false;
    if (options->quiesce && !freeze(client, error))
        return false;
    int64_t begin = g_get_monotonic_time();
    bool ok = options->external ? external_create(bundle, client, name, options->description, error)
                                : save_inside(client, name, options, made, error);
    if (options->stood_us)
        *options->stood_us = g_get_monotonic_time() - begin;
    return ok;
}

static bool create_running(const Bundle *bundle, const char *name, const SnapshotCreate *options,
                           Made *made, GError **error)
{
    g_auto(VmStatus) status = { 0 };
    g_autofree char *mounts = NULL;
    g_autoptr(QmpClient) client = vm_connect(bundle, error);
    if (!client || !vm_status(bundle, &status, error))
        return false;
    if (options->warm && !(made->warm_ram = find_main_ram(client, error)))
        return false;
    if (with_ram(options)) {
        made->fingerprint = g_steal_pointer(&status.fingerprint);
        if (!guest_mounts_detach(client, status.agent, &mounts, error))
            return false;
    }
    bool ok = save_running(bundle, client, name, options, made, error);
    bool back = guest_mounts_attach(client, mounts);
    if (options->mounts_lost)
        *options->mounts_lost = !back;
    return ok;
}

static bool create_stopped(const Bundle *bundle, Made *made, bool external, GError **error)
{
    if (saved_state_exists(bundle)) {
        utm_error_set(error, UTM_ERROR_WRONG_STATE, "utmctl start VM",
                      "it is suspended: its disks alone are not the state that it is in");
        return false;
    }
    g_autoptr(KeepStopped) claim = snapshot_take(bundle, error);
    if (claim && external)
        return external_create(bundle, NULL, made->tag, made->description, error);
    g_autoptr(GPtrArray) images = claim ? snapshot_images(bundle, error) : NULL;
    if (!images || !snapshot_change_sidecar(bundle, note_made, made, error))
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
    utm_error_set(error, UTM_ERROR_WRONG_STATE, "utmctl start VM",
                  "it is not running: a warm snapshot is of memory");
    return false;
}

static bool check_images(const Bundle *bundle, bool with_ram, GError **error)
{
    g_autoptr(GPtrArray) images = snapshot_images(bundle, error);
    return images && snapshot_images_check(bundle, images, with_ram, error);
}

/* Once: a store that is raw holds no snapshots, and QEMU takes either. That of a machine that runs is
 * in use. */
static bool convert_vars(const Bundle *bundle, GError **error)
{
    g_autofree char *vars = bundle_efi_vars_path(bundle);
    g_autoptr(ImageInfo) info = NULL;
    if (!bundle->config->qemu.uefi_boot || !image_probe(vars, &info, NULL) ||
        info->format != IMAGE_RAW)
        return true;
    g_autoptr(KeepStopped) claim = snapshot_take(bundle, error);
    return claim && efi_vars_create(vars, vars, error);
}

static bool check_create(const Bundle *bundle, const char *name, const SnapshotCreate *options,
                         bool running, GError **error)
{
    return check_warm(options, running, error) && snapshot_check_name(name, error) &&
           snapshot_check_free(bundle, name, error) &&
           (running || options->external || convert_vars(bundle, error)) &&
           (options->external
                ? guard_check_change(bundle->path, NULL, error) && layers_check(bundle, error)
                : check_images(bundle, running && with_ram(options), error));
}

static bool create(const Bundle *bundle, const char *name, const SnapshotCreate *options,
                   GError **error)
{
    bool running = vm_is_running(bundle);
    g_auto(Made) made = { .tag = name, .description = options->description };
    if (!check_create(bundle, name, options, running, error) ||
        (!options->external && !snapshot_store_save(bundle, name, error)))
        return false;
    bool ok = running ? create_running(bundle, name, options, &made, error)
                      : create_stopped(bundle, &made, options->external, error);
    if (options->external)
        return ok;
    if (!ok) {
        utm_ignore(snapshot_change_sidecar(bundle, forget_made, &made, NULL));
        snapshot_store_delete(bundle, name);
        return false;
    }
    if (!options->warm || warm_make(bundle, name, error))
        return true;
    utm_ignore(snapshot_delete(bundle, name, false, NULL, NULL));
    return false;
}

bool snapshot_create(const Bundle *bundle, const char *name, const SnapshotCreate *options,
                     GError **error)
{
    return snapshot_with_prefix(bundle, "make a snapshot", create(bundle, name, options, error),
                                error);
}

/* ---- before going back ---- */

static char *free_name(const Bundle *bundle, const char *name)
{
    g_autofree char *base = g_strdup_printf("before-%s", name);
    g_autofree char *candidate = g_strdup(base);
    for (unsigned number = 2; !snapshot_check_free(bundle, candidate, NULL); number++) {
        g_free(candidate);
        candidate = g_strdup_printf("%s-%u", base, number);
    }
    return g_steal_pointer(&candidate);
}

bool snapshot_keep_current(const Bundle *bundle, const char *name, char **out_name, GError **error)
{
    g_autoptr(Snapshot) snapshot = snapshot_find(bundle, name, error);
    if (!snapshot)
        return false;
    g_autofree char *kept = free_name(bundle, snapshot->name);
    g_autofree char *description = g_strdup_printf("before going back to %s", snapshot->name);
    const SnapshotCreate how = { .description = description, .external = snapshot->layers != NULL };
    if (!snapshot_create(bundle, kept, &how, error))
        return false;
    *out_name = g_steal_pointer(&kept);
    return true;
}
