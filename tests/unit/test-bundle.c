/* SPDX-License-Identifier: Apache-2.0 */
/* Opening and saving bundles: the reference fixtures, round trips, and what is refused. */
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "bundles/bundle.h"
#include "bundles/plist.h"
#include "bundles/problem.h"

#define FIXTURES UTMCTL_SOURCE_DIR "/../shared/fixtures/bundles"
#define MINIMAL UTMCTL_SOURCE_DIR "/tests/data/bundles/minimal.plist"

/* The .utm folder in a fixture's folder, or NULL (and the test is skipped) without fixtures. */
static char *fixture(const char *number)
{
    g_autoptr(GDir) dir = g_dir_open(FIXTURES, 0, NULL);
    for (const char *name; dir && (name = g_dir_read_name(dir));) {
        if (!g_str_has_prefix(name, number))
            continue;
        g_autofree char *folder = g_build_filename(FIXTURES, name, NULL);
        g_autoptr(GDir) inner = g_dir_open(folder, 0, NULL);
        for (const char *bundle; (bundle = g_dir_read_name(inner));)
            if (g_str_has_suffix(bundle, ".utm"))
                return g_build_filename(folder, bundle, NULL);
    }
    g_test_skip("reference bundles are not here");
    return NULL;
}

static char *read_text(const char *path)
{
    char *text;
    g_autoptr(GError) error = NULL;
    g_file_get_contents(path, &text, NULL, &error);
    g_assert_no_error(error);
    return text;
}

/* A new bundle with this config.plist in a folder of its own. */
static char *make_bundle(const char *text)
{
    char *path = g_dir_make_tmp("bundle-XXXXXX", NULL);
    g_autofree char *file = g_build_filename(path, "config.plist", NULL);
    g_assert_true(g_file_set_contents(file, text, -1, NULL));
    return path;
}

static void remove_bundle(const char *path)
{
    g_autofree char *file = g_build_filename(path, "config.plist", NULL);
    g_unlink(file);
    g_assert_cmpint(g_rmdir(path), ==, 0); /* nothing else was left there */
}

/* @text with the first @from replaced by @to. */
static char *replace(const char *text, const char *from, const char *to)
{
    const char *at = strstr(text, from);
    g_assert_nonnull(at);
    return g_strdup_printf("%.*s%s%s", (int) (at - text), text, to, at + strlen(from));
}

static void assert_opens_with(const char *text, int code, const char *message)
{
    g_autofree char *path = make_bundle(text);
    g_autoptr(GError) error = NULL;
    g_autoptr(Bundle) bundle = bundle_open(path, &error);
    if (message) {
        g_assert_error(error, BUNDLE_ERROR, code);
        if (!strstr(error->message, message))
            g_error("\"%s\" is not in \"%s\"", message, error->message);
        g_assert_null(bundle);
    } else {
        g_assert_no_error(error);
        g_assert_nonnull(bundle);
    }
    remove_bundle(path);
}

static void test_fixture_identical(gconstpointer data)
{
    g_autofree char *path = fixture(data);
    if (!path)
        return;
    g_autoptr(GError) error = NULL;
    g_autoptr(Bundle) bundle = bundle_open(path, &error);
    g_assert_no_error(error);
    g_autofree char *file = g_build_filename(path, "config.plist", NULL);
    g_autofree char *before = read_text(file);
    g_autoptr(PlistNode) root = plist_node_new_dict_take(utm_config_encode(bundle->config));
    g_autofree char *after = plist_node_to_xml(root);
    g_assert_cmpstr(before, ==, after);

    g_autoptr(UtmConfig) copy = utm_config_copy(bundle->config);
    g_autoptr(PlistNode) twin = plist_node_new_dict_take(utm_config_encode(copy));
    g_assert_true(plist_node_equal(root, twin));
}

typedef struct {
    const char *number;
    int code;
    const char *message;
} Refused;

static const Refused refused[] = {
    { "12", BUNDLE_ERROR_INVALID, "Information.UUID (line 30): \"XXX_VM_ID\"" },
    { "13", BUNDLE_ERROR_INVALID, "$" },
    { "14", BUNDLE_ERROR_INVALID, "$" },
    { "15", BUNDLE_ERROR_INVALID, "$" },
    { "16", BUNDLE_ERROR_INVALID,
      "System.CPUCount (line 39): \"__CPU_COUNT__\" is not an integer" },
    { "17", BUNDLE_ERROR_INVALID, "__" },
    { "18", BUNDLE_ERROR_INVALID, "Backend (line 12): \"qemu\" is not one of QEMU, Apple" },
    { "19", BUNDLE_ERROR_INVALID, "@" },
};

