/* SPDX-License-Identifier: Apache-2.0 */
/* utmctl create */
#include <stdio.h>
#include <string.h>

#include "bundles/plist.h"
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/interrupt.h"
#include "cmd/machine-json.h"
#include "cmd/output.h"
#include "cmd/progress.h"
#include "cmd/values.h"
#include "core/create.h"
#include "core/error.h"

#define MIB (1024 * 1024)

static struct {
    char *name;
    char *output;
    char *template;
    char *arch;
    char *machine;
    char *cpu;
    gint64 memory;
    gint64 cpus;
    char **disks;
    char *image;
    gint64 image_size;
    char **cdroms;
    char *kernel;
    char *initrd;
    char *append;
    char **networks;
    char **forwards;
    char **serials;
    char **displays;
    char **sounds;
    char *share;
    char *notes;
    char *icon;
    char *cloud_init;
    char *ignition;
    char *user;
    char *hostname;
    char **ssh_keys;
    gboolean uefi, no_uefi;
    gboolean tpm, no_tpm;
    gboolean rng, no_rng;
    gboolean balloon, no_balloon;
    gboolean hypervisor, no_hypervisor;
} opt;

static const CmdArg args[] = {
    { .name = "NAME",
      .kind = ARG_WORD,
      .value = &opt.name,
      .optional = true,
      .help = "Name of the new machine; with --template, the template's own when none is given" },
    { 0 },
};

