/* SPDX-License-Identifier: Apache-2.0 */
/* Which USB devices this host has, and which of them a word means. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "core/usb.h"
#include "core/vm/lock-owner.h"

#define HUB_CLASS 0x09

const UsbRoot usb_host_root = { .sys = "/sys", .dev = "/dev" };

void usb_device_free(UsbDevice *device)
{
    if (!device)
        return;
    g_free(device->port);
    g_free(device->manufacturer);
    g_free(device->name);
    g_free(device->serial);
    g_free(device->node);
    g_ptr_array_unref(device->drivers);
    g_free(device);
}

/* ---- the kernel's tree ---- */

static char *read_text(const char *folder, const char *name)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_autofree char *text = NULL;
    if (!g_file_get_contents(path, &text, NULL, NULL))
        return NULL;
    char *valid = g_utf8_make_valid(g_strstrip(text), -1);
    if (*valid)
        return valid;
    g_free(valid);
    return NULL;
}

static bool read_number(const char *folder, const char *name, int base, unsigned *out_number)
{
    g_autofree char *text = read_text(folder, name);
    char *end = NULL;
    guint64 number = text ? g_ascii_strtoull(text, &end, (guint) base) : 0;
    if (!text || end == text || number > G_MAXUINT16)
        return false;
    *out_number = (unsigned) number;
    return true;
}

/* Interfaces are folders "1-2.3:1.0" beside their device's. */
static void read_drivers(const char *devices, UsbDevice *device)
{
    g_autofree char *prefix = g_strconcat(device->port, ":", NULL);
    g_autoptr(GDir) dir = g_dir_open(devices, 0, NULL);
    for (const char *name; dir && (name = g_dir_read_name(dir));) {
        if (!g_str_has_prefix(name, prefix))
            continue;
        g_autofree char *link = g_build_filename(devices, name, "driver", NULL);
        g_autofree char *target = g_file_read_link(link, NULL);
        g_autofree char *driver = target ? g_path_get_basename(target) : NULL;
        if (driver && !g_ptr_array_find_with_equal_func(device->drivers, driver, g_str_equal, NULL))
            g_ptr_array_add(device->drivers, g_steal_pointer(&driver));
    }
}

/* The port of the last hub is the number behind the last sign of "1-2.3". */
static uint64_t location_of(const UsbDevice *device)
{
    const char *sign = strrchr(device->port, '.');
    if (!sign)
        sign = strrchr(device->port, '-');
    return (uint64_t) device->bus * 65536 + (sign ? g_ascii_strtoull(sign + 1, NULL, 10) : 0);
}

static UsbDevice *read_device(const UsbRoot *root, const char *devices, const char *port)
{
    g_autofree char *folder = g_build_filename(devices, port, NULL);
    unsigned class, address, vendor, product, bus;
    if (!read_number(folder, "bDeviceClass", 16, &class) || class == HUB_CLASS ||
        !read_number(folder, "idVendor", 16, &vendor) ||
        !read_number(folder, "idProduct", 16, &product) ||
        !read_number(folder, "busnum", 10, &bus) || !read_number(folder, "devnum", 10, &address))
        return NULL;
    UsbDevice *device = g_new0(UsbDevice, 1);
    device->vendor = vendor;
    device->product = product;
    device->bus = bus;
    device->port = g_strdup(port);
    device->location = location_of(device);
    device->manufacturer = read_text(folder, "manufacturer");
    device->name = read_text(folder, "product");
    device->serial = read_text(folder, "serial");
    device->node = g_strdup_printf("%s/bus/usb/%03u/%03u", root->dev, bus, address);
    device->drivers = g_ptr_array_new_with_free_func(g_free);
    read_drivers(devices, device);
    return device;
}

/* Numbers in names by their value: "1-2" before "1-10". */
static int compare_ports(const void *a, const void *b)
{
    const char *x = (*(UsbDevice *const *) a)->port, *y = (*(UsbDevice *const *) b)->port;
    while (*x && *y) {
        if (isdigit((unsigned char) *x) && isdigit((unsigned char) *y)) {
            char *x_end, *y_end;
            unsigned long p = strtoul(x, &x_end, 10), q = strtoul(y, &y_end, 10);
            if (p != q)
                return p < q ? -1 : 1;
            x = x_end;
            y = y_end;
        } else if (*x != *y) {
            return *x < *y ? -1 : 1;
        } else {
            x++;
            y++;
        }
    }
    return (*x != '\0') - (*y != '\0');
}

