/* SPDX-License-Identifier: Apache-2.0 */
/* Which QEMU options open no files, run no programs and listen nowhere. */
#include <string.h>

#include "core/trust.h"

typedef enum {
    VALUE_NONE,  /* the option has none */
    VALUE_ANY,   /* text for the guest: nothing in it reaches the host */
    VALUE_PLAIN, /* words and properties, but none that name something of the host */
    VALUE_ENTRY, /* likewise, but for the text after "string=" */
} ValueRule;

/* Source: QEMU 7.2 qemu-options.hx */
static const struct {
    const char *option;
    ValueRule rule;
} safe_options[] = {
    { "-append", VALUE_ANY },
    { "-prom-env", VALUE_ANY },
    { "-accel", VALUE_PLAIN },
    { "-boot", VALUE_PLAIN },
    { "-cpu", VALUE_PLAIN },
    { "-d", VALUE_PLAIN },
    { "-device", VALUE_PLAIN },
    { "-fw_cfg", VALUE_ENTRY },
    { "-g", VALUE_PLAIN },
    { "-global", VALUE_PLAIN },
    { "-icount", VALUE_PLAIN },
    { "-k", VALUE_PLAIN },
    { "-m", VALUE_PLAIN },
    { "-M", VALUE_PLAIN },
    { "-machine", VALUE_PLAIN },
    { "-msg", VALUE_PLAIN },
    { "-name", VALUE_PLAIN },
    { "-overcommit", VALUE_PLAIN },
    { "-rtc", VALUE_PLAIN },
    { "-smbios", VALUE_PLAIN },
    { "-smp", VALUE_PLAIN },
    { "-numa", VALUE_PLAIN },
    { "-usbdevice", VALUE_PLAIN },
    { "-vga", VALUE_PLAIN },
    { "-watchdog-action", VALUE_PLAIN },
    { "-action", VALUE_PLAIN },
    { "-uuid", VALUE_PLAIN },
    { "-no-acpi", VALUE_NONE },
    { "-no-hpet", VALUE_NONE },
    { "-no-reboot", VALUE_NONE },
    { "-no-shutdown", VALUE_NONE },
    { "-no-fd-bootchk", VALUE_NONE },
    { "-nodefaults", VALUE_NONE },
    { "-no-user-config", VALUE_NONE },
    { "-usb", VALUE_NONE },
    { "-win2k-hack", VALUE_NONE },
    { "-snapshot", VALUE_NONE },
};

/* Properties by which a value names a file, a program, an address or a device of the host. */
static const char *const reaching[] = {
    "file=",       "filename=", "path=",    "romfile=",  "rom=",        "script=",
    "downscript=", "host=",     "hostbus=", "hostaddr=", "hostport=",   "hostdevice=",
    "fd=",         "fds=",      "vhostfd=", "kernel=",   "initrd=",     "dtb=",
    "dumpdtb=",    "firmware=", "bios=",    "splash=",   "acpitable=",  "shmem=",
    "mem-path=",   "sysfsdev=", "evdev=",   "logfile=",  "rendernode=", "helper=",
    "exec=",       "port=",     "server=",  "uri=",      "url=",
};

/* Devices whose whole purpose is something of the host. */
static const char *const reaching_devices[] = {
    "vfio-",        "usb-host", "ivshmem",      "loader",          "guest-loader",      "vhost-",
    "scsi-generic", "usb-mtp",  "u2f-passthru", "tpm-passthrough", "virtio-input-host", "usb-ccid",
    "xen-",
};

static bool names_host(const char *value)
{
    for (gsize i = 0; i < G_N_ELEMENTS(reaching); i++) {
        const char *found = strstr(value, reaching[i]);
        while (found && found != value && found[-1] != ',' && found[-1] != '.')
            found = strstr(found + 1, reaching[i]);
        if (found)
            return true;
    }
    /* The JSON form of an option can say all of this in ways that are not looked through. */
    return strchr(value, '{') != NULL;
}

static bool is_reaching_device(const char *value)
{
    const char *driver = g_str_has_prefix(value, "driver=") ? value + strlen("driver=") : value;
    for (gsize i = 0; i < G_N_ELEMENTS(reaching_devices); i++)
        if (g_str_has_prefix(driver, reaching_devices[i]))
            return true;
    return false;
}

/* The end of a property of QEMU's, where two commas are one of its value. */
static const char *property_end(const char *text)
{
    const char *comma = strchr(text, ',');
    while (comma && comma[1] == ',')
        comma = strchr(comma + 2, ',');
    return comma ? comma : text + strlen(text);
}

/* Text that the guest gets is not looked at: it is no more than text. */
static bool entry_names_host(const char *value)
{
    const char *text = strstr(value, ",string=");
    if (!text)
        return names_host(value);
    g_autofree char *before = g_strndup(value, (size_t) (text - value));
    return names_host(before) || *property_end(text + strlen(",string=")) != '\0';
}

bool trust_argument_is_safe(const char *option, const char *value)
{
    /* QEMU takes two dashes for one. */
    const char *name = g_str_has_prefix(option, "--") ? option + 1 : option;
    for (gsize i = 0; i < G_N_ELEMENTS(safe_options); i++) {
        if (strcmp(name, safe_options[i].option) != 0)
            continue;
        if (safe_options[i].rule == VALUE_ANY)
            return true;
        if (safe_options[i].rule == VALUE_NONE || !value)
            return !value;
        if (safe_options[i].rule == VALUE_ENTRY)
            return !entry_names_host(value);
        return !names_host(value) && !(strcmp(name, "-device") == 0 && is_reaching_device(value)) &&
               !g_str_has_prefix(value, "disk:") && !g_str_has_prefix(value, "serial:");
    }
    return false;
}
