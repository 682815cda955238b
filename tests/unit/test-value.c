/* SPDX-License-Identifier: Apache-2.0 */
/* Values by key path: get, set, unset, add, remove, and the tables behind them. */
#include <glib.h>
#include <string.h>

#include "bundles/arch.h"
#include "bundles/bundle.h"
#include "bundles/value.h"

static UtmConfig *make_config(void)
{
    UtmConfig *config = utm_config_new();
    config->information.name = g_strdup("x");
    config->information.uuid = config_new_uuid();
    g_ptr_array_add(config->drives, config_drive_new(IMAGE_TYPE_DISK, DRIVE_INTERFACE_VIRTIO));
    g_ptr_array_add(config->networks, config_network_new(NETWORK_MODE_SHARED, "e1000"));
    g_ptr_array_add(config->serials, config_serial_new(SERIAL_MODE_PTTY, SERIAL_TARGET_AUTO));
    return config;
}

static void assert_get(const UtmConfig *config, const char *path, const char *expected)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *text = config_get(config, path, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(text, ==, expected);
}

static void test_set(void)
{
    static const struct {
        const char *path, *text, *expected; /* NULL: refused */
    } rows[] = {
        { "System.MemorySize", "4096", "4096" },
        { "System.MemorySize", "4G", "4096" },
        { "System.MemorySize", "1t", "1048576" },
        { "System.MemorySize", "-1", NULL },
        { "System.MemorySize", "9999999999999999999", NULL },
        { "System.MemorySize", "99999999T", NULL },
        { "System.MemorySize", "four", NULL },
        { "System.MemorySize", "", NULL },
        { "System.CPUCount", "4G", NULL },
        { "System.Architecture", "aarch64", "aarch64" },
        { "System.Architecture", "AArch64", "aarch64" },
        { "System.Architecture", "z80", NULL },
        { "System.Target", "virt-10.0", "virt-10.0" },
        { "System.Target", "a,b", NULL },
        { "System.CPUFlagsAdd", "[\"a\",\"b c\"]", "[\"a\",\"b c\"]" },
        { "System.CPUFlagsAdd[1]", "d\"e", "d\"e" },
        { "System.CPUFlagsAdd", "avx2", "[\"avx2\"]" },
        { "System.CPUFlagsAdd", "", "[]" },
        { "System.CPUFlagsAdd[0]", "x", NULL },
        { "System.CPUFlagsAdd", "[1,2", NULL },
        { "QEMU.TSO", "yes", "true" },
        { "QEMU.TSO", "off", "false" },
        { "QEMU.TSO", "maybe", NULL },
        { "Drive[0].Interface", "nvme", "NVMe" },
        { "Drive[0].Interface", "virtio9", NULL },
        { "Drive[0].ImageName", "a b.qcow2", "a b.qcow2" },
        { "Drive[0].ImageName", "../x", NULL },
        { "Drive[0].ImageName", "__X__", NULL },
        { "Drive[1].ImageName", "a", NULL },
        { "Drive[x].ImageName", "a", NULL },
        { "Drive.ImageName", "a", NULL },
        { "Drive[0]", "a", NULL },
        { "drive[0].Interface", "IDE", NULL },
        { "Network[0].MacAddress", "52:54:00:ab:cd:ef", "52:54:00:AB:CD:EF" },
        { "Network[0].MacAddress", "52:54:00:ab:cd", NULL },
        { "Network[0].HostNetUuid", "e6aa2346-ddc2-42e5-8a86-916eb9da3716",
          "E6AA2346-DDC2-42E5-8A86-916EB9DA3716" },
        { "Network[0].HostNetUuid", "nonsense", NULL },
        { "Serial[0].TcpPort", "70000", NULL },
        { "Serial[0].TcpPort", "7000", "7000" },
        { "Serial[0].Terminal.Font", "Courier", "Courier" },
        { "Information.Name", "", NULL },
        { "Information.Name", "a\nb", NULL },
        { "Information.Notes", "a\nb", "a\nb" },
        { "Backend", "Apple", NULL },
        { "ConfigurationVersion", "5", NULL },
        { "Nothing.Here", "1", NULL },
        { "", "1", NULL },
    };
    g_autoptr(UtmConfig) config = make_config();
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_test_message("%s=%s", rows[i].path, rows[i].text);
        g_autoptr(GError) error = NULL;
        bool ok = config_set(config, rows[i].path, rows[i].text, &error);
        g_assert_cmpint(ok, ==, rows[i].expected != NULL);
        if (ok)
            assert_get(config, rows[i].path, rows[i].expected);
        else
            g_assert_nonnull(error);
    }
    g_assert_true(utm_config_check(config, NULL));
}

