/* SPDX-License-Identifier: Apache-2.0 */
/* utmctl snapshot: a tree of states that a machine can go back to. */
#include "core/snapshot/snapshot.h"

#include <stdio.h>

#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/interrupt.h"
#include "cmd/output.h"
#include "cmd/progress.h"
#include "cmd/running.h"
#include "core/clone.h"
#include "core/error.h"
#include "core/library.h"
#include "core/snapshot/snapshot-word.h"
#include "core/vm/time-text.h"

static struct {
    char *vm, *name, *new_name, *description, *prefix, *output;
    gboolean disk_only, quiesce, warm, external, children, start, paused, keep_current, cold;
    gint64 keep_last, keep_daily, keep_weekly;
} opt;

static const CmdArg args_vm[] = { { .name = "VM", .kind = ARG_VM, .value = &opt.vm }, { 0 } };
static const CmdArg args_name[] = {
    { .name = "VM", .kind = ARG_VM, .value = &opt.vm },
    { .name = "NAME", .kind = ARG_WORD, .value = &opt.name },
    { 0 },
};

static const char *kind_word(SnapshotKind kind)
{
    static const char *const words[] = {
        [SNAPSHOT_FULL] = "full", [SNAPSHOT_DISK] = "disk", [SNAPSHOT_WARM] = "warm"
    };
    return words[kind];
}

static char *created_text(const Snapshot *snapshot)
{
    return time_text(snapshot->created * G_USEC_PER_SEC);
}

static cJSON *snapshot_json(const Snapshot *snapshot)
{
    cJSON *json = cJSON_CreateObject();
    g_autofree char *created = created_text(snapshot);
    cJSON_AddStringToObject(json, "name", snapshot->name);
    cJSON_AddStringToObject(json, "tag", snapshot->tag);
    cJSON_AddStringToObject(json, "created", created);
    output_json_add_text(json, "parent", snapshot->parent);
    cJSON_AddStringToObject(json, "kind", kind_word(snapshot->kind));
    output_json_add_uint(json, "vm_state_size", snapshot->vm_state_size);
    cJSON *disks = cJSON_AddArrayToObject(json, "disks");
    for (guint i = 0; i < snapshot->disks->len; i++) {
        const SnapshotDisk *disk = snapshot->disks->pdata[i];
        cJSON *object = cJSON_CreateObject();
        cJSON_AddStringToObject(object, "drive", disk->drive);
        output_json_add_uint(object, "size", disk->size);
        cJSON_AddBoolToObject(object, "present", disk->present);
        cJSON_AddItemToArray(disks, object);
    }
    output_json_add_text(json, "description", snapshot->description);
    cJSON_AddBoolToObject(json, "external", snapshot->layers != NULL);
    cJSON_AddBoolToObject(json, "complete", snapshot->complete);
    cJSON_AddBoolToObject(json, "current", snapshot->current);
    return json;
}

/* ---- list ---- */

