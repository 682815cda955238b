/* SPDX-License-Identifier: Apache-2.0 */
/* Taking a machine elsewhere: as an archive, a folder, or a script that needs only QEMU. */
#include "core/export.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "core/archive.h"
#include "core/error.h"
#include "core/export-private.h"
#include "core/machine.h"
#include "core/staging.h"
#include "core/tree.h"
#include "core/trust.h"

const char *const export_formats[] = { "zip",    "tar", "tar.gz", "tar.zst",
                                       "tar.xz", "dir", "script", NULL };

/* Endings say a format; longer ones stand before those that they end with. */
static const struct {
    const char *ending;
    const char *format;
} endings[] = {
    { ".tar.gz", "tar.gz" }, { ".tgz", "tar.gz" },    { ".tar.zst", "tar.zst" },
    { ".tzst", "tar.zst" },  { ".tar.xz", "tar.xz" }, { ".txz", "tar.xz" },
    { ".tar", "tar" },       { ".zip", "zip" },       { ".utm", "dir" },
    { ".sh", "script" },
};

void export_result_clear(ExportResult *result)
{
    g_clear_pointer(&result->path, g_free);
    g_clear_pointer(&result->left, g_ptr_array_unref);
}

static bool is_script(const ExportResult *result)
{
    return strcmp(result->format, "script") == 0;
}

static bool is_folder(const ExportResult *result)
{
    return strcmp(result->format, "dir") == 0;
}

static const char *format_by_ending(const char *output)
{
    for (size_t i = 0; i < G_N_ELEMENTS(endings); i++)
        if (g_str_has_suffix(output, endings[i].ending))
            return endings[i].format;
    return NULL;
}

static const char *static_format(const char *word)
{
    for (size_t i = 0; export_formats[i]; i++)
        if (strcmp(export_formats[i], word) == 0)
            return export_formats[i];
    return NULL;
}

static char *name_in_folder(const Bundle *bundle, const char *folder, const char *format)
{
    g_autofree char *name = bundle_folder_name(bundle->config->information.name);
    g_autofree char *stem = g_strndup(name, strlen(name) - strlen(".utm"));
    g_autofree char *file = strcmp(format, "dir") == 0      ? g_strdup(name)
                            : strcmp(format, "script") == 0 ? g_strconcat(stem, ".sh", NULL)
                                                            : g_strconcat(name, ".", format, NULL);
    return g_build_filename(folder, file, NULL);
}

static bool check_target(const ExportOptions *options, const ExportResult *result, GError **error)
{
    struct stat st;
    bool exists = lstat(result->path, &st) == 0;
    g_autofree char *parent = g_path_get_dirname(result->path);
    if (!g_file_test(parent, G_FILE_TEST_IS_DIR)) {
        utm_error_set(error, UTM_ERROR_NOT_FOUND, NULL, "there is no folder \"%s\"", parent);
        return false;
    }
    if (!exists || (options->force && S_ISREG(st.st_mode) && !is_folder(result)))
        return true;
    bool can_replace = S_ISREG(st.st_mode) && !is_folder(result);
    utm_error_set(error, UTM_ERROR_WRONG_STATE, can_replace ? "add --force" : NULL,
                  "\"%s\" is there already", result->path);
    return false;
}

static bool choose_target(const Bundle *bundle, const ExportOptions *options, ExportResult *result,
                          GError **error)
{
    const char *output = options->output;
    bool is_stdout = strcmp(output, "-") == 0;
    bool into = !is_stdout &&
                (g_str_has_suffix(output, "/") ||
                 (g_file_test(output, G_FILE_TEST_IS_DIR) && !g_str_has_suffix(output, ".utm")));
    const char *by_name = into || is_stdout ? NULL : format_by_ending(output);
    result->format = options->format ? static_format(options->format)
                     : by_name       ? by_name
                     : is_stdout     ? "tar"
                                     : "zip";
    if (is_stdout && is_folder(result)) {
        utm_error_set(error, UTM_ERROR_USAGE, NULL, "a folder cannot go to standard output");
        return false;
    }
    if (is_stdout) {
        result->path = g_strdup("-");
        return true;
    }
    g_autofree char *path =
        into ? name_in_folder(bundle, output, result->format) : g_strdup(output);
    result->path = g_canonicalize_filename(path, NULL);
    return check_target(options, result, error);
}

