/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of core/create-*.c and core/template.c, without any QEMU. */
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>

#include "bundles/image.h"
#include "core/create-words.h"
#include "core/create.h"
#include "core/error.h"
#include "core/host-facts.h"
#include "core/template.h"
#include "core/tree.h"

static char *folder; /* of everything that a test makes */

static char *in_folder(const char *name)
{
    return g_build_filename(folder, name, NULL);
}

static void write_file(const char *name, const char *text, int mode)
{
    g_autofree char *path = in_folder(name);
    g_autofree char *parent = g_path_get_dirname(path);
    g_assert_cmpint(g_mkdir_with_parents(parent, 0755), ==, 0);
    g_assert_true(g_file_set_contents(path, text, -1, NULL));
    g_assert_cmpint(g_chmod(path, mode), ==, 0);
}

/* ---- words ---- */

static void test_network(void)
{
    g_autoptr(GError) error = NULL;
    ConfigNetwork *network = create_parse_network(
        "Bridged,model=pcnet,mac=52:54:00:00:00:01,bridge=br1,isolate", "e1000", &error);
    g_assert_no_error(error);
    g_assert_cmpint(network->mode, ==, NETWORK_MODE_BRIDGED);
    g_assert_cmpstr(network->hardware, ==, "pcnet");
    g_assert_cmpstr(network->mac_address, ==, "52:54:00:00:00:01");
    g_assert_cmpstr(network->bridge_interface, ==, "br1");
    g_assert_true(network->isolate_from_host);
    config_network_free(network);
}

static void test_network_refused(void)
{
    static const char *const texts[] = { "",
                                         "natted",
                                         "shared,model=",
                                         "shared,speed=1",
                                         "shared,mac=01:00:00:00:00:00",
                                         "shared,mac=x" };
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_null(create_parse_network(texts[i], "e1000", &error));
        g_assert_error(error, UTM_ERROR, UTM_ERROR_USAGE);
    }
}

static void assert_forward(const char *text, Protocol protocol, const char *address, int host,
                           int guest)
{
    g_autoptr(GError) error = NULL;
    ConfigPortForward *forward = create_parse_forward(text, &error);
    g_assert_no_error(error);
    g_assert_cmpint(forward->protocol, ==, protocol);
    g_assert_cmpstr(forward->host_address, ==, address);
    g_assert_cmpint(forward->host_port, ==, host);
    g_assert_cmpint(forward->guest_port, ==, guest);
    config_port_forward_free(forward);
}

static void test_forward(void)
{
    static const char *const texts[] = { "",         "22",   "tcp:22", "0:22",
                                         "22:65536", "a:b",  "x:1:2",  "tcp:1.2.3.4:1:2:3",
                                         "icmp:1:2", "-1:2", "1:2 " };
    assert_forward("2222:22", PROTOCOL_TCP, NULL, 2222, 22);
    assert_forward("udp:53:53", PROTOCOL_UDP, NULL, 53, 53);
    assert_forward("tcp:0.0.0.0:80:8080", PROTOCOL_TCP, "0.0.0.0", 80, 8080);
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_null(create_parse_forward(texts[i], &error));
        g_assert_error(error, UTM_ERROR, UTM_ERROR_USAGE);
    }
}

static void test_serial(void)
{
    static const char *const texts[] = { "", "tcp", "tcp:", "tcp:0", "tcp:x", "null" };
    ConfigSerial *serial = create_parse_serial("tcp:4000", NULL);
    g_assert_cmpint(serial->mode, ==, SERIAL_MODE_TCP_SERVER);
    g_assert_cmpint(serial->tcp_port, ==, 4000);
    config_serial_free(serial);
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_null(create_parse_serial(texts[i], &error));
        g_assert_error(error, UTM_ERROR, UTM_ERROR_USAGE);
    }
}

/* ---- machines ---- */

static unsigned count_entries(const char *name)
{
    g_autofree char *path = in_folder(name);
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    unsigned count = 0;
    while (dir && g_dir_read_name(dir))
        count++;
    return count;
}

