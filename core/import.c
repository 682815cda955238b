/* SPDX-License-Identifier: Apache-2.0 */
/* Bringing machines and images from elsewhere into the library, whole or not at all. */
#include "core/import.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "bundles/migrate.h"
#include "bundles/problem.h"
#include "bundles/sidecar.h"
#include "core/archive.h"
#include "core/config-files.h"
#include "core/download.h"
#include "core/error.h"
#include "core/fd.h"
#include "core/import-private.h"
#include "core/library.h"
#include "core/machine.h"
#include "core/paths.h"
#include "core/staging.h"
#include "core/tree.h"

#define MAX_NUMBER 999
/* How deep a bundle may lie in its archive. */
#define MAX_DEPTH 3

typedef enum { SOURCE_FOLDER, SOURCE_ARCHIVE, SOURCE_IMAGE } SourceKind;

/* An import under way. */
typedef struct {
    const ImportOptions *options;
    SourceKind kind;
    char *path;       /* of the source on this host */
    char *label;      /* its file name where it came from */
    char *downloaded; /* == path where it is to be forgotten afterwards */
    Staging *staging; /* beside the target */
    bool was_moved;   /* the source itself is at its new place */
    char *bundle;     /* in the staging folder */
    GPtrArray *notes;
} Import;

static void import_clear(Import *import)
{
    g_free(import->path);
    g_free(import->label);
    g_free(import->downloaded);
    staging_free(import->staging);
    g_free(import->bundle);
    g_clear_pointer(&import->notes, g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Import, import_clear)

void import_result_clear(ImportResult *result)
{
    g_clear_pointer(&result->path, g_free);
    g_clear_pointer(&result->name, g_free);
    g_clear_pointer(&result->uuid, g_free);
    g_clear_pointer(&result->notes, g_ptr_array_unref);
}

static void note(Import *import, char *text)
{
    g_ptr_array_add(import->notes, text);
}

/* --- The source ------------------------------------------------------------------------------ */

static bool is_bundle(const char *path)
{
    g_autofree char *config = g_build_filename(path, "config.plist", NULL);
    return g_file_test(config, G_FILE_TEST_IS_REGULAR);
}

static bool check_folder(Import *import, GError **error)
{
    import->kind = SOURCE_FOLDER;
    if (!is_bundle(import->path)) {
        utm_error_set(error, UTM_ERROR_INVALID, NULL,
                      "\"%s\" is not a virtual machine: there is no config.plist in it",
                      import->path);
        return false;
    }
    g_autoptr(Bundle) bundle = bundle_open(import->path, error);
    if (!bundle)
        return false;
    const ConfigInformation *information = &bundle->config->information;
    if (import->options->move && library_holds(import->path)) {
        utm_error_set(error, UTM_ERROR_WRONG_STATE, NULL, "\"%s\" is in the library already",
                      import->path);
        return false;
    }
    return machine_check_idle(bundle->path, information->name, information->uuid, "cannot import",
                              error);
}

static bool check_file(Import *import, GError **error)
{
    if (import->options->move) {
        utm_error_set(error, UTM_ERROR_USAGE, NULL, "only a folder can be moved");
        return false;
    }
    bool is_stdin = strcmp(import->path, "-") == 0;
    import->kind = is_stdin || archive_is_one(import->path) ? SOURCE_ARCHIVE : SOURCE_IMAGE;
    if (import->options->sha256 && !import->downloaded &&
        !download_check(import->path, import->options->sha256, error)) {
        g_prefix_error(error, "\"%s\": ", import->path);
        return false;
    }
    return import->kind == SOURCE_ARCHIVE || import_check_image(import->path, import->label, error);
}

static bool fetch(Import *import, GError **error)
{
    const ImportOptions *options = import->options;
    import->label = download_name(options->source);
    import->path = download_fetch(options->source, options->sha256, &options->watch, error);
    import->downloaded = g_strdup(import->path);
    return import->path != NULL;
}

static bool find_local(Import *import, GError **error)
{
    const char *source = import->options->source;
    bool is_stdin = strcmp(source, "-") == 0;
    import->path = is_stdin ? g_strdup("-") : g_canonicalize_filename(source, NULL);
    import->label = is_stdin ? g_strdup("archive") : g_path_get_basename(import->path);
    GStatBuf st;
    if (is_stdin ||
        (g_stat(import->path, &st) == 0 && (S_ISREG(st.st_mode) || S_ISDIR(st.st_mode))))
        return true;
    if (strstr(source, "://"))
        utm_error_set(error, UTM_ERROR_USAGE, NULL,
                      "\"%s\" cannot be fetched: only http and https are known", source);
    else if (g_file_test(import->path, G_FILE_TEST_EXISTS))
        utm_error_set(error, UTM_ERROR_INVALID, NULL, "\"%s\" is neither a file nor a folder",
                      source);
    else
        utm_error_set(error, UTM_ERROR_NOT_FOUND, NULL, "\"%s\" does not exist", source);
    return false;
}

static bool find_source(Import *import, GError **error)
{
    bool is_url = download_is_url(import->options->source);
    if (is_url && import->options->dry_run) {
        import->label = download_name(import->options->source);
        import->kind = SOURCE_ARCHIVE;
        return true;
    }
    if (!(is_url ? fetch(import, error) : find_local(import, error)))
        return false;
    bool is_folder = !is_url && g_file_test(import->path, G_FILE_TEST_IS_DIR);
    if (is_folder && import->options->sha256) {
        utm_error_set(error, UTM_ERROR_USAGE, NULL, "a folder has no digest");
        return false;
    }
    return is_folder ? check_folder(import, error) : check_file(import, error);
}

/* --- The target ------------------------------------------------------------------------------ */

static char *target_folder(const ImportOptions *options, GError **error)
{
    g_auto(GStrv) library = library_path();
    g_autofree char *folder =
        g_canonicalize_filename(options->into ? options->into : library[0], NULL);
    if (options->into && !g_file_test(folder, G_FILE_TEST_IS_DIR)) {
        utm_error_set(error, UTM_ERROR_NOT_FOUND, NULL, "there is no folder \"%s\"", folder);
        return NULL;
    }
    if (g_mkdir_with_parents(folder, 0755) == 0)
        return g_steal_pointer(&folder);
    utm_error_set(error, UTM_ERROR_FAILED, NULL, "cannot make folder \"%s\": %s", folder,
                  g_strerror(errno));
    return NULL;
}

static char *new_path(const ImportOptions *options, const char *name, GError **error)
{
    if (!options->into)
        return library_new_path(name, error);
    if (!library_check_name(name, error))
        return NULL;
    g_autofree char *folder = bundle_folder_name(name);
    g_autofree char *joined = g_build_filename(options->into, folder, NULL);
    g_autofree char *path = g_canonicalize_filename(joined, NULL);
    if (!g_file_test(path, G_FILE_TEST_EXISTS) && !g_file_test(path, G_FILE_TEST_IS_SYMLINK))
        return g_steal_pointer(&path);
    utm_error_set(error, UTM_ERROR_WRONG_STATE, "choose another --name", "\"%s\" is there already",
                  path);
    return NULL;
}

/* A name that was asked for must be free; another one is counted up, as UTM does.
 * Source: UTM 5.0.3, "Base", "Base 2"… */
static char *choose_path(const ImportOptions *options, const char *base, char **out_name,
                         GError **error)
{
    for (int number = 1; number <= MAX_NUMBER; number++) {
        g_autofree char *name =
            number == 1 ? g_strdup(base) : g_strdup_printf("%s %d", base, number);
        g_autoptr(GError) local = NULL;
        g_autofree char *path = new_path(options, name, &local);
        if (path) {
            *out_name = g_steal_pointer(&name);
            return g_steal_pointer(&path);
        }
        if (!options->name && g_error_matches(local, UTM_ERROR, UTM_ERROR_USAGE))
            utm_error_set_hint(local, "choose another --name");
        if (options->name || !g_error_matches(local, UTM_ERROR, UTM_ERROR_WRONG_STATE)) {
            g_propagate_error(error, g_steal_pointer(&local));
            return NULL;
        }
    }
    utm_error_set(error, UTM_ERROR_FAILED, "choose another --name", "no free name after \"%s %d\"",
                  base, MAX_NUMBER);
    return NULL;
}

/* --- Into the staging folder ----------------------------------------------------------------- */

static char *staged_path(const Import *import)
{
    bool has_ending = g_str_has_suffix(import->label, ".utm");
    g_autofree char *name = g_strconcat(import->label, has_ending ? "" : ".utm", NULL);
    return g_build_filename(import->staging->folder, name, NULL);
}

/* A copy would take along what the link points to. */
static bool check_links(const char *folder, const char *root, GError **error)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    for (const char *name; dir && (name = g_dir_read_name(dir));) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        if (g_file_test(path, G_FILE_TEST_IS_SYMLINK)) {
            g_autofree char *real = realpath(path, NULL);
            size_t length = strlen(root);
            if (real && strncmp(real, root, length) == 0 && real[length] == '/' &&
                g_file_test(path, G_FILE_TEST_IS_REGULAR))
                continue;
            utm_error_set(error, UTM_ERROR_INVALID, "replace the link by what it points to",
                          "\"%s\" is a link that leads out of the bundle", path);
            return false;
        }
        if (g_file_test(path, G_FILE_TEST_IS_DIR) && !check_links(path, root, error))
            return false;
    }
    return true;
}

