/* SPDX-License-Identifier: Apache-2.0 */
/* What QEMU is told to use a warm image, and what makes two machines the same to it. */
#include <glib/gstdio.h>
#include <string.h>

#include "core/error.h"
#include "core/host-name.h"
#include "core/snapshot/generation.h"
#include "core/snapshot/warm.h"
#include "core/tree.h"
#include "core/vm/helper-private.h"

static LaunchPlan *make_plan(const Bundle *bundle, const char *memory, int version)
{
    const ConfigInformation *information = &bundle->config->information;
    const ConfigNetwork *network = bundle->config->networks->pdata[0];
    LaunchPlan *plan = g_new0(LaunchPlan, 1);
    plan->host = g_new0(HostProfile, 1);
    plan->host->qemu = g_new0(QemuCaps, 1);
    plan->host->qemu->version = version;
    plan->host->qemu->version_text = g_strdup("x");
    plan->host->socket_dir = g_strdup_printf("/run/%s", information->uuid);
    const char *words[] = {
        "/nonexistent/qemu", "-machine", "q35,hpet=off", "-name", information->name, "-uuid",
        information->uuid,   "-m",       memory,         NULL
    };
    g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
    g_strv_builder_addv(builder, words);
    g_autofree char *nic = g_strdup_printf("virtio-net-pci,mac=%s", network->mac_address);
    g_autofree char *disk = g_strdup_printf("file=%s/Data/disk.qcow2", bundle->path);
    g_autofree char *spice = g_strdup_printf("addr=%s/spice", plan->host->socket_dir);
    g_strv_builder_add_many(builder, "-device", nic, "-drive", disk, "-spice", spice, NULL);
    plan->command = g_strv_builder_end(builder);
    return plan;
}

static Bundle *make_bundle(const char *path, const char *name)
{
    UtmConfig *config = utm_config_new();
    config->information.name = g_strdup(name);
    config->information.uuid = config_new_uuid();
    ConfigNetwork *network = config_network_new(NETWORK_MODE_EMULATED, "virtio-net-pci");
    g_free(network->mac_address);
    network->mac_address = config_new_mac();
    g_ptr_array_add(config->networks, network);
    return bundle_new_take(path, config);
}

static void test_fingerprint(void)
{
    g_autoptr(Bundle) one = make_bundle("/a/one.utm", "one");
    g_autoptr(Bundle) two = make_bundle("/b/c/two.utm", "two");
    g_autoptr(LaunchPlan) plan_one = make_plan(one, "256", 70200);
    g_autoptr(LaunchPlan) plan_two = make_plan(two, "256", 70200);
    g_autoptr(LaunchPlan) plan_big = make_plan(two, "512", 70200);
    g_autofree char *print_one = warm_fingerprint(plan_one, one);
    g_autofree char *print_two = warm_fingerprint(plan_two, two);
    g_autofree char *print_big = warm_fingerprint(plan_big, two);
    g_assert_cmpstr(print_one, ==, print_two);
    g_assert_cmpstr(print_one, !=, print_big);
}

static void test_generation(void)
{
    static const char *const rows[][2] = {
        { "vmgenid,guid=324E6EAF-d1d1-4bf6-bf41-b9bb6c91fb87", "vmgenid,guid=NEW" },
        { "-device vmgenid,id=g,guid=324e6eaf-d1d1-4bf6-bf41-b9bb6c91fb87,x=y",
          "-device vmgenid,id=g,guid=NEW,x=y" },
        { "vmgenid,guid=auto", "vmgenid,guid=auto" },
        { "-uuid 324e6eaf-d1d1-4bf6-bf41-b9bb6c91fb87",
          "-uuid 324e6eaf-d1d1-4bf6-bf41-b9bb6c91fb87" },
    };
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *replaced = generation_replace(rows[i][0], "NEW");
        g_assert_cmpstr(replaced, ==, rows[i][1]);
    }
}

static const char *value_of(const LaunchPlan *plan, const char *option)
{
    for (char **arg = plan->command; arg[0] && arg[1]; arg++)
        if (strcmp(arg[0], option) == 0)
            return arg[1];
    return NULL;
}