static void add_row(GPtrArray *rows, const Snapshot *snapshot, int depth)
{
    g_autofree char *created = created_text(snapshot);
    g_autofree char *size = g_format_size_full(snapshot->vm_state_size, G_FORMAT_SIZE_IEC_UNITS);
    char **row = g_new0(char *, 6);
    row[0] = g_strdup_printf("%*s%s", 2 * depth, "", snapshot->name);
    row[1] = g_strdup(created);
    row[2] = g_strdup(kind_word(snapshot->kind));
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

static cJSON *list_json(const GPtrArray *snapshots)
{
    cJSON *array = cJSON_CreateArray();
    for (guint i = 0; i < snapshots->len; i++)
        cJSON_AddItemToArray(array, snapshot_json(snapshots->pdata[i]));
    return array;
}

static bool run_list(GError **error)
{
    g_autoptr(Bundle) bundle = library_open(opt.vm, error);
    g_autoptr(GPtrArray) snapshots = bundle ? snapshot_list(bundle, error) : NULL;
    if (!snapshots)
        return false;
    if (command_global.json) {
        output_json(list_json(snapshots));
        return true;
    }
    static const char *const header[] = { "Name", "Created", "Kind", "Memory", "", NULL };
    g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func((GDestroyNotify) g_strfreev);
    add_tree(rows, snapshots, NULL, 0);
    output_table(header, rows);
    return true;
}

static const Command snapshot_list_command = {
    .name = "list",
    .summary = "Show the tree of snapshots",
    .description = "Each below the one that it was made after. \"current\" is where the machine "
                   "goes on from. What UTM or qemu-img made is there too.",
    .args = args_vm,
    .run = run_list,
};

/* ---- show ---- */

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
    g_autofree char *created = created_text(snapshot);
    printf("Name:         %s\n", snapshot->name);
    printf("Created:      %s\n", created);
    printf("Kind:         %s\n", kind_word(snapshot->kind));
    printf("Parent:       %s\n", snapshot->parent ? snapshot->parent : "-");
    printf("Description:  %s\n", snapshot->description ? snapshot->description : "-");
    for (guint i = 0; i < snapshot->disks->len; i++) {
        const SnapshotDisk *disk = snapshot->disks->pdata[i];
        printf("Image:        %s%s\n", disk->path, disk->present ? "" : " (missing)");
    }
    return true;
}

static const Command snapshot_show_command = {
    .name = "show",
    .summary = "Show one snapshot",
    .args = args_name,
    .run = run_show,
};

/* ---- create ---- */

static const CmdOption create_options[] = {
    { .name = "description",
      .kind = OPT_STRING,
      .value = &opt.description,
      .arg = "TEXT",
      .help = "What it is good for" },
    { .name = "disk-only",
      .kind = OPT_FLAG,
      .value = &opt.disk_only,
      .help = "Leave memory and devices of a running machine out" },
    { .name = "external",
      .kind = OPT_FLAG,
      .value = &opt.external,
      .help = "Leave the disks' images as they are and go on with new ones; without memory" },
    { .name = "quiesce",
      .kind = OPT_FLAG,
      .value = &opt.quiesce,
      .help = "Have the guest agent freeze the file systems meanwhile" },
    { .name = "warm",
      .kind = OPT_FLAG,
      .value = &opt.warm,
      .help = "Also keep the memory as a file that machines start from at once" },
    { 0 },
};

static bool run_create(GError **error)
{
    if (opt.warm && (opt.disk_only || opt.external)) {
        utm_error_set(error, UTM_ERROR_USAGE, NULL, "--warm and %s exclude each other",
                      opt.external ? "--external" : "--disk-only");
        return false;
    }
    g_autoptr(Bundle) bundle = library_open(opt.vm, error);
    bool mounts_lost = false;
    const SnapshotCreate how = { .description = opt.description,
                                 .disk_only = opt.disk_only,
                                 .quiesce = opt.quiesce,
                                 .warm = opt.warm,
                                 .mounts_lost = &mounts_lost,
                                 .external = opt.external,
                                 .timeout_us = command_global.timeout_us };
    if (!bundle || !snapshot_create(bundle, opt.name, &how, error))
        return false;
    if (mounts_lost)
        output_warning("the guest has not mounted the folders of the host again");
    if (!command_global.json)
        return true;
    g_autoptr(Snapshot) snapshot = snapshot_find(bundle, opt.name, error);
    if (snapshot)
        output_json(snapshot_json(snapshot));
    return snapshot != NULL;
}

static const Command snapshot_create_command = {
    .name = "create",
    .summary = "Keep the state that a machine is in",
    .description =
        "Memory, devices and every disk of a running or paused machine at one instant; the guest "
        "stands still meanwhile. Of a stopped machine its disks are kept. Configuration, UEFI "
        "variables and TPM are part of it. What is in the way is listed before anything is done.",
    .args = args_name,
    .options = create_options,
    .shared = SHARED_TIMEOUT,
    .run = run_create,
};

/* ---- restore ---- */