static bool check_source_links(const Import *import, GError **error)
{
    g_autofree char *root = realpath(import->path, NULL);
    return !root || check_links(root, root, error);
}

static bool stage_folder(Import *import, GError **error)
{
    const LibexecWatch *watch = &import->options->watch;
    g_autofree char *target = staged_path(import);
    if (!check_source_links(import, error) ||
        !tree_copy(import->path, target, watch->progress, watch->user, error))
        return false;
    import->bundle = g_steal_pointer(&target);
    return true;
}

static void find_bundles(const char *folder, int depth, GPtrArray *found)
{
    if (is_bundle(folder)) {
        g_ptr_array_add(found, g_strdup(folder));
        return;
    }
    g_autoptr(GDir) dir = depth > 0 ? g_dir_open(folder, 0, NULL) : NULL;
    for (const char *name; dir && (name = g_dir_read_name(dir));) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        if (g_file_test(path, G_FILE_TEST_IS_DIR))
            find_bundles(path, depth - 1, found);
    }
}

/* The only file below a folder; NULL when there are none or several. */
static char *find_single(const char *folder, unsigned *count)
{
    g_autofree char *only = NULL;
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    for (const char *name; dir && (name = g_dir_read_name(dir));) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        bool is_folder = g_file_test(path, G_FILE_TEST_IS_DIR);
        g_autofree char *found = is_folder ? find_single(path, count) : g_steal_pointer(&path);
        *count += !is_folder;
        if (found) {
            g_free(only);
            only = g_steal_pointer(&found);
        }
    }
    return *count == 1 ? g_steal_pointer(&only) : NULL;
}

