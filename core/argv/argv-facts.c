/* SPDX-License-Identifier: Apache-2.0 */
/* Facts about machines and bundles that more than one section asks for. */
#include <string.h>

#include "core/argv/argv-build.h"
#include "core/argv/machine-facts.h"

bool argv_wants_gl(const char *hardware)
{
    g_autofree char *name = argv_device_name(hardware);
    return g_str_has_suffix(name, "-gl") || strstr(name, "-gl-");
}

bool argv_has_card(const ArgvBuild *b, const char *hardware)
{
    for (unsigned i = 0; i < b->config->sounds->len; i++) {
        const ConfigSound *card = g_ptr_array_index(b->config->sounds, i);
        if (g_str_equal(card->hardware, hardware))
            return true;
    }
    return false;
}

bool argv_boots_without_uefi(const UtmConfig *config)
{
    for (unsigned i = 0; i < config->drives->len; i++) {
        const ConfigDrive *drive = g_ptr_array_index(config->drives, i);
        bool medium = drive->image_type == IMAGE_TYPE_DISK || drive->image_type == IMAGE_TYPE_CD;
        if ((medium && drive->interface == DRIVE_INTERFACE_PFLASH) ||
            drive->image_type == IMAGE_TYPE_BIOS || drive->image_type == IMAGE_TYPE_LINUX_KERNEL)
            return true;
    }
    return false;
}

bool argv_has_pci(const ArgvBuild *b)
{
    return machine_has_pci(b->arch->name, b->config->system.target);
}

bool argv_leave_out(ArgvBuild *b, const char *key, const char *device)
{
    const char *bus = machine_lacks_bus(b->arch->name, b->config->system.target, device);
    if (!b->on_linux || !bus)
        return false;
    argv_warn(b, "%s: \"%s\" is left out, machine type \"%s\" has no %s bus", key, device,
              b->config->system.target, bus);
    return true;
}
