/* SPDX-License-Identifier: Apache-2.0 */
/* Finding QEMU, asking it, and remembering what it said. */
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>

#include "core/error.h"
#include "core/host/host.h"
#include "core/host/qemu-caps.h"

/* A folder of one test, gone at the end with all that is in it. */
static char *make_folder(void)
{
    return g_dir_make_tmp("utmctl-caps-XXXXXX", NULL);
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

static char *put_program(const char *folder, const char *name, const char *script)
{
    char *path = g_build_filename(folder, name, NULL);

    g_assert_true(g_file_set_contents(path, script, -1, NULL));
    g_assert_cmpint(g_chmod(path, 0755), ==, 0);
    return path;
}

static void test_find(void)
{
    g_autofree char *folder = make_folder();
    g_autofree char *mine = put_program(folder, "qemu-system-ppc", "#!/bin/sh\n");
    g_autofree char *old_path = g_strdup(g_getenv("PATH"));
    g_autoptr(GError) error = NULL;

    g_setenv("UTMCTL_QEMU_DIR", folder, TRUE);
    g_setenv("PATH", "/nonexistent", TRUE);
    g_autofree char *found = host_find_qemu("ppc", &error);
    g_assert_no_error(error);
    g_assert_cmpstr(found, ==, mine);
    g_unsetenv("UTMCTL_QEMU_DIR");

    g_assert_null(host_find_qemu("ppc64", &error));
    g_assert_error(error, UTM_ERROR, UTM_ERROR_UNSUPPORTED);
    g_assert_cmpstr(error->message, ==, "qemu-system-ppc64 is not installed");
    g_assert_cmpstr(utm_error_hint(error), ==, "apt install qemu-system-ppc");
    g_clear_error(&error);

    g_assert_null(host_find_qemu("../../bin/sh", &error));
    g_assert_error(error, UTM_ERROR, UTM_ERROR_UNSUPPORTED);
    g_assert_null(utm_error_hint(error));
    g_setenv("PATH", old_path, TRUE);
    remove_folder(folder);
}

static void test_packages(void)
{
    g_assert_cmpstr(host_package_for("qemu-system-m68k"), ==, "qemu-system-misc");
    g_assert_cmpstr(host_package_for("uefi:aarch64"), ==, "qemu-efi-aarch64");
    g_assert_cmpstr(host_package_for("swtpm"), ==, "swtpm");
    g_assert_null(host_package_for("no-such-thing"));
}

static GHashTable *set_of(const char *words)
{
    GHashTable *set = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_auto(GStrv) split = g_strsplit(words, " ", -1);

    for (char **word = split; *word; word++)
        g_hash_table_add(set, g_strdup(*word));
    return set;
}

static QemuCaps *make_caps(void)
{
    QemuCaps *caps = g_new0(QemuCaps, 1);

    caps->binary = g_strdup("/usr/bin/qemu-system-x86_64");
    caps->target = g_strdup("x86_64");
    caps->version = 70222;
    caps->version_text = g_strdup("7.2.22 (package)");
    caps->devices = set_of("virtio-blk-pci virtio-blk nvme");
    caps->machines = set_of("pc q35");
    caps->cpus = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    caps->commands = set_of("quit cont");
    caps->features = set_of("spice accel-tcg");
    return caps;
}

static void test_round_trip(void)
{
    g_autofree char *folder = make_folder();
    g_autofree char *path = g_build_filename(folder, "caps", NULL);
    g_autoptr(QemuCaps) caps = make_caps();
    g_autoptr(GError) error = NULL;

    g_assert_true(qemu_caps_write(caps, path, "key 1", &error));
    g_assert_no_error(error);
    g_autoptr(QemuCaps) again = qemu_caps_read(path, "key 1");
    g_assert_nonnull(again);
    g_assert_cmpstr(again->binary, ==, caps->binary);
    g_assert_cmpstr(again->target, ==, "x86_64");
    g_assert_cmpstr(again->version_text, ==, "7.2.22 (package)");
    g_assert_cmpint(again->version, ==, 70222);
    g_assert_cmpuint(g_hash_table_size(again->devices), ==, 3);
    g_assert_true(g_hash_table_contains(again->devices, "nvme"));
    g_assert_true(g_hash_table_contains(again->machines, "q35"));
    g_assert_cmpuint(g_hash_table_size(again->cpus), ==, 0);
    g_assert_true(g_hash_table_contains(again->commands, "cont"));
    g_assert_true(g_hash_table_contains(again->features, "spice"));
    g_assert_null(qemu_caps_read(path, "key 2"));
    remove_folder(folder);
}

/* Cut anywhere or changed anywhere, the file is as good as none. */
static void test_damaged(void)
{
    g_autofree char *folder = make_folder();
    g_autofree char *path = g_build_filename(folder, "caps", NULL);
    g_autoptr(QemuCaps) caps = make_caps();
    g_autofree char *text = NULL;
    gsize length;

    g_assert_null(qemu_caps_read(path, "key 1"));
    g_assert_true(qemu_caps_write(caps, path, "key 1", NULL));
    g_assert_true(g_file_get_contents(path, &text, &length, NULL));
    for (gsize cut = 0; cut < length - 1; cut++) {
        g_assert_true(g_file_set_contents(path, text, (gssize) cut, NULL));
        g_autoptr(QemuCaps) read = qemu_caps_read(path, "key 1");
        /* Without the last digits of the hash, it may only be right by being complete. */
        g_assert_null(read);
    }
    for (gsize at = 0; at < length - 1; at++) {
        g_autofree char *changed = g_memdup2(text, length + 1);
        changed[at] ^= 1;
        g_assert_true(g_file_set_contents(path, changed, (gssize) length, NULL));
        g_autoptr(QemuCaps) read = qemu_caps_read(path, "key 1");
        g_assert_null(read);
    }
    remove_folder(folder);
}

static void test_key(void)
{
    g_autofree char *folder = make_folder();
    g_autofree char *program = put_program(folder, "qemu", "#!/bin/sh\n");
    g_autofree char *first = qemu_caps_key(program);
    g_autofree char *same = qemu_caps_key(program);

    g_assert_cmpstr(first, ==, same);
    g_free(put_program(folder, "qemu", "#!/bin/sh\n\n"));
    g_autofree char *second = qemu_caps_key(program);
    g_assert_cmpstr(first, !=, second);
    g_setenv("QEMU_MODULE_DIR", folder, TRUE);
    g_autofree char *third = qemu_caps_key(program);
    g_assert_cmpstr(second, !=, third);
    g_unsetenv("QEMU_MODULE_DIR");
    remove_folder(folder);
    g_assert_null(qemu_caps_key(program));
}

static void check_failure(const char *script, const char *expected)
{
    g_autofree char *folder = make_folder();
    g_autofree char *program = put_program(folder, "qemu-system-ppc", script);
    g_autoptr(GError) error = NULL;

    g_assert_null(qemu_caps_load(program, &error));
    g_assert_error(error, UTM_ERROR, UTM_ERROR_UNSUPPORTED);
    g_assert_nonnull(strstr(error->message, program));
    g_assert_nonnull(strstr(error->message, expected));
    remove_folder(folder);
}

static void test_broken_qemu(void)
{
    g_autoptr(GError) error = NULL;

    check_failure("#!/bin/sh\necho 'first line' >&2\n"
                  "echo 'qemu-system-ppc: cannot load the moon' >&2\nexit 1\n",
                  "can do: cannot load the moon");
    check_failure("#!/bin/sh\nexit 1\n", "can do: ");
    check_failure("#!/bin/sh\necho hello >&3\n", "can do: ");
    check_failure("#!/nonexistent/interpreter\n", "can do: ");
    g_assert_null(qemu_caps_load("/nonexistent/qemu-system-ppc", &error));
    g_assert_error(error, UTM_ERROR, UTM_ERROR_UNSUPPORTED);
}

static void check_real(const QemuCaps *caps, const char *binary)
{
    g_assert_cmpstr(caps->binary, ==, binary);
    g_assert_cmpstr(caps->target, ==, "x86_64");
    g_assert_cmpint(caps->version, >=, 60000);
    g_assert_true(g_hash_table_contains(caps->devices, "virtio-blk-pci"));
    g_assert_true(g_hash_table_contains(caps->devices, "ich9-ahci"));
    g_assert_true(g_hash_table_contains(caps->devices, "ahci"));
    g_assert_false(g_hash_table_contains(caps->devices, "mch"));
    g_assert_false(g_hash_table_contains(caps->devices, "apple-gfx-pci"));
    g_assert_true(g_hash_table_contains(caps->machines, "q35"));
    g_assert_true(g_hash_table_contains(caps->cpus, "Skylake-Client"));
    g_assert_true(g_hash_table_contains(caps->commands, "query-status"));
    g_assert_true(g_hash_table_contains(caps->features, "accel-tcg"));
    g_assert_true(g_hash_table_contains(caps->features, "netdev-hubport"));
    g_assert_true(g_hash_table_contains(caps->features, "audiodev-none"));
    g_assert_true(g_hash_table_contains(caps->features, "chardev-socket"));
    g_assert_true(g_hash_table_contains(caps->features, "object-iothread"));
    g_assert_true(g_hash_table_contains(caps->features, "option-machine"));
}

/* The second answer must come from the file: the monitor is gone by then. */
static void test_real_qemu(void)
{
    g_autofree char *binary = g_find_program_in_path("qemu-system-x86_64");
    g_autoptr(GError) error = NULL;

    if (!binary) {
        g_test_skip("there is no qemu-system-x86_64");
        return;
    }
    g_autoptr(QemuCaps) asked = qemu_caps_load(binary, &error);
    g_assert_no_error(error);
    check_real(asked, binary);
    gint64 before = g_get_monotonic_time();
    g_autoptr(QemuCaps) remembered = qemu_caps_load(binary, &error);
    g_test_message("warm: %" G_GINT64_FORMAT " us", g_get_monotonic_time() - before);
    g_assert_no_error(error);
    check_real(remembered, binary);
    g_assert_cmpuint(g_hash_table_size(asked->features), ==,
                     g_hash_table_size(remembered->features));
    g_assert_cmpuint(g_hash_table_size(asked->devices), ==, g_hash_table_size(remembered->devices));
}

static void test_profile(void)
{
    g_autofree char *binary = g_find_program_in_path("qemu-system-x86_64");
    g_autoptr(GError) error = NULL;

    if (!binary) {
        g_test_skip("there is no qemu-system-x86_64");
        return;
    }
    g_autoptr(HostProfile) host = host_profile_probe("x86_64", "q35", false, &error);
    g_assert_no_error(error);
    g_assert_cmpint(host->system, ==, HOST_LINUX);
    g_assert_nonnull(host->architecture);
    g_assert_cmpint(host->logical_cpus, >=, 1);
    g_assert_cmpint(host->physical_cores, >=, 1);
    g_assert_cmpint(host->physical_cores, <=, host->logical_cpus);
    g_assert_cmpint(host->hypervisor, ==, host->hypervisor_reason == NULL);
    g_assert_nonnull(host->qemu);
    g_assert_nonnull(host->sound_backend);
    g_assert_null(host->socket_dir);
    g_assert_true(host->use_file_lock);
    gint64 before = g_get_monotonic_time();
    g_autoptr(HostProfile) warm = host_profile_probe("x86_64", "q35", true, &error);
    g_test_message("warm: %" G_GINT64_FORMAT " us", g_get_monotonic_time() - before);
    g_assert_no_error(error);

    g_assert_null(host_profile_probe("vax", NULL, false, &error));
    g_assert_error(error, UTM_ERROR, UTM_ERROR_UNSUPPORTED);
}

int main(int argc, char **argv)
{
    /* GLib's own isolation of folders leaks, which the leak checker minds. */
    g_autofree char *cache = make_folder();
    g_setenv("XDG_CACHE_HOME", cache, TRUE);
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/host/find", test_find);
    g_test_add_func("/host/packages", test_packages);
    g_test_add_func("/host/caps/round-trip", test_round_trip);
    g_test_add_func("/host/caps/damaged", test_damaged);
    g_test_add_func("/host/caps/key", test_key);
    g_test_add_func("/host/caps/broken-qemu", test_broken_qemu);
    g_test_add_func("/host/caps/real-qemu", test_real_qemu);
    g_test_add_func("/host/profile", test_profile);
    int status = g_test_run();
    remove_folder(cache);
    return status;
}
