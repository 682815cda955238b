/* SPDX-License-Identifier: Apache-2.0 */
/* Where templates are. */
#include "core/template.h"

#include <string.h>

#include "core/error.h"
#include "core/near-miss.h"

/* Folders in the order of their weight, NULL-terminated. */
static char **template_folders(void)
{
    g_autoptr(GPtrArray) folders = g_ptr_array_new();
    const char *chosen = g_getenv("UTMCTL_TEMPLATES");
    if (chosen && *chosen) {
        g_ptr_array_add(folders, g_strdup(chosen));
    } else {
        g_ptr_array_add(folders, g_build_filename(UTMCTL_DATADIR, "templates", NULL));
        g_ptr_array_add(folders, g_build_filename(UTMCTL_SOURCE_DIR, "bundles", "templates", NULL));
    }
    g_ptr_array_add(folders, NULL);
    return (char **) g_ptr_array_steal(folders, NULL);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *) a, *(char *const *) b);
}

static void add_names(GPtrArray *names, const char *folder)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    for (const char *entry; dir && (entry = g_dir_read_name(dir));) {
        g_autofree char *name = g_strndup(entry, strlen(entry) - MIN(strlen(entry), 4));
        if (g_str_has_suffix(entry, ".utm") && *name &&
            !g_ptr_array_find_with_equal_func(names, name, g_str_equal, NULL))
            g_ptr_array_add(names, g_steal_pointer(&name));
    }
}

char **template_names(void)
{
    g_auto(GStrv) folders = template_folders();
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    for (char **folder = folders; *folder; folder++)
        add_names(names, *folder);
    g_ptr_array_sort(names, compare_names);
    g_ptr_array_add(names, NULL);
    return (char **) g_ptr_array_steal(names, NULL);
}

static bool is_path(const char *name)
{
    return strchr(name, '/') || g_str_has_suffix(name, ".utm");
}

static void set_not_found(const char *name, GError **error)
{
    g_auto(GStrv) names = template_names();
    g_autofree char *near = near_miss(name, names);
    g_autofree char *all = g_strjoinv(", ", names);
    g_autofree char *hint = near ? g_strdup_printf("did you mean %s?", near)
                                 : g_strdup_printf("there are %s", *all ? all : "none");
    utm_error_set(error, UTM_ERROR_NOT_FOUND, hint, "no template \"%s\"", name);
}

char *template_find(const char *name, GError **error)
{
    if (is_path(name)) {
        if (g_file_test(name, G_FILE_TEST_IS_DIR))
            return g_canonicalize_filename(name, NULL);
        utm_error_set(error, UTM_ERROR_NOT_FOUND, NULL, "template \"%s\" is not a folder", name);
        return NULL;
    }
    g_auto(GStrv) folders = template_folders();
    g_autofree char *entry = g_strconcat(name, ".utm", NULL);
    for (char **folder = folders; *folder; folder++) {
        g_autofree char *path = g_build_filename(*folder, entry, NULL);
        if (*name && g_file_test(path, G_FILE_TEST_IS_DIR))
            return g_steal_pointer(&path);
    }
    set_not_found(name, error);
    return NULL;
}

char *template_assembler(const char *path)
{
    if (!g_str_has_suffix(path, ".utm"))
        return NULL;
    g_autofree char *folder = g_strndup(path, strlen(path) - strlen(".utm"));
    g_autofree char *program = g_build_filename(folder, "assemble", NULL);
    return g_file_test(program, G_FILE_TEST_IS_EXECUTABLE) ? g_steal_pointer(&program) : NULL;
}
