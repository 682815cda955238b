/* SPDX-License-Identifier: Apache-2.0 */
/* The library: listing, the index, and finding machines by what users call them. */
#include <glib/gstdio.h>
#include <string.h>
#include <utime.h>

#include "bundles/sidecar.h"
#include "core/error.h"
#include "core/library.h"
#include "core/paths.h"
#include "core/tree.h"

static const char *const uuid_web = "11111111-AAAA-4000-8000-000000000001";
static const char *const uuid_db = "11111111-BBBB-4000-8000-000000000002";

/* Files that are old enough to be remembered. */
static void age(const char *bundle)
{
    g_autofree char *config = g_build_filename(bundle, "config.plist", NULL);
    struct utimbuf past = { 1000000000, 1000000000 };
    g_assert_cmpint(utime(config, &past), ==, 0);
}

static char *library_folder(void)
{
    return g_build_filename(g_get_user_data_dir(), "utmctl", "library", NULL);
}

static char *make_bundle(const char *folder_name, const char *name, const char *uuid)
{
    g_autofree char *library = library_folder();
    char *path = g_build_filename(library, folder_name, NULL);
    g_assert_cmpint(g_mkdir_with_parents(path, 0755), ==, 0);
    Bundle bundle = { .path = path, .config = utm_config_new() };
    bundle.config->information.name = g_strdup(name);
    bundle.config->information.uuid = g_strdup(uuid);
    GError *error = NULL;
    g_assert_true(bundle_save(&bundle, &error));
    g_assert_no_error(error);
    utm_config_free(bundle.config);
    age(path);
    return path;
}

static void setup(void)
{
    g_autofree char *library = library_folder();
    g_assert_true(tree_remove(library, NULL));
    g_free(make_bundle("web.utm", "web", uuid_web));
    g_free(make_bundle("db.utm", "Database", uuid_db));
}

static void assert_resolves(const char *vm, const char *folder_name)
{
    GError *error = NULL;
    g_autofree char *path = library_resolve(vm, &error);
    g_assert_no_error(error);
    g_autofree char *base = g_path_get_basename(path);
    g_assert_cmpstr(base, ==, folder_name);
    g_assert_true(g_path_is_absolute(path));
}

static void assert_refused(const char *vm, int code, const char *words)
{
    g_autoptr(GError) error = NULL;
    g_assert_null(library_resolve(vm, &error));
    g_assert_error(error, UTM_ERROR, code);
    g_assert_nonnull(strstr(error->message, words));
}

static void test_resolve(void)
{
    setup();
    assert_resolves("web", "web.utm");
    assert_resolves("WEB", "web.utm");
    assert_resolves("database", "db.utm");
    assert_resolves("11111111-aaaa-4000-8000-000000000001", "web.utm");
    assert_resolves("11111111-b", "db.utm");
    assert_refused("1111", UTM_ERROR_USAGE, uuid_db);
    assert_refused("111", UTM_ERROR_NOT_FOUND, "111");
    assert_refused("./nothing.utm", UTM_ERROR_NOT_FOUND, "nothing.utm");
    g_autofree char *library = library_folder();
    g_autofree char *path = g_build_filename(library, "db.utm", NULL);
    assert_resolves(path, "db.utm");
}

static void test_near_miss(void)
{
    setup();
    g_autoptr(GError) error = NULL;
    g_assert_null(library_resolve("Databsae", &error));
    g_assert_error(error, UTM_ERROR, UTM_ERROR_NOT_FOUND);
    g_assert_cmpstr(utm_error_hint(error), ==, "did you mean \"Database\"?");
}

/* The exact name wins over another case, over a folder's name and over a UUID prefix. */
static void test_exact_name_wins(void)
{
    setup();
    g_free(make_bundle("upper.utm", "WEB", "22222222-AAAA-4000-8000-000000000003"));
    g_free(make_bundle("prefix.utm", "2222", "33333333-AAAA-4000-8000-000000000004"));
    assert_resolves("web", "web.utm");
    assert_resolves("WEB", "upper.utm");
    assert_resolves("2222", "prefix.utm");
    assert_refused("Web", UTM_ERROR_USAGE, "2 virtual machines");
}

static const LibraryEntry *find(const GPtrArray *entries, const char *name)
{
    for (guint i = 0; i < entries->len; i++)
        if (strcmp(((LibraryEntry *) entries->pdata[i])->name, name) == 0)
            return entries->pdata[i];
    return NULL;
}

static void test_same_uuid(void)
{
    setup();
    g_free(make_bundle("copy.utm", "copy", uuid_web));
    g_autoptr(GPtrArray) entries = library_list(NULL);
    g_assert_cmpuint(entries->len, ==, 3);
    assert_refused(uuid_web, UTM_ERROR_USAGE, "copy.utm");
}

static void test_damaged(void)
{
    setup();
    g_autofree char *path = make_bundle("bad.utm", "bad", uuid_web);
    g_autofree char *config = g_build_filename(path, "config.plist", NULL);
    g_assert_true(g_file_set_contents(config, "<plist><dict><key>", -1, NULL));
    g_autoptr(GPtrArray) entries = library_list(NULL);
    g_assert_cmpuint(entries->len, ==, 3);
    g_assert_nonnull(find(entries, "bad")->problem);
    g_assert_null(find(entries, "web")->problem);
    g_assert_true(g_file_set_contents(config, "", 0, NULL));
    g_clear_pointer(&entries, g_ptr_array_unref);
    entries = library_list(NULL);
    g_assert_nonnull(find(entries, "bad")->problem);
}