static bool make(const CreateOptions *options, const CreateWatch *watch, char **out_uuid,
                 GError **error)
{
    g_autoptr(CreatePlan) plan = create_plan_new(options, error);
    if (!plan)
        return false;
    if (out_uuid)
        *out_uuid = g_strdup(create_plan_config(plan)->information.uuid);
    return create_run(plan, watch, error);
}

static Bundle *open_machine(const char *name)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *library = in_folder("library");
    g_autofree char *entry = g_strconcat(name, ".utm", NULL);
    g_autofree char *path = g_build_filename(library, entry, NULL);
    Bundle *bundle = bundle_open(path, &error);
    g_assert_no_error(error);
    return bundle;
}

static void assert_refused(const CreateOptions *options, UtmError code)
{
    unsigned before = count_entries("library");
    g_autoptr(GError) error = NULL;
    g_assert_false(make(options, NULL, NULL, &error));
    g_test_message("%s", error->message);
    g_assert_cmpint(utm_error_code(error), ==, code);
    g_assert_cmpuint(count_entries("library"), ==, before);
}

static void test_fresh(void)
{
    g_autoptr(GError) error = NULL;
    const CreateOptions options = { .name = "fresh", .architecture = "aarch64" };
    g_assert_true(make(&options, NULL, NULL, &error));
    g_assert_no_error(error);
    g_autoptr(Bundle) bundle = open_machine("fresh");
    g_assert_cmpuint(bundle->config->drives->len, ==, 2);
    const ConfigDrive *cd = g_ptr_array_index(bundle->config->drives, 0);
    const ConfigDrive *disk = g_ptr_array_index(bundle->config->drives, 1);
    g_assert_null(cd->image_name);
    g_assert_cmpint(cd->interface, ==, DRIVE_INTERFACE_USB);
    g_autofree char *path = bundle_data_path(bundle, disk->image_name);
    g_autoptr(ImageInfo) info = NULL;
    g_assert_true(image_probe(path, &info, NULL));
    g_assert_cmpint(info->format, ==, IMAGE_QCOW2);
    g_assert_cmpuint(info->virtual_size, ==, G_GUINT64_CONSTANT(64) << 30);
    assert_refused(&options, UTM_ERROR_WRONG_STATE);
}

static void test_hardware(void)
{
    g_autoptr(GError) error = NULL;
    static const char *const networks[] = { "shared", "host,model=e1000", NULL };
    static const char *const forwards[] = { "2222:22", NULL };
    static const char *const serials[] = { "terminal", "pty", NULL };
    static const char *const none[] = { "none", NULL };
    const CreateOptions options = { .name = "hardware",
                                    .networks = networks,
                                    .forwards = forwards,
                                    .serials = serials,
                                    .displays = none,
                                    .sounds = none,
                                    .uefi = CREATE_OFF,
                                    .tpm = CREATE_ON,
                                    .memory_mib = 100,
                                    .cpus = 3,
                                    .no_disks = true,
                                    .notes = "n" };
    g_assert_true(make(&options, NULL, NULL, &error));
    g_assert_no_error(error);
    g_autoptr(Bundle) bundle = open_machine("hardware");
    const UtmConfig *config = bundle->config;
    const ConfigNetwork *network = g_ptr_array_index(config->networks, 0);
    g_assert_cmpuint(config->networks->len, ==, 2);
    g_assert_cmpuint(network->port_forwards->len, ==, 1);
    g_assert_cmpuint(config->serials->len, ==, 2);
    g_assert_cmpuint(config->displays->len, ==, 0);
    g_assert_cmpuint(config->sounds->len, ==, 0);
    g_assert_cmpuint(config->drives->len, ==, 0);
    g_assert_false(config->qemu.uefi_boot);
    g_assert_true(config->qemu.tpm_device);
    g_assert_cmpint(config->system.memory_mib, ==, 100);
    g_assert_cmpint(config->system.cpu_count, ==, 3);
}

