/* SPDX-License-Identifier: Apache-2.0 */
/* utmctl import */
#include <string.h>

#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/interrupt.h"
#include "cmd/output.h"
#include "cmd/progress.h"
#include "core/download.h"
#include "core/error.h"
#include "core/import.h"

static struct {
    char **sources;
    char *name;
    char *into;
    char *sha256;
    char *arch;
    gint64 max_size;
    gboolean move, raw, no_uefi;
} opt;

static const CmdArg args[] = {
    { .name = "SOURCE",
      .kind = ARG_WORDS,
      .value = &opt.sources,
      .help = "A .utm folder, an archive of one (zip, tar, tar.gz, tar.zst, tar.xz), a disk or CD "
              "image, an http or https address of such a file, or - for an archive on standard "
              "input" },
    { 0 },
};

static const CmdOption options[] = {
    { .name = "name",
      .kind = OPT_STRING,
      .value = &opt.name,
      .arg = "NAME",
      .help = "Name of the machine; without it its own, or the image's, with a number when it is "
              "taken" },
    { .name = "into",
      .kind = OPT_PATH,
      .value = &opt.into,
      .arg = "FOLDER",
      .help = "Folder for the machine; without it the library" },
    { .name = "move",
      .kind = OPT_FLAG,
      .value = &opt.move,
      .help = "Move the folder instead of copying it" },
    { .name = "sha256",
      .kind = OPT_STRING,
      .value = &opt.sha256,
      .arg = "DIGEST",
      .help = "Refuse a file that has another SHA-256 digest" },
    { .name = "max-size",
      .kind = OPT_SIZE,
      .value = &opt.max_size,
      .arg = "SIZE",
      .help = "Accept an archive that unpacks to as much as this, however small it is" },
    { .name = "raw",
      .kind = OPT_FLAG,
      .value = &opt.raw,
      .help = "Keep a raw image as it is instead of converting it to qcow2; there are no "
              "snapshots then" },
    { .name = "arch",
      .kind = OPT_STRING,
      .value = &opt.arch,
      .arg = "ARCH",
      .help = "Architecture of a machine that is made around an image, by default x86_64" },
    { .name = "no-uefi",
      .kind = OPT_FLAG,
      .value = &opt.no_uefi,
      .help = "Let a machine that is made around an image boot with a BIOS" },
    { 0 },
};

static cJSON *result_json(const ImportResult *result)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddItemToObject(object, "uuid",
                          result->uuid ? cJSON_CreateString(result->uuid) : cJSON_CreateNull());
    cJSON_AddStringToObject(object, "name", result->name);
    cJSON_AddStringToObject(object, "path", result->path);
    cJSON *notes = cJSON_AddArrayToObject(object, "notes");
    for (guint i = 0; i < result->notes->len; i++)
        cJSON_AddItemToArray(notes, cJSON_CreateString(result->notes->pdata[i]));
    return object;
}

static bool import_one(const char *source, cJSON *array, GError **error)
{
    bool is_url = download_is_url(source);
    const ImportOptions import = {
        .source = source,
        .name = opt.name,
        .into = opt.into,
        .sha256 = opt.sha256,
        .architecture = opt.arch,
        .uefi = opt.no_uefi ? CREATE_OFF : CREATE_DEFAULT,
        .max_bytes = (uint64_t) MAX(opt.max_size, 0),
        .move = opt.move,
        .raw = opt.raw,
        .dry_run = command_global.dry_run,
        .watch = { .progress = progress_step,
                   .note = progress_note,
                   .user = (void *) (is_url ? "fetching" : "importing") },
    };
    g_auto(ImportResult) result = { 0 };
    bool ok = machine_import(&import, &result, error);
    output_progress_end();
    if (!ok)
        return false;
    for (guint i = 0; i < result.notes->len; i++)
        output_warning("%s", (const char *) result.notes->pdata[i]);
    if (array)
        cJSON_AddItemToArray(array, result_json(&result));
    output_note("%s \"%s\" as \"%s\" in %s", command_global.dry_run ? "would import" : "imported",
                source, result.name, result.path);
    return true;
}

static bool check(GError **error)
{
    bool one = !opt.sources[1];
    if (one || (!opt.name && !opt.sha256))
        return true;
    utm_error_set(error, UTM_ERROR_USAGE, NULL, "import: %s is for one source",
                  opt.name ? "--name" : "--sha256");
    return false;
}

static bool run(GError **error)
{
    if (!check(error))
        return false;
    /* What was made so far is removed on the way out. */
    interrupt_catch();
    cJSON *array = command_global.json ? cJSON_CreateArray() : NULL;
    bool ok = true;
    for (char **source = opt.sources; ok && *source; source++)
        ok = import_one(*source, array, error);
    /* What was imported before a failure is told all the same, as a note. */
    if (!array || !ok) {
        cJSON_Delete(array);
        return ok;
    }
    if (opt.sources[1]) {
        output_json(array);
        return true;
    }
    output_json(cJSON_DetachItemFromArray(array, 0));
    cJSON_Delete(array);
    return true;
}

static const char *const examples[] = {
    "utmctl import ~/Downloads/Debian.utm.zip",
    "A machine that somebody has packed",
    "utmctl import https://example.org/debian-12.qcow2 --name debian --sha256 9f86d0…",
    "Make a machine around an image from the network, if it is the right one",
    "utmctl import --move /mnt/usb/Windows.utm",
    "Move a machine into the library",
    NULL,
};

const Command cmd_import = {
    .name = "import",
    .group = GROUP_LIBRARY,
    .summary = "Bring virtual machines and disk images into the library",
    .description =
        "A machine keeps its UUID, unless this host knows it already: then it gets another one, "
        "and other MAC addresses. Around a disk or CD image a machine is made with presets; disks "
        "become qcow2. The machine is made beside its place and moved there when it is whole.\n\n"
        "Archives are not trusted. Names that climb out of their folder, absolute names, links, "
        "devices, and what unpacks to more than 200 times its size are refused, and then nothing "
        "is left of it. A download that broke off goes on where it was.",
    .args = args,
    .options = options,
    .shared = SHARED_DRY_RUN,
    .examples = examples,
    .run = run,
};
