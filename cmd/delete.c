/* SPDX-License-Identifier: Apache-2.0 */
/* utmctl delete */
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/output.h"
#include "core/argv/argv-quote.h"
#include "core/error.h"
#include "core/library.h"
#include "core/machine.h"
#include "core/vm/vm.h"

static struct {
    char *vm;
    gboolean force;
} opt;

static const CmdArg args[] = { { .name = "VM", .kind = ARG_VM, .value = &opt.vm }, { 0 } };

static const CmdOption options[] = {
    { .name = "force",
      .letter = 'f',
      .kind = OPT_FLAG,
      .value = &opt.force,
      .help = "Also when it is protected, and when it runs: then it is killed first" },
    { 0 },
};

static bool make_idle(const LibraryEntry *entry, GError **error)
{
    g_autoptr(GError) running = NULL;
    if (machine_check_idle(entry->path, entry->name, entry->uuid, "cannot delete", &running))
        return true;
    if (!opt.force) {
        g_autofree char *quoted = argv_shell_quote(opt.vm);
        g_autofree char *hint = g_strdup_printf("utmctl delete --force %s", quoted);
        utm_error_set_hint(running, hint);
        g_propagate_error(error, g_steal_pointer(&running));
        return false;
    }
    if (command_global.dry_run)
        return true;
    g_autoptr(Bundle) bundle = bundle_open(entry->path, error);
    return bundle && vm_stop(bundle, VM_STOP_KILL, command_global.timeout_us, error) &&
           machine_check_idle(entry->path, entry->name, entry->uuid, "cannot delete", error);
}

static bool run(GError **error)
{
    g_autofree char *path = library_resolve(opt.vm, error);
    if (!path || !machine_check_delete(path, opt.force, error))
        return false;
    g_autoptr(LibraryEntry) entry = library_entry_read(path);
    if (!make_idle(entry, error))
        return false;
    if (!command_global.dry_run && !machine_delete(path, entry->uuid, error))
        return false;
    output_note("%s \"%s\" (%s)", command_global.dry_run ? "would delete" : "deleted", entry->name,
                path);
    return true;
}

static const char *const examples[] = {
    "utmctl delete web-test",
    "Delete a machine with its disks, without asking",
    NULL,
};

const Command cmd_delete = {
    .name = "delete",
    .group = GROUP_LIBRARY,
    .summary = "Delete a virtual machine and its disks",
    .description =
        "Does not ask, as UTM's own utmctl does not. A protected or a running machine is "
        "refused without --force. Logs and other things that are kept about the machine "
        "on this host go with it.",
    .args = args,
    .options = options,
    .shared = SHARED_DRY_RUN | SHARED_YES | SHARED_TIMEOUT,
    .timeout_us = 30 * G_TIME_SPAN_SECOND,
    .examples = examples,
    .run = run,
};
