/* SPDX-License-Identifier: Apache-2.0 */
/* Choosing firmware among descriptors and known names, in a folder of the test's own. */
#include <glib.h>
#include <glib/gstdio.h>

#include "core/host/firmware.h"

typedef struct {
    char *folder;
} Fixture;

static void set_up(Fixture *f, gconstpointer data)
{
    (void) data;
    f->folder = g_dir_make_tmp("utmctl-firmware-XXXXXX", NULL);
    g_setenv("UTMCTL_FIRMWARE_DIR", f->folder, TRUE);
}

static void tear_down(Fixture *f, gconstpointer data)
{
    (void) data;
    g_autoptr(GDir) dir = g_dir_open(f->folder, 0, NULL);
    for (const char *name; (name = g_dir_read_name(dir));) {
        g_autofree char *path = g_build_filename(f->folder, name, NULL);
        g_unlink(path);
    }
    g_rmdir(f->folder);
    g_free(f->folder);
    g_unsetenv("UTMCTL_FIRMWARE_DIR");
}

static void put(Fixture *f, const char *name, const char *text)
{
    g_autofree char *path = g_build_filename(f->folder, name, NULL);

    g_assert_true(g_file_set_contents(path, text, -1, NULL));
}

typedef struct {
    const char *name; /* NAME.json, NAME.code, NAME.vars */
    const char *architecture;
    const char *machine;
    const char *features; /* JSON strings */
    const char *format;
    const char *mode; /* NULL: not there */
} Descriptor;

static void describe(Fixture *f, const Descriptor *d)
{
    g_autofree char *file = g_strconcat(d->name, ".json", NULL);
    g_autofree char *mode = d->mode ? g_strdup_printf("\"mode\": \"%s\",", d->mode) : g_strdup("");
    g_autofree char *text = g_strdup_printf(
        "{ \"interface-types\": [ \"uefi\" ],"
        "  \"mapping\": { \"device\": \"flash\", %s"
        "    \"executable\": { \"filename\": \"%s/%s.code\", \"format\": \"%s\" },"
        "    \"nvram-template\": { \"filename\": \"%s/%s.vars\", \"format\": \"raw\" } },"
        "  \"targets\": [ { \"architecture\": \"%s\", \"machines\": [ \"%s\" ] } ],"
        "  \"features\": [ %s ] }",
        mode, f->folder, d->name, d->format ? d->format : "raw", f->folder, d->name,
        d->architecture, d->machine, d->features ? d->features : "");

    put(f, file, text);
}

static void install(Fixture *f, const Descriptor *d)
{
    g_autofree char *code = g_strconcat(d->name, ".code", NULL);
    g_autofree char *vars = g_strconcat(d->name, ".vars", NULL);

    describe(f, d);
    put(f, code, "code");
    put(f, vars, "vars");
}

/* Expects the code image of a name; NULL: nothing at all. */
static void check(const char *architecture, const char *target, bool secure, const char *code,
                  bool expect_secure)
{
    g_auto(Firmware) found = { 0 };
    bool any = firmware_find(architecture, target, secure, &found);

    g_assert_cmpint(any, ==, code != NULL);
    if (!code) {
        g_assert_null(found.code);
        return;
    }
    g_autofree char *name = g_path_get_basename(found.code);
    g_assert_cmpstr(name, ==, code);
    g_assert_nonnull(found.vars);
    g_assert_cmpint(found.secure, ==, expect_secure);
}

static void test_machines(Fixture *f, gconstpointer data)
{
    (void) data;
    install(f, &(Descriptor){ "50-q35", "x86_64", "pc-q35-*" });
    install(f, &(Descriptor){ "60-pc", "x86_64", "pc-i440fx-*" });
    install(f, &(Descriptor){ "60-virt", "aarch64", "virt-*" });
    check("x86_64", "q35", false, "50-q35.code", false);
    check("x86_64", "pc-q35-7.2", false, "50-q35.code", false);
    check("x86_64", "pc", false, "60-pc.code", false);
    check("x86_64", "pc-i440fx-2.12", false, "60-pc.code", false);
    check("x86_64", NULL, false, "50-q35.code", false);
    check("aarch64", "virt", false, "60-virt.code", false);
    check("aarch64", "virt-6.2", false, "60-virt.code", false);
    check("x86_64", "isapc", false, NULL, false);
    check("i386", "q35", false, NULL, false);
    check("ppc", "mac99", false, NULL, false);
}

static void test_order(Fixture *f, gconstpointer data)
{
    (void) data;
    install(f, &(Descriptor){ "60-b", "x86_64", "pc-q35-*" });
    install(f, &(Descriptor){ "50-a", "x86_64", "pc-q35-*" });
    check("x86_64", "q35", false, "50-a.code", false);
}

static void test_secure(Fixture *f, gconstpointer data)
{
    static const char features[] = "\"enrolled-keys\", \"requires-smm\", \"secure-boot\"";

    (void) data;
    install(f, &(Descriptor){ "40-ms", "x86_64", "pc-q35-*", features });
    install(f, &(Descriptor){ "60-plain", "x86_64", "pc-*" });
    check("x86_64", "q35", true, "40-ms.code", true);
    check("x86_64", "q35", false, "60-plain.code", false);
    check("x86_64", "pc", true, "60-plain.code", false);
}

/* Debian 12 describes an image for aarch64 that it does not install. */
static void test_passed_over(Fixture *f, gconstpointer data)
{
    (void) data;
    describe(f, &(Descriptor){ "10-missing", "x86_64", "*" });
    install(f, &(Descriptor){ "20-qcow2", "x86_64", "*", .format = "qcow2" });
    install(f, &(Descriptor){ "30-stateless", "x86_64", "*", .mode = "stateless" });
    install(f, &(Descriptor){ "40-smm", "x86_64", "*", .features = "\"requires-smm\"" });
    put(f, "41-empty.json", "");
    put(f, "42-broken.json", "{ \"mapping\": [");
    put(f, "43-odd.json", "[ 1, { \"targets\": 7 } ]");
    put(f, "44-not-a-descriptor.txt", "{}");
    install(f, &(Descriptor){ "50-good", "x86_64", "*", .mode = "split" });
    check("x86_64", "q35", false, "50-good.code", false);
    check("x86_64", "q35", true, "50-good.code", false);
}

static void test_known_names(Fixture *f, gconstpointer data)
{
    (void) data;
    check("x86_64", "q35", false, NULL, false);
    put(f, "OVMF_CODE_4M.fd", "code");
    check("x86_64", "q35", false, NULL, false);
    put(f, "OVMF_VARS_4M.fd", "vars");
    put(f, "AAVMF32_CODE.fd", "code");
    put(f, "AAVMF32_VARS.fd", "vars");
    check("x86_64", "q35", false, "OVMF_CODE_4M.fd", false);
    check("x86_64", "q35", true, "OVMF_CODE_4M.fd", false);
    check("arm", "virt", false, "AAVMF32_CODE.fd", false);
    put(f, "OVMF_CODE_4M.secboot.fd", "code");
    check("x86_64", "q35", true, "OVMF_CODE_4M.secboot.fd", true);
    check("x86_64", "pc", true, "OVMF_CODE_4M.fd", false);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name, function) g_test_add(name, Fixture, NULL, set_up, function, tear_down)
    ADD("/host/firmware/machines", test_machines);
    ADD("/host/firmware/order", test_order);
    ADD("/host/firmware/secure", test_secure);
    ADD("/host/firmware/passed-over", test_passed_over);
    ADD("/host/firmware/known-names", test_known_names);
    return g_test_run();
}
