/* SPDX-License-Identifier: Apache-2.0 */
/* The state of a suspended machine: an internal snapshot named "suspend" in its qcow2 images. */
#include "core/vm/saved-state.h"

#include <string.h>

#include "bundles/image.h"
#include "bundles/sidecar.h"
#include "core/argv/argv-quote.h"
#include "core/error.h"
#include "core/snapshot/snapshot-marks.h"
#include "core/vm/hot-plug.h"
#include "core/vm/state-images.h"
#include "qapi/generated/qmp-commands.h"

/* ---- the record ---- */

char *saved_state_fingerprint(const LaunchPlan *plan)
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

/* @plan is NULL to forget. What was begun is done with it. */
static bool write_record(const Bundle *bundle, const LaunchPlan *plan, GError **error)
{
    g_autoptr(Sidecar) sidecar = sidecar_open(bundle->path, error);
    if (!sidecar)
        return false;
    sidecar_set_text(sidecar, "Creating", NULL);
    if (!plan) {
        sidecar_set_suspended(sidecar, NULL);
        return sidecar_save(sidecar, error);
    }
    g_autofree char *print = saved_state_fingerprint(plan);
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
    if (!hot_plug_check_saving(job_client_qmp(jobs), error) ||
        !state_images_find(job_client_qmp(jobs), &images, error) ||
        !state_images_check(&images, error))
        return false;
    /* One that was left behind has the name that is needed; it fails where there is none. */
    utm_ignore(state_images_run(&images, jobs, STATE_DELETE, SAVED_STATE_TAG, 0, NULL));
    return state_images_run(&images, jobs, STATE_SAVE, SAVED_STATE_TAG, timeout_us, error);
}

bool saved_state_save(const Bundle *bundle, JobClient *jobs, const LaunchPlan *plan,
                      int64_t timeout_us, GError **error)
{
    if (!snapshot_mark(bundle, SNAPSHOT_CREATING, SAVED_STATE_TAG, error))
        return false;
    if (save_images(jobs, timeout_us, error))
        return write_record(bundle, plan, error);
    /* Where QEMU has gone the mark stays, so that nothing is left of what it wrote. */
    if (qmp_query_status(job_client_qmp(jobs), NULL, NULL))
        snapshot_mark_undone(bundle, SNAPSHOT_CREATING, SAVED_STATE_TAG);
    return false;
}

/* NULL when nothing is known; then QEMU has to find out. */
static char *known_fingerprint(const Sidecar *sidecar, const char *tag)
{
    if (strcmp(tag, SAVED_STATE_TAG) == 0) {
        g_autoptr(SidecarSuspended) record = sidecar_suspended(sidecar);
        return record ? g_strdup(record->fingerprint) : NULL;
    }
    g_autoptr(SidecarSnapshot) record = sidecar_snapshot(sidecar, tag);
    return record ? g_strdup(record->fingerprint) : NULL;
}

/* What the user calls it, who may have renamed it. A new string. */
static char *shown_name(const Bundle *bundle, const char *tag)
{
    g_autoptr(Sidecar) sidecar = sidecar_open(bundle->path, NULL);
    g_autoptr(SidecarSnapshot) record = sidecar ? sidecar_snapshot(sidecar, tag) : NULL;
    return g_strdup(record && record->label ? record->label : tag);
}

/* Until one is chosen, the state stays. */
static char *way_out(const Bundle *bundle, const char *tag)
{
    g_autofree char *name = argv_shell_quote(bundle->config->information.name);
    g_autofree char *shown = shown_name(bundle, tag);
    g_autofree char *snapshot = argv_shell_quote(shown);
    if (strcmp(tag, SAVED_STATE_TAG) == 0)
        return g_strdup_printf("utmctl start --discard-state %s boots afresh and gives the state "
                               "up, which is kept until then",
                               name);
    return g_strdup_printf("utmctl snapshot restore --cold %s %s%s goes back to the disks alone",
                           name, shown[0] == '-' ? "-- " : "", snapshot);
}

/* Those options of a fingerprint that the other one has not, or not so. */
static char *only_in(const char *one, const char *other)
{
    g_auto(GStrv) options = g_strsplit(one, " -", -1);
    g_auto(GStrv) others = g_strsplit(other, " -", -1);
    g_autoptr(GString) text = g_string_new(NULL);
    for (char **option = options; *option; option++)
        if (!g_strv_contains((const char *const *) others, *option))
            g_string_append_printf(text, "%s%s%s", text->len ? " " : "",
                                   option == options ? "QEMU " : "-", *option);
    return g_strdup(text->len ? text->str : one);
}

bool saved_state_fits(const Bundle *bundle, const char *now, const char *tag, GError **error)
{
    g_autoptr(Sidecar) sidecar = sidecar_open(bundle->path, error);
    if (!sidecar)
        return false;
    g_autofree char *then = known_fingerprint(sidecar, tag);
    if (!then || strcmp(then, now) == 0)
        return true;
    g_autofree char *hint = way_out(bundle, tag);
    g_autofree char *shown = shown_name(bundle, tag);
    g_autofree char *was = only_in(then, now);
    g_autofree char *is = only_in(now, then);
    utm_error_set(error, UTM_ERROR_UNSUPPORTED, hint,
                  "its saved state \"%s\" belongs to another QEMU or machine: it was saved with "
                  "\"%s\", and now there is \"%s\"",
                  shown, was, is);
    return false;
}

bool saved_state_load(const Bundle *bundle, JobClient *jobs, const LaunchPlan *plan,
                      const char *tag, GError **error)
{
    g_auto(StateImages) images = { 0 };
    g_autofree char *now = saved_state_fingerprint(plan);
    if (!saved_state_fits(bundle, now, tag, error) ||
        !state_images_find(job_client_qmp(jobs), &images, error) ||
        !state_images_check(&images, error))
        return false;
    if (state_images_run(&images, jobs, STATE_LOAD, tag, 0, error))
        return true;
    g_autofree char *hint = way_out(bundle, tag);
    g_autofree char *shown = shown_name(bundle, tag);
    g_prefix_error(error, "cannot load its saved state \"%s\": ", shown);
    if (error && *error)
        utm_error_set_hint(*error, hint);
    return false;
}

bool saved_state_discard(const Bundle *bundle, JobClient *jobs, GError **error)
{
    g_auto(StateImages) images = { 0 };
    /* The record first: a state without one is none, and the next saving replaces it. */
    return state_images_find(job_client_qmp(jobs), &images, error) &&
           write_record(bundle, NULL, error) &&
           (!images.nodes->len ||
            state_images_run(&images, jobs, STATE_DELETE, SAVED_STATE_TAG, 0, error));
}
