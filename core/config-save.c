/* SPDX-License-Identifier: Apache-2.0 */
/* The second half of an edit: what may be saved, and saving it. */
#include <string.h>

#include "bundles/migrate.h"
#include "bundles/plist.h"
#include "bundles/problem.h"
#include "bundles/sidecar.h"
#include "bundles/value.h"
#include "core/config-changes.h"
#include "core/config-edit.h"
#include "core/config-files.h"
#include "core/config-migrate.h"
#include "core/config-words.h"
#include "core/error.h"
#include "core/host/host.h"
#include "core/machine.h"
#include "core/vm/launch-plan.h"
#include "core/vm/saved-state.h"

bool config_edit_is_changed(const ConfigEdit *edit)
{
    return edit->was_damaged || edit->is_protected != edit->was_protected ||
           !config_is_same(edit->before, edit->bundle->config);
}

/* --- Checks --------------------------------------------------------------------------------- */

static bool holds(const GPtrArray *problems, const Problem *wanted)
{
    for (guint i = 0; i < problems->len; i++) {
        const Problem *problem = problems->pdata[i];
        if (strcmp(problem->key, wanted->key) == 0 &&
            strcmp(problem->reason, wanted->reason) == 0 &&
            g_strcmp0(problem->value, wanted->value) == 0)
            return true;
    }
    return false;
}

/* A machine may have been odd before, and then it stays changeable; it must not get worse. */
static bool check_values(const ConfigEdit *edit, bool force, GError **error)
{
    g_autoptr(GPtrArray) old = problems_new();
    g_autoptr(GPtrArray) now = problems_new();
    g_autoptr(GError) cause = NULL;
    utm_config_validate(edit->before, old);
    utm_config_validate(edit->bundle->config, now);
    for (guint i = now->len; i-- > 0;)
        if (holds(old, now->pdata[i]))
            g_ptr_array_remove_index(now, i);
    if (problems_to_error(now, force ? PROBLEM_FATAL : PROBLEM_SEMANTIC, &cause))
        return true;
    bool is_fatal = !problems_to_error(now, PROBLEM_FATAL, NULL);
    utm_error_set(error, UTM_ERROR_USAGE, is_fatal ? NULL : "add --force", "%s", cause->message);
    return false;
}

/* As it will be read again: an Apple machine's QEMU side follows from its keys. */
static Bundle *as_read(const Bundle *bundle, const UtmConfig *config)
{
    g_autoptr(GPtrArray) problems = problems_new();
    UtmConfig *fresh = utm_config_decode(utm_config_encode(config), 0, problems);
    return fresh ? bundle_new_take(bundle->path, fresh) : NULL;
}

static char **arguments_of(const Bundle *bundle, const UtmConfig *config)
{
    static const VmStartOptions options;
    g_autoptr(Bundle) fresh = as_read(bundle, config);
    g_autoptr(LaunchPlan) plan =
        fresh ? launch_plan_preview(fresh, &options, HOST_LINUX, NULL) : NULL;
    if (!plan && fresh)
        plan = launch_plan_preview(fresh, &options, HOST_MACOS, NULL);
    return plan ? argv_strv(plan->argv) : NULL;
}

/* Whether QEMU would be started with other arguments; in doubt it would. */
static bool concerns_qemu(const ConfigEdit *edit)
{
    g_auto(GStrv) old = arguments_of(edit->bundle, edit->before);
    g_auto(GStrv) now = arguments_of(edit->bundle, edit->bundle->config);
    return !old || !now || !g_strv_equal((const char *const *) old, (const char *const *) now);
}

static bool check_state(ConfigEdit *edit, bool force, bool *out_running, GError **error)
{
    const ConfigInformation *was = &edit->before->information;
    g_autoptr(GError) running = NULL;
    *out_running =
        !machine_check_idle(edit->bundle->path, was->name, was->uuid, "cannot change", &running);
    bool suspended = !*out_running && saved_state_exists(edit->bundle);
    if (force || (!*out_running && !suspended) || !concerns_qemu(edit))
        return true;
    if (*out_running) {
        utm_error_set_hint(running, "stop it first, or add --force to save for the next start");
        g_propagate_error(error, g_steal_pointer(&running));
        return false;
    }
    utm_error_set(error, UTM_ERROR_WRONG_STATE,
                  "start it and shut it down, or add --force and start it with "
                  "--discard-state",
                  "VM \"%s\": cannot change: it is suspended, and its saved state fits only the "
                  "hardware it was saved with",
                  was->name);
    return false;
}

static bool check_on_disk(const ConfigEdit *edit, GError **error)
{
    g_autofree char *file = g_build_filename(edit->bundle->path, "config.plist", NULL);
    g_autofree char *now = NULL;
    if (g_file_get_contents(file, &now, NULL, NULL) && g_strcmp0(now, edit->on_disk) == 0)
        return true;
    utm_error_set(error, UTM_ERROR_WRONG_STATE, NULL,
                  "VM \"%s\": cannot change: somebody else has changed \"%s\" meanwhile",
                  edit->before->information.name, file);
    return false;
}

