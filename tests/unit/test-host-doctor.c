/* SPDX-License-Identifier: Apache-2.0 */
/* What the doctor finds on a host without anything, and on this one. */
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bundles/bundle.h"
#include "core/host/doctor.h"

/* The first check of this name; NULL when there is none. */
static const Check *find(const GPtrArray *checks, const char *name)
{
    for (guint i = 0; i < checks->len; i++) {
        const Check *check = checks->pdata[i];
        if (g_str_equal(check->name, name))
            return check;
    }
    return NULL;
}

static void expect(const GPtrArray *checks, const char *name, CheckStatus status, const char *hint)
{
    const Check *check = find(checks, name);

    g_assert_nonnull(check);
    g_assert_cmpstr(check_status_word(check->status), ==, check_status_word(status));
    g_assert_cmpstr(check->hint, ==, hint);
}

static void test_bare_host(void)
{
    g_autofree char *old_path = g_strdup(g_getenv("PATH"));
    g_autofree char *empty = g_dir_make_tmp("utmctl-doctor-XXXXXX", NULL);

    g_setenv("PATH", "/nonexistent", TRUE);
    g_setenv("UTMCTL_FIRMWARE_DIR", empty, TRUE);
    g_setenv("UTMCTL_LIBRARY", empty, TRUE);
    g_autoptr(GPtrArray) checks = doctor_host();
    g_assert_false(doctor_works(checks));
    const Check *qemu = find(checks, "qemu");
    g_assert_cmpint(qemu->status, ==, CHECK_FAIL);
    expect(checks, "qemu-img", CHECK_FAIL, "apt install qemu-utils");
    expect(checks, "swtpm", CHECK_WARN, "apt install swtpm");
    expect(checks, "library", CHECK_OK, NULL);
    g_assert_nonnull(find(checks, "kvm"));
    g_assert_nonnull(find(checks, "landlock"));
    g_assert_null(find(checks, "uefi:x86_64"));
    g_setenv("PATH", old_path, TRUE);
    g_unsetenv("UTMCTL_FIRMWARE_DIR");
    g_unsetenv("UTMCTL_LIBRARY");
    g_rmdir(empty);
}

static void test_broken_folders(void)
{
    g_autofree char *folder = g_dir_make_tmp("utmctl-doctor-XXXXXX", NULL);
    g_autofree char *file = g_build_filename(folder, "file", NULL);
    g_autofree char *below = g_build_filename(file, "below", NULL);
    g_autofree char *old = g_strdup(g_getenv("XDG_RUNTIME_DIR"));
    g_autofree char *old_path = g_strdup(g_getenv("PATH"));

    g_assert_true(g_file_set_contents(file, "", 0, NULL));
    g_setenv("PATH", "/nonexistent", TRUE);
    g_setenv("XDG_RUNTIME_DIR", below, TRUE);
    g_setenv("UTMCTL_LIBRARY", file, TRUE);
    g_autoptr(GPtrArray) checks = doctor_host();
    expect(checks, "runtime-dir", CHECK_FAIL, "set XDG_RUNTIME_DIR to a folder of your own");
    expect(checks, "library", CHECK_WARN, "check UTMCTL_LIBRARY");
    g_assert_false(doctor_works(checks));
    if (old)
        g_setenv("XDG_RUNTIME_DIR", old, TRUE);
    else
        g_unsetenv("XDG_RUNTIME_DIR");
    g_setenv("PATH", old_path, TRUE);
    g_unsetenv("UTMCTL_LIBRARY");
    g_unlink(file);
    g_rmdir(folder);
}

static void test_this_host(void)
{
    g_autofree char *qemu = g_find_program_in_path("qemu-system-x86_64");
    g_autoptr(GPtrArray) checks = doctor_host();
    const Check *check = find(checks, "qemu-system-x86_64");

    g_assert_cmpint(check != NULL, ==, qemu != NULL);
    if (!check) {
        g_test_skip("there is no qemu-system-x86_64");
        return;
    }
    g_assert_nonnull(strstr(check->message, qemu));
    g_assert_nonnull(find(checks, "uefi:x86_64"));
}

/* The template's disk is made with the machine, so the template itself has none. */
static void test_machine(void)
{
    g_autofree char *path = g_build_filename(UTMCTL_SOURCE_DIR, "bundles/templates/demo.utm", NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(Bundle) bundle = bundle_open(path, &error);

    g_assert_no_error(error);
    g_autoptr(GPtrArray) checks = doctor_machine(bundle);
    g_assert_nonnull(find(checks, "qemu-system-x86_64"));
    const Check *drive = find(checks, "Drive[0]");
    g_assert_nonnull(drive);
    g_assert_cmpint(drive->status, ==, CHECK_FAIL);
    g_assert_nonnull(strstr(drive->message, "No such file"));
    g_assert_false(doctor_works(checks));
    g_assert_null(find(checks, "swtpm"));
    g_assert_null(find(checks, "uefi:x86_64"));
}

static void test_machine_without_emulator(void)
{
    g_autofree char *path = g_build_filename(UTMCTL_SOURCE_DIR, "bundles/templates/demo.utm", NULL);
    g_autoptr(Bundle) bundle = bundle_open(path, NULL);

    g_free(bundle->config->system.architecture);
    bundle->config->system.architecture = g_strdup("vax");
    g_autoptr(GPtrArray) checks = doctor_machine(bundle);
    expect(checks, "qemu-system-vax", CHECK_FAIL, NULL);
}

static void remove_folder(const char *folder)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);

    for (const char *name; dir && (name = g_dir_read_name(dir));) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        if (g_unlink(path) < 0)
            remove_folder(path);
    }
    g_rmdir(folder);
}

int main(int argc, char **argv)
{
    /* GLib's own isolation of folders leaks, which the leak checker minds. */
    g_autofree char *cache = g_dir_make_tmp("utmctl-doctor-XXXXXX", NULL);
    g_setenv("XDG_CACHE_HOME", cache, TRUE);
    g_setenv("XDG_STATE_HOME", cache, TRUE);
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/host/doctor/bare-host", test_bare_host);
    g_test_add_func("/host/doctor/broken-folders", test_broken_folders);
    g_test_add_func("/host/doctor/this-host", test_this_host);
    g_test_add_func("/host/doctor/machine", test_machine);
    g_test_add_func("/host/doctor/machine-without-emulator", test_machine_without_emulator);
    int status = g_test_run();
    remove_folder(cache);
    return status;
}
