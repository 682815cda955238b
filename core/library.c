/* SPDX-License-Identifier: Apache-2.0 */
/* The library: a search path of folders with bundles in them, and finding a machine by its name. */
#include "core/library.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bundles/plist.h"
#include "bundles/sidecar.h"
#include "core/error.h"
#include "core/library-index.h"
#include "core/near-miss.h"

#define UUID_LENGTH 36
#define UUID_PREFIX_MIN 4

void library_entry_free(LibraryEntry *entry)
{
    if (!entry)
        return;
    g_free(entry->path);
    g_free(entry->name);
    g_free(entry->uuid);
    g_free(entry->backend);
    g_free(entry->architecture);
    g_free(entry->problem);
    g_free(entry);
}

char **library_path(void)
{
    const char *set = g_getenv("UTMCTL_LIBRARY");
    g_auto(GStrv) parts = g_strsplit(set ? set : "", ":", -1);
    g_autoptr(GStrvBuilder) folders = g_strv_builder_new();
    bool any = false;
    for (char **part = parts; *part; part++) {
        if (!**part)
            continue;
        g_autofree char *folder = g_canonicalize_filename(*part, NULL);
        g_strv_builder_add(folders, folder);
        any = true;
    }
    if (!any) {
        g_autofree char *folder =
            g_build_filename(g_get_user_data_dir(), "utmctl", "library", NULL);
        g_strv_builder_add(folders, folder);
#ifdef __APPLE__
        /* Source: UTM keeps its machines in the Documents folder of its container */
        g_autofree char *documents = g_build_filename(
            g_get_home_dir(), "Library/Containers/com.utmapp.UTM/Data/Documents", NULL);
        g_strv_builder_add(folders, documents);
#endif
    }
    return g_strv_builder_end(folders);
}

/* bundle_open() refuses some files that still say whose they are: Apple machines, old versions. */
static void fill_from_plist(LibraryEntry *entry)
{
    g_autofree char *path = g_build_filename(entry->path, "config.plist", NULL);
    g_autoptr(PlistNode) root = plist_parse_file(path, NULL, NULL);
    if (!root || root->type != PLIST_TYPE_DICT)
        return;
    const PlistDict *information = plist_dict_get_dict(root->dict, "Information");
    const PlistDict *system = plist_dict_get_dict(root->dict, "System");
    const char *name = plist_dict_get_string(information, "Name");
    const char *uuid = plist_dict_get_string(information, "UUID");
    if (uuid && g_uuid_string_is_valid(uuid))
        entry->uuid = g_ascii_strup(uuid, -1);
    /* A template has placeholders for both. */
    if (entry->uuid && name && *name) {
        g_free(entry->name);
        entry->name = g_strdup(name);
    }
    entry->backend = g_strdup(plist_dict_get_string(root->dict, "Backend"));
    entry->architecture = g_strdup(plist_dict_get_string(system, "Architecture"));
    entry->memory_mib = plist_dict_get_integer(system, "MemorySize", 0);
}

static void fill_from_config(LibraryEntry *entry, const UtmConfig *config)
{
    g_free(entry->name);
    entry->name = g_strdup(config->information.name);
    entry->uuid = g_strdup(config->information.uuid);
    entry->backend = g_strdup(config->backend == CONFIG_BACKEND_APPLE ? "Apple" : "QEMU");
    entry->architecture = g_strdup(config->system.architecture);
    entry->memory_mib = config->system.memory_mib;
}

static char *folder_title(const char *path)
{
    g_autofree char *base = g_path_get_basename(path);
    if (g_str_has_suffix(base, ".utm"))
        base[strlen(base) - strlen(".utm")] = '\0';
    return g_utf8_make_valid(base, -1);
}