/* "debian.qcow2.xz" is unpacked to a file without a name. */
static char *label_of(const Import *import, const char *path)
{
    char *name = g_path_get_basename(path);
    const char *dot = strrchr(import->label, '.');
    if (strcmp(name, ARCHIVE_SINGLE) != 0 || !dot)
        return name;
    g_free(name);
    return g_strndup(import->label, (gsize) (dot - import->label));
}

/* An image that is packed alone, or is all that is in an archive. */
static bool stage_packed_image(Import *import, const char *path, GError **error)
{
    g_autofree char *label = label_of(import, path);
    import->bundle =
        import_image(import->options, path, label, import->staging->folder, import->notes, error);
    if (!import->bundle)
        return false;
    /* It has been copied or converted, and takes room for nothing from now on. */
    (void) g_unlink(path);
    return true;
}

/* A file that is compressed alone can only be an image. */
static bool is_packed_image(const char *path)
{
    g_autofree char *name = g_path_get_basename(path);
    return strcmp(name, ARCHIVE_SINGLE) == 0 || import_check_image(path, name, NULL);
}

static bool stage_archive(Import *import, GError **error)
{
    const ImportOptions *options = import->options;
    g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *inner = g_build_filename(import->staging->folder, "archive", NULL);
    if (g_mkdir(inner, 0700) < 0) {
        utm_error_set(error, UTM_ERROR_FAILED, NULL, "cannot make folder \"%s\": %s", inner,
                      g_strerror(errno));
        return false;
    }
    if (!archive_unpack(import->path, inner, options->max_bytes, &options->watch, error)) {
        g_prefix_error(error, "\"%s\": ", options->source);
        return false;
    }
    find_bundles(inner, MAX_DEPTH, found);
    if (found->len == 1) {
        import->bundle = g_ptr_array_steal_index(found, 0);
        return true;
    }
    unsigned count = 0;
    g_autofree char *single = found->len ? NULL : find_single(inner, &count);
    if (single && is_packed_image(single))
        return stage_packed_image(import, single, error);
    utm_error_set(error, UTM_ERROR_INVALID,
                  found->len ? "unpack it, and import its folders one by one" : NULL,
                  "\"%s\": there is %s in the archive", options->source,
                  found->len ? "more than one virtual machine" : "no virtual machine");
    return false;
}

