/* SPDX-License-Identifier: Apache-2.0 */
/* Drives: the guest's device and the image behind it. */
#include <string.h>

#include "bundles/bundle.h"
#include "core/argv/argv-build.h"
#include "core/argv/machine-facts.h"
#include "core/error.h"

enum { VIRTIO_SERIAL_LENGTH = 20, SCSI_IDS = 7, Q35_IDE = 6, I440FX_IDE = 4, FLOPPIES = 2 };

/* One drive under way. */
typedef struct {
    const ConfigDrive *drive;
    unsigned index; /* in Drive[] */
    unsigned n;     /* among those of its interface */
    bool external;
    bool cd;          /* a CD on an interface that has such */
    const char *path; /* image; NULL: an empty drive */
    char *key;        /* Drive[0].Interface */
} DriveBuild;

static const char *const interface_names[] = {
    [DRIVE_INTERFACE_NONE] = "none",     [DRIVE_INTERFACE_IDE] = "IDE",
    [DRIVE_INTERFACE_SCSI] = "SCSI",     [DRIVE_INTERFACE_SD] = "sd",
    [DRIVE_INTERFACE_MTD] = "mtd",       [DRIVE_INTERFACE_FLOPPY] = "floppy",
    [DRIVE_INTERFACE_PFLASH] = "pflash", [DRIVE_INTERFACE_VIRTIO] = "VirtIO",
    [DRIVE_INTERFACE_NVME] = "NVMe",     [DRIVE_INTERFACE_USB] = "USB",
};

static bool too_many(const DriveBuild *d, unsigned room, GError **error)
{
    if (d->n < room)
        return false;
    utm_error_set(error, UTM_ERROR_UNSUPPORTED, NULL,
                  "%s: this machine has room for %u drives on %s", d->key, room,
                  interface_names[d->drive->interface]);
    return true;
}

static void append_boot(ArgvBuild *b, GString *value, const char *name)
{
    unsigned index = b->boot_index++;
    if (!b->no_boot_index)
        argv_prop(value, "%s=%u", name, index);
}

static void add_device(ArgvBuild *b, const DriveBuild *d, const char *rule, const GString *value)
{
    argv_add(b, d->key, rule, "-device", "%s", value->str);
}

static bool check_fixed_device(ArgvBuild *b, const DriveBuild *d, const char *name, GError **error)
{
    return argv_check_device(b, d->key, name, error);
}

/* Machines whose IDE buses take one drive each. UTM misspells one and does not know another. */
static bool ide_is_single(const ArgvBuild *b)
{
    static const char *const targets[] = { "microvm", "cubieboard", "highbank", "midway" };
    const char *target = b->config->system.target;
    for (size_t i = 0; i < G_N_ELEMENTS(targets); i++) {
        if (g_str_equal(target, targets[i]))
            return true;
    }
    return b->pc ||
           (b->on_linux && (g_str_equal(target, "xlnx-zcu102") || g_str_equal(target, "sbsa-ref")));
}

static bool add_ide(ArgvBuild *b, const DriveBuild *d, GError **error)
{
    g_autoptr(GString) value = g_string_new(d->cd ? "ide-cd" : "ide-hd");
    const char *rule = "IDE: every drive on a bus of its own";
    if (b->on_linux && b->pc && too_many(d, b->i440fx ? I440FX_IDE : Q35_IDE, error))
        return false;
    if (b->on_linux && !machine_has_ide(b->arch->name, b->config->system.target)) {
        utm_error_set(error, UTM_ERROR_UNSUPPORTED, "set Interface to what the machine type has",
                      "%s: machine type \"%s\" has no IDE bus", d->key, b->config->system.target);
        return false;
    }
    if (!check_fixed_device(b, d, value->str, error))
        return false;
    if (d->drive->interface_version >= 1 && !ide_is_single(b)) {
        rule = "IDE: two drives on each bus";
        argv_prop(value, "bus=ide.%u,unit=%u", d->n / 2, d->n % 2);
    } else if (b->on_linux && b->i440fx && d->n >= 2) {
        /* UTM asks for a third bus, and QEMU exits: this machine has two. */
        rule = "IDE, Linux: third and fourth drive are the second ones of their bus";
        argv_prop(value, "bus=ide.%u,unit=1", d->n - 2);
    } else {
        argv_prop(value, "bus=ide.%u", d->n);
    }
    argv_prop(value, "drive=drive%s", d->drive->identifier);
    append_boot(b, value, "bootindex");
    add_device(b, d, rule, value);
    return true;
}