static void test_files(void)
{
    g_autoptr(GError) error = NULL;
    write_file("files/image", "kernel", 0600);
    write_file("files/other/image", "disk", 0600);
    write_file("files/cd.iso", "iso", 0600);
    g_autofree char *kernel = in_folder("files/image");
    g_autofree char *copy = in_folder("files/other/image");
    g_autofree char *iso = in_folder("files/cd.iso");
    g_autofree char *share = g_strconcat(folder, "/files:ro", NULL);
    g_autofree char *uuid = NULL;
    const char *cdroms[] = { iso, "empty", NULL };
    const CreateDisk disks[] = { { .path = copy }, { .size_bytes = 1 << 20 } };
    const CreateOptions options = { .name = "files",
                                    .kernel = kernel,
                                    .append = "a b",
                                    .cdroms = cdroms,
                                    .disks = disks,
                                    .n_disks = 2,
                                    .share = share };
    g_assert_true(make(&options, NULL, &uuid, &error));
    g_assert_no_error(error);
    g_autoptr(Bundle) bundle = open_machine("files");
    const GPtrArray *drives = bundle->config->drives;
    g_assert_cmpuint(drives->len, ==, 5);
    const ConfigDrive *medium = g_ptr_array_index(drives, 0);
    const ConfigDrive *disk = g_ptr_array_index(drives, 3);
    g_assert_cmpstr(disk->image_name, ==, "image-2");
    g_assert_cmpstr(bundle->config->qemu.additional_arguments[1], ==, "\"a b\"");
    g_assert_false(bundle->config->qemu.uefi_boot);
    g_autoptr(HostFacts) facts = host_facts_load(uuid, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(g_hash_table_lookup(facts->media, medium->identifier), ==, iso);
    g_assert_true(host_facts_share(facts, "share")->read_only);
}

static void test_refused(void)
{
    static const char *const missing_cd[] = { "/nowhere.iso", NULL };
    static const char *const forwards[] = { "1:2", NULL };
    static const char *const none[] = { "none", NULL };
    const CreateDisk missing_disk = { .path = "/nowhere.img" };
    const CreateOptions slash = { .name = "a/b" };
    const CreateOptions control = { .name = "a\033[2Jb" };
    const CreateOptions empty = { .name = "" };
    const CreateOptions arch = { .name = "x", .architecture = "cris" };
    const CreateOptions cd = { .name = "x", .cdroms = missing_cd };
    const CreateOptions disk = { .name = "x", .disks = &missing_disk, .n_disks = 1 };
    const CreateOptions append = { .name = "x", .append = "a" };
    const CreateOptions forward = { .name = "x", .networks = none, .forwards = forwards };
    const CreateOptions share = { .name = "x", .share = "/nowhere" };
    const CreateOptions output = { .name = "x", .output = "/nowhere/x.utm" };
    const CreateOptions suffix = { .name = "x", .output = "/tmp/x" };
    const CreateOptions template = { .name = "x", .template = "nothing" };
    assert_refused(&slash, UTM_ERROR_USAGE);
    assert_refused(&control, UTM_ERROR_USAGE);
    assert_refused(&empty, UTM_ERROR_USAGE);
    assert_refused(&arch, UTM_ERROR_USAGE);
    assert_refused(&cd, UTM_ERROR_NOT_FOUND);
    assert_refused(&disk, UTM_ERROR_NOT_FOUND);
    assert_refused(&append, UTM_ERROR_USAGE);
    assert_refused(&forward, UTM_ERROR_USAGE);
    assert_refused(&share, UTM_ERROR_NOT_FOUND);
    assert_refused(&output, UTM_ERROR_NOT_FOUND);
    assert_refused(&suffix, UTM_ERROR_USAGE);
    assert_refused(&template, UTM_ERROR_NOT_FOUND);
}

static void put32(GByteArray *bytes, unsigned offset, uint32_t value)
{
    uint32_t big_endian = GUINT32_TO_BE(value);
    memcpy(bytes->data + offset, &big_endian, sizeof big_endian);
}

/* An image that needs another file would not be whole in its copy.
 * Source: QEMU docs/interop/qcow2.txt, "Header" */
static void test_backing_file(void)
{
    g_autoptr(GByteArray) image = g_byte_array_new();
    g_byte_array_set_size(image, 0x40000);
    memset(image->data, 0, image->len);
    memcpy(image->data, "QFI\xfb", 4);
    put32(image, 4, 3);        /* version */
    put32(image, 12, 0x78);    /* backing file: offset */
    put32(image, 16, 4);       /* backing file: length */
    put32(image, 20, 16);      /* cluster bits */
    put32(image, 28, 0x40000); /* size */
    put32(image, 52, 0x10000); /* refcount table */
    put32(image, 56, 1);
    put32(image, 96, 4);    /* refcount order */
    put32(image, 100, 104); /* header length */
    memcpy(image->data + 0x78, "base", 4);
    g_autofree char *path = in_folder("overlay.qcow2");
    g_assert_true(g_file_set_contents(path, (const char *) image->data, (gssize) image->len, NULL));
    const CreateDisk overlay = { .path = path };
    const CreateOptions options = { .name = "overlay", .disks = &overlay, .n_disks = 1 };
    assert_refused(&options, UTM_ERROR_UNSUPPORTED);
}

/* ---- templates ---- */

static void make_template(const char *name, const char *program)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *entry = g_strdup_printf("templates/%s.utm", name);
    g_autofree char *path = in_folder(entry);
    g_assert_cmpint(g_mkdir_with_parents(path, 0755), ==, 0);
    UtmConfig *config = utm_config_new();
    config->information.name = g_strdup(name);
    config->information.uuid = g_strdup("11111111-2222-4333-8444-555555555501");
    ConfigDrive *drive = config_drive_new(IMAGE_TYPE_DISK, DRIVE_INTERFACE_VIRTIO);
    drive->image_name = g_strdup("disk.qcow2");
    g_ptr_array_add(config->drives, drive);
    g_ptr_array_add(config->networks, config_network_new(NETWORK_MODE_EMULATED, "e1000"));
    g_autoptr(Bundle) bundle = bundle_new_take(path, config);
    g_assert_true(bundle_save(bundle, &error));
    g_assert_no_error(error);
    if (program) {
        g_autofree char *file = g_strdup_printf("templates/%s/assemble", name);
        write_file(file, program, 0755);
    }
}

