/* SPDX-License-Identifier: Apache-2.0 */
/* utmctl list */
#include <stdio.h>
#include <string.h>

#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/machine-json.h"
#include "cmd/output.h"
#include "core/library.h"
#include "core/paths.h"
#include "core/vm/vm.h"

/* What is asked once for all machines. */
typedef struct {
    GHashTable *counts;  /* UUID -> how many bundles have it; borrowed from the entries */
    GHashTable *folders; /* set of UUIDs that have a runtime folder */
} Overview;

static void overview_clear(Overview *overview)
{
    g_clear_pointer(&overview->counts, g_hash_table_unref);
    g_clear_pointer(&overview->folders, g_hash_table_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Overview, overview_clear)

static void overview_fill(Overview *overview, const GPtrArray *entries)
{
    overview->counts = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < entries->len; i++) {
        const LibraryEntry *entry = entries->pdata[i];
        if (!entry->uuid)
            continue;
        guint count = GPOINTER_TO_UINT(g_hash_table_lookup(overview->counts, entry->uuid));
        g_hash_table_insert(overview->counts, entry->uuid, GUINT_TO_POINTER(count + 1));
    }
    overview->folders = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autofree char *root = paths_runtime(NULL);
    g_autoptr(GDir) dir = g_dir_open(root, 0, NULL);
    for (const char *name; dir && (name = g_dir_read_name(dir));)
        g_hash_table_add(overview->folders, g_strdup(name));
}

static bool is_shared(const Overview *overview, const char *uuid)
{
    return GPOINTER_TO_UINT(g_hash_table_lookup(overview->counts, uuid)) > 1;
}

static const char *state_of(const LibraryEntry *entry, const Overview *overview)
{
    if (!entry->uuid || !g_hash_table_contains(overview->folders, entry->uuid))
        return "stopped";
    return vm_state_word(entry->uuid, entry->path);
}

static void warn_of(const GPtrArray *entries, const Overview *overview)
{
    for (guint i = 0; i < entries->len; i++) {
        const LibraryEntry *entry = entries->pdata[i];
        if (entry->problem && !entry->uuid)
            output_warning("\"%s\" cannot be opened: %s", entry->path, entry->problem);
        if (entry->uuid && is_shared(overview, entry->uuid))
            output_warning("%s is the UUID of more than one machine, \"%s\" among them",
                           entry->uuid, entry->path);
    }
}

static void print_json(const GPtrArray *entries, const Overview *overview)
{
    cJSON *all = cJSON_CreateArray();
    for (guint i = 0; i < entries->len; i++) {
        const LibraryEntry *entry = entries->pdata[i];
        cJSON_AddItemToArray(all, machine_json_entry(entry, state_of(entry, overview)));
    }
    output_json(all);
}

/* The macOS tool leaves out what it cannot load and has two words fewer. */
static void print_lines(const GPtrArray *entries, const Overview *overview)
{
    printf("%-36s %-8s %s\n", "UUID", "Status", "Name");
    for (guint i = 0; i < entries->len; i++) {
        const LibraryEntry *entry = entries->pdata[i];
        if (!entry->uuid)
            continue;
        g_autofree char *name = output_escape(entry->name);
        printf("%-36s %-8s %s\n", entry->uuid, machine_state_macos(state_of(entry, overview)),
               name);
    }
}

static bool run(GError **error)
{
    g_autoptr(GPtrArray) entries = library_list(error);
    if (!entries)
        return false;
    g_auto(Overview) overview = { 0 };
    overview_fill(&overview, entries);
    if (command_global.json)
        print_json(entries, &overview);
    else
        print_lines(entries, &overview);
    if (!command_global.quiet)
        warn_of(entries, &overview);
    return true;
}

static const char *const examples[] = {
    "utmctl list --json",
    "What is in the library, with paths and memory, for programs",
    NULL,
};

const Command cmd_list = {
    .name = "list",
    .group = GROUP_LIBRARY,
    .summary = "List the virtual machines of the library",
    .description = "The library is the search path UTMCTL_LIBRARY, folders separated by colons, or "
                   "the folder utmctl/library below XDG_DATA_HOME. A machine that lies elsewhere "
                   "is named by its path.\n\n"
                   "A bundle that cannot be opened hides no other: a warning names it, and JSON "
                   "has it with the member \"problem\".",
    .examples = examples,
    .run = run,
};