static void test_fixture_refused(gconstpointer data)
{
    const Refused *row = data;
    g_autofree char *path = fixture(row->number);
    if (!path)
        return;
    g_autoptr(GError) error = NULL;
    g_autoptr(Bundle) bundle = bundle_open(path, &error);
    g_assert_error(error, BUNDLE_ERROR, row->code);
    g_test_message("%s", error->message);
    if (!strstr(error->message, row->message))
        g_error("\"%s\" is not in \"%s\"", row->message, error->message);
}

static void test_all_problems(void)
{
    g_autofree char *path = fixture("16");
    if (!path)
        return;
    g_autoptr(GPtrArray) problems = problems_new();
    g_autoptr(GError) error = NULL;
    g_assert_true(bundle_problems(path, problems, &error));
    g_autoptr(GHashTable) keys = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < problems->len; i++) {
        const Problem *problem = problems->pdata[i];
        g_assert_true(g_hash_table_add(keys, problem->key)); /* nothing is said twice */
    }
    g_assert_true(g_hash_table_contains(keys, "System.MemorySize"));
    g_assert_true(g_hash_table_contains(keys, "Drive[0].ImageName"));
    g_assert_true(g_hash_table_contains(keys, "Network[0].MacAddress"));
    g_assert_true(g_hash_table_contains(keys, "Information.UUID"));
}

static const struct {
    const char *from, *to;
    int code;
    const char *message; /* NULL: opens */
} changes[] = {
    { "<integer>4</integer>", "<integer>5</integer>", BUNDLE_ERROR_TOO_NEW, "newer UTM" },
    { "<integer>4</integer>", "<integer>3</integer>", BUNDLE_ERROR_INVALID, "is 3" },
    { "<integer>4</integer>", "<string>4</string>", BUNDLE_ERROR_INVALID, "ConfigurationVersion" },
    { "<integer>4</integer>", "<real>4.0</real>", 0, NULL },
    { "<string>x86_64</string>", "<string>cris</string>", BUNDLE_ERROR_INVALID,
      "System.Architecture" },
    { "<string>q35</string>", "<string>pc-q35-10.0</string>", 0, NULL },
    { "<string>q35</string>", "<string>q35,x=y</string>", BUNDLE_ERROR_INVALID, "System.Target" },
    { "<string>default</string>", "<string>NoSuchCpu-v9</string>", 0, NULL },
    { "<integer>2048</integer>", "<integer>12abc</integer>", BUNDLE_ERROR_INVALID,
      "System.MemorySize" },
    { "<integer>2048</integer>", "<string>2048</string>", BUNDLE_ERROR_INVALID,
      "System.MemorySize (line 50): is a string where an integer is needed" },
    { "<integer>2048</integer>", "<integer>0x800</integer>", 0, NULL },
    { "<integer>2048</integer>", "<real>2048.5</real>", BUNDLE_ERROR_INVALID, "MemorySize" },
    { "<key>MemorySize</key><integer>2048</integer>", "", BUNDLE_ERROR_INVALID,
      "System.MemorySize (line 42): is missing" },
    { "<key>Sound</key><array/>", "", BUNDLE_ERROR_INVALID, "Sound (line 3): is missing" },
    { "<key>Sound</key><array/>", "<key>Sound</key><dict/>", BUNDLE_ERROR_INVALID, "Sound" },
    { "<key>Sound</key><array/>", "<key>Sound</key><array><true/></array>", BUNDLE_ERROR_INVALID,
      "Sound[0]" },
    { "<string>3.0</string>", "<real>3.0</real>", BUNDLE_ERROR_INVALID, "UsbBusSupport" },
    { "<string>3.0</string>", "<string>4.0</string>", BUNDLE_ERROR_INVALID,
      "is not one of Disabled, 2.0, 3.0" },
    { "<string>Example</string>", "<string>a&#10;b</string>", BUNDLE_ERROR_INVALID, "control" },
    { "<string>Example</string>", "<string>$null</string>", BUNDLE_ERROR_INVALID, "missing" },
    { "<string>Example</string>", "<string>a/b</string>", 0, NULL },
    { "<string>01234567-89AB-4CDE-8F01-23456789ABCD</string>", "<string>0123</string>",
      BUNDLE_ERROR_INVALID, "is not a UUID" },
    { "<key>IconCustom</key><false/>", "<key>IconCustom</key><true/>", BUNDLE_ERROR_INVALID,
      "Information.Icon" },
    { "<key>IconCustom</key><false/>",
      "<key>IconCustom</key><true/><key>Icon</key><string>../x.png</string>", BUNDLE_ERROR_INVALID,
      "Information.Icon" },
    { "<false/>", "<integer>0</integer>", BUNDLE_ERROR_INVALID, "boolean" },
    { "</plist>", "", BUNDLE_ERROR_INVALID, "ends too early" },
};