/* The controller of the machine, or one that is added with the first drive. Borrowed; NULL with
 * @error set. */
static const char *scsi_bus(ArgvBuild *b, const DriveBuild *d, GError **error)
{
    const char *controller = "lsi53c895a";
    /* UTM takes for granted that every SPARC has SCSI on board; the 64-bit ones have not. */
    bool sun4u = b->on_linux && g_str_equal(b->config->system.target, "sun4u");
    if (b->sparc && !sun4u)
        return "scsi.0";
    if (g_str_equal(b->arch->name, "m68k")) {
        if (!g_str_equal(b->config->system.target, "virt"))
            return "scsi.0";
        controller = "virtio-scsi-device";
    }
    if (d->n > 0)
        return "scsi0.0";
    g_autofree char *virtio = argv_virtio(b, "scsi");
    if (b->on_linux && (!argv_has_device(b, controller) || !argv_has_pci(b))) {
        if (!g_str_equal(controller, virtio))
            argv_warn(b, "%s: no %s here, using \"%s\"", d->key, controller, virtio);
        controller = virtio;
    }
    if (!check_fixed_device(b, d, controller, error))
        return NULL;
    argv_add(b, d->key, "SCSI: the controller, with the first drive", "-device", "%s,id=scsi0%s",
             controller, sun4u ? ",bus=pciB" : "");
    return "scsi0.0";
}

static bool add_scsi(ArgvBuild *b, const DriveBuild *d, GError **error)
{
    if (b->on_linux && too_many(d, SCSI_IDS, error))
        return false;
    const char *bus = scsi_bus(b, d, error);
    if (!bus)
        return false;
    g_autoptr(GString) value = g_string_new(d->cd ? "scsi-cd" : "scsi-hd");
    argv_prop(value, "bus=%s,channel=0,scsi-id=%u,drive=drive%s", bus, d->n, d->drive->identifier);
    append_boot(b, value, "bootindex");
    add_device(b, d, "SCSI: ids in the order of the drives", value);
    return true;
}

static bool add_virtio(ArgvBuild *b, const DriveBuild *d, GError **error)
{
    g_autofree char *name = argv_virtio(b, "blk");
    if (!check_fixed_device(b, d, name, error))
        return false;
    g_auto(GStrv) parts = g_strsplit(d->drive->identifier, "-", -1);
    g_autofree char *serial = g_strjoinv("", parts);
    g_autoptr(GString) value = g_string_new(name);
    argv_prop(value, "drive=drive%s", d->drive->identifier);
    argv_prop(value, "serial=%.*s", VIRTIO_SERIAL_LENGTH, serial);
    append_boot(b, value, "bootindex");
    add_device(b, d, "VirtIO: a disk; its serial number is the Identifier", value);
    return true;
}

static bool add_nvme(ArgvBuild *b, const DriveBuild *d, GError **error)
{
    g_autoptr(GString) value = g_string_new("nvme");
    if (!check_fixed_device(b, d, value->str, error))
        return false;
    argv_prop(value, "drive=drive%s,serial=%s", d->drive->identifier, d->drive->identifier);
    append_boot(b, value, "bootindex");
    add_device(b, d, "NVMe: a disk; its serial number is the Identifier", value);
    return true;
}

static bool add_usb(ArgvBuild *b, const DriveBuild *d, GError **error)
{
    if (b->on_linux && !b->usb) {
        utm_error_set(error, UTM_ERROR_INVALID,
                      "set Input.UsbBusSupport to 3.0, or another Interface",
                      "%s is USB, and this machine has no USB", d->key);
        return false;
    }
    bool removable = d->external || d->drive->image_type == IMAGE_TYPE_CD;
    g_autoptr(GString) value = g_string_new("usb-storage");
    if (!check_fixed_device(b, d, value->str, error))
        return false;
    argv_prop(value, "drive=drive%s,removable=%s", d->drive->identifier,
              removable ? "true" : "false");
    append_boot(b, value, "bootindex");
    if (b->usb && b->virt_prefix)
        argv_prop(value, "bus=usb-bus.0");
    add_device(b, d, "USB: a storage device", value);
    return true;
}

/* UTM: a controller for each floppy, which works for one because its QEMU builds no default one. */
static void add_floppy_utm(ArgvBuild *b, const DriveBuild *d)
{
    g_autoptr(GString) controller = g_string_new("isa-fdc");
    argv_prop(controller, "id=fdc%u", d->n);
    append_boot(b, controller, "bootindexA");
    add_device(b, d, "Floppy: a controller for it", controller);
    argv_add(b, d->key, "Floppy: the drive", "-device", "floppy,unit=0,bus=fdc%u.0,drive=drive%s",
             d->n, d->drive->identifier);
}

