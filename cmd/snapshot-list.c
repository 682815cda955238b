/* SPDX-License-Identifier: Apache-2.0 */
/* utmctl snapshot list and show: the tree, and one of it. */
#include <stdio.h>

#include "cmd/output.h"
#include "cmd/snapshot.h"
#include "core/library.h"
#include "core/vm/time-text.h"

static struct {
    char *vm, *name;
} opt;

/* ---- list ---- */

static const CmdArg list_args[] = { { .name = "VM", .kind = ARG_VM, .value = &opt.vm }, { 0 } };

static void add_row(GPtrArray *rows, const Snapshot *snapshot, int depth)
{
    g_autofree char *created = time_text(snapshot->created * G_USEC_PER_SEC);
    g_autofree char *size = g_format_size_full(snapshot->vm_state_size, G_FORMAT_SIZE_IEC_UNITS);
    char **row = g_new0(char *, 6);
    row[0] = g_strdup_printf("%*s%s", 2 * depth, "", snapshot->name);
    row[1] = g_strdup(created);
    row[2] = g_strdup(snapshot_kind_word(snapshot->kind));
    row[3] = g_strdup(snapshot->vm_state_size ? size : "-");
    row[4] = g_strdup(!snapshot->complete ? "missing in some images"
                      : snapshot->current ? "current"
                                          : "");
    g_ptr_array_add(rows, row);
}

static void add_tree(GPtrArray *rows, const GPtrArray *snapshots, const char *parent, int depth)
{
    for (guint i = 0; i < snapshots->len; i++) {
        const Snapshot *snapshot = snapshots->pdata[i];
        if (g_strcmp0(snapshot->parent, parent) != 0)
            continue;
        add_row(rows, snapshot, depth);
        add_tree(rows, snapshots, snapshot->tag, depth + 1);
    }
}

static bool run_list(GError **error)
{
    g_autoptr(Bundle) bundle = library_open(opt.vm, error);
    g_autoptr(GPtrArray) snapshots = bundle ? snapshot_list(bundle, error) : NULL;
    if (!snapshots)
        return false;
    if (command_global.json) {
        output_json(snapshot_list_json(snapshots));
        return true;
    }
    static const char *const header[] = { "Name", "Created", "Kind", "Memory", "", NULL };
    g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func((GDestroyNotify) g_strfreev);
    add_tree(rows, snapshots, NULL, 0);
    output_table(header, rows);
    return true;
}

const Command cmd_snapshot_list = {
    .name = "list",
    .summary = "Show the tree of snapshots",
    .description = "Each below the one that it was made after. \"current\" is where the machine "
                   "goes on from. What UTM or qemu-img made is there too.",
    .args = list_args,
    .run = run_list,
};

/* ---- show ---- */

static const CmdArg show_args[] = {
    { .name = "VM", .kind = ARG_VM, .value = &opt.vm },
    { .name = "NAME", .kind = ARG_WORD, .value = &opt.name },
    { 0 },
};

static char *size_text(uint64_t bytes)
{
    return g_format_size_full(bytes, G_FORMAT_SIZE_IEC_UNITS);
}

static void print_snapshot(const Snapshot *snapshot)
{
    g_autofree char *created = time_text(snapshot->created * G_USEC_PER_SEC);
    g_autofree char *memory = size_text(snapshot->vm_state_size);
    printf("Name:         %s\n", snapshot->name);
    printf("Created:      %s\n", created);
    printf("Kind:         %s\n", snapshot_kind_word(snapshot->kind));
    printf("Memory:       %s\n", snapshot->vm_state_size ? memory : "-");
    printf("Parent:       %s\n", snapshot->parent ? snapshot->parent : "-");
    printf("Current:      %s\n", snapshot->current ? "yes" : "no");
    printf("Description:  %s\n", snapshot->description ? snapshot->description : "-");
    for (guint i = 0; i < snapshot->disks->len; i++) {
        const SnapshotDisk *disk = snapshot->disks->pdata[i];
        g_autofree char *size = size_text((uint64_t) disk->size);
        printf("Image:        %s (%s)\n", disk->path, disk->present ? size : "missing");
    }
}

static bool run_show(GError **error)
{
    g_autoptr(Bundle) bundle = library_open(opt.vm, error);
    g_autoptr(Snapshot) snapshot = bundle ? snapshot_find(bundle, opt.name, error) : NULL;
    if (!snapshot)
        return false;
    if (command_global.json) {
        output_json(snapshot_json(snapshot));
        return true;
    }
    print_snapshot(snapshot);
    return true;
}

const Command cmd_snapshot_show = {
    .name = "show",
    .summary = "Show one snapshot",
    .args = show_args,
    .run = run_show,
};
