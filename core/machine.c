/* SPDX-License-Identifier: Apache-2.0 */
/* A machine as a folder: cloned, renamed, deleted while it does not run. */
#include "core/machine.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bundles/migrate.h"
#include "bundles/sidecar.h"
#include "core/argv/argv-quote.h"
#include "core/clone.h"
#include "core/disk-room.h"
#include "core/error.h"
#include "core/fd.h"
#include "core/guard.h"
#include "core/library.h"
#include "core/paths.h"
#include "core/snapshot/generation.h"
#include "core/snapshot/warm.h"
#include "core/staging.h"
#include "core/trust.h"
#include "core/vm/bundle-lock.h"
#include "core/vm/run-dir.h"
#include "core/vm/unclean.h"

#define MAX_CLONE_NUMBER 999

/* What runs from it elsewhere has its folder locked. */
static bool check_unlocked(const char *path, const char *name, const char *what, GError **error)
{
    g_autoptr(GError) local = NULL;
    g_auto(Fd) lock = bundle_lock(path, BUNDLE_LOCK_READ, &local);
    if (lock >= 0 || !g_error_matches(local, UTM_ERROR, UTM_ERROR_LOCKED))
        return true;
    g_propagate_prefixed_error(error, g_steal_pointer(&local), "VM \"%s\": %s: ", name, what);
    return false;
}

bool machine_check_idle(const char *path, const char *name, const char *uuid, const char *what,
                        GError **error)
{
    g_auto(RunHolder) holder = { 0 };
    if (!uuid || !run_dir_runs(uuid, path, &holder))
        return check_unlocked(path, name, what, error);
    g_autofree char *quoted = argv_shell_quote(name);
    g_autofree char *hint = g_strdup_printf("utmctl stop %s", quoted);
    utm_error_set(error, UTM_ERROR_WRONG_STATE, hint, "VM \"%s\": %s: it is running (pid %d)", name,
                  what, (int) holder.pid);
    return false;
}

void clone_result_clear(CloneResult *result)
{
    g_clear_pointer(&result->path, g_free);
    g_clear_pointer(&result->name, g_free);
    g_clear_pointer(&result->uuid, g_free);
}

static char *free_clone_path(const char *base, char **out_name, GError **error)
{
    for (int number = 2; number <= MAX_CLONE_NUMBER; number++) {
        g_autofree char *name = g_strdup_printf("%s %d", base, number);
        g_autoptr(GError) local = NULL;
        g_autofree char *path = library_new_path(name, &local);
        if (path) {
            *out_name = g_steal_pointer(&name);
            return g_steal_pointer(&path);
        }
        if (!g_error_matches(local, UTM_ERROR, UTM_ERROR_WRONG_STATE)) {
            g_propagate_error(error, g_steal_pointer(&local));
            return NULL;
        }
    }
    utm_error_set(error, UTM_ERROR_FAILED, NULL, "no free name after \"%s %d\"", base,
                  MAX_CLONE_NUMBER);
    return NULL;
}

static bool choose_output(const Bundle *bundle, const CloneOptions *options, CloneResult *result,
                          GError **error)
{
    if (!g_str_has_suffix(options->output, ".utm")) {
        utm_error_set(error, UTM_ERROR_USAGE, NULL, "\"%s\" does not end in \".utm\"",
                      options->output);
        return false;
    }
    if (g_file_test(options->output, G_FILE_TEST_EXISTS)) {
        utm_error_set(error, UTM_ERROR_WRONG_STATE, NULL, "\"%s\" is there already",
                      options->output);
        return false;
    }
    result->path = g_canonicalize_filename(options->output, NULL);
    if (options->name && !library_check_name(options->name, error))
        return false;
    g_autofree char *base = g_path_get_basename(result->path);
    base[strlen(base) - strlen(".utm")] = '\0';
    bool usable = *base && g_utf8_validate(base, -1, NULL);
    result->name = g_strdup(options->name ? options->name
                            : usable      ? base
                                          : bundle->config->information.name);
    return true;
}

static bool choose_path(const Bundle *bundle, const CloneOptions *options, CloneResult *result,
                        GError **error)
{
    if (options->output)
        return choose_output(bundle, options, result, error);
    if (options->name) {
        result->name = g_strdup(options->name);
        result->path = library_new_path(options->name, error);
    } else {
        result->path = free_clone_path(bundle->config->information.name, &result->name, error);
    }
    return result->path != NULL;
}

bool machine_clone_target(const Bundle *bundle, const CloneOptions *options,
                          CloneResult *out_result, GError **error)
{
    if (!choose_path(bundle, options, out_result, error))
        return false;
    out_result->uuid = config_new_uuid();
    return true;
}

void machine_renew_macs(UtmConfig *config)
{
    for (guint i = 0; config->networks && i < config->networks->len; i++) {
        ConfigNetwork *network = config->networks->pdata[i];
        g_free(network->mac_address);
        network->mac_address = config_new_mac();
    }
    for (guint i = 0; config->apple.networks && i < config->apple.networks->len; i++) {
        AppleNetwork *network = config->apple.networks->pdata[i];
        g_free(network->mac_address);
        network->mac_address = config_new_mac();
    }
}