static const CmdOption options[] = {
    { .name = "template",
      .kind = OPT_STRING,
      .value = &opt.template,
      .arg = "NAME|PATH",
      .help = "Machine to start from; without it one with presets for its machine type" },
    { .name = "output",
      .letter = 'o',
      .kind = OPT_PATH,
      .value = &opt.output,
      .arg = "PATH",
      .help = "Folder of the machine, ending in .utm; without it one in the library" },
    { .name = "arch",
      .kind = OPT_STRING,
      .value = &opt.arch,
      .arg = "ARCH",
      .help = "Architecture, by default x86_64" },
    { .name = "machine",
      .kind = OPT_STRING,
      .value = &opt.machine,
      .arg = "TYPE",
      .help = "Machine type; without it the usual one of the architecture" },
    { .name = "cpu", .kind = OPT_STRING, .value = &opt.cpu, .arg = "MODEL", .help = "CPU model" },
    { .name = "cpus",
      .kind = OPT_INT,
      .value = &opt.cpus,
      .arg = "N",
      .help = "Number of CPUs; without it as many as suit guest and host" },
    { .name = "memory",
      .kind = OPT_SIZE,
      .value = &opt.memory,
      .arg = "SIZE",
      .help = "Memory, such as 2G; a plain number is MiB" },
    { .name = "disk",
      .kind = OPT_STRINGS,
      .value = &opt.disks,
      .arg = "SIZE|PATH",
      .help =
          "A new disk of this size, or a copy of an image; \"none\" for none; may be repeated" },
    { .name = "image",
      .kind = OPT_PATH,
      .value = &opt.image,
      .arg = "PATH",
      .help = "A copy of this image as the first disk" },
    { .name = "image-size",
      .kind = OPT_SIZE,
      .value = &opt.image_size,
      .arg = "SIZE",
      .help = "Size that the copy of --image grows to" },
    { .name = "cdrom",
      .kind = OPT_STRINGS,
      .value = &opt.cdroms,
      .arg = "IMAGE",
      .help = "A CD drive with this image in it, or \"empty\"; may be repeated" },
    { .name = "kernel",
      .kind = OPT_PATH,
      .value = &opt.kernel,
      .arg = "PATH",
      .help = "Linux kernel to boot; it is copied" },
    { .name = "initrd",
      .kind = OPT_PATH,
      .value = &opt.initrd,
      .arg = "PATH",
      .help = "Initial RAM disk for the kernel; it is copied" },
    { .name = "append",
      .kind = OPT_STRING,
      .value = &opt.append,
      .arg = "TEXT",
      .help = "Command line for the kernel" },
    { .name = "network",
      .kind = OPT_STRINGS,
      .value = &opt.networks,
      .arg = "MODE[,model=DEVICE][,mac=MAC][,bridge=NAME][,isolate]",
      .help = "A network adapter: emulated, shared, host or bridged; \"none\" for none; may be "
              "repeated" },
    { .name = "forward",
      .kind = OPT_STRINGS,
      .value = &opt.forwards,
      .arg = "[tcp:|udp:][HOSTADDR:]HOSTPORT:GUESTPORT",
      .help = "Forward a port of this host to the guest; may be repeated" },
    { .name = "serial",
      .kind = OPT_STRINGS,
      .value = &opt.serials,
      .arg = "terminal|pty|tcp:PORT",
      .help = "A serial port; terminal is the one that attach shows; may be repeated" },
    { .name = "display",
      .kind = OPT_STRINGS,
      .value = &opt.displays,
      .arg = "DEVICE",
      .help = "A display device; \"none\" for none; may be repeated" },
    { .name = "sound",
      .kind = OPT_STRINGS,
      .value = &opt.sounds,
      .arg = "DEVICE",
      .help = "A sound card; \"none\" for none; may be repeated" },
    { .name = "share",
      .kind = OPT_PATH,
      .value = &opt.share,
      .arg = "DIR[:ro]",
      .help = "Folder of this host that the guest can mount (9p, tag \"share\")" },
    { .name = "cloud-init",
      .kind = OPT_STRING,
      .value = &opt.cloud_init,
      .arg = "USER-DATA[,META-DATA[,NETWORK-CONFIG]]",
      .help = "Files that cloud-init reads at the first boot" },
    { .name = "user",
      .kind = OPT_STRING,
      .value = &opt.user,
      .arg = "NAME",
      .help = "User that cloud-init makes, who may become root by sudo" },
    { .name = "ssh-key",
      .kind = OPT_STRINGS,
      .value = &opt.ssh_keys,
      .arg = "FILE",
      .help = "Public key with which the user logs in; may be repeated" },
    { .name = "hostname",
      .kind = OPT_STRING,
      .value = &opt.hostname,
      .arg = "NAME",
      .help = "Host name that cloud-init sets; without it one like the machine's name" },
    { .name = "ignition",
      .kind = OPT_PATH,
      .value = &opt.ignition,
      .arg = "FILE",
      .help = "Ignition configuration, as Fedora CoreOS and Flatcar read it" },
    { .name = "uefi", .kind = OPT_FLAG, .value = &opt.uefi, .help = "Boot with UEFI firmware" },
    { .name = "no-uefi",
      .kind = OPT_FLAG,
      .value = &opt.no_uefi,
      .help = "Boot with the machine's own firmware" },
    { .name = "tpm",
      .kind = OPT_FLAG,
      .value = &opt.tpm,
      .help = "Have a TPM 2.0, and with UEFI secure boot" },
    { .name = "no-tpm", .kind = OPT_FLAG, .value = &opt.no_tpm, .help = "Have no TPM" },
    { .name = "rng",
      .kind = OPT_FLAG,
      .value = &opt.rng,
      .help = "Have a device with random numbers" },
    { .name = "no-rng", .kind = OPT_FLAG, .value = &opt.no_rng, .help = "Have none" },
    { .name = "balloon",
      .kind = OPT_FLAG,
      .value = &opt.balloon,
      .help = "Have a device that gives memory back" },
    { .name = "no-balloon", .kind = OPT_FLAG, .value = &opt.no_balloon, .help = "Have none" },
    { .name = "hypervisor",
      .kind = OPT_FLAG,
      .value = &opt.hypervisor,
      .help = "Use the hypervisor where the host has one" },
    { .name = "no-hypervisor",
      .kind = OPT_FLAG,
      .value = &opt.no_hypervisor,
      .help = "Emulate the CPU always" },
    { .name = "notes",
      .kind = OPT_STRING,
      .value = &opt.notes,
      .arg = "TEXT",
      .help = "Notes about the machine" },
    { .name = "icon",
      .kind = OPT_STRING,
      .value = &opt.icon,
      .arg = "NAME|PATH",
      .help = "Icon: a name that UTM knows, such as linux, or a picture" },
    { 0 },
};