static bool stage(Import *import, GError **error)
{
    switch (import->kind) {
    case SOURCE_FOLDER:
        return stage_folder(import, error);
    case SOURCE_ARCHIVE:
        return stage_archive(import, error);
    case SOURCE_IMAGE:
        import->bundle = import_image(import->options, import->path, import->label,
                                      import->staging->folder, import->notes, error);
        break;
    }
    return import->bundle != NULL;
}

/* --- From the staging folder to its place ---------------------------------------------------- */

static bool uuid_is_known(const Import *import, const char *uuid)
{
    g_autoptr(GPtrArray) entries = library_list(NULL);
    for (guint i = 0; entries && i < entries->len; i++)
        if (g_strcmp0(((LibraryEntry *) entries->pdata[i])->uuid, uuid) == 0)
            return true;
    /* What is remembered by UUID, such as trust, is not for a machine that only bears its number. */
    g_autofree char *state = paths_state(uuid);
    return !import->options->move && g_file_test(state, G_FILE_TEST_EXISTS);
}

/* What holds for the original only. */
static bool renew_sidecar(Import *import, const char *path, GError **error)
{
    g_autoptr(Sidecar) sidecar = sidecar_open(path, error);
    if (!sidecar)
        return false;
    g_autoptr(SidecarSuspended) suspended = sidecar_suspended(sidecar);
    sidecar_set_suspended(sidecar, NULL);
    sidecar_set_protected(sidecar, false);
    if (suspended)
        note(import, g_strdup("its saved state does not fit the new UUID; it boots afresh, as "
                              "after a power cut"));
    return sidecar_save(sidecar, error);
}

static bool renew_uuid(Import *import, Bundle *bundle, GError **error)
{
    ConfigInformation *information = &bundle->config->information;
    g_autofree char *old = information->uuid;
    information->uuid = config_new_uuid();
    machine_renew_macs(bundle->config);
    note(import, g_strdup_printf("this host knows UUID %s already; the machine has UUID %s and new "
                                 "MAC addresses now",
                                 old, information->uuid));
    return renew_sidecar(import, bundle->path, error);
}

/* A legacy machine is called as its folder, and stays as it is where that suffices. */
static bool save_identity(Import *import, Bundle *bundle, const char *name, bool renews,
                          GError **error)
{
    ConfigInformation *information = &bundle->config->information;
    if (renews && !renew_uuid(import, bundle, error))
        return false;
    if (bundle->is_legacy && !renews)
        return true;
    g_free(information->name);
    information->name = g_strdup(name);
    return bundle->is_legacy ? bundle_migrate(bundle, error) : bundle_save(bundle, error);
}

static void note_missing_files(Import *import, const Bundle *bundle)
{
    g_autoptr(GPtrArray) problems = problems_new();
    config_files_check(bundle, problems);
    for (guint i = 0; i < problems->len; i++)
        note(import, problem_text(problems->pdata[i]));
}

static bool adopt(Import *import, Bundle *bundle, ImportResult *result, bool renews, GError **error)
{
    if (!save_identity(import, bundle, result->name, renews, error))
        return false;
    result->uuid = g_strdup(bundle->config->information.uuid);
    note_missing_files(import, bundle);
    return true;
}