static char *index_path(void)
{
    return paths_cache("library-index");
}

/* A bundle is read from the index as long as its files are the same, and no longer. */
static void test_index(void)
{
    setup();
    g_autofree char *index = index_path();
    g_ptr_array_unref(library_list(NULL));
    g_autofree char *first = NULL;
    gsize size;
    g_assert_true(g_file_get_contents(index, &first, &size, NULL));
    g_autofree char *path = make_bundle("web.utm", "web", uuid_web);
    GError *error = NULL;
    g_autoptr(Sidecar) sidecar = sidecar_open(path, &error);
    sidecar_set_protected(sidecar, true);
    g_assert_true(sidecar_save(sidecar, &error));
    g_assert_no_error(error);
    g_autoptr(GPtrArray) entries = library_list(NULL);
    g_assert_true(find(entries, "web")->is_protected);
    g_assert_false(find(entries, "Database")->is_protected);
    g_free(make_bundle("web.utm", "renamed", uuid_web));
    g_clear_pointer(&entries, g_ptr_array_unref);
    entries = library_list(NULL);
    g_assert_nonnull(find(entries, "renamed"));
    g_assert_true(find(entries, "renamed")->is_protected);
    g_clear_pointer(&entries, g_ptr_array_unref);
    g_assert_true(tree_remove(path, NULL));
    entries = library_list(NULL);
    g_assert_cmpuint(entries->len, ==, 1);
}

static void test_damaged_index(void)
{
    setup();
    g_autofree char *index = index_path();
    g_ptr_array_unref(library_list(NULL));
    g_autofree char *good = NULL;
    gsize size;
    g_assert_true(g_file_get_contents(index, &good, &size, NULL));
    for (gsize i = 0; i < size; i += 7) {
        g_autofree char *bad = g_memdup2(good, size);
        bad[i] ^= 0x41;
        g_assert_true(g_file_set_contents(index, bad, (gssize) size, NULL));
        g_autoptr(GPtrArray) entries = library_list(NULL);
        g_assert_cmpuint(entries->len, ==, 2);
        g_assert_nonnull(find(entries, "web"));
    }
    for (gsize length = 0; length < size; length += 5) {
        g_assert_true(g_file_set_contents(index, good, (gssize) length, NULL));
        g_autoptr(GPtrArray) entries = library_list(NULL);
        g_assert_nonnull(find(entries, "Database"));
    }
}

static void test_path_list(void)
{
    g_setenv("UTMCTL_LIBRARY", "/nowhere/a::/nowhere/b", TRUE);
    g_auto(GStrv) folders = library_path();
    g_assert_cmpuint(g_strv_length(folders), ==, 2);
    g_assert_cmpstr(folders[1], ==, "/nowhere/b");
    g_autoptr(GPtrArray) entries = library_list(NULL);
    g_assert_cmpuint(entries->len, ==, 0);
    g_unsetenv("UTMCTL_LIBRARY");
}

static void test_names(void)
{
    const char *const bad[] = {
        "", "a/b", "a\nb", "-x", ".x", "bad\xff", "11111111-AAAA-4000-8000-000000000001"
    };
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_false(library_check_name(bad[i], &error));
        g_assert_error(error, UTM_ERROR, UTM_ERROR_USAGE);
        g_assert_true(g_utf8_validate(error->message, -1, NULL));
    }
    g_autofree char *huge = g_strnfill(250, 'x');
    g_assert_false(library_check_name(huge, NULL));
    g_assert_true(library_check_name("Windows 11 (Ärger)", NULL));
}

static void test_new_path(void)
{
    setup();
    GError *error = NULL;
    g_autofree char *path = library_new_path("new?", &error);
    g_assert_no_error(error);
    g_assert_true(g_str_has_suffix(path, "/new-.utm"));
    g_assert_true(library_holds(path));
    g_assert_null(library_new_path("Database", &error));
    g_assert_error(error, UTM_ERROR, UTM_ERROR_WRONG_STATE);
    g_clear_error(&error);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    /* G_TEST_OPTION_ISOLATE_DIRS leaks, which a leak checker cannot be told in a way that lasts. */
    g_autofree char *home = g_dir_make_tmp("library-XXXXXX", NULL);
    g_setenv("XDG_DATA_HOME", home, TRUE);
    g_setenv("XDG_CACHE_HOME", home, TRUE);
    g_unsetenv("UTMCTL_LIBRARY");
    g_test_add_func("/library/resolve", test_resolve);
    g_test_add_func("/library/near-miss", test_near_miss);
    g_test_add_func("/library/exact-name-wins", test_exact_name_wins);
    g_test_add_func("/library/same-uuid", test_same_uuid);
    g_test_add_func("/library/damaged", test_damaged);
    g_test_add_func("/library/index", test_index);
    g_test_add_func("/library/damaged-index", test_damaged_index);
    g_test_add_func("/library/path-list", test_path_list);
    g_test_add_func("/library/names", test_names);
    g_test_add_func("/library/new-path", test_new_path);
    int status = g_test_run();
    g_assert_true(tree_remove(home, NULL));
    return status;
}