static bool read_switch(const char *name, gboolean on, gboolean off, CreateSwitch *out,
                        GError **error)
{
    if (on && off) {
        utm_error_set(error, UTM_ERROR_USAGE, NULL, "--%s and --no-%s exclude each other", name,
                      name);
        return false;
    }
    *out = on ? CREATE_ON : off ? CREATE_OFF : CREATE_DEFAULT;
    return true;
}

static bool read_switches(CreateOptions *create, GError **error)
{
    return read_switch("uefi", opt.uefi, opt.no_uefi, &create->uefi, error) &&
           read_switch("tpm", opt.tpm, opt.no_tpm, &create->tpm, error) &&
           read_switch("rng", opt.rng, opt.no_rng, &create->rng, error) &&
           read_switch("balloon", opt.balloon, opt.no_balloon, &create->balloon, error) &&
           read_switch("hypervisor", opt.hypervisor, opt.no_hypervisor, &create->hypervisor, error);
}

static bool read_image(GArray *disks, GError **error)
{
    const CreateDisk disk = { .path = opt.image, .size_bytes = (uint64_t) opt.image_size };
    if (opt.image_size < 0 || (opt.image_size && !opt.image)) {
        utm_error_set(error, UTM_ERROR_USAGE, NULL,
                      opt.image ? "--image-size is below 0" : "--image-size needs --image");
        return false;
    }
    if (opt.image)
        g_array_append_val(disks, disk);
    return true;
}

/* What is a file is one; anything else has to be a size. */
static bool read_disks(GArray *disks, CreateOptions *create, GError **error)
{
    if (!read_image(disks, error))
        return false;
    for (char **word = opt.disks; word && *word; word++) {
        CreateDisk disk = { 0 };
        gint64 size = 0;
        if (g_str_equal(*word, "none")) {
            create->no_disks = true;
            continue;
        }
        if (strchr(*word, '/') || g_file_test(*word, G_FILE_TEST_EXISTS)) {
            disk.path = *word;
        } else if (!value_parse_size(*word, &size, NULL) || size <= 0) {
            utm_error_set(error, UTM_ERROR_USAGE, NULL,
                          "--disk \"%s\" is neither a size such as 20G nor an image", *word);
            return false;
        }
        disk.size_bytes = (uint64_t) size;
        g_array_append_val(disks, disk);
    }
    create->disks = (const CreateDisk *) (void *) disks->data;
    create->n_disks = disks->len;
    return true;
}

static bool read_numbers(CreateOptions *create, GError **error)
{
    if (opt.memory < 0 || opt.cpus < 0) {
        utm_error_set(error, UTM_ERROR_USAGE, NULL, "%s is below 0",
                      opt.cpus < 0 ? "--cpus" : "--memory");
        return false;
    }
    /* Nobody means bytes by a small number: it is MiB, as for QEMU's -m. */
    create->memory_mib = opt.memory < MIB ? opt.memory : opt.memory / MIB;
    create->cpus = opt.cpus;
    return true;
}

static const char *const *words(char **strings)
{
    return (const char *const *) strings;
}

static CreatePlan *make_plan(GError **error)
{
    g_autoptr(GArray) disks = g_array_new(FALSE, TRUE, sizeof(CreateDisk));
    CreateOptions create = { .name = opt.name,
                             .output = opt.output,
                             .template = opt.template,
                             .architecture = opt.arch,
                             .machine = opt.machine,
                             .cpu = opt.cpu,
                             .cdroms = words(opt.cdroms),
                             .kernel = opt.kernel,
                             .initrd = opt.initrd,
                             .append = opt.append,
                             .networks = words(opt.networks),
                             .forwards = words(opt.forwards),
                             .serials = words(opt.serials),
                             .displays = words(opt.displays),
                             .sounds = words(opt.sounds),
                             .share = opt.share,
                             .notes = opt.notes,
                             .icon = opt.icon,
                             .first_boot = { .cloud_init = opt.cloud_init,
                                             .ignition = opt.ignition,
                                             .user = opt.user,
                                             .hostname = opt.hostname,
                                             .ssh_keys = words(opt.ssh_keys) } };
    if (!read_switches(&create, error) || !read_disks(disks, &create, error) ||
        !read_numbers(&create, error))
        return NULL;
    return create_plan_new(&create, error);
}