LibraryEntry *library_entry_read(const char *path)
{
    g_autoptr(LibraryEntry) entry = g_new0(LibraryEntry, 1);
    entry->path = g_strdup(path);
    entry->name = folder_title(path);
    g_autoptr(GError) error = NULL;
    g_autoptr(Bundle) bundle = bundle_open(path, &error);
    if (bundle) {
        fill_from_config(entry, bundle->config);
    } else {
        entry->problem = g_strdup(error->message);
        fill_from_plist(entry);
    }
    g_autoptr(Sidecar) sidecar = sidecar_open(path, NULL);
    if (sidecar) {
        g_autoptr(SidecarSuspended) suspended = sidecar_suspended(sidecar);
        entry->suspended = suspended != NULL;
        entry->is_protected = sidecar_is_protected(sidecar);
    }
    return g_steal_pointer(&entry);
}

static void stamp_file(int folder_fd, const char *name, const char *file, FileStamp *stamp)
{
    char path[NAME_MAX + 32];
    struct stat st;
    int length = g_snprintf(path, sizeof path, "%s/%s", name, file);
    if (length >= (int) sizeof path || fstatat(folder_fd, path, &st, 0) < 0)
        return;
    stamp->device = st.st_dev;
    stamp->inode = st.st_ino;
    stamp->size = st.st_size;
    stamp->mtime_ns = st.st_mtim.tv_sec * G_GINT64_CONSTANT(1000000000) + st.st_mtim.tv_nsec;
}

/* Nothing is followed but a link to a bundle: its path is then that of the bundle itself. */
static char *bundle_path(const char *folder, const struct dirent *item)
{
    g_autofree char *path = g_build_filename(folder, item->d_name, NULL);
    if (item->d_type == DT_DIR)
        return g_steal_pointer(&path);
    char *real = realpath(path, NULL);
    if (!real || !g_file_test(real, G_FILE_TEST_IS_DIR)) {
        free(real);
        return NULL;
    }
    g_autofree char *copy = g_strdup(real);
    free(real);
    return g_steal_pointer(&copy);
}

static void add_bundle(GPtrArray *entries, GHashTable *seen, LibraryIndex *index,
                       const char *folder, int folder_fd, const struct dirent *item)
{
    g_autofree char *path = bundle_path(folder, item);
    if (!path || g_hash_table_contains(seen, path))
        return;
    BundleStamp stamp = { 0 };
    stamp_file(folder_fd, item->d_name, "config.plist", &stamp.config);
    stamp_file(folder_fd, item->d_name, "utmctl.plist", &stamp.sidecar);
    g_autoptr(LibraryEntry) entry = library_index_get(index, path, &stamp);
    if (!entry) {
        entry = library_entry_read(path);
        library_index_add(index, entry, &stamp);
    }
    g_hash_table_add(seen, entry->path);
    g_ptr_array_add(entries, g_steal_pointer(&entry));
}

static bool add_folder(GPtrArray *entries, GHashTable *seen, LibraryIndex *index,
                       const char *folder, GError **error)
{
    DIR *dir = opendir(folder);
    if (!dir && errno == ENOENT)
        return true;
    if (!dir) {
        utm_error_set(error, UTM_ERROR_FAILED, NULL, "cannot read library folder \"%s\": %s",
                      folder, g_strerror(errno));
        return false;
    }
    /* The name under which a bundle is known does not depend on how its folder was written. */
    char *real = realpath(folder, NULL);
    for (struct dirent *item; (item = readdir(dir));)
        if (g_str_has_suffix(item->d_name, ".utm") && item->d_name[0] != '.')
            add_bundle(entries, seen, index, real ? real : folder, dirfd(dir), item);
    free(real);
    closedir(dir);
    return true;
}

static int compare_names(gconstpointer a, gconstpointer b)
{
    const LibraryEntry *left = *(LibraryEntry *const *) a;
    const LibraryEntry *right = *(LibraryEntry *const *) b;
    int order = g_ascii_strcasecmp(left->name, right->name);
    if (order == 0)
        order = strcmp(left->name, right->name);
    return order ? order : strcmp(left->path, right->path);
}

