/* SPDX-License-Identifier: Apache-2.0 */
/* Running copies of a machine, started from the memory of a warm snapshot. */
#include "core/fork.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "bundles/image.h"
#include "bundles/sidecar.h"
#include "core/error.h"
#include "core/library.h"
#include "core/machine.h"
#include "core/process-id.h"
#include "core/snapshot/generation.h"
#include "core/snapshot/snapshot.h"
#include "core/snapshot/warm-make.h"
#include "core/snapshot/warm.h"
#include "core/staging.h"
#include "core/vm/vm.h"

#define BASE_FOLDER "Base"

/* Names that are tried before it is given up. */
#define LAST_NUMBER 9999

/* The snapshot of a machine that is forked as it runs. */
#define TAG_START "fork-"
#define UNDER_WAY "for a fork under way by process "

/* How long it takes at most to notice that nobody wants the copies any more. */
#define INTERRUPT_MS 100

void fork_free(Fork *copy)
{
    if (!copy)
        return;
    g_free(copy->name);
    g_free(copy->uuid);
    g_free(copy->path);
    vm_release(copy->hold);
    g_free(copy);
}

void fork_result_clear(ForkResult *result)
{
    g_clear_pointer(&result->forks, g_ptr_array_unref);
    g_clear_pointer(&result->warnings, g_ptr_array_unref);
}

/* ---- names ---- */

static char *numbered(const char *pattern, unsigned number)
{
    g_autoptr(GString) name = g_string_new(pattern);
    g_autofree char *digits = g_strdup_printf("%u", number);
    g_string_replace(name, "{n}", digits, 0);
    return g_strdup(name->str);
}

static bool check_pattern(const char *pattern, unsigned count, GError **error)
{
    if (count == 1 || strstr(pattern, "{n}"))
        return true;
    utm_error_set(error, UTM_ERROR_USAGE, NULL,
                  "the name \"%s\" has no {n} in it, and %u machines cannot have one name", pattern,
                  count);
    return false;
}

/* The next free name from *number on. */
static Fork *choose_name(const char *pattern, unsigned *number, GError **error)
{
    bool counts = strstr(pattern, "{n}") != NULL;
    for (; *number <= LAST_NUMBER; ++*number) {
        g_autofree char *name = numbered(pattern, *number);
        g_autoptr(GError) local = NULL;
        g_autofree char *path = library_new_path(name, &local);
        if (path) {
            Fork *copy = g_new0(Fork, 1);
            copy->hold = -1;
            copy->name = g_steal_pointer(&name);
            copy->path = g_steal_pointer(&path);
            copy->uuid = config_new_uuid();
            ++*number;
            return copy;
        }
        if (!counts || !g_error_matches(local, UTM_ERROR, UTM_ERROR_WRONG_STATE)) {
            g_propagate_error(error, g_steal_pointer(&local));
            return NULL;
        }
    }
    utm_error_set(error, UTM_ERROR_FAILED, NULL, "no free name up to \"%s\" with %d", pattern,
                  LAST_NUMBER);
    return NULL;
}

/* ---- the bundle of a copy ---- */

static UtmConfig *make_config(const Bundle *source, const Fork *copy)
{
    UtmConfig *config = utm_config_copy(source->config);
    g_free(config->information.name);
    g_free(config->information.uuid);
    config->information.name = g_strdup(copy->name);
    config->information.uuid = g_strdup(copy->uuid);
    generation_renew(config);
    for (guint i = 0; config->networks && i < config->networks->len; i++) {
        ConfigNetwork *network = config->networks->pdata[i];
        g_free(network->mac_address);
        network->mac_address = config_new_mac();
        /* A port of the host leads to one machine, which is the original. */
        g_ptr_array_set_size(network->port_forwards, 0);
    }
    return config;
}

