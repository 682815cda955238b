/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the pure helpers of core/argv, and of what golden files do not show. */
#include <string.h>

#include "core/argv/argv-quote.h"
#include "core/argv/argv-subnet.h"
#include "core/argv/argv-user.h"
#include "core/argv/argv.h"
#include "core/error.h"

static void assert_split(const char *element, const char *expected)
{
    g_auto(GStrv) words = argv_split_words(element);
    g_autofree char *joined = g_strjoinv("|", words);
    g_assert_cmpstr(joined, ==, expected);
}

static void test_split(void)
{
    assert_split("", "");
    assert_split("   ", "");
    assert_split("-boot order=a", "-boot|order=a");
    assert_split("-fw_cfg \"name=opt/x,string=a b\"", "-fw_cfg|name=opt/x,string=a b");
    assert_split("a=\"b c\"", "a=\"b c\"");
    assert_split("\"a\"b\"c\"", "a\"b\"c");
    assert_split("\"abc", "abc");
    assert_split("foo\"bar", "foo|bar");
    assert_split("foo\"a b\"c\"d e", "foo\"a b\"c|d|e");
    assert_split("-k\tde\n-x\xc2\xa0y", "-k|de|-x|y");
    assert_split("a\\ b 'c d'", "a\\|b|'c|d'");
    assert_split("\"", "");
}

static void test_split_empty_word(void)
{
    g_auto(GStrv) words = argv_split_words("-a \"\"");
    g_assert_cmpuint(g_strv_length(words), ==, 2);
    g_assert_cmpstr(words[1], ==, "");
}

static void test_split_broken_utf8(void)
{
    g_auto(GStrv) words = argv_split_words("a\xff\xfe b\xc3");
    g_assert_cmpuint(g_strv_length(words), ==, 2);
    g_assert_cmpstr(words[0], ==, "a\xff\xfe");
    g_assert_cmpstr(words[1], ==, "b\xc3");
}

static void test_boot_device(void)
{
    char *apart[] = { (char *) "-prom-env", (char *) "boot-device=hd:", NULL };
    char *other[] = { (char *) "-prom-env boot-args=x", (char *) "boot-device=hd:", NULL };
    g_assert_true(argv_user_sets_boot_device(apart));
    g_assert_false(argv_user_sets_boot_device(other));
    g_assert_false(argv_user_sets_boot_device(NULL));
}

static void assert_subnet(const char *text, const char *first, const char *last, const char *mask)
{
    ArgvSubnet subnet;
    g_assert_true(argv_subnet_parse(text, &subnet));
    g_assert_cmpstr(subnet.first, ==, first);
    g_assert_cmpstr(subnet.last, ==, last);
    g_assert_cmpstr(subnet.mask, ==, mask);
}

static void test_subnet(void)
{
    ArgvSubnet subnet;
    assert_subnet("10.9.0.0/24", "10.9.0.1", "10.9.0.254", "255.255.255.0");
    assert_subnet("192.168.7.9", "192.168.7.1", "192.168.7.254", "255.255.255.0");
    assert_subnet("172.16.5.4/255.240.0.0", "172.16.0.1", "172.31.255.254", "255.240.0.0");
    assert_subnet("1.2.3.4/0", "0.0.0.1", "255.255.255.254", "0.0.0.0");
    g_assert_false(argv_subnet_parse("10.0.0.0/32", &subnet));
    g_assert_false(argv_subnet_parse("10.0.0.0/x", &subnet));
    g_assert_false(argv_subnet_parse("10.0.0/8", &subnet));
    g_assert_false(argv_subnet_parse("", &subnet));
}

static void assert_quoted(const char *word, const char *expected)
{
    g_autofree char *quoted = argv_shell_quote(word);
    g_assert_cmpstr(quoted, ==, expected);
}

static void test_quote(void)
{
    assert_quoted("-device", "-device");
    assert_quoted("hostfwd=tcp::2222-:22", "hostfwd=tcp::2222-:22");
    assert_quoted("DOS box", "'DOS box'");
    assert_quoted("it's", "'it'\\''s'");
    assert_quoted("", "''");
    assert_quoted("a$b", "'a$b'");
    assert_quoted("~", "'~'");
}

