/* SPDX-License-Identifier: Apache-2.0 */
/* Legacy bundles: conversion rule by rule, reference bundles, and migration on disk. */
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "bundles/bundle.h"
#include "bundles/legacy.h"
#include "bundles/migrate.h"
#include "bundles/problem.h"
#include "bundles/target.h"
#include "bundles/value.h"

#define FIXTURES UTMCTL_SOURCE_DIR "/../shared/fixtures/bundles"

static PlistNode *parse(const char *body)
{
    g_autofree char *text = g_strconcat("<plist><dict>", body, "</dict></plist>", NULL);
    g_autoptr(GError) error = NULL;
    PlistNode *node = plist_parse(text, strlen(text), NULL, &error);
    g_assert_no_error(error);
    return node;
}

static Legacy *convert(const char *body)
{
    g_autoptr(PlistNode) root = parse(body);
    g_autoptr(GPtrArray) problems = problems_new();
    g_autoptr(GError) error = NULL;
    g_assert_true(legacy_is(root->dict));
    Legacy *legacy = legacy_convert(root->dict, "Old One", "/some/path", problems, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(problems->len, ==, 0);
    g_assert_true(utm_config_check(legacy->config, &error));
    g_assert_no_error(error);
    return legacy;
}

/* @expected: "Key=value" lines. A key that must be absent is "Key=". */
static void assert_values(const UtmConfig *config, const char *expected)
{
    g_auto(GStrv) lines = g_strsplit(expected, "\n", -1);
    for (char **line = lines; *line && **line; line++) {
        g_auto(GStrv) pair = g_strsplit(*line, "=", 2);
        g_autoptr(GError) error = NULL;
        g_autofree char *value = config_get(config, pair[0], &error);
        g_assert_no_error(error);
        if (strcmp(value, pair[1]) != 0)
            g_error("%s is \"%s\", not \"%s\"", pair[0], value, pair[1]);
    }
}

#define SECTION(name, body) "<key>" name "</key><dict>" body "</dict>"
#define STR(key, value) "<key>" key "</key><string>" value "</string>"
#define INT(key, value) "<key>" key "</key><integer>" value "</integer>"
#define YES(key) "<key>" key "</key><true/>"
#define NO(key) "<key>" key "</key><false/>"

static void test_defaults(void)
{
    g_autoptr(Legacy) legacy = convert(
        INT("ConfigurationVersion", "2") SECTION("System", STR("Architecture", "x86_64"))
            SECTION("Display", "") SECTION("Sharing", "") SECTION("Sound", YES("SoundEnabled"))
                SECTION("Networking", STR("NetworkMode", "shared")));
    assert_values(legacy->config, "Information.Name=Old One\n"
                                  "Information.IconCustom=false\n"
                                  "System.Target=q35\n"
                                  "System.CPU=default\n"
                                  "System.MemorySize=512\n"
                                  "QEMU.UEFIBoot=false\n"
                                  "QEMU.RNGDevice=true\n"
                                  "QEMU.RTCLocalTime=true\n"
                                  "QEMU.PS2Controller=true\n"
                                  "QEMU.Hypervisor=true\n"
                                  "Input.UsbBusSupport=2.0\n"
                                  "Input.UsbSharing=true\n"
                                  "Input.MaximumUsbShare=3\n"
                                  "Sharing.DirectoryShareMode=None\n"
                                  "Display[0].Hardware=qxl-vga\n"
                                  "Display[0].DynamicResolution=false\n"
                                  "Display[0].UpscalingFilter=Linear\n"
                                  "Display[0].DownscalingFilter=Linear\n"
                                  "Sound[0].Hardware=AC97\n"
                                  "Network[0].Mode=Shared\n"
                                  "Network[0].Hardware=rtl8139\n");
    g_assert_cmpuint(legacy->config->serials->len, ==, 0);
    /* The same bundle gets the same UUID each time. */
    g_autoptr(Legacy) again = convert(SECTION("System", STR("Architecture", "x86_64")));
    g_assert_cmpstr(legacy->config->information.uuid, ==, again->config->information.uuid);
}

/* Phase-A defaults are stored only where the section exists. */
static void test_no_sections(void)
{
    g_autoptr(Legacy) legacy = convert(SECTION("Info", ""));
    assert_values(legacy->config, "System.Architecture=x86_64\n"
                                  "System.Target=q35\n"
                                  "QEMU.RNGDevice=false\n"
                                  "QEMU.RTCLocalTime=false\n"
                                  "QEMU.PS2Controller=false\n"
                                  "QEMU.Hypervisor=false\n"
                                  "Input.UsbSharing=false\n"
                                  "Input.UsbBusSupport=2.0\n"
                                  "Display[0].Hardware=virtio-vga\n"
                                  "Display[0].UpscalingFilter=Nearest\n"
                                  "Display[0].DownscalingFilter=Linear\n"
                                  "Display[0].DynamicResolution=false\n");
    g_autoptr(Legacy) shown = convert(SECTION("Display", ""));
    assert_values(shown->config, "Display[0].Hardware=VGA\n");
    g_assert_cmpuint(legacy->config->networks->len, ==, 0);
    g_assert_cmpuint(legacy->config->sounds->len, ==, 0);
    g_assert_cmpuint(legacy->config->drives->len, ==, 0);
}

static void test_virt(void)
{
    g_autoptr(Legacy) legacy =
        convert(SECTION(
            "System",
            STR("Architecture",
                "aarch64") "<key>CPUFlags</key><array>"
                           "<string>+a</string><string>b</string><string>-c</string></array>" STR(
                               "AddArgs", "-foo bar")
                               STR("SystemUUID", "e6aa2346-ddc2-42e5-8a86-916eb9da3716")
                                   STR("BootDevice", "cd")
                                       STR("MachineProperties",
                                           "") "<key>ForceMulticore</key>"
                                               "<string>YES</string>" STR("Memory", "1024"))
                    SECTION("Display", INT("ConsoleOnly", "1") STR("ConsoleFont", "Menlo")
                                           INT("ConsoleFontSize", "0"))
                        SECTION("Sharing", YES("DirectorySharing") INT("UsbRedirectMax", "0")));
    assert_values(legacy->config, "Information.UUID=E6AA2346-DDC2-42E5-8A86-916EB9DA3716\n"
                                  "System.Target=virt\n"
                                  "System.CPUFlagsAdd=[\"a\",\"b\"]\n"
                                  "System.CPUFlagsRemove=[\"c\"]\n"
                                  "System.ForceMulticore=true\n"
                                  "System.MemorySize=1024\n"
                                  "QEMU.UEFIBoot=true\n"
                                  "QEMU.RNGDevice=true\n"
                                  "QEMU.PS2Controller=false\n"
                                  "QEMU.AdditionalArguments=[\"-foo bar\"]\n"
                                  "Input.UsbBusSupport=3.0\n"
                                  "Input.MaximumUsbShare=0\n"
                                  "Sharing.DirectoryShareMode=WebDAV\n"
                                  "Serial[0].Mode=Terminal\n"
                                  "Serial[0].Target=Auto\n"
                                  "Serial[0].Terminal.Font=Menlo-Regular\n"
                                  "Serial[0].Terminal.FontSize=12\n"
                                  "Serial[0].Terminal.CursorBlink=false\n"
                                  "Serial[0].Terminal.ForegroundColor=#ffffff\n");
    g_assert_cmpuint(legacy->config->displays->len, ==, 0);
    g_assert_nonnull(legacy->config->qemu.machine_property_override); /* empty, not absent */
    g_assert_nonnull(strstr(legacy->notes->pdata[0], "BootDevice"));
}

static void test_targets(void)
{
    static const struct {
        const char *architecture, *target, *expected_architecture, *expected_target;
    } rows[] = {
        { "ppc", "", "ppc", "g3beige" },
        { "hppa", "", "hppa", "B160L" },
        { "sh4", "", "sh4", "none" },
        { "cris", "", "x86_64", "q35" },
        { "nios2", "10m50-ghrd", "x86_64", "q35" },
        { "x86_64", "pc-q35-2.3", "x86_64", "q35" },
        { "x86_64", "pc-q35-5.1", "x86_64", "pc-q35-5.1" },
        { "x86_64", "pc-q35-4.0.1", "x86_64", "pc-q35-4.0.1" },
        { "x86_64", "pc-i440fx-10.0", "x86_64", "pc-i440fx-10.0" },
        { "x86_64", "pc-i440fx-10.1", "x86_64", "q35" },
        { "arm", "virt-2.5", "arm", "virt" },
        { "arm", "raspi2b", "arm", "raspi2b" },
        { "arm", "akita", "arm", "virt" },
        { "avr", "uno", "avr", "uno" },
        { "ppc64", "pseries-2.12", "ppc64", "pseries-10.0" },
        { "riscv64", "virt", "riscv64", "virt" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *body =
            g_strdup_printf(SECTION("System", STR("Architecture", "%s") STR("Target", "%s")),
                            rows[i].architecture, rows[i].target);
        g_autoptr(Legacy) legacy = convert(body);
        g_assert_cmpstr(legacy->config->system.architecture, ==, rows[i].expected_architecture);
        g_assert_cmpstr(legacy->config->system.target, ==, rows[i].expected_target);
    }
    g_assert_true(guest_target_is_known("x86_64", "none"));
    g_assert_false(guest_target_is_known("x86_64", "pc-q35-"));
    g_assert_false(guest_target_is_known("x86_64", "pc-q35-8"));
    g_assert_false(guest_target_is_known("x86_64", "pc-q35-8.x"));
}

#define DRIVE(body) "<dict>" body "</dict>"

static void test_drives(void)
{
    g_autoptr(Legacy) legacy = convert(
        "<key>Drives</key><array>" DRIVE(
            STR("DriveName", "drive2") STR("ImageType", "cd") STR("InterfaceType", "ide")
                YES("Removable")) DRIVE(STR("DriveName", "drive0") STR("ImagePath", "Mac OS.qcow2")
                                            STR("InterfaceType", "nvme"))
            DRIVE(STR("DriveName", "vars") STR("ImagePath", "efi_vars.fd") STR("ImageType", "none"))
                DRIVE(STR("DriveName", "data.1") STR("ImagePath", "k") STR("ImageType", "kernel"))
                    DRIVE(STR("DriveName", "drive") STR("ImagePath", "x") YES("Cdrom") STR(
                        "InterfaceType", "odd")) DRIVE(STR("DriveName", "odd") STR("ImagePath", "y")
                                                           STR("ImageType", "what")) "</array>");
    assert_values(legacy->config, "Drive[0].Identifier=2\n"
                                  "Drive[0].ImageName=\n"
                                  "Drive[0].ImageType=CD\n"
                                  "Drive[0].Interface=IDE\n"
                                  "Drive[0].InterfaceVersion=0\n"
                                  "Drive[0].ReadOnly=true\n"
                                  "Drive[1].Identifier=0\n"
                                  "Drive[1].ImageName=Mac OS.qcow2\n"
                                  "Drive[1].ImageType=Disk\n"
                                  "Drive[1].Interface=NVMe\n"
                                  "Drive[1].ReadOnly=false\n"
                                  "Drive[2].Identifier=data.1\n"
                                  "Drive[2].ImageType=LinuxKernel\n"
                                  "Drive[3].ImageType=CD\n"
                                  "Drive[3].Interface=None\n"
                                  "Drive[4].ImageType=Disk\n");
    const ConfigDrive *nameless = legacy->config->drives->pdata[3];
    g_assert_true(g_uuid_string_is_valid(nameless->identifier));
    g_assert_cmpstr(g_hash_table_lookup(legacy->identifiers, "drive2"), ==, "2");
}

/* A UUID that begins with a digit renames all, the variable store being counted. */
static void test_drive_renaming(void)
{
    g_autoptr(Legacy) legacy = convert(
        "<key>Drives</key><array>" DRIVE(STR("DriveName", "root") STR("ImagePath", "a"))
            DRIVE(STR("DriveName", "36481636-811B") STR("ImagePath", "efi_vars.fd"))
                DRIVE(STR("DriveName", "cd") STR("ImageType", "cd") YES("Removable")) "</array>");
    assert_values(legacy->config, "Drive[0].Identifier=0\nDrive[1].Identifier=2\n");
    g_assert_cmpstr(g_hash_table_lookup(legacy->identifiers, "cd"), ==, "2");
}

static void test_network(void)
{
    g_autoptr(Legacy) legacy = convert(SECTION(
        "Networking",
        YES("NetworkEnabled") STR("NetworkMode", "none") STR("NetworkCardMAC", "52:54:00:00:00:01")
            STR("IPSubnet", "10.1.0.0/24") STR("DHCPDomain", "")
                STR("NetworkBridgeInterface", "en0")
                    YES("IsolateGuest") "<key>PortForward</key><array>" DRIVE(
                        STR("Protocol", "udp") INT("HostPort", "5300") INT("GuestPort", "53")
                            STR("HostAddress", "") STR("GuestAddress", "10.1.0.15"))
                        DRIVE(STR("Protocol", "tcp") INT("GuestPort", "22")) "</array>"));
    assert_values(legacy->config, "Network[0].Mode=Emulated\n"
                                  "Network[0].MacAddress=52:54:00:00:00:01\n"
                                  "Network[0].VlanGuestAddress=10.1.0.0/24\n"
                                  "Network[0].IsolateFromHost=true\n"
                                  "Network[0].PortForward[0].Protocol=UDP\n"
                                  "Network[0].PortForward[0].HostPort=5300\n"
                                  "Network[0].PortForward[0].GuestPort=53\n"
                                  "Network[0].PortForward[0].GuestAddress=10.1.0.15\n"
                                  "Network[0].PortForward[1].HostPort=22\n");
    const ConfigNetwork *network = legacy->config->networks->pdata[0];
    const ConfigPortForward *forward = network->port_forwards->pdata[0];
    g_assert_null(network->vlan_dhcp_domain);
    g_assert_null(forward->host_address);
    g_autoptr(Legacy) first = convert(SECTION("Networking", STR("NetworkMode", "shared")));
    g_autoptr(Legacy) again = convert(SECTION("Networking", STR("NetworkMode", "shared")));
    g_assert_cmpstr(((ConfigNetwork *) first->config->networks->pdata[0])->mac_address, ==,
                    ((ConfigNetwork *) again->config->networks->pdata[0])->mac_address);
    g_autoptr(Legacy) off =
        convert(SECTION("Networking", NO("NetworkEnabled") STR("NetworkMode", "shared")));
    g_assert_cmpuint(off->config->networks->len, ==, 0);
}

static void test_sound(void)
{
    static const struct {
        const char *card, *expected; /* NULL: none */
    } rows[] = {
        { "hda", "intel-hda" }, { "ac97", "AC97" }, { "sb16", "sb16" }, { "pcspk", NULL }
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *body = g_strdup_printf(
            SECTION("System", "") SECTION("Sound", YES("SoundEnabled") STR("SoundCard", "%s")),
            rows[i].card);
        g_autoptr(Legacy) legacy = convert(body);
        g_assert_cmpuint(legacy->config->sounds->len, ==, rows[i].expected != NULL);
        if (rows[i].expected)
            g_assert_cmpstr(((ConfigSound *) legacy->config->sounds->pdata[0])->hardware, ==,
                            rows[i].expected);
    }
}

static const char apple[] = INT("version", "3") YES("isAppleVirtualization") STR("name", "Ventura")
    STR("notes", "n") YES("iconCustom") STR("icon", "me.png") STR("architecture", "aarch64") INT(
        "cpuCount", "4") INT("memorySize", "4294967296")
        SECTION("bootLoader", STR("operatingSystem", "Linux") STR("linuxKernelPath", "vmlinuz") STR("linuxCommandLine", "console=hvc0 root=/dev/vda")) "<key>networkDevices</key><array>" DRIVE(
            STR("networkMode", "Bridged") STR("bridgeInterfaceIdentifier", "en1")
                STR("macAddress",
                    "be:00:00:00:00:01")) "</array>"
                                          "<key>displays</key><array>" DRIVE(
                                              INT("widthInPixels",
                                                  "800") INT("heightInPixels", "600")
                                                  INT("pixelsPerInch",
                                                      "80")) "</array>"
                                                             "<key>diskImages</key><array>" DRIVE(
                                                                 INT("sizeMib", "1")
                                                                     NO("isReadOnly")
                                                                         NO("isExternal")
                                                                             STR("imagePath",
                                                                                 "root.img"))
                                                                 DRIVE(INT("sizeMib", "0")
                                                                           YES("isReadO"
                                                                               "nly")
                                                                               YES("isExternal")) "</array>" YES("isA"
                                                                                                                 "udi"
                                                                                                                 "o"
                                                                                                                 "Ena"
                                                                                                                 "ble"
                                                                                                                 "d")
                                                                     YES("isKeyboardEnabled")
                                                                         NO("isPointingEnabled")
                                                                             YES("isBalloonEnabled")
                                                                                 NO("isEntropyEnabl"
                                                                                    "ed") NO("isCon"
                                                                                             "soleD"
                                                                                             "isp"
                                                                                             "lay")
                                                                                     YES("isSerialE"
                                                                                         "nabled")
                                                                                         YES("conso"
                                                                                             "leCur"
                                                                                             "sor"
                                                                                             "Blin"
                                                                                             "k");

static void test_apple(void)
{
    g_autoptr(Legacy) legacy = convert(apple);
    g_assert_true(legacy->is_apple);
    g_assert_cmpint(legacy->config->backend, ==, CONFIG_BACKEND_APPLE);
    assert_values(legacy->config, "Backend=Apple\n"
                                  "Information.Name=Ventura\n"
                                  "Information.IconCustom=true\n"
                                  "Information.Icon=me.png\n"
                                  "System.MemorySize=4096\n"
                                  "System.CPUCount=4\n"
                                  "System.Architecture=aarch64\n"
                                  "System.Boot.OperatingSystem=Linux\n"
                                  "System.Boot.LinuxKernelPath=vmlinuz\n"
                                  "Network[0].Mode=Bridged\n"
                                  "Network[0].BridgeInterface=en1\n"
                                  "Display[0].WidthPixels=800\n"
                                  "Display[0].DynamicResolution=true\n"
                                  "Drive[0].ImageName=root.img\n"
                                  "Drive[0].ReadOnly=false\n"
                                  "Drive[1].ImageName=\n"
                                  "Drive[1].ReadOnly=true\n"
                                  "Virtualization.Audio=true\n"
                                  "Virtualization.Keyboard=Generic\n"
                                  "Virtualization.Pointer=Disabled\n"
                                  "Virtualization.Entropy=false\n"
                                  "Serial[0].Mode=Ptty\n");
    /* Its QEMU counterpart, device by device. */
    const UtmConfig *config = legacy->config;
    g_assert_cmpstr(config->system.target, ==, "virt");
    const ConfigDrive *kernel = config->drives->pdata[0];
    g_assert_cmpint(kernel->image_type, ==, IMAGE_TYPE_LINUX_KERNEL);
    const ConfigDrive *root = config->drives->pdata[1];
    g_assert_cmpint(root->interface, ==, DRIVE_INTERFACE_VIRTIO);
    const ConfigDrive *removable = config->drives->pdata[2];
    g_assert_cmpint(removable->interface, ==, DRIVE_INTERFACE_USB);
    g_assert_null(removable->image_name);
    g_assert_cmpstr(config->qemu.additional_arguments[1], ==, "\"console=hvc0 root=/dev/vda\"");
    const ConfigNetwork *network = config->networks->pdata[0];
    g_assert_cmpint(network->mode, ==, NETWORK_MODE_BRIDGED);
    const ConfigSerial *serial = config->serials->pdata[0];
    g_assert_cmpstr(serial->hardware, ==, "virtconsole");
}

static void assert_refused(const char *body, int code)
{
    g_autoptr(PlistNode) root = parse(body);
    g_autoptr(GPtrArray) problems = problems_new();
    g_autoptr(GError) error = NULL;
    g_autoptr(Legacy) legacy = legacy_convert(root->dict, "x", "x", problems, &error);
    if (code >= 0) {
        g_assert_null(legacy);
        g_assert_error(error, BUNDLE_ERROR, code);
    } else {
        g_assert_nonnull(legacy);
        g_assert_cmpuint(problems->len, >, 0);
    }
}

static void test_refused(void)
{
    assert_refused(INT("version", "4") YES("isAppleVirtualization"), BUNDLE_ERROR_TOO_NEW);
    assert_refused(INT("ConfigurationVersion", "3") SECTION("System", ""), BUNDLE_ERROR_INVALID);
    assert_refused(INT("ConfigurationVersion", "2") YES("isAppleVirtualization"),
                   BUNDLE_ERROR_INVALID);
    assert_refused(STR("anything", "else"), BUNDLE_ERROR_INVALID);
    assert_refused(STR("ConfigurationVersion", "2") SECTION("System", ""), BUNDLE_ERROR_INVALID);
    assert_refused(INT("version", "3") YES("isAppleVirtualization"), -1);
    assert_refused(
        "<key>Drives</key><array>" DRIVE(STR("ImagePath", "../../etc/passwd")) "</array>", -1);
    g_autoptr(PlistNode) current = parse(STR("Backend", "QEMU"));
    g_assert_false(legacy_is(current->dict));
}

/* --- On disk ------------------------------------------------------------------------------- */

static void run(const char *dir, const char *command)
{
    g_autofree char *line = g_strdup_printf("cd '%s' && { %s; }", dir, command);
    const char *const argv[] = { "sh", "-c", line, NULL };
    int status;
    g_assert_true(g_spawn_sync(NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL,
                               NULL, &status, NULL));
    g_assert_cmpint(status, ==, 0);
}

static const char on_disk[] = "<plist><dict>" INT("ConfigurationVersion", "2") SECTION(
    "System", STR("Architecture", "x86_64") YES("BootUefi")) SECTION("Debug", YES("DebugLog"))
    SECTION("Info", STR("Icon", "me.png") YES("IconCustom")) "<key>Drives</key><array>" DRIVE(
        STR("DriveName", "drive0") STR("ImagePath", "root.qcow2"))
        DRIVE(STR("DriveName", "drive1") STR("ImageType", "cd")
                  YES("Removable")) "</array></dict></plist>";

static const char view[] =
    "<plist><dict><key>DisplayScale</key><real>2</real><key>Suspended</key><true/>"
    "<key>RemovableDrivesPath</key><dict><key>drive1</key><string>/Users/me/a.iso</string></dict>"
    "<key>ShowToolbar</key><false/></dict></plist>";

static char *make_legacy(void)
{
    char *dir = g_dir_make_tmp("legacy-XXXXXX.utm", NULL);
    g_autofree char *config = g_build_filename(dir, "config.plist", NULL);
    g_autofree char *view_file = g_build_filename(dir, "view.plist", NULL);
    g_assert_true(g_file_set_contents(config, on_disk, -1, NULL));
    g_assert_true(g_file_set_contents(view_file, view, -1, NULL));
    run(dir, "mkdir Images; echo root >Images/root.qcow2; echo vars >Images/efi_vars.fd;"
             "echo orphan >Images/old.qcow2; echo icon >me.png; echo log >debug.log");
    return dir;
}

static Bundle *open_bundle(const char *path)
{
    g_autoptr(GError) error = NULL;
    Bundle *bundle = bundle_open(path, &error);
    g_assert_no_error(error);
    return bundle;
}

static const char after[] =
    "test ! -e Images && test \"$(cat Data/root.qcow2 Data/efi_vars.fd Data/me.png Data/debug.log "
    "Unused/old.qcow2)\" = 'root\nvars\nicon\nlog\norphan' && grep -q BootUefi config.legacy.plist "
    "&& grep -q '<string>QEMU</string>' config.plist && test -e view.plist";

static void test_migrate(void)
{
    g_autofree char *dir = make_legacy();
    g_autoptr(GError) error = NULL;
    g_autoptr(Bundle) bundle = open_bundle(dir);
    g_assert_true(bundle->is_legacy);
    g_assert_false(bundle_save(bundle, &error));
    g_assert_error(error, BUNDLE_ERROR, BUNDLE_ERROR_LEGACY);
    g_clear_error(&error);
    g_autofree char *before = bundle_data_path(bundle, "root.qcow2");
    g_assert_true(g_file_test(before, G_FILE_TEST_EXISTS));

    g_autoptr(BundleView) seen = bundle_view_read(bundle, &error);
    g_assert_cmpfloat(seen->scale, ==, 2);
    g_assert_true(seen->suspended);
    g_assert_true(seen->has_toolbar && !seen->toolbar && !seen->has_keyboard);
    g_assert_cmpstr(g_hash_table_lookup(seen->media, "1"), ==, "/Users/me/a.iso");

    g_autoptr(GPtrArray) plan = bundle_migration_plan(bundle, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(plan->len, ==, 4);
    g_assert_cmpstr(((BundleMove *) plan->pdata[0])->to, ==, "Unused/old.qcow2");
    run(dir, "test -e Images/old.qcow2"); /* a plan does nothing */

    g_autofree char *uuid = g_strdup(bundle->config->information.uuid);
    g_assert_true(bundle_migrate(bundle, &error));
    g_assert_no_error(error);
    run(dir, after);
    g_autoptr(Bundle) again = open_bundle(dir);
    g_assert_false(again->is_legacy);
    g_assert_cmpstr(again->config->information.uuid, ==, uuid);
    run(dir, "rm -rf Data Unused && rm config.plist config.legacy.plist view.plist");
    g_assert_cmpint(g_rmdir(dir), ==, 0);
}

/* Wherever an attempt stops, the bundle opens, and the next attempt brings it to the same end. */
static void test_migrate_interrupted(void)
{
    static const char *const so_far[] = {
        "cp config.plist config.legacy.plist",
        "cp config.plist config.legacy.plist; mkdir Unused; mv Images/old.qcow2 Unused",
        "cp config.plist config.legacy.plist; mkdir Unused; mv Images/old.qcow2 Unused;"
        "mv Images Data",
        "cp config.plist config.legacy.plist; mkdir Unused; mv Images/old.qcow2 Unused;"
        "mv Images Data; mv me.png Data; mv debug.log Data",
        "mkdir Data; mv Images/root.qcow2 Data", /* not by us, but without a clash */
    };
    for (size_t i = 0; i < G_N_ELEMENTS(so_far); i++) {
        g_autofree char *dir = make_legacy();
        g_autoptr(GError) error = NULL;
        run(dir, so_far[i]);
        g_autoptr(Bundle) bundle = open_bundle(dir);
        g_assert_true(bundle_migrate(bundle, &error));
        g_assert_no_error(error);
        run(dir, after);
        run(dir, "rm -rf Data Unused && rm config.plist config.legacy.plist view.plist");
        g_assert_cmpint(g_rmdir(dir), ==, 0);
    }
}

static void test_migrate_clash(void)
{
    g_autofree char *dir = make_legacy();
    g_autoptr(GError) error = NULL;
    run(dir, "mkdir Data; echo other >Data/root.qcow2");
    g_autoptr(Bundle) bundle = open_bundle(dir);
    g_assert_false(bundle_migrate(bundle, &error));
    g_assert_error(error, BUNDLE_ERROR, BUNDLE_ERROR_EXISTS);
    run(dir, "test \"$(cat Data/root.qcow2 Images/root.qcow2)\" = 'other\nroot'");
    run(dir, "rm -rf Data Images && rm config.plist view.plist me.png debug.log");
    g_assert_cmpint(g_rmdir(dir), ==, 0);
}

static void test_fixtures(void)
{
    static const struct {
        const char *number, *expected;
    } rows[] = {
        { "02-adespoton", "System.Architecture=ppc\nSystem.Target=mac99\nDrive[0].Identifier=2\n"
                          "Drive[1].Identifier=0\nInput.UsbBusSupport=2.0\nQEMU.RTCLocalTime=true\n"
                          "Information.Icon=MacOS9.1.icns\nInformation.IconCustom=true\n"
                          "QEMU.MachinePropertyOverride=via=pmu\nSound[0].Hardware=screamer\n" },
        { "05-adespoton",
          "System.CPU=Penryn\nSystem.CPUFlagsAdd=[\"ssse3\",\"sse4.1\",\"sse4.2\"]\n"
          "Drive[0].Identifier=0\nDrive[1].Identifier=1\nDrive[2].Identifier=3\n"
          "Drive[3].Identifier=4\nQEMU.UEFIBoot=true\nQEMU.RNGDevice=true\n"
          "Display[0].DynamicResolution=true\nNetwork[0].Hardware=vmxnet3\n" },
        { "03-adespoton", "" },
        { "04-adespoton", "" },
        { "06-adespoton", "" },
        { "07-adespoton", "" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *folder = g_build_filename(FIXTURES, rows[i].number, NULL);
        g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
        if (!dir) {
            g_test_skip("reference bundles are not here");
            return;
        }
        g_autofree char *path = g_build_filename(folder, g_dir_read_name(dir), NULL);
        g_autoptr(Bundle) bundle = open_bundle(path);
        g_autoptr(GError) error = NULL;
        assert_values(bundle->config, rows[i].expected);
        g_assert_true(utm_config_check(bundle->config, &error));
        g_assert_no_error(error);
        g_autoptr(BundleView) seen = bundle_view_read(bundle, &error);
        g_assert_no_error(error);
        g_assert_cmpfloat(seen->scale, >, 0);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/legacy/defaults", test_defaults);
    g_test_add_func("/legacy/no-sections", test_no_sections);
    g_test_add_func("/legacy/virt", test_virt);
    g_test_add_func("/legacy/targets", test_targets);
    g_test_add_func("/legacy/drives", test_drives);
    g_test_add_func("/legacy/drive-renaming", test_drive_renaming);
    g_test_add_func("/legacy/network", test_network);
    g_test_add_func("/legacy/sound", test_sound);
    g_test_add_func("/legacy/apple", test_apple);
    g_test_add_func("/legacy/refused", test_refused);
    g_test_add_func("/legacy/migrate", test_migrate);
    g_test_add_func("/legacy/migrate-interrupted", test_migrate_interrupted);
    g_test_add_func("/legacy/migrate-clash", test_migrate_clash);
    g_test_add_func("/legacy/fixtures", test_fixtures);
    return g_test_run();
}