/* The path of the image below is relative, so that the bundle can be moved. */
static bool add_overlay(const char *from, const Bundle *target, const char *name, GError **error)
{
    g_autofree char *base = g_build_filename(target->path, BASE_FOLDER, name, NULL);
    g_autofree char *backing = g_build_filename("..", BASE_FOLDER, name, NULL);
    g_autofree char *overlay = bundle_data_path(target, name);
    g_autoptr(ImageInfo) info = NULL;
    return image_probe(from, &info, error) && warm_add_file(from, base, error) &&
           image_create_overlay(overlay, backing, info->format, info->virtual_size, error);
}

static bool add_drives(const Bundle *source, const Bundle *target, GError **error)
{
    const GPtrArray *drives = source->config->drives;
    for (guint i = 0; i < drives->len; i++) {
        const ConfigDrive *drive = drives->pdata[i];
        if (!drive->image_name)
            continue;
        g_autofree char *from = bundle_data_path(source, drive->image_name);
        g_autofree char *to = bundle_data_path(target, drive->image_name);
        bool writable = !drive->read_only && drive->image_type == IMAGE_TYPE_DISK;
        if (access(from, F_OK) < 0)
            continue;
        if (writable ? !add_overlay(from, target, drive->image_name, error)
                     : !warm_add_file(from, to, error))
            return false;
    }
    return true;
}

/* Small files that the copy writes to. */
static bool add_copy(const char *from, const char *to, GError **error)
{
    return access(from, F_OK) < 0 || tree_copy_file(from, to, NULL, NULL, error);
}

static bool add_firmware(const Bundle *source, const Bundle *target, GError **error)
{
    g_autofree char *vars = bundle_efi_vars_path(source);
    g_autofree char *vars_copy = bundle_efi_vars_path(target);
    g_autofree char *tpm = bundle_data_path(source, "tpmdata");
    g_autofree char *tpm_copy = bundle_data_path(target, "tpmdata");
    return add_copy(vars, vars_copy, error) && add_copy(tpm, tpm_copy, error);
}

static bool note_transient(const char *path, bool transient, GError **error)
{
    g_autoptr(Sidecar) sidecar = transient ? sidecar_open(path, error) : NULL;
    if (!transient)
        return true;
    if (!sidecar)
        return false;
    g_autofree char *maker = process_id_self();
    sidecar_set_text(sidecar, FORK_TRANSIENT_KEY, maker);
    return sidecar_save(sidecar, error);
}

static bool make_folders(const char *path, GError **error)
{
    g_autofree char *data = g_build_filename(path, "Data", NULL);
    g_autofree char *base = g_build_filename(path, BASE_FOLDER, NULL);
    if (g_mkdir(path, 0755) == 0 && g_mkdir(data, 0755) == 0 && g_mkdir(base, 0755) == 0)
        return true;
    utm_error_set(error, UTM_ERROR_FAILED, NULL, "cannot create \"%s\": %s", path,
                  g_strerror(errno));
    return false;
}

static bool make_bundle(const Bundle *original, const Bundle *source, const Fork *copy,
                        bool transient, GError **error)
{
    g_autoptr(Staging) staging = staging_new(copy->path, error);
    if (!staging)
        return false;
    g_autoptr(Bundle) target = bundle_new_take(staging->path, make_config(source, copy));
    if (!make_folders(target->path, error) || !add_drives(source, target, error) ||
        !add_firmware(source, target, error) || !bundle_save(target, error) ||
        !note_transient(target->path, transient, error) ||
        !tree_move(target->path, copy->path, error))
        return false;
    g_autoptr(Bundle) placed = bundle_open(copy->path, error);
    return placed && warm_adopt(original, placed, error);
}

/* ---- starting ---- */

/* What is at its place may be somebody else's who was faster. */
static void discard(const Fork *copy)
{
    g_autoptr(Bundle) bundle = bundle_open(copy->path, NULL);
    if (!bundle || strcmp(bundle->config->information.uuid, copy->uuid) != 0)
        return;
    utm_ignore(vm_stop(bundle, VM_STOP_KILL, 0, NULL));
    utm_ignore(machine_delete(copy->path, copy->uuid, NULL));
}

static bool is_interrupted(const ForkOptions *options, GError **error)
{
    if (!options->interrupted || !options->interrupted(options->user))
        return false;
    utm_error_set(error, UTM_ERROR_INTERRUPTED, NULL, "interrupted, no copy is left");
    return true;
}

