/* SPDX-License-Identifier: Apache-2.0 */
/* Migrating a legacy bundle together with what this host knows of it. */
#include "core/config-migrate.h"

#include "bundles/migrate.h"
#include "core/guard.h"
#include "core/host-facts.h"
#include "core/machine.h"

static void note(GPtrArray *notes, char *text)
{
    g_ptr_array_add(notes, text);
}

static void take_media(const BundleView *view, HostFacts *facts, GPtrArray *notes)
{
    GHashTableIter iter;
    gpointer identifier, path;
    g_hash_table_iter_init(&iter, view->media);
    while (g_hash_table_iter_next(&iter, &identifier, &path)) {
        if (!g_file_test(path, G_FILE_TEST_IS_REGULAR)) {
            note(notes, g_strdup_printf("the medium \"%s\" of view.plist is not on this host",
                                        (char *) path));
        } else if (!g_hash_table_contains(facts->media, identifier)) {
            g_hash_table_insert(facts->media, g_strdup(identifier), g_strdup(path));
            note(notes, g_strdup_printf("the medium \"%s\" is inserted", (char *) path));
        }
    }
}

static void take_share(const BundleView *view, HostFacts *facts, GPtrArray *notes)
{
    const char *path = view->shared_directory;
    if (!path || facts->shares->len)
        return;
    if (!g_file_test(path, G_FILE_TEST_IS_DIR)) {
        note(notes,
             g_strdup_printf("the shared folder \"%s\" of view.plist is not on this host", path));
        return;
    }
    host_facts_add_share(facts, path, NULL);
    note(notes, g_strdup_printf("the folder \"%s\" is shared", path));
}

/* What cannot be taken over is no reason to refuse the machine. */
static void take_view(const Bundle *bundle, const BundleView *view, GPtrArray *notes)
{
    const char *uuid = bundle->config->information.uuid;
    g_autoptr(GError) error = NULL;
    g_autoptr(HostFacts) facts = host_facts_load(uuid, &error);
    if (facts) {
        take_media(view, facts, notes);
        take_share(view, facts, notes);
    }
    if (!facts || !host_facts_save(facts, uuid, &error))
        note(notes,
             g_strdup_printf("media and shared folder are not taken over: %s", error->message));
}

bool config_migrate(Bundle *bundle, GPtrArray *notes, GError **error)
{
    const ConfigInformation *information = &bundle->config->information;
    if (!machine_check_idle(bundle->path, information->name, information->uuid, "cannot migrate",
                            error))
        return false;
    /* Made by an earlier utmctl, and they would not find what they stand on. */
    if (!guard_check_change(bundle->path, NULL, error)) {
        g_prefix_error(error, "VM \"%s\": cannot migrate: ", information->name);
        return false;
    }
    g_autoptr(GError) unreadable = NULL;
    g_autoptr(BundleView) view = bundle_view_read(bundle, &unreadable);
    if (!bundle_migrate(bundle, error)) {
        g_prefix_error(error, "VM \"%s\": cannot migrate: ", information->name);
        return false;
    }
    note(notes, g_strdup("migrated to version 4; the old file is kept as config.legacy.plist"));
    if (unreadable)
        note(notes, g_strdup_printf("nothing is taken over: %s", unreadable->message));
    if (view)
        take_view(bundle, view, notes);
    return true;
}
