/* SPDX-License-Identifier: Apache-2.0 */
/* utmctl snapshot: a tree of states that a machine can go back to. */
#include "cmd/snapshot.h"

#include "cmd/commands.h"
#include "cmd/output.h"
#include "cmd/running.h"
#include "core/error.h"
#include "core/library.h"

static struct {
    char *vm, *name, *new_name, *description;
    gboolean disk_only, quiesce, warm, external, start, paused, keep_current, cold;
} opt;

static const CmdArg args[] = {
    { .name = "VM", .kind = ARG_VM, .value = &opt.vm },
    { .name = "NAME", .kind = ARG_WORD, .value = &opt.name },
    { 0 },
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

static const Command create_command = {
    .name = "create",
    .summary = "Keep the state that a machine is in",
    .description =
        "Memory, devices and every disk of a running or paused machine at one instant; the guest "
        "stands still meanwhile. Of a stopped machine its disks are kept. Configuration, UEFI "
        "variables and TPM are part of it. What is in the way is listed before anything is done.",
    .args = args,
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
    if (bundle && !snapshot)
        g_prefix_error(error, "VM \"%s\": ", bundle->config->information.name);
    if (!snapshot ||
        !(opt.keep_current ? keep_current(bundle, error) : confirm_restore(bundle, error)))
        return false;
    const SnapshotRestore how = { .then = opt.paused  ? SNAPSHOT_THEN_PAUSED
                                          : opt.start ? SNAPSHOT_THEN_STARTED
                                                      : SNAPSHOT_THEN_AS_KEPT,
                                  .cold = opt.cold };
    return snapshot_restore(bundle, opt.name, &how, NULL, error) && cmd_print_status(bundle, error);
}

static const Command restore_command = {
    .name = "restore",
    .summary = "Go back to a snapshot",
    .description =
        "What the machine is now is lost, so that this asks first, unless it is kept with "
        "--keep-current. A machine whose memory is in "
        "the snapshot runs afterwards; otherwise it is stopped. Memory that was saved by another "
        "QEMU, machine type or CPU is refused before anything changes, and so is what does not go "
        "together; --cold leaves it out.",
    .args = args,
    .options = restore_options,
    .shared = SHARED_YES,
    .run = run_restore,
};

/* ---- rename ---- */

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

static const Command rename_command = {
    .name = "rename",
    .summary = "Give a snapshot another name",
    .description = "The tag in the images stays, and UTM and qemu-img go on to show it.",
    .args = rename_args,
    .run = run_rename,
};

static const Command *const children[] = {
    &create_command,      &cmd_snapshot_list,
    &cmd_snapshot_show,   &restore_command,
    &cmd_snapshot_delete, &rename_command,
    &cmd_snapshot_prune,  &cmd_snapshot_flatten,
    &cmd_snapshot_export, NULL,
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