static void take_warnings(ForkResult *result, const VmStarted *started)
{
    if (result->warnings->len || !started->warnings)
        return; /* the same for every copy */
    for (guint i = 0; i < started->warnings->len; i++)
        g_ptr_array_add(result->warnings, g_strdup(started->warnings->pdata[i]));
}

/* Until there is something to read. */
static bool wait_report(int report, const ForkOptions *options, GError **error)
{
    struct pollfd wanted = { .fd = report, .events = POLLIN };
    while (poll(&wanted, 1, INTERRUPT_MS) <= 0)
        if (is_interrupted(options, error))
            return false;
    return !is_interrupted(options, error);
}

static bool wait_one(Fork *copy, int report, const ForkOptions *options, ForkResult *result,
                     GError **error)
{
    g_auto(VmStarted) started = { 0 };
    if (!wait_report(report, options, error)) {
        close(report); /* its helper gives up */
        return false;
    }
    if (options->hold)
        copy->hold = vm_start_hold(copy->name, report, 0, &started, error);
    bool came =
        options->hold ? copy->hold >= 0 : vm_start_wait(copy->name, report, &started, error);
    if (came)
        take_warnings(result, &started);
    return came;
}

/* Waits for all, also after one has failed: none must come up that nobody knows of. */
static bool wait_all(const GArray *reports, const ForkOptions *options, ForkResult *result,
                     GError **error)
{
    bool ok = true;
    for (guint i = 0; i < reports->len; i++) {
        bool came = wait_one(result->forks->pdata[i], g_array_index(reports, int, i), options,
                             result, ok ? error : NULL);
        ok = ok && came;
    }
    return ok;
}

static bool start_all(const char *folder, const ForkOptions *options, ForkResult *result,
                      GError **error)
{
    g_auto(WarmIndex) index = { 0 };
    g_autoptr(GArray) reports = g_array_new(FALSE, FALSE, sizeof(int));
    if (!warm_index_read(folder, &index, error))
        return false;
    const VmStartOptions how = {
        .warm = folder, .accel = warm_accel(&index), .renew = true, .hold = options->hold
    };
    bool ok = true;
    for (guint i = 0; i < result->forks->len && ok; i++) {
        const Fork *copy = result->forks->pdata[i];
        g_autoptr(Bundle) bundle = bundle_open(copy->path, error);
        bool wanted = bundle && !is_interrupted(options, error);
        int report = wanted ? vm_start_begin(bundle, &how, error) : -1;
        ok = report >= 0;
        if (ok)
            g_array_append_val(reports, report);
    }
    return wait_all(reports, options, result, ok ? error : NULL) && ok;
}

static bool make_all(const Bundle *original, const char *folder, const ForkOptions *options,
                     ForkResult *result, GError **error)
{
    const char *name = original->config->information.name;
    g_autofree char *pattern =
        options->pattern ? g_strdup(options->pattern) : g_strdup_printf("%s-{n}", name);
    g_autoptr(Bundle) source = bundle_open(folder, error);
    unsigned number = 1;
    if (!source || !check_pattern(pattern, options->count, error))
        return false;
    for (unsigned i = 0; i < options->count; i++) {
        Fork *copy = is_interrupted(options, error) ? NULL : choose_name(pattern, &number, error);
        if (!copy)
            return false;
        g_ptr_array_add(result->forks, copy);
        if (!make_bundle(original, source, copy, options->transient, error))
            return false;
    }
    return true;
}

static bool make_and_start(const Bundle *original, const char *folder, const ForkOptions *options,
                           ForkResult *result, GError **error)
{
    if (make_all(original, folder, options, result, error) &&
        start_all(folder, options, result, error))
        return true;
    for (guint i = 0; i < result->forks->len; i++)
        discard(result->forks->pdata[i]);
    return false;
}

/* ---- what they start from ---- */

/* A copy whose helper was killed could not go by itself. One whose maker lives is about to start, or
 * is still being looked at. */