GPtrArray *usb_list(const UsbRoot *root)
{
    GPtrArray *list = g_ptr_array_new_with_free_func((GDestroyNotify) usb_device_free);
    g_autofree char *devices = g_build_filename(root->sys, "bus", "usb", "devices", NULL);
    g_autoptr(GDir) dir = g_dir_open(devices, 0, NULL);
    for (const char *name; dir && (name = g_dir_read_name(dir));) {
        UsbDevice *device = strchr(name, ':') ? NULL : read_device(root, devices, name);
        if (device)
            g_ptr_array_add(list, device);
    }
    g_ptr_array_sort(list, compare_ports);
    return list;
}

char *usb_title(const UsbDevice *device)
{
    if (device->manufacturer && device->name)
        return g_strdup_printf("%s %s", device->manufacturer, device->name);
    if (device->name)
        return g_strdup(device->name);
    return g_strdup_printf("%04X:%04X", device->vendor, device->product);
}

/* ---- which is meant ---- */

static bool is_pair(const UsbDevice *device, const char *word)
{
    g_autofree char *pair = g_strdup_printf("%04x:%04x", device->vendor, device->product);
    size_t length = strlen(pair);
    if (g_ascii_strncasecmp(word, pair, length) != 0)
        return false;
    return word[length] == '\0' ||
           (word[length] == ':' && g_strcmp0(device->serial, word + length + 1) == 0);
}

bool usb_matches(const UsbDevice *device, const char *word)
{
    g_autofree char *location = g_strdup_printf("%" G_GUINT64_FORMAT, device->location);
    g_autofree char *title = usb_title(device);
    g_autofree char *folded = g_utf8_casefold(word, -1);
    g_autofree char *folded_title = g_utf8_casefold(title, -1);
    g_autofree char *folded_name = g_utf8_casefold(device->name ? device->name : title, -1);
    return is_pair(device, word) || strcmp(device->port, word) == 0 ||
           strcmp(location, word) == 0 || strcmp(folded_title, folded) == 0 ||
           strcmp(folded_name, folded) == 0;
}

static char *list_text(const GPtrArray *devices)
{
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; i < devices->len; i++) {
        const UsbDevice *device = devices->pdata[i];
        g_autofree char *title = usb_title(device);
        g_string_append_printf(text, "%s\"%s\" (%04x:%04x in %s)", i ? ", " : "", title,
                               device->vendor, device->product, device->port);
    }
    return g_strdup(devices->len ? text->str : "none");
}

const UsbDevice *usb_find(const GPtrArray *devices, const char *word, GError **error)
{
    const UsbDevice *found = NULL;
    g_autoptr(GPtrArray) matching = g_ptr_array_new();
    for (guint i = 0; i < devices->len; i++)
        if (usb_matches(devices->pdata[i], word))
            g_ptr_array_add(matching, devices->pdata[i]);
    if (matching->len)
        found = matching->pdata[0];
    if (matching->len == 1 || (found && is_pair(found, word)))
        return found;
    g_autofree char *list = list_text(found ? matching : devices);
    if (found)
        utm_error_set(error, UTM_ERROR_USAGE, "say the port", "\"%s\" could be any of %s", word,
                      list);
    else
        utm_error_set(error, UTM_ERROR_NOT_FOUND, NULL,
                      "this host has no USB device \"%s\"; there is %s", word, list);
    return NULL;
}

/* ---- who has it ---- */

void usb_user_clear(UsbUser *user)
{
    g_free(user->uuid);
    g_free(user->text);
}

/* What stands behind an option on a process's command line. */
static char *argument_of(unsigned long pid, const char *option)
{
    g_autofree char *path = g_strdup_printf("/proc/%lu/cmdline", pid);
    g_autofree char *text = NULL;
    gsize length = 0;
    if (!g_file_get_contents(path, &text, &length, NULL))
        return NULL;
    for (const char *word = text; word < text + length; word += strlen(word) + 1)
        if (strcmp(word, option) == 0 && word + strlen(word) + 1 < text + length)
            return g_strdup(word + strlen(word) + 1);
    return NULL;
}

bool usb_user(const UsbDevice *device, UsbUser *out_user)
{
    g_autofree char *owner = lock_owner(device->node);
    if (!owner)
        return false;
    unsigned long pid =
        g_str_has_prefix(owner, "pid ") ? strtoul(owner + strlen("pid "), NULL, 10) : 0;
    g_autofree char *name = argument_of(pid, "-name");
    out_user->uuid = argument_of(pid, "-uuid");
    out_user->text =
        out_user->uuid && name ? g_strdup_printf("VM \"%s\"", name) : g_steal_pointer(&owner);
    return true;
}

char *usb_udev_rule(const UsbDevice *device)
{
    return g_strdup_printf("SUBSYSTEM==\"usb\", ATTR{idVendor}==\"%04x\", "
                           "ATTR{idProduct}==\"%04x\", TAG+=\"uaccess\"",
                           device->vendor, device->product);
}