static void test_changes(void)
{
    g_autofree char *minimal = read_text(MINIMAL);
    assert_opens_with(minimal, 0, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(changes); i++) {
        g_test_message("%s -> %s", changes[i].from, changes[i].to);
        g_autofree char *text = replace(minimal, changes[i].from, changes[i].to);
        assert_opens_with(text, changes[i].code, changes[i].message);
    }
}

static void test_drive_names(void)
{
    static const char *const bad[] = { "", ".", "..", "a/b", "/etc/passwd", "../x", "a&#9;b" };
    g_autofree char *minimal = read_text(MINIMAL);
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autofree char *drive = g_strdup_printf(
            "<key>Drive</key><array><dict><key>ImageName</key><string>%s</string>"
            "<key>ImageType</key><string>Disk</string><key>Interface</key><string>IDE</string>"
            "<key>Identifier</key><string>0</string></dict></array>",
            bad[i]);
        g_autofree char *text = replace(minimal, "<key>Drive</key><array/>", drive);
        assert_opens_with(text, BUNDLE_ERROR_INVALID, "Drive[0].ImageName (line 6)");
    }
}

static Bundle *open_text(const char *text, char **out_path)
{
    g_autoptr(GError) error = NULL;
    *out_path = make_bundle(text);
    Bundle *bundle = bundle_open(*out_path, &error);
    g_assert_no_error(error);
    return bundle;
}

static void test_port_forward_spelling(void)
{
    g_autofree char *minimal = read_text(MINIMAL);
    const char *network =
        "<key>Network</key><array><dict><key>Hardware</key><string>e1000</string>"
        "<key>IsolateFromHost</key><false/><key>MacAddress</key><string>02:00:00:00:00:01</string>"
        "<key>Mode</key><string>Emulated</string><key>PortForward</key><array>"
        "<dict><key>protocol</key><string>UDP</string><key>hostPort</key><integer>5300</integer>"
        "<key>guestPort</key><integer>53</integer></dict></array></dict></array>";
    g_autofree char *text = replace(minimal, "<key>Network</key><array/>", network);
    g_autofree char *path = NULL;
    g_autoptr(Bundle) bundle = open_text(text, &path);
    const ConfigNetwork *net = bundle->config->networks->pdata[0];
    ConfigPortForward *forward = net->port_forwards->pdata[0];
    g_assert_cmpint(forward->protocol, ==, PROTOCOL_UDP);
    g_assert_cmpint(forward->host_port, ==, 5300);
    g_assert_cmpint(forward->guest_port, ==, 53);

    /* Unchanged it stays as it is; changed it is written in the new spelling alone. */
    g_assert_true(bundle_save(bundle, NULL));
    g_autofree char *file = g_build_filename(path, "config.plist", NULL);
    g_autofree char *same = read_text(file);
    g_assert_cmpstr(same, ==, text);
    forward->host_port = 5301;
    g_assert_true(bundle_save(bundle, NULL));
    g_autofree char *changed = read_text(file);
    g_assert_null(strstr(changed, "hostPort"));
    g_assert_null(strstr(changed, ">protocol<"));
    g_assert_nonnull(strstr(changed, "<key>HostPort</key>\n\t\t\t\t\t<integer>5301</integer>"));

    g_autofree char *unknown = replace(text, "UDP", "SCTP");
    assert_opens_with(unknown, BUNDLE_ERROR_INVALID, "Network[0].PortForward[0].Protocol");
    remove_bundle(path);
}