GPtrArray *library_list(GError **error)
{
    g_autoptr(GPtrArray) entries =
        g_ptr_array_new_with_free_func((GDestroyNotify) library_entry_free);
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(LibraryIndex) index = library_index_load();
    g_auto(GStrv) folders = library_path();
    g_autoptr(GError) first = NULL;
    bool any = false;
    for (char **folder = folders; *folder; folder++)
        any |= add_folder(entries, seen, index, *folder, first ? NULL : &first);
    if (!any) {
        g_propagate_error(error, g_steal_pointer(&first));
        return NULL;
    }
    library_index_save(index);
    g_ptr_array_sort(entries, compare_names);
    return g_steal_pointer(&entries);
}

/* How well an entry answers to what the user typed; the best kind that matches anything decides. */
typedef enum { MATCH_UUID, MATCH_NAME, MATCH_NAME_ANY_CASE, MATCH_UUID_PREFIX, MATCH_KINDS } Match;

static bool is_uuid_prefix(const char *text)
{
    size_t length = strspn(text, "0123456789abcdefABCDEF-");
    return length >= UUID_PREFIX_MIN && length < UUID_LENGTH && text[length] == '\0';
}

static bool same_any_case(const char *a, const char *b)
{
    g_autofree char *left = g_utf8_casefold(a, -1);
    g_autofree char *right = g_utf8_casefold(b, -1);
    return strcmp(left, right) == 0;
}

static bool matches(const LibraryEntry *entry, const char *vm, Match kind)
{
    switch (kind) {
    case MATCH_UUID:
        return entry->uuid && g_ascii_strcasecmp(entry->uuid, vm) == 0;
    case MATCH_NAME:
        return strcmp(entry->name, vm) == 0;
    case MATCH_NAME_ANY_CASE:
        return same_any_case(entry->name, vm);
    default:
        return entry->uuid && is_uuid_prefix(vm) &&
               g_ascii_strncasecmp(entry->uuid, vm, strlen(vm)) == 0;
    }
}

static void set_not_found(const GPtrArray *entries, const char *vm, GError **error)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    for (guint i = 0; i < entries->len; i++)
        g_ptr_array_add(names, ((LibraryEntry *) entries->pdata[i])->name);
    g_ptr_array_add(names, NULL);
    g_autofree char *near = near_miss(vm, (char **) names->pdata);
    g_autofree char *hint = near ? g_strdup_printf("did you mean %s?", near) : NULL;
    utm_error_set(error, UTM_ERROR_NOT_FOUND, hint ? hint : "utmctl list",
                  "no virtual machine \"%s\" in the library", vm);
}

static void set_ambiguous(const GPtrArray *found, const char *vm, GError **error)
{
    const LibraryEntry *first = found->pdata[0];
    g_autoptr(GString) all = g_string_new(NULL);
    bool by_uuid = true;
    for (guint i = 0; i < found->len; i++) {
        const LibraryEntry *entry = found->pdata[i];
        by_uuid &= i == 0 || g_strcmp0(entry->uuid, first->uuid) != 0;
        g_string_append_printf(all, "\n  %s  \"%s\"  %s", entry->uuid ? entry->uuid : "no UUID",
                               entry->name, entry->path);
    }
    utm_error_set(error, UTM_ERROR_USAGE,
                  by_uuid ? "name it by its UUID or its path" : "name it by its path",
                  "\"%s\" could be any of %u virtual machines:%s", vm, found->len, all->str);
}

static char *resolve_in_library(const char *vm, GError **error)
{
    g_autoptr(GPtrArray) entries = library_list(error);
    if (!entries)
        return NULL;
    for (Match kind = 0; kind < MATCH_KINDS; kind++) {
        g_autoptr(GPtrArray) found = g_ptr_array_new();
        for (guint i = 0; i < entries->len; i++)
            if (matches(entries->pdata[i], vm, kind))
                g_ptr_array_add(found, entries->pdata[i]);
        if (found->len == 1)
            return g_strdup(((LibraryEntry *) found->pdata[0])->path);
        if (found->len > 1) {
            set_ambiguous(found, vm, error);
            return NULL;
        }
    }
    set_not_found(entries, vm, error);
    return NULL;
}