static void print_json(const CreatePlan *plan)
{
    const UtmConfig *config = create_plan_config(plan);
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "uuid", config->information.uuid);
    cJSON_AddStringToObject(object, "name", config->information.name);
    cJSON_AddStringToObject(object, "path", create_plan_path(plan));
    if (command_global.dry_run)
        machine_json_add_config(object, config);
    output_json(object);
}

static void print_config(const CreatePlan *plan)
{
    g_autoptr(PlistNode) root =
        plist_node_new_dict_take(utm_config_encode(create_plan_config(plan)));
    g_autofree char *xml = plist_node_to_xml(root);
    fputs(xml, stdout);
}

static void print_result(const CreatePlan *plan)
{
    if (command_global.json)
        print_json(plan);
    else if (command_global.dry_run)
        print_config(plan);
    output_note("%s \"%s\" in %s", command_global.dry_run ? "would create" : "created", opt.name,
                create_plan_path(plan));
}

static bool choose_name(GError **error)
{
    if (opt.name)
        return true;
    if (!opt.template) {
        utm_error_set(error, UTM_ERROR_USAGE, "utmctl create --help",
                      "create: argument NAME is missing");
        return false;
    }
    opt.name = g_path_get_basename(opt.template);
    if (g_str_has_suffix(opt.name, ".utm"))
        opt.name[strlen(opt.name) - strlen(".utm")] = '\0';
    return true;
}

static bool run(GError **error)
{
    if (!choose_name(error))
        return false;
    g_autoptr(CreatePlan) plan = make_plan(error);
    if (!plan) {
        g_prefix_error(error, "cannot create \"%s\": ", opt.name);
        return false;
    }
    const GPtrArray *warnings = create_plan_warnings(plan);
    for (unsigned i = 0; i < warnings->len; i++)
        output_warning("%s", (const char *) g_ptr_array_index(warnings, i));
    if (!command_global.dry_run) {
        /* What was made so far is removed on the way out. */
        interrupt_catch();
        const CreateWatch watch = { .progress = progress_step,
                                    .note = progress_note,
                                    .user = (void *) "copying" };
        bool ok = create_run(plan, &watch, error);
        output_progress_end();
        if (!ok) {
            g_prefix_error(error, "cannot create \"%s\": ", opt.name);
            return false;
        }
    }
    print_result(plan);
    return true;
}

static const char *const examples[] = {
    "utmctl create --template demo",
    "A small Linux machine, made of packages of this system",
    "utmctl create debian --disk 20G --cdrom debian-12.iso --memory 2G --serial terminal",
    "A PC to install Debian on",
    "utmctl create arm --arch aarch64 --disk cloud.qcow2 --forward 2222:22",
    "An ARM machine from a copy of a cloud image, with SSH on port 2222 of this host",
    "utmctl create ci --image debian-12-genericcloud-amd64.qcow2 --image-size 10G --user me "
    "--ssh-key "
    "~/.ssh/id_ed25519.pub",
    "A cloud image that lets one log in by ssh; see utmctl ssh",
    "utmctl create test --kernel vmlinuz --initrd initrd.img --append console=ttyS0 --disk none "
    "--serial terminal --dry-run",
    "Show the configuration of a machine that boots a kernel",
    NULL,
};

const Command cmd_create = {
    .name = "create",
    .group = GROUP_LIBRARY,
    .summary = "Create a virtual machine",
    .description =
        "What is not said is taken from the template, or from the presets that UTM has for the "
        "machine type. Without any disk, kernel or CD there is an empty disk of 64 GiB, which "
        "takes "
        "no room, and an empty CD drive. Images become copies in the machine's folder; a CD image "
        "and a shared folder stay where they are, and only this host remembers them. The machine "
        "is made beside its place and moved there when it is whole.",
    .args = args,
    .options = options,
    .shared = SHARED_DRY_RUN,
    .examples = examples,
    .run = run,
};