static void test_unknown_keys(void)
{
    g_autofree char *minimal = read_text(MINIMAL);
    g_autofree char *one = replace(minimal, "<key>Sound</key><array/>",
                                   "<key>Sound</key><array><dict><key>Hardware</key>"
                                   "<string>AC97</string><key>Volume</key><real>0.5</real>"
                                   "</dict></array><key>Future</key><data>AAEC</data>");
    g_autofree char *path = NULL;
    g_autoptr(Bundle) bundle = open_text(one, &path);
    ConfigSound *sound = bundle->config->sounds->pdata[0];
    g_free(sound->hardware);
    sound->hardware = g_strdup("sb16");
    g_assert_true(bundle_save(bundle, NULL));
    g_autofree char *file = g_build_filename(path, "config.plist", NULL);
    g_autofree char *text = read_text(file);
    g_assert_nonnull(strstr(text, "<string>sb16</string>\n\t\t\t<key>Volume</key>\n\t\t\t"
                                  "<real>0.5</real>"));
    g_assert_nonnull(strstr(text, "<key>Future</key>\n\t<data>\n\tAAEC\n\t</data>"));
    /* An optional key that the file did not have, and whose absence says the same, stays away. */
    g_assert_null(strstr(text, "TSO"));
    bundle->config->qemu.tso = true;
    g_assert_true(bundle_save(bundle, NULL));
    g_autofree char *with_tso = read_text(file);
    g_assert_nonnull(strstr(with_tso, "<key>TSO</key>\n\t\t<true/>"));
    remove_bundle(path);
}

