/* SPDX-License-Identifier: Apache-2.0 */
/* utmctl rename */
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/output.h"
#include "core/library.h"
#include "core/machine.h"

static struct {
    char *vm;
    char *name;
} opt;

static const CmdArg args[] = {
    { .name = "VM", .kind = ARG_VM, .value = &opt.vm },
    { .name = "NAME", .kind = ARG_WORD, .value = &opt.name, .help = "The new name" },
    { 0 },
};

static bool run(GError **error)
{
    g_autoptr(Bundle) bundle = library_open(opt.vm, error);
    if (!bundle)
        return false;
    g_autofree char *old = g_strdup(bundle->config->information.name);
    if (!machine_rename(bundle, opt.name, command_global.dry_run, error))
        return false;
    if (command_global.json) {
        cJSON *object = cJSON_CreateObject();
        cJSON_AddStringToObject(object, "uuid", bundle->config->information.uuid);
        cJSON_AddStringToObject(object, "name", opt.name);
        cJSON_AddStringToObject(object, "path", bundle->path);
        output_json(object);
    }
    output_note("%s \"%s\" to \"%s\"", command_global.dry_run ? "would rename" : "renamed", old,
                opt.name);
    return true;
}

const Command cmd_rename = {
    .name = "rename",
    .group = GROUP_LIBRARY,
    .summary = "Give a virtual machine another name",
    .description = "The folder of a machine in the library is renamed with it; that of a machine "
                   "elsewhere keeps its name, as in UTM. A running machine is refused.",
    .args = args,
    .shared = SHARED_DRY_RUN,
    .run = run,
};
