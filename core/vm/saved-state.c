/* SPDX-License-Identifier: Apache-2.0 */
/* The state of a suspended machine: an internal snapshot named "suspend" in its qcow2 images. */
#include "core/vm/saved-state.h"

#include <string.h>

#include "bundles/image.h"
#include "bundles/sidecar.h"
#include "core/error.h"
#include "qapi/json-auto.h"

static const char *text_of(const cJSON *object, const char *name)
{
    return cJSON_GetStringValue(cJSON_GetObjectItem(object, name));
}

/* ---- which images take part ---- */

/* Block devices of the machine that can be written and hold something. */
typedef struct {
    GPtrArray *nodes; /* (owned) of char *: node-names of qcow2 images; the first holds the RAM */
    GPtrArray *unsuitable; /* (owned) of char *: devices that cannot take part, in words */
} StateImages;

static void state_images_clear(StateImages *images)
{
    g_clear_pointer(&images->nodes, g_ptr_array_unref);
    g_clear_pointer(&images->unsuitable, g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(StateImages, state_images_clear)

static void sort_device(const cJSON *device, StateImages *images)
{
    const cJSON *inserted = cJSON_GetObjectItem(device, "inserted");
    if (!inserted || cJSON_IsTrue(cJSON_GetObjectItem(inserted, "ro")))
        return;
    const char *driver = text_of(inserted, "drv");
    const char *file = text_of(inserted, "file");
    /* The variable store is small: the RAM must not go there. */
    bool is_disk = g_str_has_prefix(text_of(device, "device"), "drive");
    if (g_strcmp0(driver, "qcow2") != 0)
        g_ptr_array_add(images->unsuitable, g_strdup_printf("\"%s\" (%s)", file, driver));
    else if (is_disk)
        g_ptr_array_insert(images->nodes, 0, g_strdup(text_of(inserted, "node-name")));
    else
        g_ptr_array_add(images->nodes, g_strdup(text_of(inserted, "node-name")));
}

static bool find_images(QmpClient *client, StateImages *images, GError **error)
{
    g_autoptr(cJSON) devices = NULL;
    if (!qmp_client_call(client, "query-block", NULL, &devices, error))
        return false;
    images->nodes = g_ptr_array_new_with_free_func(g_free);
    images->unsuitable = g_ptr_array_new_with_free_func(g_free);
    const cJSON *device;
    cJSON_ArrayForEach (device, devices)
        sort_device(device, images);
    return true;
}

static bool check_images(const StateImages *images, GError **error)
{
    if (images->unsuitable->len) {
        g_ptr_array_add(images->unsuitable, NULL);
        g_autofree char *list = g_strjoinv(", ", (char **) images->unsuitable->pdata);
        g_ptr_array_remove_index(images->unsuitable, images->unsuitable->len - 1);
        utm_error_set(error, UTM_ERROR_UNSUPPORTED,
                      "qemu-img convert -O qcow2 makes an image that can hold a saved state",
                      "only qcow2 images can hold a saved state, and these are not: %s", list);
        return false;
    }
    if (!images->nodes->len) {
        utm_error_set(error, UTM_ERROR_UNSUPPORTED, "utmctl pause keeps the state in memory",
                      "it has no writable qcow2 disk that could hold the state");
        return false;
    }
    return true;
}

static cJSON *snapshot_arguments(const StateImages *images, bool with_ram)
{
    cJSON *arguments = cJSON_CreateObject();
    cJSON_AddStringToObject(arguments, "tag", SAVED_STATE_TAG);
    if (with_ram)
        cJSON_AddStringToObject(arguments, "vmstate", images->nodes->pdata[0]);
    cJSON *devices = cJSON_AddArrayToObject(arguments, "devices");
    for (guint i = 0; i < images->nodes->len; i++)
        cJSON_AddItemToArray(devices, cJSON_CreateString(images->nodes->pdata[i]));
    return arguments;
}

/* ---- the record ---- */

/* What must be the same for a state to be loaded: machine, memory and processors as QEMU was told
 * them, and QEMU itself. */
static char *fingerprint(const LaunchPlan *plan)
{
    static const char *const options[] = { "-machine", "-cpu", "-smp", "-m", "-accel", NULL };
    g_autoptr(GString) text = g_string_new(plan->host->qemu->version_text);
    for (char **arg = plan->command; arg[0] && arg[1]; arg++)
        if (g_strv_contains(options, arg[0]))
            g_string_append_printf(text, " %s %s", arg[0], arg[1]);
    return g_strdup(text->str);
}

/* An image of the machine that has the snapshot; its name is static in the configuration. */
static bool snapshot_is_there(const Bundle *bundle)
{
    const GPtrArray *drives = bundle->config->drives;
    for (guint i = 0; i < drives->len; i++) {
        const ConfigDrive *drive = drives->pdata[i];
        if (!drive->image_name || drive->read_only || drive->image_type != IMAGE_TYPE_DISK)
            continue;
        g_autofree char *path = bundle_data_path(bundle, drive->image_name);
        if (image_has_snapshot(path, SAVED_STATE_TAG))
            return true;
    }
    return false;
}

bool saved_state_exists(const Bundle *bundle)
{
    g_autoptr(Sidecar) sidecar = sidecar_open(bundle->path, NULL);
    g_autoptr(SidecarSuspended) record = sidecar ? sidecar_suspended(sidecar) : NULL;
    return record && snapshot_is_there(bundle);
}

/* @plan is NULL to forget. */
static bool write_record(const Bundle *bundle, const LaunchPlan *plan, GError **error)
{
    g_autoptr(Sidecar) sidecar = sidecar_open(bundle->path, error);
    if (!sidecar)
        return false;
    if (!plan) {
        sidecar_set_suspended(sidecar, NULL);
        return sidecar_save(sidecar, error);
    }
    g_autofree char *print = fingerprint(plan);
    const SidecarSuspended record = { .time = g_get_real_time() / G_USEC_PER_SEC,
                                      .tag = (char *) SAVED_STATE_TAG,
                                      .qemu_version = plan->host->qemu->version_text,
                                      .machine = bundle->config->system.target,
                                      .cpu = bundle->config->system.cpu,
                                      .fingerprint = print };
    sidecar_set_suspended(sidecar, &record);
    return sidecar_save(sidecar, error);
}

/* ---- saving and loading ---- */

static bool save_images(JobClient *jobs, int64_t timeout_us, GError **error)
{
    g_auto(StateImages) images = { 0 };
    if (!find_images(job_client_qmp(jobs), &images, error) || !check_images(&images, error))
        return false;
    /* One that was left behind has the name that is needed; it fails where there is none. */
    utm_ignore(job_run(jobs, "snapshot-delete", snapshot_arguments(&images, false), 0, NULL));
    return job_run(jobs, "snapshot-save", snapshot_arguments(&images, true), timeout_us, error);
}

bool saved_state_save(const Bundle *bundle, JobClient *jobs, const LaunchPlan *plan,
                      int64_t timeout_us, GError **error)
{
    return save_images(jobs, timeout_us, error) && write_record(bundle, plan, error);
}

static bool check_fingerprint(const Bundle *bundle, const LaunchPlan *plan, GError **error)
{
    g_autoptr(Sidecar) sidecar = sidecar_open(bundle->path, error);
    if (!sidecar)
        return false;
    g_autoptr(SidecarSuspended) record = sidecar_suspended(sidecar);
    g_autofree char *now = fingerprint(plan);
    const char *then = record ? record->fingerprint : NULL;
    if (!then || strcmp(then, now) == 0)
        return true;
    utm_error_set(
        error, UTM_ERROR_UNSUPPORTED,
        "utmctl start --discard-state boots afresh and gives the saved state up",
        "its saved state belongs to another QEMU or machine (saved with \"%s\", now \"%s\")", then,
        now);
    return false;
}

bool saved_state_load(const Bundle *bundle, JobClient *jobs, const LaunchPlan *plan, GError **error)
{
    g_auto(StateImages) images = { 0 };
    if (!check_fingerprint(bundle, plan, error) ||
        !find_images(job_client_qmp(jobs), &images, error) || !check_images(&images, error))
        return false;
    if (job_run(jobs, "snapshot-load", snapshot_arguments(&images, true), 0, error))
        return true;
    g_prefix_error(error, "cannot load its saved state: ");
    if (error && *error)
        utm_error_set_hint(
            *error, "utmctl start --discard-state boots afresh and gives the saved state up");
    return false;
}

bool saved_state_discard(const Bundle *bundle, JobClient *jobs, GError **error)
{
    g_auto(StateImages) images = { 0 };
    return find_images(job_client_qmp(jobs), &images, error) &&
           (!images.nodes->len ||
            job_run(jobs, "snapshot-delete", snapshot_arguments(&images, false), 0, error)) &&
           write_record(bundle, NULL, error);
}
