/* SPDX-License-Identifier: Apache-2.0 */
/* utmctl share: folders of this host that a guest can mount. */
#include "core/share.h"

#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/output.h"
#include "core/library.h"

static struct {
    char *vm, *folder, *tag;
    gboolean read_only, virtiofs;
} opt;

/* ---- list ---- */

static const CmdArg args_vm[] = { { .name = "VM", .kind = ARG_VM, .value = &opt.vm }, { 0 } };

static cJSON *share_json(const Bundle *bundle, const HostShare *share)
{
    cJSON *object = cJSON_CreateObject();
    g_autofree char *command = share_mount_command(bundle, share);
    cJSON_AddStringToObject(object, "tag", share->tag);
    cJSON_AddStringToObject(object, "path", share->path);
    cJSON_AddStringToObject(object, "kind", share_kind(bundle, share));
    cJSON_AddBoolToObject(object, "read_only",
                          share->read_only || bundle->config->sharing.directory_share_read_only);
    cJSON_AddBoolToObject(object, "present", g_file_test(share->path, G_FILE_TEST_IS_DIR));
    cJSON_AddItemToObject(object, "mount_command",
                          command ? cJSON_CreateString(command) : cJSON_CreateNull());
    return object;
}

static char **share_row(const Bundle *bundle, const HostShare *share)
{
    char **row = g_new0(char *, 5);
    bool read_only = share->read_only || bundle->config->sharing.directory_share_read_only;
    bool present = g_file_test(share->path, G_FILE_TEST_IS_DIR);
    row[0] = g_strdup(share->tag);
    row[1] = g_strdup(share_kind(bundle, share));
    row[2] = g_strdup(share->path);
    row[3] = g_strdup(!present ? "not there" : read_only ? "read-only" : "");
    return row;
}

static bool run_list(GError **error)
{
    static const char *const header[] = { "Tag", "Kind", "Folder", "", NULL };
    g_autoptr(Bundle) bundle = library_open(opt.vm, error);
    g_autoptr(HostFacts) facts =
        bundle ? host_facts_load(bundle->config->information.uuid, error) : NULL;
    if (!facts)
        return false;
    if (command_global.json) {
        cJSON *array = cJSON_CreateArray();
        for (guint i = 0; i < facts->shares->len; i++)
            cJSON_AddItemToArray(array, share_json(bundle, facts->shares->pdata[i]));
        output_json(array);
        return true;
    }
    g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func((GDestroyNotify) g_strfreev);
    for (guint i = 0; i < facts->shares->len; i++)
        g_ptr_array_add(rows, share_row(bundle, facts->shares->pdata[i]));
    output_table(header, rows);
    return true;
}

static const Command share_list = {
    .name = "list",
    .summary = "Show the folders that a virtual machine is given",
    .args = args_vm,
    .run = run_list,
};

/* ---- add and remove ---- */

static void print_change(const Bundle *bundle, const ShareChange *change, const char *verb)
{
    const HostShare *share = change->share;
    if (command_global.json) {
        cJSON *object = share_json(bundle, share);
        cJSON_AddBoolToObject(object, "now", change->now);
        cJSON_AddItemToObject(object, "later",
                              change->later ? cJSON_CreateString(change->later)
                                            : cJSON_CreateNull());
        output_json(object);
    }
    output_note("%s%s \"%s\" as \"%s\" (%s)", command_global.dry_run ? "would have " : "", verb,
                share->path, share->tag, share_kind(bundle, share));
}

static const CmdArg add_args[] = {
    { .name = "VM", .kind = ARG_VM, .value = &opt.vm },
    { .name = "FOLDER", .kind = ARG_PATH, .value = &opt.folder, .help = "A folder of this host" },
    { 0 },
};

static const CmdOption add_options[] = {
    { .name = "read-only",
      .kind = OPT_FLAG,
      .value = &opt.read_only,
      .help = "The guest may not write to it" },
    { .name = "tag",
      .kind = OPT_STRING,
      .value = &opt.tag,
      .arg = "TAG",
      .help = "What the guest calls it; without it \"share\", then \"share2\" and so on" },
    { .name = "virtiofs",
      .kind = OPT_FLAG,
      .value = &opt.virtiofs,
      .help = "By virtiofs instead of 9p: faster, but only here, and memory cannot be saved then" },
    { 0 },
};

static bool run_add(GError **error)
{
    const ShareAdd options = { .tag = opt.tag,
                               .read_only = opt.read_only,
                               .virtiofs = opt.virtiofs,
                               .dry_run = command_global.dry_run };
    g_auto(ShareChange) change = { 0 };
    g_autoptr(Bundle) bundle = library_open(opt.vm, error);
    if (!bundle || !share_add(bundle, opt.folder, &options, &change, error))
        return false;
    print_change(bundle, &change, "shared");
    g_autofree char *command = share_mount_command(bundle, change.share);
    if (change.later)
        output_note("it comes with the next start: %s", change.later);
    if (command)
        output_note("in the guest: %s", command);
    return true;
}

static const Command share_add_command = {
    .name = "add",
    .summary = "Give a virtual machine a folder of this host",
    .description =
        "How follows from the bundle: Sharing.DirectoryShareMode is VirtFS for 9p, which every "
        "Linux guest can mount, or virtiofs where that is asked for; or WebDAV, where the viewer "
        "serves one folder. A machine that was started with a folder by virtiofs gets others while "
        "it runs; otherwise a folder comes with the next start, which is said. Remembered on this "
        "host, not in the bundle.",
    .args = add_args,
    .options = add_options,
    .shared = SHARED_DRY_RUN,
    .run = run_add,
};

static const CmdArg remove_args[] = {
    { .name = "VM", .kind = ARG_VM, .value = &opt.vm },
    { .name = "FOLDER", .kind = ARG_PATH, .value = &opt.folder, .help = "Its tag or its path" },
    { 0 },
};

static bool run_remove(GError **error)
{
    g_auto(ShareChange) change = { 0 };
    g_autoptr(Bundle) bundle = library_open(opt.vm, error);
    if (!bundle || !share_remove(bundle, opt.folder, command_global.timeout_us,
                                 command_global.dry_run, &change, error))
        return false;
    print_change(bundle, &change, "no longer shared");
    if (change.later)
        output_note("%s", change.later);
    return true;
}

static const Command share_remove_command = {
    .name = "remove",
    .summary = "Let a virtual machine have a folder no longer",
    .description = "A running guest loses a folder that was added by virtiofs while it ran; others "
                   "it has until the machine stops.",
    .args = remove_args,
    .shared = SHARED_DRY_RUN | SHARED_TIMEOUT,
    .timeout_us = 15 * G_USEC_PER_SEC,
    .run = run_remove,
};

static const Command *const children[] = { &share_list, &share_add_command, &share_remove_command,
                                           NULL };

static const char *const examples[] = {
    "utmctl share add web ~/src --read-only",
    "A folder that the guest mounts as \"share\" by 9p",
    "utmctl share add web /srv/data --virtiofs --tag data",
    "One by virtiofs",
    NULL,
};

const Command cmd_share = {
    .name = "share",
    .group = GROUP_MEDIA,
    .summary = "Share folders of this host with a guest",
    .examples = examples,
    .children = children,
};