static void test_new_config(void)
{
    g_autofree char *path = g_dir_make_tmp("bundle-XXXXXX", NULL);
    UtmConfig *config = utm_config_new();
    g_autoptr(Bundle) bundle = bundle_new_take(path, config);
    g_autoptr(GError) error = NULL;
    g_assert_false(bundle_save(bundle, &error)); /* neither name nor UUID */
    g_assert_error(error, BUNDLE_ERROR, BUNDLE_ERROR_INVALID);
    g_clear_error(&error);
    config->information.name = g_strdup("a <new> & odd one");
    config->information.uuid = config_new_uuid();
    g_ptr_array_add(config->displays, config_display_new("virtio-vga"));
    ConfigDrive *drive = config_drive_new(IMAGE_TYPE_BIOS, DRIVE_INTERFACE_IDE);
    drive->image_name = g_strdup("rom");
    g_ptr_array_add(config->drives, drive);
    ConfigNetwork *network = config_network_new(NETWORK_MODE_SHARED, "e1000");
    network->bridge_interface = g_strdup("br0");
    g_ptr_array_add(network->port_forwards, config_port_forward_new(PROTOCOL_TCP, 2222, 22));
    g_ptr_array_add(config->networks, network);
    g_ptr_array_add(config->serials, config_serial_new(SERIAL_MODE_TERMINAL, SERIAL_TARGET_AUTO));
    g_ptr_array_add(config->sounds, config_sound_new("AC97"));
    g_assert_true(bundle_save(bundle, &error));
    g_assert_no_error(error);

    g_autofree char *file = g_build_filename(path, "config.plist", NULL);
    g_autofree char *text = read_text(file);
    g_assert_nonnull(strstr(text, "<string>a &lt;new&gt; &amp; odd one</string>"));
    g_assert_nonnull(strstr(text, "<key>Interface</key>\n\t\t\t<string>None</string>"));
    g_assert_null(strstr(text, "BridgeInterface"));
    g_assert_nonnull(strstr(text, "<key>TSO</key>"));
    g_autoptr(Bundle) again = bundle_open(path, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(again->config->information.name, ==, config->information.name);
    g_assert_true(utm_config_check(again->config, &error));
    remove_bundle(path);
}

#define DATA UTMCTL_SOURCE_DIR "/tests/data/bundles/"

/* Every key and every word of every enumeration, from XML and from binary. */
static void test_every_key(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(PlistNode) before = plist_parse_file(DATA "every-key.plist", NULL, &error);
    g_assert_no_error(error);
    g_autoptr(PlistNode) binary = plist_parse_file(DATA "every-key.bplist", NULL, &error);
    g_assert_no_error(error);
    g_assert_true(plist_node_equal(before, binary));
    g_autofree char *path = NULL;
    g_autofree char *text = read_text(DATA "every-key.plist");
    g_autoptr(Bundle) bundle = open_text(text, &path);
    g_assert_true(utm_config_check(bundle->config, &error));
    g_assert_no_error(error);
    g_autoptr(PlistNode) after = plist_node_new_dict_take(utm_config_encode(bundle->config));
    g_assert_true(plist_node_equal(before, after));

    const ConfigSerial *serial = bundle->config->serials->pdata[1];
    g_assert_cmpint(serial->mode, ==, SERIAL_MODE_TCP_CLIENT);
    g_assert_cmpstr(serial->tcp_host_address, ==, "example.org");
    g_assert_true(serial->has_tcp_port);
    g_assert_cmpint(serial->tcp_port, ==, 4000);
    g_assert_false(serial->has_wait_for_connection);
    const ConfigDrive *last = bundle->config->drives->pdata[bundle->config->drives->len - 1];
    g_assert_null(last->image_name);
    const ConfigDrive *usb = bundle->config->drives->pdata[bundle->config->drives->len - 2];
    g_assert_cmpint(usb->interface, ==, DRIVE_INTERFACE_USB);
    remove_bundle(path);
}

static void test_apple(void)
{
    g_autofree char *before = read_text(UTMCTL_SOURCE_DIR "/tests/data/bundles/apple-linux.plist");
    g_autofree char *path = NULL;
    g_autoptr(Bundle) bundle = open_text(before, &path);
    g_autoptr(GError) error = NULL;
    UtmConfig *config = bundle->config;
    g_assert_cmpint(config->backend, ==, CONFIG_BACKEND_APPLE);
    g_assert_cmpstr(config->information.name, ==, "Linux");
    g_assert_cmpint(config->apple.virtualization.keyboard, ==, APPLE_KEYBOARD_GENERIC);
    g_assert_cmpint(config->apple.virtualization.pointer, ==, APPLE_POINTER_TRACKPAD);
    g_assert_cmpint(config->apple.system.boot.operating_system, ==, APPLE_OS_LINUX);
    const AppleDrive *drive = config->apple.drives->pdata[1];
    g_assert_true(drive->nvme);
    g_assert_cmpstr(config->system.architecture, ==, "aarch64");
    g_assert_cmpint(config->system.memory_mib, ==, 4096);
    g_assert_true(utm_config_check(config, &error));

    g_autoptr(UtmConfig) copy = utm_config_copy(config);
    g_autoptr(PlistNode) root = plist_node_new_dict_take(utm_config_encode(copy));
    g_autofree char *after = plist_node_to_xml(root);
    g_assert_cmpstr(before, ==, after);

    /* What was changed is written as UTM writes it now. */
    copy->apple.virtualization.pointer = APPLE_POINTER_MOUSE;
    g_autoptr(PlistNode) changed = plist_node_new_dict_take(utm_config_encode(copy));
    g_assert_cmpstr(
        plist_dict_get_string(plist_dict_get_dict(changed->dict, "Virtualization"), "Pointer"), ==,
        "Mouse");
    remove_bundle(path);
    g_autofree char *emulated = replace(before, ">Bridged<", ">Emulated<");
    assert_opens_with(emulated, BUNDLE_ERROR_INVALID, "Network[0].Mode (line 61): \"Emulated\"");
}

static void test_semantic(void)
{
    g_autofree char *minimal = read_text(MINIMAL);
    g_autofree char *path = NULL;
    g_autoptr(Bundle) bundle = open_text(minimal, &path);
    UtmConfig *config = bundle->config;
    g_assert_true(utm_config_check(config, NULL));
    ConfigDrive *a = config_drive_new(IMAGE_TYPE_DISK, DRIVE_INTERFACE_IDE);
    ConfigDrive *b = config_drive_new(IMAGE_TYPE_DISK, DRIVE_INTERFACE_IDE);
    g_free(b->identifier);
    b->identifier = g_strdup(a->identifier);
    g_ptr_array_add(config->drives, a);
    g_ptr_array_add(config->drives, b);
    ConfigNetwork *network = config_network_new(NETWORK_MODE_EMULATED, "e1000");
    g_free(network->mac_address);
    network->mac_address = g_strdup("01:00:00:00:00:01");
    g_ptr_array_add(network->port_forwards, config_port_forward_new(PROTOCOL_TCP, 70000, 22));
    g_ptr_array_add(config->networks, network);
    config->system.memory_mib = -1;
    g_autoptr(GPtrArray) problems = problems_new();
    utm_config_validate(config, problems);
    static const char *const keys[] = { "System.MemorySize", "Network[0].PortForward[0].HostPort",
                                        "Network[0].MacAddress", "Drive[1].Identifier" };
    g_assert_cmpuint(problems->len, ==, G_N_ELEMENTS(keys));
    for (guint i = 0; i < problems->len; i++)
        g_assert_cmpstr(((Problem *) problems->pdata[i])->key, ==, keys[i]);
    g_autoptr(GError) error = NULL;
    g_assert_false(utm_config_check(config, &error));
    g_assert_nonnull(strstr(error->message, "and 3 more problems"));
    g_assert_true(bundle_save(bundle, NULL)); /* can be repaired step by step */
    remove_bundle(path);
}

static void test_semantic_more(void)
{
    g_autofree char *minimal = read_text(MINIMAL);
    g_autofree char *path = NULL;
    g_autoptr(Bundle) bundle = open_text(minimal, &path);
    UtmConfig *config = bundle->config;
    ConfigNetwork *network = config_network_new(NETWORK_MODE_EMULATED, "e1000");
    g_ptr_array_add(config->networks, network);
    for (int i = 0; i < 2; i++)
        g_ptr_array_add(network->port_forwards, config_port_forward_new(PROTOCOL_TCP, 2222, 22));
    g_ptr_array_add(network->port_forwards, config_port_forward_new(PROTOCOL_UDP, 2222, 22));
    ConfigPortForward *named = config_port_forward_new(PROTOCOL_TCP, 80, 0);
    named->host_address = g_strdup("localhost");
    g_ptr_array_add(network->port_forwards, named);
    g_ptr_array_add(config->serials, config_serial_new(SERIAL_MODE_PTTY, SERIAL_TARGET_MANUAL));
    g_free(config->system.architecture);
    config->system.architecture = g_strdup("sparc");
    static const char *const keys[] = { "Network[0].PortForward[3].GuestPort",
                                        "Network[0].PortForward[3].HostAddress",
                                        "Serial[0].Hardware", "Network[0].PortForward[1].HostPort",
                                        "QEMU.UEFIBoot" };
    g_autoptr(GPtrArray) problems = problems_new();
    utm_config_validate(config, problems);
    for (guint i = 0; i < problems->len && i < G_N_ELEMENTS(keys); i++)
        g_assert_cmpstr(((Problem *) problems->pdata[i])->key, ==, keys[i]);
    g_assert_cmpuint(problems->len, ==, G_N_ELEMENTS(keys));
    remove_bundle(path);
}

static void test_semantic_usb(void)
{
    g_autofree char *minimal = read_text(MINIMAL);
    g_autofree char *path = NULL;
    g_autoptr(Bundle) bundle = open_text(minimal, &path);
    UtmConfig *config = bundle->config;
    ConfigSerial *serial = config_serial_new(SERIAL_MODE_PTTY, SERIAL_TARGET_MANUAL);
    serial->hardware = g_strdup("usb-serial,always-plugged=on");
    g_ptr_array_add(config->serials, serial);
    g_ptr_array_add(config->drives, config_drive_new(IMAGE_TYPE_CD, DRIVE_INTERFACE_USB));
    g_assert_true(utm_config_check(config, NULL));
    config->input.usb_bus = USB_BUS_DISABLED;
    static const char *const keys[] = { "Drive[0].Interface", "Serial[0].Hardware" };
    g_autoptr(GPtrArray) problems = problems_new();
    utm_config_validate(config, problems);
    g_assert_cmpuint(problems->len, ==, G_N_ELEMENTS(keys));
    for (guint i = 0; i < problems->len; i++)
        g_assert_cmpstr(((Problem *) problems->pdata[i])->key, ==, keys[i]);
    g_assert_cmpstr(((Problem *) problems->pdata[1])->value, ==, "usb-serial,always-plugged=on");
    g_assert_nonnull(strstr(((Problem *) problems->pdata[1])->reason, "Input.UsbBusSupport"));
    remove_bundle(path);
}

static void test_disk_full(void)
{
    g_autofree char *minimal = read_text(MINIMAL);
    g_autofree char *path = NULL;
    g_autoptr(Bundle) bundle = open_text(minimal, &path);
    bundle->config->system.memory_mib = 4096;
    struct rlimit old, small = { 100, 100 };
    getrlimit(RLIMIT_FSIZE, &old);
    small.rlim_max = old.rlim_max;
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &small);
    g_autoptr(GError) error = NULL;
    bool saved = bundle_save(bundle, &error);
    setrlimit(RLIMIT_FSIZE, &old);
    g_assert_false(saved);
    g_assert_error(error, BUNDLE_ERROR, BUNDLE_ERROR_IO);
    g_autofree char *file = g_build_filename(path, "config.plist", NULL);
    g_autofree char *now = read_text(file);
    g_assert_cmpstr(now, ==, minimal);
    remove_bundle(path);
}