static void test_unset(void)
{
    g_autoptr(UtmConfig) config = make_config();
    g_autoptr(GError) error = NULL;
    g_assert_true(config_set(config, "Network[0].VlanHostAddress", "10.0.2.2", &error));
    g_assert_true(config_unset(config, "Network[0].VlanHostAddress", &error));
    assert_get(config, "Network[0].VlanHostAddress", "");
    g_assert_true(config_set(config, "System.CPU", "max", &error));
    g_assert_true(config_unset(config, "System.CPU", &error));
    assert_get(config, "System.CPU", "default");
    g_assert_true(config_set(config, "Serial[0].TcpPort", "1", &error));
    g_assert_true(config_unset(config, "Serial[0].TcpPort", &error));
    g_assert_false(((ConfigSerial *) config->serials->pdata[0])->has_tcp_port);
    g_assert_true(config_set(config, "Serial[0].Terminal.FontSize", "9", &error));
    g_assert_true(config_unset(config, "Serial[0].Terminal", &error));
    g_assert_no_error(error);
    g_assert_false(config_unset(config, "Information.UUID", &error));
    g_assert_error(error, BUNDLE_ERROR, BUNDLE_ERROR_INVALID);
}

static void test_add_remove(void)
{
    g_autoptr(UtmConfig) config = make_config();
    g_autoptr(GError) error = NULL;
    guint index = 99;
    g_assert_true(config_add(config, "Drive", &index, &error));
    g_assert_cmpuint(index, ==, 1);
    g_assert_true(config_add(config, "Network[0].PortForward", &index, &error));
    g_assert_cmpuint(index, ==, 0);
    assert_get(config, "Network[0].PortForward[0].Protocol", "TCP");
    assert_get(config, "Drive[1].InterfaceVersion", "1");
    g_assert_true(config_remove(config, "Drive[0]", &error));
    g_assert_cmpuint(config->drives->len, ==, 1);
    g_assert_true(config_set(config, "QEMU.AdditionalArguments", "[\"-a\",\"-b\",\"-c\"]", &error));
    g_assert_true(config_remove(config, "QEMU.AdditionalArguments[1]", &error));
    assert_get(config, "QEMU.AdditionalArguments", "[\"-a\",\"-c\"]");
    g_assert_no_error(error);
    g_assert_false(config_remove(config, "Drive[7]", &error));
    g_assert_error(error, BUNDLE_ERROR, BUNDLE_ERROR_NOT_FOUND);
    g_clear_error(&error);
    g_assert_false(config_remove(config, "Drive", &error));
    g_clear_error(&error);
    g_assert_false(config_add(config, "System", NULL, &error));
}

/* Whatever can be read can be set to the same again. */
static void test_values(void)
{
    g_autoptr(UtmConfig) config = make_config();
    g_autoptr(GPtrArray) values = config_values(config);
    g_assert_cmpuint(values->len, >, 80);
    for (guint i = 0; i < values->len; i += 2) {
        const char *path = values->pdata[i];
        g_autoptr(GError) error = NULL;
        if (strchr(path, '.'))
            g_assert_true(config_set(config, path, values->pdata[i + 1], &error));
        g_assert_no_error(error);
    }
}

static void test_tables(void)
{
    const ConfigTable *const tables[] = { &config_table_qemu, &config_table_apple };
    for (size_t t = 0; t < G_N_ELEMENTS(tables); t++) {
        g_autoptr(GPtrArray) paths = config_key_paths(tables[t]);
        for (guint i = 0; i < paths->len; i++) {
            const ConfigKeyPath *path = paths->pdata[i];
            g_test_message("%s", path->path);
            g_assert_nonnull(path->key->help);
            g_assert_nonnull(path->key->since);
            g_assert_true((path->key->written != NULL) <= (path->key->when != NULL));
            g_assert_true((path->key->type == CONFIG_ENUM) <= (path->key->words != NULL));
            bool is_group = path->key->type == CONFIG_RECORD || path->key->type == CONFIG_RECORDS;
            g_assert_true(is_group == (path->key->table != NULL));
            /* A value of a new record is a value that is allowed. */
            g_autofree char *text = config_key_default(path->key);
            unsigned word;
            if (path->key->words && text)
                g_assert_true(config_word_value(path->key->words, text, &word));
        }
    }
    g_auto(GStrv) names = guest_arch_names();
    g_assert_cmpuint(g_strv_length(names), ==, 29);
    for (char **name = names; *name; name++)
        g_assert_true(g_strv_contains(config_architectures, *name));
    g_assert_cmpuint(g_strv_length((char **) config_architectures), ==, 29);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/value/set", test_set);
    g_test_add_func("/value/unset", test_unset);
    g_test_add_func("/value/add-remove", test_add_remove);
    g_test_add_func("/value/values", test_values);
    g_test_add_func("/value/tables", test_tables);
    return g_test_run();
}