static const CmdOption restore_options[] = {
    { .name = "keep-current",
      .kind = OPT_FLAG,
      .value = &opt.keep_current,
      .help = "Make a snapshot of what the machine is now first, called before-NAME" },
    { .name = "cold",
      .kind = OPT_FLAG,
      .value = &opt.cold,
      .help = "Leave memory that is in the snapshot out, and go back to its disks alone" },
    { .name = "start",
      .kind = OPT_FLAG,
      .value = &opt.start,
      .help = "Start the machine afterwards, also from a snapshot without memory" },
    { .name = "paused",
      .kind = OPT_FLAG,
      .value = &opt.paused,
      .help = "Let the machine stand still afterwards" },
    { 0 },
};

static bool confirm_restore(const Bundle *bundle, GError **error)
{
    g_autofree char *question = g_strdup_printf("Go back to \"%s\" and lose what VM \"%s\" is now?",
                                                opt.name, bundle->config->information.name);
    return command_confirm(question, error);
}

/* Nothing is lost then, so that nobody has to be asked. */
static bool keep_current(const Bundle *bundle, GError **error)
{
    g_autofree char *kept = NULL;
    if (!snapshot_keep_current(bundle, opt.name, &kept, error))
        return false;
    output_note("kept what the machine is now as \"%s\"", kept);
    return true;
}

static bool run_restore(GError **error)
{
    if (opt.start && opt.paused) {
        utm_error_set(error, UTM_ERROR_USAGE, NULL, "--start and --paused exclude each other");
        return false;
    }
    g_autoptr(Bundle) bundle = library_open(opt.vm, error);
    g_autoptr(Snapshot) snapshot = bundle ? snapshot_find(bundle, opt.name, error) : NULL;
    if (!snapshot ||
        !(opt.keep_current ? keep_current(bundle, error) : confirm_restore(bundle, error)))
        return false;
    const SnapshotRestore how = { .then = opt.paused  ? SNAPSHOT_THEN_PAUSED
                                          : opt.start ? SNAPSHOT_THEN_STARTED
                                                      : SNAPSHOT_THEN_AS_KEPT,
                                  .cold = opt.cold };
    return snapshot_restore(bundle, opt.name, &how, NULL, error) && cmd_print_status(bundle, error);
}

static const Command snapshot_restore_command = {
    .name = "restore",
    .summary = "Go back to a snapshot",
    .description =
        "What the machine is now is lost, so that this asks first, unless it is kept with "
        "--keep-current. A machine whose memory is in "
        "the snapshot runs afterwards; otherwise it is stopped. Memory that was saved by another "
        "QEMU, machine type or CPU is refused before anything changes, and so is what does not go "
        "together; --cold leaves it out.",
    .args = args_name,
    .options = restore_options,
    .shared = SHARED_YES,
    .run = run_restore,
};

/* ---- delete, rename, prune ---- */

static const CmdOption delete_options[] = {
    { .name = "children",
      .kind = OPT_FLAG,
      .value = &opt.children,
      .help = "Delete the snapshots that were made after it as well" },
    { 0 },
};

/* What is merged is the same at every moment: it can be left off anywhere. */
static const LibexecWatch merging = { .progress = progress_step, .user = (void *) "merging" };

static bool run_delete(GError **error)
{
    g_autoptr(Bundle) bundle = library_open(opt.vm, error);
    interrupt_catch();
    bool ok = bundle && snapshot_delete(bundle, opt.name, opt.children, &merging, error);
    output_progress_end();
    return ok;
}

static const Command snapshot_delete_command = {
    .name = "delete",
    .summary = "Forget a snapshot",
    .description = "Only the way back goes: the machine stays as it is, and snapshots that were "
                   "made after this one stay as well. The images of an external snapshot are "
                   "merged into their neighbours, also while the machine runs; Ctrl-C leaves that "
                   "to the next delete.",
    .args = args_name,
    .options = delete_options,
    .run = run_delete,
};

/* ---- flatten ---- */

