/* SPDX-License-Identifier: Apache-2.0 */
/* A bundle that came from somewhere else is data, not code: what it may not do unasked. */
#include "core/trust.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bundles/image.h"
#include "core/argv/argv-user.h"
#include "core/error.h"
#include "core/paths.h"
#include "qapi/json-auto.h"

/* A chain of images that is longer has a loop in it. */
#define CHAIN_LIMIT 64

static void find(GPtrArray *findings, const char *format, ...) G_GNUC_PRINTF(2, 3);

static void find(GPtrArray *findings, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_ptr_array_add(findings, g_strdup_vprintf(format, args));
    va_end(args);
}

/* ---- arguments ---- */

static GPtrArray *all_words(char **arguments)
{
    GPtrArray *words = g_ptr_array_new_with_free_func(g_free);
    for (; *arguments; arguments++) {
        g_autofree char **split = argv_split_words(*arguments);
        for (char **word = split; *word; word++)
            g_ptr_array_add(words, *word);
    }
    return words;
}

/* Which words take a value QEMU alone knows; a word that begins with a dash is taken for the next
 * option, so that nothing hides behind one that has none. The text of -append may begin with one. */
static void look_at_arguments(const UtmConfig *config, GPtrArray *findings)
{
    g_autoptr(GPtrArray) words = all_words(config->qemu.additional_arguments);
    for (guint i = 0; i < words->len; i++) {
        const char *option = words->pdata[i];
        const char *next = i + 1 < words->len ? words->pdata[i + 1] : NULL;
        bool has_value = next && (next[0] != '-' || trust_argument_is_safe(option, "{"));
        if (trust_argument_is_safe(option, has_value ? next : NULL)) {
            i += has_value;
            continue;
        }
        if (has_value)
            find(findings, "argument \"%s %s\"", option, next);
        else
            find(findings, "argument \"%s\"", option);
        i += has_value;
    }
}

static void look_at_hardware(const char *section, guint index, const char *value,
                             GPtrArray *findings)
{
    if (value && !trust_argument_is_safe("-device", value))
        find(findings, "%s[%u].Hardware \"%s\"", section, index, value);
}

/* Names of devices may carry properties, and properties may carry anything. */
static void look_at_names(const UtmConfig *config, GPtrArray *findings)
{
    for (guint i = 0; i < config->displays->len; i++)
        look_at_hardware("Display", i,
                         ((const ConfigDisplay *) config->displays->pdata[i])->hardware, findings);
    for (guint i = 0; i < config->networks->len; i++)
        look_at_hardware("Network", i,
                         ((const ConfigNetwork *) config->networks->pdata[i])->hardware, findings);
    for (guint i = 0; i < config->serials->len; i++)
        look_at_hardware("Serial", i, ((const ConfigSerial *) config->serials->pdata[i])->hardware,
                         findings);
    for (guint i = 0; i < config->sounds->len; i++)
        look_at_hardware("Sound", i, ((const ConfigSound *) config->sounds->pdata[i])->hardware,
                         findings);
    const char *override = config->qemu.machine_property_override;
    if (override && !trust_argument_is_safe("-machine", override))
        find(findings, "QEMU.MachinePropertyOverride \"%s\"", override);
    if (!trust_argument_is_safe("-cpu", config->system.cpu))
        find(findings, "System.CPU \"%s\"", config->system.cpu);
}

/* ---- images ---- */

static bool is_inside(const char *real_bundle, const char *real_path)
{
    size_t len = strlen(real_bundle);
    return strncmp(real_path, real_bundle, len) == 0 && real_path[len] == '/';
}

/* What an image names is found beside the image; other protocols than files are never inside. */
static char *resolve(const char *image, const char *name)
{
    if (g_path_is_absolute(name))
        return g_strdup(name);
    if (strchr(name, ':'))
        return NULL;
    g_autofree char *folder = g_path_get_dirname(image);
    return g_build_filename(folder, name, NULL);
}

static bool look_at_image(const char *bundle, const char *path, int depth, GPtrArray *findings,
                          GError **error);

static bool look_at_needed(const char *bundle, const char *image, const char *what,
                           const char *name, int depth, GPtrArray *findings, GError **error)
{
    if (!name)
        return true;
    g_autofree char *path = resolve(image, name);
    g_autofree char *real = path ? realpath(path, NULL) : NULL;
    if (!real || !is_inside(bundle, real)) {
        find(findings, "image \"%s\" has the %s \"%s\"", image, what, name);
        return true;
    }
    return look_at_image(bundle, real, depth + 1, findings, error);
}

static bool look_at_image(const char *bundle, const char *path, int depth, GPtrArray *findings,
                          GError **error)
{
    g_autoptr(ImageInfo) info = NULL;
    if (depth > CHAIN_LIMIT) {
        find(findings, "image \"%s\" has a chain of backing files without an end", path);
        return true;
    }
    if (!image_probe(path, &info, error) ||
        !look_at_needed(bundle, path, "backing file", info->backing_file, depth, findings, error) ||
        !look_at_needed(bundle, path, "data file", info->data_file, depth, findings, error))
        return false;
    for (guint i = 0; i < info->extents->len; i++)
        if (!look_at_needed(bundle, path, "extent", info->extents->pdata[i], depth, findings,
                            error))
            return false;
    return true;
}