static void test_template(void)
{
    g_autoptr(GError) error = NULL;
    make_template("sized", NULL);
    const CreateDisk disks[] = { { .size_bytes = 1 << 20 }, { .size_bytes = 2 << 20 } };
    const CreateOptions options = {
        .name = "of-template", .template = "sized", .disks = disks, .n_disks = 2
    };
    g_assert_true(make(&options, NULL, NULL, &error));
    g_assert_no_error(error);
    g_autoptr(Bundle) bundle = open_machine("of-template");
    g_assert_cmpuint(bundle->config->drives->len, ==, 2);
    g_assert_cmpstr(bundle->config->information.uuid, !=, "11111111-2222-4333-8444-555555555501");
    g_autofree char *path = bundle_data_path(bundle, "disk.qcow2");
    g_autoptr(ImageInfo) info = NULL;
    g_assert_true(image_probe(path, &info, NULL));
    g_assert_cmpuint(info->virtual_size, ==, 1 << 20);
    const CreateOptions both = { .name = "x", .template = "sized", .machine = "pc" };
    assert_refused(&both, UTM_ERROR_USAGE);
    g_auto(GStrv) names = template_names();
    g_assert_true(g_strv_contains((const char *const *) names, "sized"));
}

static void count_note(const char *text, void *user)
{
    unsigned *notes = user;
    g_assert_cmpstr(text, ==, "making x86_64");
    (*notes)++;
}

static void test_assembler(void)
{
    g_autoptr(GError) error = NULL;
    unsigned notes = 0;
    const CreateWatch watch = { .note = count_note, .user = &notes };
    const CreateOptions options = { .name = "assembled", .template = "assembled" };
    make_template("assembled",
                  "#!/bin/sh\necho \"making $1\" >&2\necho \"$3\" > \"$2/disk.qcow2\"\n");
    g_assert_true(make(&options, &watch, NULL, &error));
    g_assert_no_error(error);
    g_assert_cmpuint(notes, ==, 1);
    g_autoptr(Bundle) bundle = open_machine("assembled");
    g_autofree char *path = bundle_data_path(bundle, "disk.qcow2");
    g_assert_true(g_file_test(path, G_FILE_TEST_EXISTS));
}

