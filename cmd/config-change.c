/* SPDX-License-Identifier: Apache-2.0 */
/* utmctl config set, unset, add and remove */
#include "cmd/config-change.h"

#include <stdio.h>

#include "cmd/config.h"
#include "cmd/output.h"
#include "core/config-changes.h"
#include "core/config-files.h"
#include "core/error.h"

/* Columns of a value in a report. */
#define BRIEF_LENGTH 60

static struct {
    char *vm;
    char *section;
    char **words;
    gboolean force;
    gboolean delete_image;
    gboolean protect, no_protect;
} opt;

/* --- What all of them end with -------------------------------------------------------------- */

static void print_changes_json(const ConfigEdit *edit, const GPtrArray *changes)
{
    cJSON *object = cJSON_CreateObject();
    const ConfigInformation *information = &edit->bundle->config->information;
    cJSON_AddStringToObject(object, "uuid", information->uuid);
    cJSON_AddStringToObject(object, "name", information->name);
    cJSON *array = cJSON_AddArrayToObject(object, "changes");
    for (guint i = 0; i < changes->len; i++) {
        const ConfigChange *change = changes->pdata[i];
        cJSON *item = cJSON_CreateObject();
        cJSON_AddStringToObject(item, "key", change->key);
        output_json_add_text(item, "before", change->before);
        output_json_add_text(item, "after", change->after);
        cJSON_AddItemToArray(array, item);
    }
    if (edit->is_protected != edit->was_protected) {
        cJSON *item = cJSON_CreateObject();
        cJSON_AddStringToObject(item, "key", CONFIG_EDIT_PROTECTED);
        cJSON_AddStringToObject(item, "before", edit->was_protected ? "true" : "false");
        cJSON_AddStringToObject(item, "after", edit->is_protected ? "true" : "false");
        cJSON_AddItemToArray(array, item);
    }
    output_json(object);
}

/* A value in one line of a report: notes and lists can be long. */
static char *brief(const char *text)
{
    g_autofree char *safe = output_escape(text);
    if (g_utf8_strlen(safe, -1) <= BRIEF_LENGTH)
        return g_steal_pointer(&safe);
    g_autofree char *start = g_utf8_substring(safe, 0, BRIEF_LENGTH - 1);
    return g_strconcat(start, "…", NULL);
}

static void print_change(const ConfigChange *change)
{
    g_autofree char *before = change->before ? brief(change->before) : NULL;
    g_autofree char *after = change->after ? brief(change->after) : NULL;
    if (!before)
        output_note("%s=%s (new)", change->key, after);
    else if (!after)
        output_note("%s removed (was %s)", change->key, before);
    else
        output_note("%s=%s (was %s)", change->key, after, before);
}

static void print_changes(const ConfigEdit *edit, const GPtrArray *changes)
{
    if (command_global.dry_run && config_edit_is_changed(edit))
        output_note("would change \"%s\":", edit->before->information.name);
    for (guint i = 0; i < changes->len; i++)
        print_change(changes->pdata[i]);
    if (edit->is_protected != edit->was_protected)
        output_note("%s=%s", CONFIG_EDIT_PROTECTED, edit->is_protected ? "true" : "false");
    if (!config_edit_is_changed(edit))
        output_note("nothing to change");
}

bool config_change_finish(ConfigEdit *edit, bool force, bool delete_images, GError **error)
{
    const ConfigSave save = { .force = force,
                              .delete_images = delete_images,
                              .dry_run = command_global.dry_run };
    g_autoptr(GPtrArray) changes = config_changes(edit->before, edit->bundle->config);
    bool ok = config_edit_save(edit, &save, error);
    for (guint i = 0; i < edit->warnings->len; i++)
        output_warning("%s", (const char *) edit->warnings->pdata[i]);
    if (!ok)
        return false;
    if (command_global.json)
        print_changes_json(edit, changes);
    else
        print_changes(edit, changes);
    for (guint i = 0; i < edit->notes->len; i++)
        output_note("%s", (const char *) edit->notes->pdata[i]);
    return true;
}

