/* SPDX-License-Identifier: Apache-2.0 */
/* utmctl usb: devices of this host for a guest. */
#include "core/usb.h"

#include <stdio.h>

#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/output.h"
#include "core/error.h"
#include "core/library.h"

static struct {
    char *vm, *device;
    gboolean always;
} opt;

/* ---- list ---- */

static cJSON *device_json(const UsbDevice *device, const UsbUser *user)
{
    cJSON *object = cJSON_CreateObject();
    g_autofree char *title = usb_title(device);
    g_autofree char *vendor = g_strdup_printf("%04x", device->vendor);
    g_autofree char *product = g_strdup_printf("%04x", device->product);
    cJSON_AddStringToObject(object, "name", title);
    cJSON_AddStringToObject(object, "vendor_id", vendor);
    cJSON_AddStringToObject(object, "product_id", product);
    cJSON_AddStringToObject(object, "port", device->port);
    output_json_add_uint(object, "location", device->location);
    output_json_add_text(object, "manufacturer", device->manufacturer);
    output_json_add_text(object, "product", device->name);
    output_json_add_text(object, "serial", device->serial);
    cJSON_AddStringToObject(object, "path", device->node);
    cJSON *drivers = cJSON_AddArrayToObject(object, "drivers");
    for (guint i = 0; i < device->drivers->len; i++)
        cJSON_AddItemToArray(drivers, cJSON_CreateString(device->drivers->pdata[i]));
    output_json_add_text(object, "used_by", user->text);
    output_json_add_text(object, "used_by_uuid", user->uuid);
    return object;
}

/* The first columns are those of UTM's own utmctl. */
static void print_device(const UsbDevice *device, const UsbUser *user)
{
    g_autofree char *title = usb_title(device);
    g_autofree char *safe = output_escape(title);
    const char *driver = device->drivers->len ? device->drivers->pdata[0] : "";
    printf("%-32s %04X:%04X %-10" G_GUINT64_FORMAT " %-8s %s\n", safe, device->vendor,
           device->product, device->location, device->port, user->text ? user->text : driver);
}

static bool run_list(GError **error G_GNUC_UNUSED)
{
    g_autoptr(GPtrArray) list = usb_list(&usb_host_root);
    cJSON *array = command_global.json ? cJSON_CreateArray() : NULL;
    if (!array && !list->len)
        printf("No USB devices found.\n");
    else if (!array)
        printf("%-32s %-9s %-10s %-8s %s\n", "Name", "VID:PID", "Location", "Port", "Used by");
    for (guint i = 0; i < list->len; i++) {
        g_auto(UsbUser) user = { 0 };
        (void) usb_user(list->pdata[i], &user);
        if (array)
            cJSON_AddItemToArray(array, device_json(list->pdata[i], &user));
        else
            print_device(list->pdata[i], &user);
    }
    if (array)
        output_json(array);
    return true;
}

static const Command usb_list_command = {
    .name = "list",
    .summary = "Show the USB devices of this host",
    .description = "With who has each: a virtual machine, another process, or a driver of this "
                   "host. Hubs are left out.",
    .run = run_list,
};

/* ---- connect ---- */

#define DEVICE_HELP                                                                                \
    "VID:PID, the port or the location that `usb list` shows, or the name; VID:PID:SERIAL is one " \
    "of several"

static const CmdArg connect_args[] = {
    { .name = "VM", .kind = ARG_VM, .value = &opt.vm },
    { .name = "DEVICE", .kind = ARG_WORD, .value = &opt.device, .help = DEVICE_HELP },
    { 0 },
};

static const CmdOption connect_options[] = {
    { .name = "always",
      .kind = OPT_FLAG,
      .value = &opt.always,
      .help = "Also at each start, and when it is plugged in again" },
    { 0 },
};

static void print_answer(const char *verb, bool now)
{
    if (command_global.json) {
        cJSON *object = cJSON_CreateObject();
        cJSON_AddStringToObject(object, "device", opt.device);
        cJSON_AddBoolToObject(object, "now", now);
        output_json(object);
    }
    if (command_global.dry_run)
        output_note("would have %s \"%s\"", verb, opt.device);
    else if (now)
        output_note("%s \"%s\"", verb, opt.device);
    else
        output_note("noted: it is given \"%s\" when both are there", opt.device);
}

static bool run_connect(GError **error)
{
    const UsbConnect options = { .always = opt.always, .dry_run = command_global.dry_run };
    g_autoptr(Bundle) bundle = library_open(opt.vm, error);
    bool now = false;
    if (!bundle || !usb_connect(bundle, opt.device, &options, &now, error))
        return false;
    print_answer("connected", now);
    return true;
}

static const Command usb_connect_command = {
    .name = "connect",
    .summary = "Give a guest a USB device of this host",
    .description =
        "The bundle has to allow it: Input.UsbBusSupport and Input.UsbSharing. The device is taken "
        "from the driver of this host that serves it. Where this user may not open it, the error "
        "shows the udev rule that allows it.",
    .args = connect_args,
    .options = connect_options,
    .shared = SHARED_DRY_RUN,
    .run = run_connect,
};

/* ---- disconnect ---- */

static const CmdArg disconnect_args[] = {
    { .name = "VM",
      .kind = ARG_WORD,
      .value = &opt.vm,
      .help = "May be left out where a running machine has the device" },
    { .name = "DEVICE",
      .kind = ARG_WORD,
      .value = &opt.device,
      .optional = true,
      .help = DEVICE_HELP },
    { 0 },
};

/* UTM's utmctl takes the device alone. */
static Bundle *find_holder(GError **error)
{
    g_autoptr(GPtrArray) devices = usb_list(&usb_host_root);
    const UsbDevice *device = usb_find(devices, opt.device, error);
    if (!device)
        return NULL;
    g_auto(UsbUser) user = { 0 };
    if (usb_user(device, &user) && user.uuid)
        return library_open(user.uuid, error);
    utm_error_set(error, UTM_ERROR_NOT_FOUND, NULL, "no machine has the USB device \"%s\"",
                  opt.device);
    return NULL;
}

static bool run_disconnect(GError **error)
{
    bool alone = !opt.device;
    if (alone)
        opt.device = g_steal_pointer(&opt.vm);
    g_autoptr(Bundle) bundle = alone ? find_holder(error) : library_open(opt.vm, error);
    if (!bundle || !usb_disconnect(bundle, opt.device, command_global.timeout_us,
                                   command_global.dry_run, error))
        return false;
    print_answer("disconnected", true);
    return true;
}

static const Command usb_disconnect_command = {
    .name = "disconnect",
    .summary = "Take a USB device from a guest",
    .description = "It is not given the device at later starts either.",
    .args = disconnect_args,
    .shared = SHARED_DRY_RUN | SHARED_TIMEOUT,
    .timeout_us = 10 * G_USEC_PER_SEC,
    .run = run_disconnect,
};

static const Command *const children[] = { &usb_list_command, &usb_connect_command,
                                           &usb_disconnect_command, NULL };

static const char *const examples[] = {
    "utmctl usb connect web 0951:1666",
    "Give a running machine a memory stick",
    "utmctl usb connect web 1-2 --always",
    "Give it whatever is in this port, whenever both are there",
    NULL,
};

const Command cmd_usb = {
    .name = "usb",
    .group = GROUP_MEDIA,
    .summary = "Show USB devices of this host, and give them to virtual machines",
    .examples = examples,
    .children = children,
};