static void test_assembler_fails(void)
{
    const CreateOptions options = { .name = "failing", .template = "failing" };
    make_template("failing", "#!/bin/sh\necho 'no mkfs' >&2\necho 'hint: get it' >&2\nexit 1\n");
    assert_refused(&options, UTM_ERROR_FAILED);
    g_autoptr(GError) error = NULL;
    g_assert_false(make(&options, NULL, NULL, &error));
    g_assert_nonnull(strstr(error->message, "no mkfs"));
    g_assert_cmpstr(utm_error_hint(error), ==, "get it");
    const CreateOptions lying = { .name = "lying", .template = "lying" };
    make_template("lying", "#!/bin/sh\nexit 0\n");
    assert_refused(&lying, UTM_ERROR_FAILED);
}

static bool cancel(uint64_t done G_GNUC_UNUSED, uint64_t all G_GNUC_UNUSED,
                   void *user G_GNUC_UNUSED)
{
    return false;
}

static void test_interrupted(void)
{
    g_autoptr(GError) error = NULL;
    unsigned before = count_entries("library");
    const CreateWatch watch = { .progress = cancel };
    const CreateOptions options = { .name = "interrupted", .template = "endless" };
    make_template("endless", "#!/bin/sh\nexec cat /dev/zero\n");
    g_assert_false(make(&options, &watch, NULL, &error));
    g_assert_error(error, UTM_ERROR, UTM_ERROR_INTERRUPTED);
    g_assert_cmpuint(count_entries("library"), ==, before);
}

/* A limit on the size of files fails like a full disk. */
static void test_full_disk(void)
{
    struct rlimit limit, old;
    g_autofree char *big = g_strnfill(1 << 20, 'x');
    write_file("big.img", big, 0644);
    g_autofree char *path = in_folder("big.img");
    const CreateDisk disk = { .path = path };
    const CreateOptions options = { .name = "full", .disks = &disk, .n_disks = 1 };
    signal(SIGXFSZ, SIG_IGN);
    g_assert_cmpint(getrlimit(RLIMIT_FSIZE, &old), ==, 0);
    limit = old;
    limit.rlim_cur = 1 << 18;
    g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &limit), ==, 0);
    assert_refused(&options, UTM_ERROR_FAILED);
    g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &old), ==, 0);
}

static void set_up(void)
{
    static const struct {
        const char *variable;
        const char *name;
    } rows[] = {
        { "XDG_STATE_HOME", "state" },       { "XDG_CACHE_HOME", "cache" },
        { "XDG_DATA_HOME", "data" },         { "UTMCTL_LIBRARY", "library" },
        { "UTMCTL_TEMPLATES", "templates" }, { "PATH", "bin" },
        { "UTMCTL_QEMU_DIR", "bin" },
    };
    folder = g_dir_make_tmp("utmctl-create-XXXXXX", NULL);
    g_assert_nonnull(folder);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = in_folder(rows[i].name);
        g_setenv(rows[i].variable, path, TRUE);
    }
}

int main(int argc, char **argv)
{
    set_up();
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/create/words/network", test_network);
    g_test_add_func("/create/words/network-refused", test_network_refused);
    g_test_add_func("/create/words/forward", test_forward);
    g_test_add_func("/create/words/serial", test_serial);
    g_test_add_func("/create/fresh", test_fresh);
    g_test_add_func("/create/hardware", test_hardware);
    g_test_add_func("/create/files", test_files);
    g_test_add_func("/create/refused", test_refused);
    g_test_add_func("/create/backing-file", test_backing_file);
    g_test_add_func("/create/template", test_template);
    g_test_add_func("/create/assembler", test_assembler);
    g_test_add_func("/create/assembler-fails", test_assembler_fails);
    g_test_add_func("/create/interrupted", test_interrupted);
    g_test_add_func("/create/full-disk", test_full_disk);
    int status = g_test_run();
    g_assert_true(tree_remove(folder, NULL));
    g_free(folder);
    return status;
}