/* --- Writing --------------------------------------------------------------------------------- */

static bool write_failed(const char *path, GError **error)
{
    utm_error_set(error, UTM_ERROR_FAILED, NULL, "cannot write \"%s\": %s", path,
                  g_strerror(errno));
    return false;
}

static bool write_script(const Bundle *bundle, const char *path, ExportResult *result,
                         GError **error)
{
    g_autofree char *text = export_script(bundle, result->left, error);
    if (!text)
        return false;
    bool is_stdout = strcmp(path, "-") == 0;
    FILE *out = is_stdout ? stdout : g_fopen(path, "we");
    if (!out)
        return write_failed(path, error);
    bool ok = fputs(text, out) >= 0 && fflush(out) == 0;
    ok = ok && (is_stdout || fchmod(fileno(out), 0755) == 0);
    if (!is_stdout && fclose(out) != 0)
        ok = false;
    return ok || write_failed(path, error);
}

static bool write_archive(const Bundle *bundle, const char *path, const ExportResult *result,
                          const LibexecWatch *watch, GError **error)
{
    g_autofree char *name = bundle_folder_name(bundle->config->information.name);
    return archive_pack(bundle->path, name, path, result->format, watch, error);
}

static bool write_to(const Bundle *bundle, const char *path, ExportResult *result,
                     const LibexecWatch *watch, GError **error)
{
    if (is_script(result))
        return write_script(bundle, path, result, error);
    if (!trust_check_copy(bundle, false, error))
        return false;
    export_note_left(bundle, result->left);
    return is_folder(result) ? tree_copy(bundle->path, path, watch->progress, watch->user, error)
                             : write_archive(bundle, path, result, watch, error);
}

static bool check_idle(const Bundle *bundle, const ExportResult *result, GError **error)
{
    const ConfigInformation *information = &bundle->config->information;
    return is_script(result) || machine_check_idle(bundle->path, information->name,
                                                   information->uuid, "cannot export", error);
}

static bool put_in_place(const char *partial, const ExportOptions *options,
                         const ExportResult *result, GError **error)
{
    if (!options->force || is_folder(result))
        return tree_move(partial, result->path, error);
    return g_rename(partial, result->path) == 0 || write_failed(result->path, error);
}

static bool export_file(const Bundle *bundle, const ExportOptions *options, ExportResult *result,
                        GError **error)
{
    if (strcmp(result->path, "-") == 0)
        return write_to(bundle, "-", result, &options->watch, error);
    g_autoptr(Staging) staging = staging_new(result->path, error);
    /* Started meanwhile: what was read of its images may not fit together. */
    return staging && write_to(bundle, staging->path, result, &options->watch, error) &&
           check_idle(bundle, result, error) && put_in_place(staging->path, options, result, error);
}

bool machine_export(const Bundle *bundle, const ExportOptions *options, ExportResult *out_result,
                    GError **error)
{
    g_auto(ExportResult) result = { .left = g_ptr_array_new_with_free_func(g_free) };
    bool ok = choose_target(bundle, options, &result, error) && check_idle(bundle, &result, error);
    if (ok && options->dry_run)
        export_note_left(bundle, result.left);
    else if (ok && !export_file(bundle, options, &result, error)) {
        g_prefix_error(error, "VM \"%s\": cannot export: ", bundle->config->information.name);
        return false;
    }
    if (!ok)
        return false;
    *out_result = result;
    result = (ExportResult){ 0 };
    return true;
}