static void test_amend(void)
{
    g_autoptr(Bundle) bundle = make_bundle("/a/one.utm", "one");
    g_autoptr(LaunchPlan) plan = make_plan(bundle, "256", 70200);
    g_autoptr(LaunchPlan) newer = make_plan(bundle, "256", 80200);
    g_autoptr(GError) error = NULL;
    g_assert_true(warm_amend_plan(plan, 256, "/c,d/ram", "pc.ram", false, &error));
    g_assert_no_error(error);
    g_assert_cmpstr(value_of(plan, "-machine"), ==, "q35,hpet=off,memory-backend=pc.ram");
    g_assert_cmpstr(value_of(plan, "-object"), ==,
                    "memory-backend-file,id=pc.ram,size=256M,mem-path=/c,,d/ram,share=off");
    g_assert_cmpstr(value_of(plan, "-incoming"), ==, "defer");
    /* Twice is once too often. */
    g_assert_false(warm_amend_plan(plan, 256, "/ram", "pc.ram", false, &error));
    g_assert_error(error, UTM_ERROR, UTM_ERROR_UNSUPPORTED);

    g_assert_false(warm_maps_read_only(plan));
    g_assert_true(warm_amend_plan(newer, 256, "/ram", "pc.ram", false, NULL));
    g_assert_nonnull(strstr(value_of(newer, "-object"), "share=off,readonly=on,rom=off"));
}

static void test_index(void)
{
    g_autofree char *dir = g_dir_make_tmp("warm-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(dir, "index.json", NULL);
    const WarmIndex index = { (char *) "pc.ram", (char *) "tcg", (char *) "f" };
    g_auto(WarmIndex) read = { 0 }, none = { 0 };
    g_autoptr(GError) error = NULL;
    g_assert_false(warm_index_read(dir, &none, &error));
    g_assert_error(error, UTM_ERROR, UTM_ERROR_INVALID);
    g_clear_error(&error);
    g_assert_true(warm_index_write(dir, &index, &error));
    g_assert_true(warm_index_read(dir, &read, &error));
    g_assert_cmpstr(read.ram_id, ==, "pc.ram");
    g_assert_cmpstr(read.fingerprint, ==, "f");
    g_assert_cmpint(warm_accel(&read), ==, ACCEL_TCG);
    g_assert_true(g_file_set_contents(path, "{\"ram_id\": 1}", -1, NULL));
    g_assert_false(warm_index_read(dir, &none, &error));
    g_assert_error(error, UTM_ERROR, UTM_ERROR_INVALID);
    g_assert_true(tree_remove(dir, NULL));
}

static void test_folder(void)
{
    g_autofree char *folder = warm_folder("U", "../a/b");
    g_autofree char *dots = warm_folder("U", "..");
    g_assert_true(g_str_has_suffix(folder, "/warm/U/@..%2Fa%2Fb"));
    g_assert_true(g_str_has_suffix(dots, "/warm/U/@.."));
    g_assert_null(warm_find("U", "nothing"));
}

static void test_host_name(void)
{
    static const char *const rows[][2] = {
        { "web-1", "web-1" },           { "Copy 1", "copy-1" }, { "  ü ", "copy" },
        { "a'; rm -r /; '", "a-rm-r" }, { "-x--y-", "x-y" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *host = host_name_from(rows[i][0]);
        g_assert_cmpstr(host, ==, rows[i][1]);
    }
    g_autofree char *many = g_strnfill(200, 'a');
    g_autofree char *cut = host_name_from(many);
    g_assert_cmpuint(strlen(cut), ==, 63);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/warm/fingerprint", test_fingerprint);
    g_test_add_func("/warm/generation", test_generation);
    g_test_add_func("/warm/amend", test_amend);
    g_test_add_func("/warm/index", test_index);
    g_test_add_func("/warm/folder", test_folder);
    g_test_add_func("/warm/host-name", test_host_name);
    return g_test_run();
}