static bool choose_place(const Import *import, const Bundle *bundle, ImportResult *result,
                         GError **error)
{
    const ImportOptions *options = import->options;
    const char *base = options->name ? options->name : bundle->config->information.name;
    result->path = choose_path(options, base, &result->name, error);
    return result->path != NULL;
}

static bool put_in_place(Import *import, ImportResult *result, GError **error)
{
    g_autoptr(Bundle) bundle = bundle_open(import->bundle, error);
    return bundle && choose_place(import, bundle, result, error) &&
           adopt(import, bundle, result, uuid_is_known(import, bundle->config->information.uuid),
                 error) &&
           tree_move(import->bundle, result->path, error);
}

static bool copy_in(Import *import, const char *folder, ImportResult *result, GError **error)
{
    g_autofree char *anything = g_build_filename(folder, "import", NULL);
    import->staging = staging_new(anything, error);
    return import->staging && stage(import, error) && put_in_place(import, result, error);
}

/* The only copy of a machine is never in a hidden folder, where it would be lost with who is killed.
 * Killed before its identity is saved, it is in the library with the one that it had. */
static bool rename_in(Import *import, ImportResult *result, GError **error)
{
    g_autoptr(Bundle) bundle = bundle_open(import->path, error);
    if (!bundle || !check_source_links(import, error) ||
        !choose_place(import, bundle, result, error))
        return false;
    bool renews = uuid_is_known(import, bundle->config->information.uuid);
    import->was_moved = tree_move(import->path, result->path, NULL);
    if (!import->was_moved) {
        /* In another file system. */
        import_result_clear(result);
        return true;
    }
    g_free(bundle->path);
    bundle->path = g_strdup(result->path);
    if (adopt(import, bundle, result, renews, error))
        return true;
    utm_ignore(tree_move(result->path, import->path, NULL));
    return false;
}

/* Before the only other copy is removed. */
static void sync_disk(const char *path)
{
    g_auto(Fd) fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
#ifdef __linux__
    if (fd >= 0)
        (void) syncfs(fd);
#else
    sync();
#endif
}

static bool finish(Import *import, const ImportResult *result, GError **error)
{
    /* In another file system a folder was copied. */
    bool copied = import->options->move && !import->was_moved;
    if (copied || import->downloaded)
        sync_disk(result->path);
    if (import->downloaded)
        download_forget(import->downloaded);
    return !copied || tree_remove(import->path, error);
}

static bool plan_only(Import *import, ImportResult *result, GError **error)
{
    const ImportOptions *options = import->options;
    g_autofree char *base = import_label_name(import->label);
    if (import->kind == SOURCE_FOLDER) {
        g_autoptr(Bundle) bundle = bundle_open(import->path, error);
        if (!bundle)
            return false;
        g_free(base);
        base = g_strdup(bundle->config->information.name);
        result->uuid = g_strdup(bundle->config->information.uuid);
    }
    result->path = choose_path(options, options->name ? options->name : base, &result->name, error);
    return result->path != NULL;
}

static bool check_name(const ImportOptions *options, GError **error)
{
    g_autofree char *path = options->name ? new_path(options, options->name, error) : NULL;
    return !options->name || path;
}

static bool run(Import *import, ImportResult *result, GError **error)
{
    g_autofree char *folder = target_folder(import->options, error);
    if (!folder || !check_name(import->options, error) || !find_source(import, error))
        return false;
    if (import->options->dry_run)
        return plan_only(import, result, error);
    if (import->options->move && !rename_in(import, result, error))
        return false;
    return (import->was_moved || copy_in(import, folder, result, error)) &&
           finish(import, result, error);
}

bool machine_import(const ImportOptions *options, ImportResult *out_result, GError **error)
{
    g_auto(Import) import = { .options = options, .notes = g_ptr_array_new_with_free_func(g_free) };
    g_auto(ImportResult) result = { 0 };
    if (!run(&import, &result, error)) {
        g_prefix_error(error, "cannot import: ");
        return false;
    }
    result.notes = g_steal_pointer(&import.notes);
    *out_result = result;
    result = (ImportResult){ 0 };
    return true;
}