bool config_change_confirm(const ConfigEdit *edit, bool delete_images, GError **error)
{
    g_autoptr(GPtrArray) names = config_files_parting(edit->bundle, edit->before);
    if (!delete_images || command_global.dry_run || names->len == 0)
        return true;
    g_ptr_array_add(names, NULL);
    g_autofree char *list = g_strjoinv("\", \"", (char **) names->pdata);
    g_autofree char *question = g_strdup_printf("Delete \"%s\" for good?", list);
    return command_confirm(question, error);
}

static bool finish(ConfigEdit *edit, GError **error)
{
    return config_change_confirm(edit, opt.delete_image, error) &&
           config_change_finish(edit, opt.force, opt.delete_image, error);
}

static const CmdArg vm_and_keys[] = {
    { .name = "VM", .kind = ARG_VM, .value = &opt.vm },
    { .name = "KEY", .kind = ARG_WORDS, .value = &opt.words, .help = "Path of a value" },
    { 0 },
};

#define FORCE                                                                                      \
    {                                                                                              \
        .name = "force", .letter = 'f', .kind = OPT_FLAG, .value = &opt.force,                     \
        .help = "Save for the next start although the machine runs or is suspended, and although " \
                "QEMU would refuse a value"                                                        \
    }
#define DELETE_IMAGE                                                                               \
    {                                                                                              \
        .name = "delete-image", .kind = OPT_FLAG, .value = &opt.delete_image,                      \
        .help = "Delete an image that no drive uses any more, instead of keeping it in Unused"     \
    }

/* --- set ------------------------------------------------------------------------------------ */

static bool run_set(GError **error)
{
    bool any = opt.words || opt.protect || opt.no_protect;
    if (!any || (opt.protect && opt.no_protect)) {
        utm_error_set(error, UTM_ERROR_USAGE, "utmctl config set --help", "config set: %s",
                      any ? "--protect and --no-protect exclude each other"
                          : "argument KEY=VALUE is missing");
        return false;
    }
    g_autoptr(ConfigEdit) edit = config_edit_open(opt.vm, error);
    if (!edit)
        return false;
    if (opt.protect || opt.no_protect)
        edit->is_protected = opt.protect;
    for (char **word = opt.words; word && *word; word++)
        if (!config_edit_set(edit, *word, error))
            return false;
    return finish(edit, error);
}

static const CmdArg set_args[] = {
    { .name = "VM", .kind = ARG_VM, .value = &opt.vm },
    { .name = "KEY=VALUE",
      .kind = ARG_WORDS,
      .value = &opt.words,
      .optional = true,
      .help = "Path of a value and what it is to be: true or false, a number (memory also as 4G), "
              "a word, a text, or a list such as [\"a\",\"b\"]" },
    { 0 },
};

static const CmdOption set_options[] = {
    { .name = "protect",
      .kind = OPT_FLAG,
      .value = &opt.protect,
      .help = "Keep the machine from being deleted without --force; the same as Protected=true" },
    { .name = "no-protect",
      .kind = OPT_FLAG,
      .value = &opt.no_protect,
      .help = "The same as Protected=false" },
    FORCE,
    DELETE_IMAGE,
    { 0 },
};

static const char *const set_examples[] = {
    "utmctl config set web System.MemorySize=4G Display[0].Hardware=virtio-gpu-pci",
    "Several values at once: all are changed, or none",
    "utmctl config set web --protect",
    "Keep a machine from being deleted",
    NULL,
};

const Command cmd_config_set = {
    .name = "set",
    .group = GROUP_LIBRARY,
    .summary = "Change values of a configuration",
    .args = set_args,
    .options = set_options,
    .shared = SHARED_DRY_RUN | SHARED_YES,
    .examples = set_examples,
    .run = run_set,
};