static bool look_at_file(const char *bundle, const char *path, bool is_image, GPtrArray *findings,
                         GError **error)
{
    g_autofree char *real = realpath(path, NULL);
    if (!real)
        return true; /* not there: somebody else's error */
    if (!is_inside(bundle, real)) {
        find(findings, "\"%s\" is a link to \"%s\"", path, real);
        return true;
    }
    return !is_image || look_at_image(bundle, real, 0, findings, error);
}

/* @deep: what images need as well, not only where they are */
static bool look_at_files(const Bundle *bundle, bool deep, GPtrArray *findings, GError **error)
{
    g_autofree char *real_bundle = realpath(bundle->path, NULL);
    if (!real_bundle)
        return true;
    const GPtrArray *drives = bundle->config->drives;
    for (guint i = 0; i < drives->len; i++) {
        const ConfigDrive *drive = drives->pdata[i];
        bool is_image = drive->image_type == IMAGE_TYPE_DISK || drive->image_type == IMAGE_TYPE_CD;
        if (!drive->image_name)
            continue;
        g_autofree char *path = bundle_data_path(bundle, drive->image_name);
        if (!look_at_file(real_bundle, path, deep && is_image, findings, error))
            return false;
    }
    g_autofree char *vars = bundle_efi_vars_path(bundle);
    g_autofree char *tpm = bundle_data_path(bundle, "tpmdata");
    return look_at_file(real_bundle, vars, deep, findings, error) &&
           look_at_file(real_bundle, tpm, false, findings, error);
}

GPtrArray *trust_findings(const Bundle *bundle, GError **error)
{
    g_autoptr(GPtrArray) findings = g_ptr_array_new_with_free_func(g_free);
    look_at_arguments(bundle->config, findings);
    look_at_names(bundle->config, findings);
    return look_at_files(bundle, true, findings, error) ? g_steal_pointer(&findings) : NULL;
}

/* ---- what was agreed to ---- */

static char *record_path(const Bundle *bundle)
{
    g_autofree char *folder = paths_state(bundle->config->information.uuid);
    return g_build_filename(folder, "trust.json", NULL);
}

/* A record that is damaged agrees to nothing. */
static GHashTable *agreed(const Bundle *bundle)
{
    GHashTable *set = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autofree char *path = record_path(bundle);
    g_autofree char *text = NULL;
    if (!g_file_get_contents(path, &text, NULL, NULL))
        return set;
    g_autoptr(cJSON) record = cJSON_Parse(text);
    /* A copy of the bundle elsewhere is another bundle. */
    const char *where = cJSON_GetStringValue(cJSON_GetObjectItem(record, "path"));
    if (g_strcmp0(where, bundle->path) != 0)
        return set;
    const cJSON *item;
    cJSON_ArrayForEach (item, cJSON_GetObjectItem(record, "agreed"))
        if (cJSON_IsString(item))
            g_hash_table_add(set, g_strdup(item->valuestring));
    return set;
}

static bool check_agreed(const Bundle *bundle, const GPtrArray *findings, GError **error)
{
    if (!findings->len)
        return true;
    g_autoptr(GHashTable) set = agreed(bundle);
    g_autoptr(GString) open = g_string_new(NULL);
    for (guint i = 0; i < findings->len; i++)
        if (!g_hash_table_contains(set, findings->pdata[i]))
            g_string_append_printf(open, "%s%s", open->len ? "; " : "",
                                   (const char *) findings->pdata[i]);
    if (!open->len)
        return true;
    g_autofree char *quoted = g_shell_quote(bundle->path);
    g_autofree char *hint = g_strdup_printf("utmctl trust %s agrees to this", quoted);
    utm_error_set(error, UTM_ERROR_INVALID, hint, "it asks for what reaches beyond it: %s",
                  open->str);
    return false;
}

bool trust_check(const Bundle *bundle, GError **error)
{
    g_autoptr(GPtrArray) findings = trust_findings(bundle, error);
    return findings && check_agreed(bundle, findings, error);
}

bool trust_check_copy(const Bundle *bundle, bool whole, GError **error)
{
    g_autoptr(GPtrArray) findings = g_ptr_array_new_with_free_func(g_free);
    return look_at_files(bundle, whole, findings, error) && check_agreed(bundle, findings, error);
}

bool trust_grant(const Bundle *bundle, GError **error)
{
    g_autoptr(GPtrArray) findings = trust_findings(bundle, error);
    g_autofree char *folder = paths_state(bundle->config->information.uuid);
    if (!findings || !paths_make_private(folder, error))
        return false;
    g_autoptr(cJSON) record = cJSON_CreateObject();
    cJSON_AddStringToObject(record, "path", bundle->path);
    cJSON *list = cJSON_AddArrayToObject(record, "agreed");
    for (guint i = 0; i < findings->len; i++)
        cJSON_AddItemToArray(list, cJSON_CreateString(findings->pdata[i]));
    g_autofree char *text = cJSON_Print(record);
    g_autofree char *path = record_path(bundle);
    g_autoptr(GError) local = NULL;
    if (g_file_set_contents_full(path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, &local))
        return true;
    utm_error_set(error, UTM_ERROR_FAILED, NULL, "%s", local->message);
    return false;
}

bool trust_revoke(const Bundle *bundle, GError **error)
{
    g_autofree char *path = record_path(bundle);
    if (g_unlink(path) == 0 || errno == ENOENT)
        return true;
    utm_error_set(error, UTM_ERROR_FAILED, NULL, "cannot remove \"%s\": %s", path,
                  g_strerror(errno));
    return false;
}