static bool add_floppy_linux(ArgvBuild *b, const DriveBuild *d, GError **error)
{
    if (too_many(d, FLOPPIES, error) || !check_fixed_device(b, d, "floppy", error))
        return false;
    argv_add(b, d->key, "Floppy: its place in the boot order", "-global", "isa-fdc.bootindex%c=%u",
             'A' + (char) d->n, b->boot_index++);
    if (!b->i440fx && d->n == 0)
        argv_add(b, d->key, "Floppy: q35 has no controller for it", "-device", "isa-fdc,id=fdc0");
    argv_add(b, d->key,
             b->i440fx ? "Floppy: a drive on the machine's own controller" : "Floppy: the drive",
             "-device", "floppy,unit=%u%s,drive=drive%s", d->n, b->i440fx ? "" : ",bus=fdc0.0",
             d->drive->identifier);
    return true;
}

static bool add_floppy(ArgvBuild *b, const DriveBuild *d, GError **error)
{
    if (!b->pc)
        return true;
    if (b->on_linux)
        return add_floppy_linux(b, d, error);
    add_floppy_utm(b, d);
    return true;
}

/* QEMU refuses an empty drive behind most devices. */
static bool may_be_empty(const ArgvBuild *b, const DriveBuild *d)
{
    DriveInterface interface = d->drive->interface;
    return d->cd || (b->on_linux &&
                     (interface == DRIVE_INTERFACE_FLOPPY || interface == DRIVE_INTERFACE_USB));
}

/* UTM puts /dev/null into the empty drives of all but CDs; on Linux only where it has to be. */
static void append_image(ArgvBuild *b, GString *value, const DriveBuild *d)
{
    if (d->path) {
        argv_prop_path(value, "file.filename", d->path);
    } else if (!may_be_empty(b, d)) {
        argv_prop(value, "file.filename=/dev/null");
        if (b->on_linux)
            argv_prop(value, "file.locking=off");
    }
}

/* QEMU's IDE disk and SD card are never read-only. */
static bool needs_writing(const DriveBuild *d)
{
    return !d->cd && (d->drive->interface == DRIVE_INTERFACE_IDE ||
                      d->drive->interface == DRIVE_INTERFACE_SD);
}

static void append_access(ArgvBuild *b, GString *value, const DriveBuild *d)
{
    bool empty_disk = b->on_linux && !d->path && needs_writing(d);
    if ((d->drive->read_only || d->cd) && !empty_disk) {
        /* On Linux a lock that is shared by readers keeps writers away. */
        if (d->path && !b->on_linux)
            argv_prop(value, "file.locking=off");
        argv_prop(value, "readonly=on");
    } else if (d->path || !may_be_empty(b, d)) {
        /* QEMU takes these for an image only. */
        argv_prop(value, "discard=unmap,detect-zeroes=unmap");
    }
    bool has_file = b->on_linux ? d->path != NULL : d->path || !d->cd;
    if (!b->host->use_file_lock && has_file)
        argv_prop(value, "file.locking=off");
}

static const char *drive_if(const ArgvBuild *b, const ConfigDrive *drive)
{
    switch (drive->interface) {
    case DRIVE_INTERFACE_SD:
    case DRIVE_INTERFACE_MTD:
    case DRIVE_INTERFACE_PFLASH:
        return interface_names[drive->interface];
    case DRIVE_INTERFACE_FLOPPY:
        return b->pc ? "none" : "floppy";
    default:
        return "none";
    }
}

static void add_drive(ArgvBuild *b, const DriveBuild *d)
{
    const char *format =
        b->run->formats ? g_hash_table_lookup(b->run->formats, d->drive->identifier) : NULL;
    g_autofree char *key = argv_key("Drive", d->index, d->external ? "Identifier" : "ImageName");
    g_autoptr(GString) value = g_string_new(NULL);
    argv_prop(value, "if=%s,media=%s,id=drive%s", drive_if(b, d->drive), d->cd ? "cdrom" : "disk",
              d->drive->identifier);
    if (b->on_linux && format && d->path)
        argv_prop(value, "format=%s", format);
    append_image(b, value, d);
    append_access(b, value, d);
    const char *rule = d->external ? "the medium in a removable drive" : "the image in the bundle";
    argv_add(b, key, d->path ? rule : "a removable drive with nothing in it", "-drive", "%s",
             value->str);
}