/* --- unset ---------------------------------------------------------------------------------- */

static bool run_unset(GError **error)
{
    g_autoptr(ConfigEdit) edit = config_edit_open(opt.vm, error);
    if (!edit)
        return false;
    for (char **key = opt.words; *key; key++)
        if (!config_edit_unset(edit, *key, error))
            return false;
    return finish(edit, error);
}

static const CmdOption change_options[] = { FORCE, DELETE_IMAGE, { 0 } };

const Command cmd_config_unset = {
    .name = "unset",
    .group = GROUP_LIBRARY,
    .summary = "Remove values from a configuration",
    .description = "A value that every machine has becomes what it is in a new one. A list becomes "
                   "empty.",
    .args = vm_and_keys,
    .options = change_options,
    .shared = SHARED_DRY_RUN | SHARED_YES,
    .run = run_unset,
};

/* --- add ------------------------------------------------------------------------------------ */

static bool run_add(GError **error)
{
    g_autoptr(ConfigEdit) edit = config_edit_open(opt.vm, error);
    g_autofree char *path = NULL;
    return edit && config_edit_add(edit, opt.section, opt.words, &path, error) &&
           finish(edit, error);
}

static const CmdArg add_args[] = {
    { .name = "VM", .kind = ARG_VM, .value = &opt.vm },
    { .name = "SECTION",
      .kind = ARG_WORD,
      .value = &opt.section,
      .help = "Path of a list, such as Drive, Network[0].PortForward or "
              "QEMU.AdditionalArguments" },
    { .name = "KEY=VALUE",
      .kind = ARG_WORDS,
      .value = &opt.words,
      .optional = true,
      .help = "Key of the new element and its value; for a list of texts the texts" },
    { 0 },
};

static const CmdOption add_options[] = { FORCE, { 0 } };

static const char *const add_examples[] = {
    "utmctl config add web Drive ImageType=CD Interface=USB",
    "A CD drive",
    "utmctl config add web Network[0].PortForward HostPort=2222 GuestPort=22",
    "SSH of the guest on port 2222 of this host",
    "utmctl config add web QEMU.AdditionalArguments -- -append console=ttyS0",
    "More arguments for QEMU",
    NULL,
};

const Command cmd_config_add = {
    .name = "add",
    .group = GROUP_LIBRARY,
    .summary = "Add a drive, a network adapter or another element to a configuration",
    .description = "Keys that are not given get what suits the machine: a drive the interface and "
                   "other devices the model that a new machine has.",
    .args = add_args,
    .options = add_options,
    .shared = SHARED_DRY_RUN,
    .examples = add_examples,
    .run = run_add,
};

/* --- remove --------------------------------------------------------------------------------- */

static bool run_remove(GError **error)
{
    g_autoptr(ConfigEdit) edit = config_edit_open(opt.vm, error);
    return edit && config_edit_remove(edit, opt.words, error) && finish(edit, error);
}

static const CmdArg remove_args[] = {
    { .name = "VM", .kind = ARG_VM, .value = &opt.vm },
    { .name = "ELEMENT",
      .kind = ARG_WORDS,
      .value = &opt.words,
      .help = "Path of an element of a list, such as Drive[1]; numbers are those before anything "
              "is removed" },
    { 0 },
};

static const char *const remove_examples[] = {
    "utmctl config remove web Drive[1]",
    "Remove a drive; its image is kept in the folder Unused of the bundle",
    "utmctl config remove web Drive[1] --delete-image --yes",
    "Remove a drive with its image",
    NULL,
};

const Command cmd_config_remove = {
    .name = "remove",
    .group = GROUP_LIBRARY,
    .summary = "Remove a drive or another element from a configuration",
    .args = remove_args,
    .options = change_options,
    .shared = SHARED_DRY_RUN | SHARED_YES,
    .examples = remove_examples,
    .run = run_remove,
};