static void test_mode_is_kept(void)
{
    g_autofree char *minimal = read_text(MINIMAL);
    g_autofree char *path = NULL;
    g_autoptr(Bundle) bundle = open_text(minimal, &path);
    g_autofree char *file = g_build_filename(path, "config.plist", NULL);
    g_assert_cmpint(g_chmod(file, 0640), ==, 0);
    bundle->config->system.cpu_count = 3;
    g_assert_true(bundle_save(bundle, NULL));
    GStatBuf st;
    g_assert_cmpint(g_stat(file, &st), ==, 0);
    g_assert_cmpint(st.st_mode & 0777, ==, 0640);
    remove_bundle(path);
}

static void test_no_bundle(void)
{
    g_autoptr(GError) error = NULL;
    g_assert_null(bundle_open("/nonexistent/x.utm", &error));
    g_assert_error(error, BUNDLE_ERROR, BUNDLE_ERROR_NOT_FOUND);
    g_clear_error(&error);
    g_autofree char *path = g_dir_make_tmp("bundle-XXXXXX", NULL);
    g_assert_null(bundle_open(path, &error));
    g_assert_error(error, BUNDLE_ERROR, BUNDLE_ERROR_NOT_FOUND);
    g_rmdir(path);
}

static void test_names(void)
{
    g_autofree char *odd = bundle_folder_name("a,b/c:d\\e?f%g*h|i\"j<k>l");
    g_assert_cmpstr(odd, ==, "a-b-c-d-e-f-g-h-i-j-k-l.utm");
    g_autofree char *runs = bundle_folder_name("a//b");
    g_assert_cmpstr(runs, ==, "a--b.utm");
    g_autofree char *uuid = config_new_uuid();
    g_assert_true(g_uuid_string_is_valid(uuid));
    for (const char *c = uuid; *c; c++)
        g_assert_false(g_ascii_islower(*c));
    for (int i = 0; i < 50; i++) {
        g_autofree char *mac = config_new_mac();
        g_assert_cmpuint(strlen(mac), ==, 17);
        g_assert_cmpint(g_ascii_xdigit_value(mac[1]) & 3, ==, 2);
    }
}