static bool confirm_flatten(const Bundle *bundle, GError **error)
{
    unsigned count = 0;
    g_autoptr(GPtrArray) snapshots = snapshot_list(bundle, error);
    for (guint i = 0; snapshots && i < snapshots->len; i++)
        count += ((const Snapshot *) snapshots->pdata[i])->layers != NULL;
    if (!snapshots || !count)
        return snapshots != NULL;
    g_autofree char *question = g_strdup_printf("Give up the external snapshots (%u) of VM \"%s\"?",
                                                count, bundle->config->information.name);
    return command_confirm(question, error);
}

static bool run_flatten(GError **error)
{
    g_autoptr(Bundle) bundle = library_open(opt.vm, error);
    if (!bundle || !confirm_flatten(bundle, error))
        return false;
    interrupt_catch();
    bool ok = snapshot_flatten(bundle, &merging, error);
    output_progress_end();
    return ok;
}

static const Command snapshot_flatten_command = {
    .name = "flatten",
    .summary = "Give every disk one image that needs no other",
    .description = "Also while the machine runs. External snapshots are given up for that, which "
                   "is asked before; what a linked clone or a fork stands on is copied into it.",
    .args = args_vm,
    .shared = SHARED_YES,
    .run = run_flatten,
};

/* ---- export ---- */

static const CmdArg export_args[] = {
    { .name = "VM@NAME", .kind = ARG_VM, .value = &opt.vm },
    { 0 },
};

static const CmdOption export_options[] = {
    { .name = "output",
      .letter = 'o',
      .kind = OPT_PATH,
      .value = &opt.output,
      .arg = "PATH",
      .help = "Folder of the new machine, ending in .utm; without it one in the library" },
    { 0 },
};

static void print_export(const CloneResult *result)
{
    if (command_global.json) {
        cJSON *object = cJSON_CreateObject();
        cJSON_AddStringToObject(object, "uuid", result->uuid);
        cJSON_AddStringToObject(object, "name", result->name);
        cJSON_AddStringToObject(object, "path", result->path);
        output_json(object);
    }
    output_note("%s \"%s\" as \"%s\" in %s", command_global.dry_run ? "would export" : "exported",
                opt.vm, result->name, result->path);
    if (result->dropped_suspend)
        output_note("its memory stays behind: \"%s\" boots afresh", result->name);
}

static bool run_export(GError **error)
{
    g_autofree char *name = NULL;
    g_autoptr(Bundle) bundle = snapshot_word_open(opt.vm, &name, error);
    if (!bundle)
        return false;
    if (!name) {
        utm_error_set(error, UTM_ERROR_USAGE, "utmctl export takes the machine as it is now",
                      "\"%s\" names no snapshot: VM@NAME is needed", opt.vm);
        return false;
    }
    const CloneOptions how = { .output = opt.output,
                               .progress = progress_step,
                               .user = (void *) "exporting" };
    g_auto(CloneResult) result = { 0 };
    interrupt_catch();
    bool ok = clone_snapshot(bundle, name, &how, command_global.dry_run, &result, error);
    output_progress_end();
    if (ok)
        print_export(&result);
    return ok;
}

static const Command snapshot_export_command = {
    .name = "export",
    .summary = "Make a machine of what a snapshot holds",
    .description = "Configuration, disks, UEFI variables and TPM as they were then, each disk in "
                   "one image; memory is left out. The original may run meanwhile. Like a clone, "
                   "the new machine has a name, UUID and MAC addresses of its own, so that both "
                   "can run.",
    .args = export_args,
    .options = export_options,
    .shared = SHARED_DRY_RUN,
    .run = run_export,
};

static const CmdArg rename_args[] = {
    { .name = "VM", .kind = ARG_VM, .value = &opt.vm },
    { .name = "NAME", .kind = ARG_WORD, .value = &opt.name },
    { .name = "NEW", .kind = ARG_WORD, .value = &opt.new_name },
    { 0 },
};

static bool run_rename(GError **error)
{
    g_autoptr(Bundle) bundle = library_open(opt.vm, error);
    return bundle && snapshot_rename(bundle, opt.name, opt.new_name, error);
}