void machine_renew_identity(UtmConfig *config, const CloneResult *result)
{
    g_free(config->information.name);
    g_free(config->information.uuid);
    config->information.name = g_strdup(result->name);
    config->information.uuid = g_strdup(result->uuid);
    generation_renew(config);
    machine_renew_macs(config);
}

/* What holds for the original only. */
static bool renew_sidecar(const char *path, GError **error)
{
    g_autoptr(Sidecar) sidecar = sidecar_open(path, error);
    g_autoptr(GHashTable) clones = sidecar ? sidecar_clones(sidecar) : NULL;
    GHashTableIter iter;
    gpointer uuid;
    if (!sidecar)
        return false;
    sidecar_set_suspended(sidecar, NULL);
    sidecar_set_protected(sidecar, false);
    g_hash_table_iter_init(&iter, clones);
    while (g_hash_table_iter_next(&iter, &uuid, NULL))
        sidecar_set_clone(sidecar, uuid, NULL);
    return sidecar_save(sidecar, error);
}

static bool is_suspended(const Bundle *bundle)
{
    g_autoptr(Sidecar) sidecar = sidecar_open(bundle->path, NULL);
    g_autoptr(SidecarSuspended) suspended = sidecar ? sidecar_suspended(sidecar) : NULL;
    return suspended != NULL;
}

static bool fill_clone(const Bundle *bundle, const CloneOptions *options, const char *partial,
                       CloneResult *result, GError **error)
{
    /* Started meanwhile, it would leave copies of images that do not fit each other. */
    g_auto(Fd) lock = bundle_lock(bundle->path, BUNDLE_LOCK_READ, error);
    g_autofree char *damaged = NULL;
    if (lock < 0 || !trust_check_copy(bundle, options->full, error) ||
        !unclean_repair(bundle, false, &damaged, error) ||
        !clone_fill(bundle, partial, options, error))
        return false;
    g_autoptr(Bundle) copy = bundle_open(partial, error);
    if (!copy)
        return false;
    machine_renew_identity(copy->config, result);
    result->dropped_suspend = is_suspended(bundle);
    return (copy->is_legacy ? bundle_migrate(copy, error) : bundle_save(copy, error)) &&
           renew_sidecar(partial, error) && clone_guard(bundle, copy, result->path, error) &&
           tree_move(partial, result->path, error);
}

static bool settle(const Bundle *bundle, const CloneResult *result, GError **error)
{
    g_autoptr(Bundle) clone = bundle_open(result->path, error);
    if (clone && clone_settle(bundle, clone, error))
        return true;
    utm_ignore(tree_remove(result->path, NULL));
    return false;
}

/* Migrated later, its images would no longer be where those of the clone look for them. */
static bool check_linked(const Bundle *bundle, const CloneOptions *options, GError **error)
{
    if (!options->linked || !bundle->is_legacy)
        return true;
    g_autofree char *quoted = argv_shell_quote(bundle->config->information.name);
    g_autofree char *hint = g_strdup_printf("utmctl config migrate %s", quoted);
    utm_error_set(error, UTM_ERROR_UNSUPPORTED, hint,
                  "VM \"%s\": cannot clone: it is of UTM 3 or older and has to be migrated first, "
                  "since that moves the disks that a linked clone stands on",
                  bundle->config->information.name);
    return false;
}

bool machine_clone(const Bundle *bundle, const CloneOptions *options, bool dry_run,
                   CloneResult *out_result, GError **error)
{
    const ConfigInformation *information = &bundle->config->information;
    if (!machine_check_idle(bundle->path, information->name, information->uuid, "cannot clone",
                            error) ||
        !check_linked(bundle, options, error))
        return false;
    g_auto(CloneResult) result = { 0 };
    if (!machine_clone_target(bundle, options, &result, error))
        return false;
    g_autoptr(Staging) staging = dry_run ? NULL : staging_new(result.path, error);
    if (!dry_run && (!staging || !fill_clone(bundle, options, staging->path, &result, error) ||
                     !settle(bundle, &result, error))) {
        disk_room_explain(result.path, 0, error);
        g_prefix_error(error, "VM \"%s\": cannot clone: ", information->name);
        return false;
    }
    *out_result = result;
    result = (CloneResult){ 0 };
    return true;
}

static void set_name(Bundle *bundle, const char *name)
{
    g_free(bundle->config->information.name);
    bundle->config->information.name = g_strdup(name);
}

/* What it stands on was agreed to for the folder that it was in. */
static bool keep_trust(const Bundle *bundle, bool trusted, GError **error)
{
    g_autoptr(GPtrArray) findings = trusted ? trust_findings(bundle, NULL) : NULL;
    return !findings || !findings->len || trust_grant(bundle, error);
}

