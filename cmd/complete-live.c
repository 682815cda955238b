/* SPDX-License-Identifier: Apache-2.0 */
/* Completing what a machine has: snapshots, drives, disks. */
#include "cmd/complete-live.h"

#include <string.h>

#include "cmd/commands.h"
#include "core/disk.h"
#include "core/library.h"
#include "core/media.h"
#include "core/screen/keys.h"
#include "core/snapshot/snapshot.h"

static void hand_out_snapshots(const Bundle *bundle, CompleteFunc func, void *user)
{
    g_autoptr(GPtrArray) snapshots = snapshot_list(bundle, NULL);
    for (guint i = 0; snapshots && i < snapshots->len; i++) {
        const Snapshot *snapshot = snapshots->pdata[i];
        func(snapshot->name, snapshot->description, user);
    }
}

static void hand_out_drives(const Bundle *bundle, CompleteFunc func, void *user)
{
    g_autoptr(GPtrArray) drives = media_list(bundle, NULL);
    for (guint i = 0; drives && i < drives->len; i++) {
        const MediaDrive *drive = drives->pdata[i];
        g_autofree char *number = g_strdup_printf("%u", drive->index);
        const char *image = drive->image ? drive->image : "empty";
        guint same = 0;
        for (guint j = 0; j < drives->len; j++)
            same += strcmp(((MediaDrive *) drives->pdata[j])->kind, drive->kind) == 0;
        func(same == 1 ? drive->kind : number, image, user);
    }
}

static void hand_out_disks(const Bundle *bundle, CompleteFunc func, void *user)
{
    g_autoptr(GPtrArray) disks = disk_list(bundle);
    for (guint i = 0; i < disks->len; i++) {
        const Disk *disk = disks->pdata[i];
        g_autofree char *number = g_strdup_printf("%u", disk->index);
        g_autofree char *image = g_path_get_basename(disk->path);
        func(number, image, user);
        func(image, disk->type, user);
    }
}

/* Of keys that are joined the last one is completed. */
static void hand_out_keys(const char *partial, CompleteFunc func, void *user)
{
    const char *last = partial;
    for (const char *p = partial; *p; p++)
        if (*p == '-' || *p == '+')
            last = p + 1;
    g_autofree char *before = g_strndup(partial, (gsize) (last - partial));
    g_autofree char **names = key_names();
    for (char **name = names; *name; name++) {
        g_autofree char *word = g_strconcat(before, *name, NULL);
        func(word, NULL, user);
    }
}

static bool is_snapshot_verb(const Command *command)
{
    for (const Command *const *verb = cmd_snapshot.children; *verb; verb++)
        if (*verb == command)
            return strcmp(command->name, "create") != 0;
    return false;
}

bool complete_live_arg(const Command *command, const CmdArg *arg, const char *vm,
                       const char *partial, CompleteFunc func, void *user)
{
    if (command == &cmd_sendkey && strcmp(arg->name, "KEYS") == 0) {
        hand_out_keys(partial, func, user);
        return true;
    }
    void (*hand_out)(const Bundle *bundle, CompleteFunc func, void *user) = NULL;
    if (strcmp(arg->name, "NAME") == 0 && is_snapshot_verb(command))
        hand_out = hand_out_snapshots;
    else if (strcmp(arg->name, "DRIVE") == 0)
        hand_out = hand_out_drives;
    else if (strcmp(arg->name, "DISK") == 0)
        hand_out = hand_out_disks;
    g_autoptr(Bundle) bundle = hand_out && vm ? library_open(vm, NULL) : NULL;
    if (bundle)
        hand_out(bundle, func, user);
    return hand_out != NULL;
}

bool complete_live_option(const CmdOption *option, const char *vm, CompleteFunc func, void *user)
{
    if (strcmp(option->name, "snapshot") != 0)
        return false;
    g_autoptr(Bundle) bundle = vm ? library_open(vm, NULL) : NULL;
    if (bundle)
        hand_out_snapshots(bundle, func, user);
    return true;
}