static bool add_medium(ArgvBuild *b, DriveBuild *d, GError **error)
{
    bool (*const adders[])(ArgvBuild *, const DriveBuild *, GError **) = {
        [DRIVE_INTERFACE_IDE] = add_ide,       [DRIVE_INTERFACE_SCSI] = add_scsi,
        [DRIVE_INTERFACE_FLOPPY] = add_floppy, [DRIVE_INTERFACE_VIRTIO] = add_virtio,
        [DRIVE_INTERFACE_NVME] = add_nvme,     [DRIVE_INTERFACE_USB] = add_usb,
    };
    DriveInterface interface = d->drive->interface;
    if (b->on_linux && d->path && d->drive->read_only && needs_writing(d)) {
        utm_error_set(error, UTM_ERROR_UNSUPPORTED, "set Interface to VirtIO, SCSI or USB",
                      "Drive[%u].ReadOnly: QEMU has no read-only disk on %s", d->index,
                      interface == DRIVE_INTERFACE_IDE ? "IDE" : "SD");
        return false;
    }
    d->n = b->interface[interface]++;
    if (interface < G_N_ELEMENTS(adders) && adders[interface] && !adders[interface](b, d, error))
        return false;
    add_drive(b, d);
    return true;
}

static void add_boot_file(ArgvBuild *b, const DriveBuild *d)
{
    static const char *const options[] = {
        [IMAGE_TYPE_BIOS] = "-bios",
        [IMAGE_TYPE_LINUX_KERNEL] = "-kernel",
        [IMAGE_TYPE_LINUX_INITRD] = "-initrd",
        [IMAGE_TYPE_LINUX_DTB] = "-dtb",
    };
    g_autofree char *key = argv_key("Drive", d->index, "ImageType");
    if (d->external)
        return;
    if (d->drive->image_type != IMAGE_TYPE_NONE) {
        argv_add(b, key, "a file that the machine is started with", options[d->drive->image_type],
                 "%s", d->path);
        return;
    }
    if (b->on_linux)
        return;
    char **words = g_new0(char *, 3);
    words[0] = g_strdup("");
    words[1] = g_strdup("");
    argv_add_words(b, key, "None: UTM passes two empty arguments", words);
}

static bool check_identifier(const ArgvBuild *b, const DriveBuild *d, GError **error)
{
    const char *id = d->drive->identifier;
    if (!b->on_linux)
        return true;
    if (id[0] == '\0' || id[strspn(id, G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS "-._")] != '\0') {
        utm_error_set(error, UTM_ERROR_INVALID, NULL,
                      "Drive[%u].Identifier \"%s\" has other characters than letters, digits, "
                      "\"-\", \".\" and \"_\"",
                      d->index, id);
        return false;
    }
    for (unsigned i = 0; i < d->index; i++) {
        const ConfigDrive *other = g_ptr_array_index(b->config->drives, i);
        if (g_str_equal(other->identifier, id)) {
            utm_error_set(error, UTM_ERROR_INVALID, NULL,
                          "Drive[%u].Identifier \"%s\" is that of Drive[%u], too", d->index, id, i);
            return false;
        }
    }
    return true;
}

static bool add_one(ArgvBuild *b, unsigned index, const ConfigDrive *drive, GError **error)
{
    g_autofree char *key = argv_key("Drive", index, "Interface");
    g_autofree char *internal = NULL;
    DriveBuild d = {
        .drive = drive, .index = index, .key = key, .external = drive->image_name == NULL
    };
    if (!check_identifier(b, &d, error))
        return false;
    d.cd = drive->image_type == IMAGE_TYPE_CD && drive->interface != DRIVE_INTERFACE_FLOPPY;
    if (d.external) {
        d.path = b->run->media ? g_hash_table_lookup(b->run->media, drive->identifier) : NULL;
    } else {
        if (!bundle_name_is_safe(drive->image_name)) {
            utm_error_set(error, UTM_ERROR_INVALID, NULL,
                          "Drive[%u].ImageName \"%s\" leaves the bundle", index, drive->image_name);
            return false;
        }
        internal = g_build_filename(b->run->data_dir, drive->image_name, NULL);
        d.path = internal;
    }
    if (drive->image_type == IMAGE_TYPE_DISK || drive->image_type == IMAGE_TYPE_CD)
        return add_medium(b, &d, error);
    add_boot_file(b, &d);
    return true;
}

bool argv_drives(ArgvBuild *b, GError **error)
{
    const GPtrArray *drives = b->config->drives;
    for (unsigned i = 0; i < drives->len; i++) {
        if (!add_one(b, i, g_ptr_array_index(drives, i), error))
            return false;
    }
    return true;
}