/* --- Warnings ------------------------------------------------------------------------------- */

static void warn_of_host(ConfigEdit *edit, const GPtrArray *changes)
{
    UtmConfig *config = edit->bundle->config;
    g_autoptr(HostProfile) host = NULL;
    bool asked = false;
    for (guint i = 0; i < changes->len; i++) {
        const ConfigChange *change = changes->pdata[i];
        ConfigRef ref;
        if (!change->after || !config_find(config, change->key, &ref, NULL) ||
            !config_is_host_word(ref.key))
            continue;
        if (!asked)
            host = host_profile_probe(config->system.architecture, config->system.target,
                                      config->qemu.tpm_device, NULL);
        asked = true;
        char *warning = config_host_warning(&ref, change->key, host);
        if (warning)
            g_ptr_array_add(edit->warnings, warning);
    }
}

static bool has_file(const ConfigEdit *edit, const char *name)
{
    g_autofree char *path = bundle_data_path(edit->bundle, name);
    g_autofree char *unused = g_build_filename(edit->bundle->path, CONFIG_FILES_UNUSED, name, NULL);
    return g_file_test(path, G_FILE_TEST_EXISTS) || g_file_test(unused, G_FILE_TEST_EXISTS);
}

static void warn_of_files(ConfigEdit *edit, const GPtrArray *changes)
{
    for (guint i = 0; i < changes->len; i++) {
        const ConfigChange *change = changes->pdata[i];
        bool is_image = change->after && g_str_has_suffix(change->key, ".ImageName");
        if (is_image && !has_file(edit, change->after))
            g_ptr_array_add(edit->warnings,
                            g_strdup_printf("%s: there is no file \"%s\" in the bundle yet",
                                            change->key, change->after));
    }
}

static void warn(ConfigEdit *edit)
{
    g_autoptr(GPtrArray) changes = config_changes(edit->before, edit->bundle->config);
    warn_of_host(edit, changes);
    warn_of_files(edit, changes);
    const ConfigInformation *was = &edit->before->information;
    const ConfigInformation *is = &edit->bundle->config->information;
    if (g_strcmp0(was->name, is->name) != 0)
        g_ptr_array_add(edit->warnings,
                        g_strdup("the folder keeps its name; `utmctl rename` changes both"));
    if (g_strcmp0(was->uuid, is->uuid) != 0)
        g_ptr_array_add(edit->warnings,
                        g_strdup("inserted media, shared folder and logs are kept under the old "
                                 "UUID and do not follow"));
}

/* --- Saving --------------------------------------------------------------------------------- */

static bool save_sidecar(const ConfigEdit *edit, GError **error)
{
    if (edit->is_protected == edit->was_protected)
        return true;
    g_autoptr(Sidecar) sidecar = sidecar_open(edit->bundle->path, error);
    if (!sidecar)
        return false;
    sidecar_set_protected(sidecar, edit->is_protected);
    return sidecar_save(sidecar, error);
}

static bool save_config(ConfigEdit *edit, const ConfigSave *save, bool running, GError **error)
{
    Bundle *bundle = edit->bundle;
    if (config_is_same(edit->before, bundle->config))
        return !edit->was_damaged || bundle_save(bundle, error);
    if (bundle->is_legacy)
        return config_migrate(bundle, edit->notes, error);
    /* QEMU has the images open, and may be told to write more into them. */
    if (running)
        return bundle_save(bundle, error);
    g_autoptr(ConfigFiles) files =
        config_files_begin(bundle, edit->before, save->delete_images, error);
    if (!files || !bundle_save(bundle, error))
        return false;
    config_files_finish(files, edit->notes);
    return true;
}

/* What could not be read has been replaced, which nobody asked for. */
static bool check_damage(const ConfigEdit *edit, GError **error)
{
    g_autoptr(GError) left = NULL;
    if (problems_to_error(edit->damage, PROBLEM_FATAL, &left))
        return true;
    utm_error_set(error, UTM_ERROR_INVALID, "set it in the same command, or use utmctl config edit",
                  "VM \"%s\": cannot change: something else is wrong, too: %s",
                  edit->before->information.name, left->message);
    return false;
}

bool config_edit_save(ConfigEdit *edit, const ConfigSave *save, GError **error)
{
    bool running = false;
    if (!check_damage(edit, error))
        return false;
    if (!config_is_same(edit->before, edit->bundle->config)) {
        warn(edit);
        if (!check_values(edit, save->force, error) ||
            !check_state(edit, save->force, &running, error))
            return false;
    }
    if (save->dry_run)
        return true;
    return check_on_disk(edit, error) && save_config(edit, save, running, error) &&
           save_sidecar(edit, error);
}