static const Command snapshot_rename_command = {
    .name = "rename",
    .summary = "Give a snapshot another name",
    .description = "The tag in the images stays, and UTM and qemu-img go on to show it.",
    .args = rename_args,
    .run = run_rename,
};

static const CmdOption prune_options[] = {
    { .name = "keep-last",
      .kind = OPT_INT,
      .value = &opt.keep_last,
      .arg = "N",
      .help = "Keep the N newest" },
    { .name = "keep-daily",
      .kind = OPT_INT,
      .value = &opt.keep_daily,
      .arg = "N",
      .help = "Keep the newest of each of the last N days that have one" },
    { .name = "keep-weekly",
      .kind = OPT_INT,
      .value = &opt.keep_weekly,
      .arg = "N",
      .help = "Keep the newest of each of the last N weeks that have one" },
    { .name = "prefix",
      .kind = OPT_STRING,
      .value = &opt.prefix,
      .arg = "PREFIX",
      .help = "Look only at names that begin so" },
    { 0 },
};

static bool check_prune(GError **error)
{
    bool sane = opt.keep_last >= 0 && opt.keep_daily >= 0 && opt.keep_weekly >= 0;
    if (sane && opt.keep_last + opt.keep_daily + opt.keep_weekly > 0)
        return true;
    utm_error_set(error, UTM_ERROR_USAGE, NULL,
                  "say what to keep: --keep-last, --keep-daily or --keep-weekly above 0");
    return false;
}

static bool run_prune(GError **error)
{
    g_autoptr(Bundle) bundle = check_prune(error) ? library_open(opt.vm, error) : NULL;
    g_autoptr(GPtrArray) snapshots = bundle ? snapshot_list(bundle, error) : NULL;
    if (!snapshots)
        return false;
    const SnapshotPrune rule = { .last = (unsigned) MIN(opt.keep_last, G_MAXINT),
                                 .daily = (unsigned) MIN(opt.keep_daily, G_MAXINT),
                                 .weekly = (unsigned) MIN(opt.keep_weekly, G_MAXINT),
                                 .prefix = opt.prefix };
    g_autoptr(GPtrArray) doomed =
        snapshot_prune_list(snapshots, &rule, g_get_real_time() / G_USEC_PER_SEC);
    if (command_global.json)
        output_json(list_json(doomed));
    interrupt_catch();
    for (guint i = 0; i < doomed->len; i++) {
        const Snapshot *snapshot = doomed->pdata[i];
        if (!command_global.dry_run &&
            !snapshot_delete(bundle, snapshot->tag, false, &merging, error))
            return false;
        if (!command_global.json)
            printf("%s %s\n", command_global.dry_run ? "would delete" : "deleted", snapshot->name);
    }
    return true;
}

static const Command snapshot_prune_command = {
    .name = "prune",
    .summary = "Delete the snapshots that no rule keeps",
    .description = "What any of the rules keeps is kept, and so is the current one. With --json "
                   "the answer is the list of those that go.",
    .args = args_vm,
    .options = prune_options,
    .shared = SHARED_DRY_RUN,
    .run = run_prune,
};

static const Command *const children[] = {
    &snapshot_create_command, &snapshot_list_command,
    &snapshot_show_command,   &snapshot_restore_command,
    &snapshot_delete_command, &snapshot_rename_command,
    &snapshot_prune_command,  &snapshot_flatten_command,
    &snapshot_export_command, NULL,
};

static const char *const examples[] = {
    "utmctl snapshot create web before-upgrade",
    "Keep the state that a machine is in",
    "utmctl snapshot restore --yes web before-upgrade",
    "Go back to it without being asked",
    "utmctl snapshot prune web --prefix nightly- --keep-daily 7 --keep-weekly 4",
    "What a nightly job would do",
    NULL,
};

const Command cmd_snapshot = {
    .name = "snapshot",
    .group = GROUP_STATE,
    .summary = "Keep states of a virtual machine, and go back to them",
    .examples = examples,
    .children = children,
};