/* A Linux host whose QEMU can do everything. */
static HostProfile *host_new(void)
{
    HostProfile *host = g_new0(HostProfile, 1);
    host->system = HOST_LINUX;
    host->architecture = g_strdup("x86_64");
    host->physical_cores = host->logical_cpus = 2;
    host->socket_dir = g_strdup("/run/u");
    host->use_file_lock = true;
    return host;
}

static UtmConfig *config_new(void)
{
    UtmConfig *config = utm_config_new();
    config->information.name = g_strdup("test");
    config->information.uuid = g_strdup("11111111-2222-4333-8444-555555555501");
    return config;
}

static const ArgvRun stopped = { .data_dir = "/b/Data", .first_channel_fd = -1 };

static void test_items(void)
{
    g_autoptr(HostProfile) host = host_new();
    g_autoptr(UtmConfig) config = config_new();
    g_autoptr(GError) error = NULL;
    g_autoptr(Argv) argv = argv_build(config, host, &stopped, &error);
    g_assert_no_error(error);
    g_auto(GStrv) words = argv_strv(argv);
    unsigned count = 0;
    for (unsigned i = 0; i < argv->items->len; i++) {
        const ArgvItem *item = g_ptr_array_index(argv->items, i);
        g_assert_cmpstr(item->rule, !=, "");
        count += g_strv_length(item->args);
    }
    g_assert_cmpuint(g_strv_length(words), ==, count);
    g_assert_cmpstr(argv->accelerator, ==, "tcg");
}

static void assert_refused(UtmConfig *config, UtmError code, const char *part)
{
    g_autoptr(HostProfile) host = host_new();
    g_autoptr(GError) error = NULL;
    g_autoptr(Argv) argv = argv_build(config, host, &stopped, &error);
    g_assert_null(argv);
    g_assert_error(error, UTM_ERROR, (int) code);
    g_assert_nonnull(strstr(error->message, part));
}

static void replace(char **string, const char *with)
{
    g_free(*string);
    *string = g_strdup(with);
}

/* What the decoder refuses, too; a configuration made in memory has not passed it. */
static void test_refused(void)
{
    g_autoptr(UtmConfig) config = config_new();
    ConfigDrive *drive = config_drive_new(IMAGE_TYPE_DISK, DRIVE_INTERFACE_VIRTIO);
    g_ptr_array_add(config->drives, drive);
    replace(&drive->identifier, "a");
    replace(&drive->image_name, "../../etc/shadow");
    assert_refused(config, UTM_ERROR_INVALID, "Drive[0].ImageName");
    replace(&drive->image_name, "disk.qcow2");
    replace(&drive->identifier, "a,readonly=on");
    assert_refused(config, UTM_ERROR_INVALID, "Drive[0].Identifier");
    replace(&drive->identifier, "a");
    config->system.memory_mib = 0;
    assert_refused(config, UTM_ERROR_INVALID, "System.MemorySize");
    replace(&config->system.architecture, "x86-64");
    assert_refused(config, UTM_ERROR_INVALID, "System.Architecture");
}

static void test_same_identifier(void)
{
    g_autoptr(UtmConfig) config = config_new();
    for (int i = 0; i < 2; i++) {
        ConfigDrive *drive = config_drive_new(IMAGE_TYPE_CD, DRIVE_INTERFACE_IDE);
        replace(&drive->identifier, "a");
        g_ptr_array_add(config->drives, drive);
    }
    assert_refused(config, UTM_ERROR_INVALID, "Drive[1].Identifier");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/argv/split", test_split);
    g_test_add_func("/argv/split/empty-word", test_split_empty_word);
    g_test_add_func("/argv/split/broken-utf8", test_split_broken_utf8);
    g_test_add_func("/argv/boot-device", test_boot_device);
    g_test_add_func("/argv/subnet", test_subnet);
    g_test_add_func("/argv/quote", test_quote);
    g_test_add_func("/argv/items", test_items);
    g_test_add_func("/argv/refused", test_refused);
    g_test_add_func("/argv/same-identifier", test_same_identifier);
    return g_test_run();
}