int main(int argc, char **argv)
{
    static const char *const identical[] = { "01", "08", "09", "10", "11" };
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(identical); i++) {
        g_autofree char *name = g_strconcat("/bundle/fixture/identical/", identical[i], NULL);
        g_test_add_data_func(name, identical[i], test_fixture_identical);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(refused); i++) {
        g_autofree char *name = g_strconcat("/bundle/fixture/refused/", refused[i].number, NULL);
        g_test_add_data_func(name, &refused[i], test_fixture_refused);
    }
    g_test_add_func("/bundle/all-problems", test_all_problems);
    g_test_add_func("/bundle/changes", test_changes);
    g_test_add_func("/bundle/drive-names", test_drive_names);
    g_test_add_func("/bundle/port-forward-spelling", test_port_forward_spelling);
    g_test_add_func("/bundle/unknown-keys", test_unknown_keys);
    g_test_add_func("/bundle/new-config", test_new_config);
    g_test_add_func("/bundle/every-key", test_every_key);
    g_test_add_func("/bundle/apple", test_apple);
    g_test_add_func("/bundle/semantic", test_semantic);
    g_test_add_func("/bundle/semantic-more", test_semantic_more);
    g_test_add_func("/bundle/semantic-usb", test_semantic_usb);
    g_test_add_func("/bundle/disk-full", test_disk_full);
    g_test_add_func("/bundle/mode-is-kept", test_mode_is_kept);
    g_test_add_func("/bundle/no-bundle", test_no_bundle);
    g_test_add_func("/bundle/names", test_names);
    return g_test_run();
}