static bool is_left(const LibraryEntry *entry)
{
    g_autoptr(Sidecar) sidecar = sidecar_open(entry->path, NULL);
    const char *maker = sidecar ? sidecar_text(sidecar, FORK_TRANSIENT_KEY) : NULL;
    return maker && entry->uuid && !process_id_lives(maker) &&
           machine_check_idle(entry->path, entry->name, entry->uuid, "cannot delete", NULL);
}

static void sweep(void)
{
    g_autoptr(GPtrArray) entries = library_list(NULL);
    for (guint i = 0; entries && i < entries->len; i++) {
        const LibraryEntry *entry = entries->pdata[i];
        if (is_left(entry))
            utm_ignore(machine_delete(entry->path, entry->uuid, NULL));
    }
}

static char *ensure_warm(const Bundle *bundle, const Snapshot *snapshot, bool *out_made,
                         GError **error)
{
    const char *uuid = bundle->config->information.uuid;
    g_autofree char *folder = warm_find(uuid, snapshot->tag);
    *out_made = !folder || !warm_fits(folder);
    if (*out_made && !warm_make(bundle, snapshot->tag, error))
        return NULL;
    return warm_folder(uuid, snapshot->tag);
}

static bool fork_snapshot(const Bundle *bundle, const char *name, const ForkOptions *options,
                          ForkResult *result, GError **error)
{
    g_autoptr(Snapshot) snapshot = snapshot_find(bundle, name, error);
    g_autofree char *folder =
        snapshot ? ensure_warm(bundle, snapshot, &result->made_anew, error) : NULL;
    return folder && make_and_start(bundle, folder, options, result, error);
}

/* Who was killed could not delete what it had made. */
static void sweep_snapshots(const Bundle *bundle)
{
    g_autoptr(GPtrArray) snapshots = snapshot_list(bundle, NULL);
    for (guint i = 0; snapshots && i < snapshots->len; i++) {
        const Snapshot *snapshot = snapshots->pdata[i];
        const char *text = snapshot->description;
        if (text && g_str_has_prefix(snapshot->tag, TAG_START) &&
            g_str_has_prefix(text, UNDER_WAY) && !process_id_lives(text + strlen(UNDER_WAY)))
            utm_ignore(snapshot_delete(bundle, snapshot->name, false, NULL, NULL));
    }
}

/* The snapshot is only for this. What was made of it lives on in the copies. */
static bool fork_now(const Bundle *bundle, const ForkOptions *options, ForkResult *result,
                     GError **error)
{
    const char *uuid = bundle->config->information.uuid;
    g_autofree char *tag = g_strdup_printf(TAG_START "%" G_GINT64_FORMAT, g_get_real_time());
    g_autofree char *maker = process_id_self();
    g_autofree char *text = g_strconcat(UNDER_WAY, maker, NULL);
    sweep_snapshots(bundle);
    const SnapshotCreate how = { .warm = true, .description = text, .stood_us = &result->stood_us };
    if (!snapshot_create(bundle, tag, &how, error))
        return false;
    g_autofree char *folder = warm_folder(uuid, tag);
    bool ok = make_and_start(bundle, folder, options, result, error);
    bool gone = snapshot_delete(bundle, tag, false, NULL, ok ? error : NULL);
    return ok && gone;
}

bool fork_start(const Bundle *bundle, const char *snapshot, const ForkOptions *options,
                ForkResult *out_result, GError **error)
{
    g_auto(ForkResult) result = { 0 };
    result.forks = g_ptr_array_new_with_free_func((GDestroyNotify) fork_free);
    result.warnings = g_ptr_array_new_with_free_func(g_free);
    if (options->transient)
        sweep();
    bool ok = snapshot ? fork_snapshot(bundle, snapshot, options, &result, error)
                       : fork_now(bundle, options, &result, error);
    if (!ok) {
        g_prefix_error(error, "VM \"%s\": cannot fork: ", bundle->config->information.name);
        return false;
    }
    *out_result = result;
    result = (ForkResult){ 0 };
    return true;
}