/* The folder first: when saving fails it is moved back, and a crash between the two leaves a
 * machine whose folder has another name, which is allowed. */
static bool rename_with_folder(Bundle *bundle, const char *name, const char *path, GError **error)
{
    if (!tree_move(bundle->path, path, error))
        return false;
    g_autofree char *old_path = bundle->path;
    bundle->path = g_strdup(path);
    set_name(bundle, name);
    if (bundle_save(bundle, error))
        return true;
    if (tree_move(path, old_path, NULL)) {
        g_free(bundle->path);
        bundle->path = g_steal_pointer(&old_path);
    }
    return false;
}

bool machine_rename(Bundle *bundle, const char *name, bool dry_run, GError **error)
{
    g_autofree char *old = g_strdup(bundle->config->information.name);
    if (!machine_check_idle(bundle->path, old, bundle->config->information.uuid, "cannot rename",
                            error) ||
        !library_check_name(name, error))
        return false;
    if (strcmp(old, name) == 0)
        return true;
    g_autofree char *folder = bundle_folder_name(name);
    g_autofree char *parent = g_path_get_dirname(bundle->path);
    g_autofree char *path = g_build_filename(parent, folder, NULL);
    bool moves = library_holds(bundle->path) && strcmp(path, bundle->path) != 0;
    g_autofree char *free_path = moves ? library_new_path(name, error) : NULL;
    bool ok = !moves || (free_path && guard_check_change(bundle->path, NULL, error));
    bool trusted = ok && moves && trust_check(bundle, NULL);
    if (ok && !dry_run && moves) {
        ok = rename_with_folder(bundle, name, path, error) && keep_trust(bundle, trusted, error);
    } else if (ok && !dry_run) {
        set_name(bundle, name);
        ok = bundle_save(bundle, error);
    }
    if (!ok)
        g_prefix_error(error, "VM \"%s\": cannot rename: ", old);
    return ok;
}

bool machine_check_delete(const char *path, bool force, GError **error)
{
    g_autofree char *config = g_build_filename(path, "config.plist", NULL);
    bool is_bundle = g_str_has_suffix(path, ".utm") && g_file_test(path, G_FILE_TEST_IS_DIR);
    if (!is_bundle || (!force && !g_file_test(config, G_FILE_TEST_EXISTS))) {
        utm_error_set(error, UTM_ERROR_INVALID, NULL, "\"%s\" is not a virtual machine: %s", path,
                      is_bundle ? "there is no config.plist in it" : "it is no \".utm\" folder");
        return false;
    }
    g_autoptr(Sidecar) sidecar = sidecar_open(path, NULL);
    g_autofree char *quoted = argv_shell_quote(path);
    g_autofree char *hint = g_strdup_printf("utmctl delete --force %s", quoted);
    if (force)
        return true;
    if (!guard_check_change(path, hint, error)) {
        g_prefix_error(error, "cannot delete \"%s\": ", path);
        return false;
    }
    if (!sidecar || !sidecar_is_protected(sidecar))
        return true;
    utm_error_set(error, UTM_ERROR_WRONG_STATE, hint, "\"%s\" is protected", path);
    return false;
}

static bool uuid_is_used(const char *uuid)
{
    g_autoptr(GPtrArray) entries = library_list(NULL);
    for (guint i = 0; entries && i < entries->len; i++) {
        const LibraryEntry *entry = entries->pdata[i];
        if (g_strcmp0(entry->uuid, uuid) == 0)
            return true;
    }
    return false;
}

/* What a helper that was killed left there. A folder that is in use stays. */
static void sweep_runtime(const char *uuid)
{
    g_autofree char *folder = paths_runtime(uuid);
    if (g_file_test(folder, G_FILE_TEST_IS_DIR))
        run_dir_release(run_dir_claim(uuid, "", "", NULL));
}

/* A folder has the one above it written into it, and its owner may have forbidden that to himself.
 *
 * Source: rename(2), EACCES */
static bool hide(const char *path, const char *hidden, GError **error)
{
    struct stat st;
    if (lstat(path, &st) == 0 && S_ISDIR(st.st_mode) && access(path, W_OK) < 0)
        (void) chmod(path, st.st_mode | S_IRWXU);
    return tree_move(path, hidden, error);
}

bool machine_delete(const char *path, const char *uuid, GError **error)
{
    g_autoptr(Staging) hidden = staging_new(path, error);
    if (!hidden || !hide(path, hidden->path, error)) {
        g_prefix_error(error, "cannot delete \"%s\": ", path);
        return false;
    }
    if (!tree_remove(hidden->path, error)) {
        /* What is left is to be seen. */
        utm_ignore(tree_move(hidden->path, path, NULL));
        g_prefix_error(error, "cannot delete \"%s\": ", path);
        return false;
    }
    if (!uuid || uuid_is_used(uuid))
        return true;
    g_autofree char *state = paths_state(uuid);
    warm_forget(uuid, NULL);
    sweep_runtime(uuid);
    return tree_remove(state, error);
}
