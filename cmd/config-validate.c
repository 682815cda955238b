/* SPDX-License-Identifier: Apache-2.0 */
/* utmctl config validate and migrate */
#include <stdio.h>

#include "bundles/migrate.h"
#include "bundles/problem.h"
#include "cmd/config.h"
#include "cmd/output.h"
#include "core/config-files.h"
#include "core/config-migrate.h"
#include "core/config-words.h"
#include "core/error.h"
#include "core/host/host.h"
#include "core/library.h"
#include "core/machine.h"

static struct {
    char *vm;
} opt;

static const CmdArg args[] = { { .name = "VM", .kind = ARG_VM, .value = &opt.vm }, { 0 } };

/* --- validate ------------------------------------------------------------------------------- */

static void warn_of_strangers(const Bundle *bundle)
{
    g_autoptr(GPtrArray) names = config_files_strangers(bundle);
    for (guint i = 0; i < names->len; i++)
        output_warning("no key speaks of \"%s\" in Data; UTM deletes it when it saves the machine",
                       (const char *) names->pdata[i]);
}

/* What this host's QEMU does not know, a Mac's may. */
static void warn_of_host(const Bundle *bundle)
{
    const ConfigSystem *system = &bundle->config->system;
    g_autoptr(HostProfile) host =
        host_profile_probe(system->architecture, system->target, false, NULL);
    g_autoptr(GPtrArray) values = config_values(bundle->config);
    for (guint i = 0; host && i + 1 < values->len; i += 2) {
        ConfigRef ref;
        if (!config_find(bundle->config, values->pdata[i], &ref, NULL))
            continue;
        g_autofree char *warning = config_host_warning(&ref, values->pdata[i], host);
        if (warning)
            output_warning("%s", warning);
    }
}

static bool run_validate(GError **error)
{
    g_autofree char *path = library_resolve(opt.vm, error);
    g_autoptr(GPtrArray) problems = problems_new();
    if (!path || !bundle_problems(path, problems, error))
        return false;
    g_autoptr(Bundle) bundle = bundle_open(path, NULL);
    if (bundle) {
        config_files_check(bundle, problems);
        warn_of_strangers(bundle);
        warn_of_host(bundle);
    }
    cJSON *array = command_global.json ? cJSON_CreateArray() : NULL;
    config_print_problems(problems, array, stdout);
    if (array)
        output_json(array);
    if (problems->len > 0)
        command_set_status(utm_error_exit_status(UTM_ERROR_INVALID));
    else
        output_note("nothing is wrong with it");
    return true;
}

const Command cmd_config_validate = {
    .name = "validate",
    .group = GROUP_LIBRARY,
    .summary = "Say everything that is wrong with a configuration",
    .description =
        "Each problem has its key, the value and the reason; \"fatal\" in JSON is what UTM refuses "
        "to open. Files that are missing count, too. What only this host's QEMU does not know, and "
        "files that UTM would delete, are warnings. Exit status 9 when there is a problem.",
    .args = args,
    .run = run_validate,
};

/* --- migrate -------------------------------------------------------------------------------- */

static cJSON *moves_json(const GPtrArray *moves)
{
    cJSON *array = cJSON_CreateArray();
    for (guint i = 0; moves && i < moves->len; i++) {
        const BundleMove *move = moves->pdata[i];
        cJSON *object = cJSON_CreateObject();
        cJSON_AddStringToObject(object, "from", move->from);
        cJSON_AddStringToObject(object, "to", move->to);
        cJSON_AddItemToArray(array, object);
    }
    return array;
}

static cJSON *texts_json(const GPtrArray *texts)
{
    cJSON *array = cJSON_CreateArray();
    for (guint i = 0; texts && i < texts->len; i++)
        cJSON_AddItemToArray(array, cJSON_CreateString(texts->pdata[i]));
    return array;
}

static void print_migration(const Bundle *bundle, bool migrated, const GPtrArray *conversions,
                            const GPtrArray *moves)
{
    if (command_global.json) {
        cJSON *object = cJSON_CreateObject();
        cJSON_AddBoolToObject(object, "migrated", migrated && !command_global.dry_run);
        cJSON_AddItemToObject(object, "conversions", texts_json(conversions));
        cJSON_AddItemToObject(object, "moves", moves_json(moves));
        cJSON_AddItemToObject(object, "config", config_json_all(bundle->config));
        output_json(object);
        return;
    }
    for (guint i = 0; conversions && i < conversions->len; i++)
        output_note("%s", (const char *) conversions->pdata[i]);
    for (guint i = 0; moves && i < moves->len; i++) {
        const BundleMove *move = moves->pdata[i];
        output_note("%s \"%s\" to \"%s\"", command_global.dry_run ? "would move" : "moved",
                    move->from, move->to);
    }
    if (!command_global.dry_run || !migrated)
        return;
    g_autoptr(GPtrArray) values = config_values(bundle->config);
    for (guint i = 0; i + 1 < values->len; i += 2) {
        g_autofree char *safe = output_escape(values->pdata[i + 1]);
        printf("%s=%s\n", (const char *) values->pdata[i], safe);
    }
}

static bool run_migrate(GError **error)
{
    g_autoptr(Bundle) bundle = library_open(opt.vm, error);
    if (!bundle)
        return false;
    if (!bundle->is_legacy) {
        print_migration(bundle, false, NULL, NULL);
        output_note("\"%s\" is of version 4 already", bundle->config->information.name);
        return true;
    }
    g_autoptr(GPtrArray) moves = bundle_migration_plan(bundle, error);
    g_autoptr(GPtrArray) notes = g_ptr_array_new_with_free_func(g_free);
    if (!moves || (!command_global.dry_run && !config_migrate(bundle, notes, error)))
        return false;
    print_migration(bundle, true, bundle->notes, moves);
    for (guint i = 0; i < notes->len; i++)
        output_note("%s", (const char *) notes->pdata[i]);
    return true;
}

static const char *const migrate_examples[] = {
    "utmctl config migrate old.utm --dry-run",
    "Show what would become of the file, key by key, and which files would be moved",
    NULL,
};

const Command cmd_config_migrate = {
    .name = "migrate",
    .group = GROUP_LIBRARY,
    .summary = "Bring a bundle of UTM 3 or older to the current format",
    .description =
        "Such a machine can be shown and run as it is; changing it migrates it, too. The old file "
        "is kept as config.legacy.plist, the folder Images becomes Data, images that no drive uses "
        "go to Unused, and media and shared folder of view.plist are taken over where they exist "
        "on this host.",
    .args = args,
    .shared = SHARED_DRY_RUN,
    .examples = migrate_examples,
    .run = run_migrate,
};