/* A word with a slash is a path and nothing else; "web.utm" is one where such a folder is. */
static bool is_path(const char *vm)
{
    if (strchr(vm, '/') || strcmp(vm, ".") == 0 || strcmp(vm, "..") == 0)
        return true;
    return g_str_has_suffix(vm, ".utm") && g_file_test(vm, G_FILE_TEST_IS_DIR);
}

char *library_resolve(const char *vm, GError **error)
{
    if (!is_path(vm))
        return resolve_in_library(vm, error);
    char *real = realpath(vm, NULL);
    if (!real) {
        bool absent = errno == ENOENT || errno == ENOTDIR;
        utm_error_set(error, absent ? UTM_ERROR_NOT_FOUND : UTM_ERROR_FAILED, NULL,
                      "no virtual machine at \"%s\": %s", vm, g_strerror(errno));
        return NULL;
    }
    char *path = g_strdup(real);
    free(real);
    return path;
}

Bundle *library_open(const char *vm, GError **error)
{
    g_autofree char *path = library_resolve(vm, error);
    Bundle *bundle = path ? bundle_open(path, error) : NULL;
    if (path && !bundle)
        g_prefix_error(error, "\"%s\": ", path);
    return bundle;
}

static const char *name_fault(const char *name)
{
    if (!*name)
        return "it is empty";
    if (!g_utf8_validate(name, -1, NULL))
        return "it is not valid UTF-8";
    for (const char *c = name; *c; c++) {
        if (*c == '/')
            return "it contains a slash";
        if (g_ascii_iscntrl(*c))
            return "it contains a control character";
    }
    if (name[0] == '-' || name[0] == '.')
        return "it begins with a dot or a minus";
    if (g_uuid_string_is_valid(name))
        return "it looks like a UUID";
    if (strlen(name) > NAME_MAX - sizeof "..utm.new-XXXXXX")
        return "it is too long";
    return NULL;
}

bool library_check_name(const char *name, GError **error)
{
    const char *fault = name_fault(name);
    if (!fault)
        return true;
    g_autofree char *shown = g_strescape(name, NULL);
    bool text = g_utf8_validate(name, -1, NULL) && !strpbrk(name, "\"\\");
    for (const char *c = name; *c; c++)
        text &= !g_ascii_iscntrl(*c);
    utm_error_set(error, UTM_ERROR_USAGE, NULL, "a virtual machine cannot be named \"%s\": %s",
                  text ? name : shown, fault);
    return false;
}

char *library_new_path(const char *name, GError **error)
{
    if (!library_check_name(name, error))
        return NULL;
    g_auto(GStrv) folders = library_path();
    if (g_mkdir_with_parents(folders[0], 0755) < 0) {
        utm_error_set(error, UTM_ERROR_FAILED, NULL, "cannot create library folder \"%s\": %s",
                      folders[0], g_strerror(errno));
        return NULL;
    }
    g_autoptr(GPtrArray) entries = library_list(error);
    if (!entries)
        return NULL;
    g_autofree char *folder_name = bundle_folder_name(name);
    g_autofree char *path = g_build_filename(folders[0], folder_name, NULL);
    const char *taken = g_file_test(path, G_FILE_TEST_EXISTS) ? path : NULL;
    for (guint i = 0; i < entries->len && !taken; i++) {
        const LibraryEntry *entry = entries->pdata[i];
        if (strcmp(entry->name, name) == 0)
            taken = entry->path;
    }
    if (!taken)
        return g_steal_pointer(&path);
    utm_error_set(error, UTM_ERROR_WRONG_STATE, NULL,
                  "there is a virtual machine \"%s\" already: %s", name, taken);
    return NULL;
}

bool library_holds(const char *path)
{
    g_autofree char *parent = g_path_get_dirname(path);
    g_auto(GStrv) folders = library_path();
    for (char **folder = folders; *folder; folder++) {
        char *real = realpath(*folder, NULL);
        bool same = strcmp(parent, *folder) == 0 || g_strcmp0(parent, real) == 0;
        free(real);
        if (same)
            return true;
    }
    return false;
}
