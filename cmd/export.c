/* SPDX-License-Identifier: Apache-2.0 */
/* utmctl export */
#include <string.h>
#include <unistd.h>

#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/interrupt.h"
#include "cmd/output.h"
#include "cmd/progress.h"
#include "core/error.h"
#include "core/export.h"
#include "core/library.h"

static struct {
    char *vm;
    char *output;
    char *format;
    gboolean force;
} opt;

static const CmdArg args[] = { { .name = "VM", .kind = ARG_VM, .value = &opt.vm }, { 0 } };

static const CmdOption options[] = {
    { .name = "output",
      .letter = 'o',
      .kind = OPT_PATH,
      .value = &opt.output,
      .arg = "FILE|FOLDER",
      .help = "Where to; in a folder the file is called as the machine; - is standard output; "
              "without it the current folder" },
    { .name = "format",
      .kind = OPT_CHOICE,
      .value = &opt.format,
      .choices = export_formats,
      .help = "What to make; without it what the ending of the file says, else zip" },
    { .name = "force",
      .letter = 'f',
      .kind = OPT_FLAG,
      .value = &opt.force,
      .help = "Replace a file that is there" },
    { 0 },
};

static void print_json(const Bundle *bundle, const ExportResult *result)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "uuid", bundle->config->information.uuid);
    cJSON_AddStringToObject(object, "name", bundle->config->information.name);
    cJSON_AddStringToObject(object, "path", result->path);
    cJSON_AddStringToObject(object, "format", result->format);
    cJSON *left = cJSON_AddArrayToObject(object, "not_carried");
    for (guint i = 0; i < result->left->len; i++)
        cJSON_AddItemToArray(left, cJSON_CreateString(result->left->pdata[i]));
    output_json(object);
}

static bool check_stdout(GError **error)
{
    bool is_stdout = g_strcmp0(opt.output, "-") == 0;
    if (!is_stdout || (!command_global.json && !isatty(STDOUT_FILENO)))
        return true;
    if (!command_global.json && g_strcmp0(opt.format, "script") == 0)
        return true;
    utm_error_set(error, UTM_ERROR_USAGE, NULL, "export: %s",
                  command_global.json ? "standard output cannot take both JSON and the export"
                                      : "an archive does not belong on a terminal");
    return false;
}

static bool run(GError **error)
{
    g_autoptr(Bundle) bundle = check_stdout(error) ? library_open(opt.vm, error) : NULL;
    if (!bundle)
        return false;
    /* What was written so far is removed on the way out. */
    interrupt_catch();
    const ExportOptions export = { .output = opt.output ? opt.output : ".",
                                   .format = opt.format,
                                   .force = opt.force,
                                   .dry_run = command_global.dry_run,
                                   .watch = { .progress = progress_step,
                                              .user = (void *) "exporting" } };
    g_auto(ExportResult) result = { 0 };
    bool ok = machine_export(bundle, &export, &result, error);
    output_progress_end();
    if (!ok)
        return false;
    for (guint i = 0; i < result.left->len; i++)
        output_warning("%s", (const char *) result.left->pdata[i]);
    if (command_global.json)
        print_json(bundle, &result);
    output_note("%s \"%s\" to %s", command_global.dry_run ? "would export" : "exported",
                bundle->config->information.name, result.path);
    return true;
}

static const char *const examples[] = {
    "utmctl export web -o ~/backup/",
    "Make ~/backup/web.utm.zip, which UTM opens, too",
    "utmctl export web -o web.utm.tar.zst",
    "Smaller and faster; disks keep their holes",
    "utmctl export web --format script -o -",
    "Show a shell script that starts the machine without utmctl",
    "utmctl export web -o - | ssh host utmctl import -",
    "Copy a machine to another host",
    NULL,
};

const Command cmd_export = {
    .name = "export",
    .group = GROUP_LIBRARY,
    .summary = "Pack a virtual machine, or turn it into a shell script",
    .description =
        "The archive holds the machine's folder with its disks, snapshots and saved state. What is "
        "not in the folder, such as an inserted CD, is named. A running machine is refused, since "
        "its disks change. The file is written beside its place and moved there when it is whole.",
    .args = args,
    .options = options,
    .shared = SHARED_DRY_RUN,
    .examples = examples,
    .run = run,
};
