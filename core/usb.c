/* SPDX-License-Identifier: Apache-2.0 */
/* Giving USB devices of this host to machines. */
#include "core/usb.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "core/error.h"
#include "core/fd.h"
#include "core/host-facts.h"
#include "core/vm/hot-plug.h"
#include "core/vm/vm.h"
#include "qapi/generated/qmp-commands.h"

/* QEMU's names of such devices begin so; the port follows. */
#define ID_PREFIX HOT_PLUG_PREFIX "usb-"

/* The controller that they are on. Its driver in the guest may take its time to let it go. */
#define CONTROLLER_ID HOT_PLUG_PREFIX "xhci"
#define CONTROLLER_LIMIT_US (2 * G_USEC_PER_SEC)

static const char *uuid_of(const Bundle *bundle)
{
    return bundle->config->information.uuid;
}

bool usb_check_bundle(const Bundle *bundle, GError **error)
{
    const ConfigInput *input = &bundle->config->input;
    if (input->usb_bus == USB_BUS_DISABLED)
        utm_error_set(error, UTM_ERROR_UNSUPPORTED,
                      "utmctl config set VM Input.UsbBusSupport=3.0 Input.UsbSharing=true",
                      "it has no USB: Input.UsbBusSupport is Disabled");
    else if (!input->usb_sharing)
        utm_error_set(error, UTM_ERROR_UNSUPPORTED, "utmctl config set VM Input.UsbSharing=true",
                      "it is not to have devices of the host: Input.UsbSharing is off");
    else
        return true;
    return false;
}

/* ---- in ---- */

static bool check_free(const UsbDevice *device, GError **error)
{
    g_auto(UsbUser) user = { 0 };
    if (!usb_user(device, &user))
        return true;
    utm_error_set(error, UTM_ERROR_LOCKED, "utmctl usb disconnect", "%s has it", user.text);
    return false;
}

static int open_node(const UsbDevice *device, GError **error)
{
    int fd = open(device->node, O_RDWR | O_CLOEXEC);
    if (fd >= 0)
        return fd;
    int code = errno;
    g_autofree char *rule = usb_udev_rule(device);
    g_autofree char *hint =
        g_strdup_printf("echo '%s' | sudo tee /etc/udev/rules.d/70-utmctl-%04x-%04x.rules && "
                        "sudo udevadm control --reload && sudo udevadm trigger",
                        rule, device->vendor, device->product);
    utm_error_set(error, UTM_ERROR_FAILED, code == EACCES ? hint : NULL, "cannot open \"%s\": %s",
                  device->node, g_strerror(code));
    return -1;
}

static bool has_controller(QmpClient *client)
{
    g_autoptr(QmpObjectPropertyInfoList) list = NULL;
    return qmp_qom_list(client, "/machine/peripheral/" CONTROLLER_ID, &list, NULL);
}

/* A controller for devices of the host alone: to the last port of any QEMU puts a slow hub, on which
 * most devices do not work. Where the machine has no slot for one, its own have to do. */
static bool plug_controller(QmpClient *client)
{
    g_autofree char *port = NULL;
    return has_controller(client) ||
           (hot_plug_port(client, &port, NULL) &&
            hot_plug_device(client, "qemu-xhci,p2=15,p3=15", CONTROLLER_ID, port, NULL));
}

/* Ports of the devices that a running machine has been given. */
static GPtrArray *plugged_ports(QmpClient *client, GError **error)
{
    g_autoptr(QmpObjectPropertyInfoList) list = NULL;
    if (!qmp_qom_list(client, "/machine/peripheral", &list, error))
        return NULL;
    GPtrArray *ports = g_ptr_array_new_with_free_func(g_free);
    for (size_t i = 0; i < list->len; i++)
        if (g_str_has_prefix(list->items[i]->name, ID_PREFIX))
            g_ptr_array_add(ports, g_strdup(list->items[i]->name + strlen(ID_PREFIX)));
    return ports;
}

static void drop_controller(QmpClient *client)
{
    g_autoptr(GPtrArray) ports = plugged_ports(client, NULL);
    if (ports && !ports->len && has_controller(client))
        utm_ignore(hot_plug_remove(client, CONTROLLER_ID, CONTROLLER_LIMIT_US, NULL));
}

/* The device's file is opened here and handed over, because QEMU may not open it. */
static bool plug_in(QmpClient *client, const UsbDevice *device, GError **error)
{
    g_autofree char *id = g_strconcat(ID_PREFIX, device->port, NULL);
    if (!check_free(device, error))
        return false;
    g_auto(Fd) fd = open_node(device, error);
    int64_t set = fd < 0 ? -1 : hot_plug_pass_fd(client, fd, id, error);
    if (set < 0)
        return false;
    g_autofree char *value =
        g_strdup_printf("usb-host,hostdevice=/dev/fdset/%" G_GINT64_FORMAT, set);
    const char *bus = plug_controller(client) ? CONTROLLER_ID ".0" : NULL;
    if (hot_plug_device(client, value, id, bus, error))
        return true;
    drop_controller(client);
    hot_plug_drop_fds(client, id, -1);
    return false;
}

/* ---- out ---- */

static bool has_port(const GPtrArray *ports, const char *port)
{
    for (guint i = 0; i < ports->len; i++)
        if (strcmp(ports->pdata[i], port) == 0)
            return true;
    return false;
}

static bool unplug(QmpClient *client, const char *port, int64_t timeout_us, GError **error)
{
    g_autofree char *id = g_strconcat(ID_PREFIX, port, NULL);
    g_autoptr(GPtrArray) ports = plugged_ports(client, error);
    if (!ports)
        return false;
    if (!has_port(ports, port)) {
        utm_error_set(error, UTM_ERROR_NOT_FOUND, NULL, "it has not the device in port %s", port);
        return false;
    }
    if (!hot_plug_remove(client, id, timeout_us, error))
        return false;
    drop_controller(client);
    hot_plug_drop_fds(client, id, -1);
    return true;
}

/* ---- what users ask for ---- */

static bool done(const Bundle *bundle, const char *what, const char *word, bool ok, GError **error)
{
    if (!ok)
        g_prefix_error(error, "VM \"%s\": cannot %s \"%s\": ", bundle->config->information.name,
                       what, word);
    return ok;
}

static bool note_always(const Bundle *bundle, const char *word, GError **error)
{
    g_autoptr(HostFacts) facts = host_facts_load(uuid_of(bundle), error);
    if (!facts)
        return false;
    if (g_ptr_array_find_with_equal_func(facts->usb, word, g_str_equal, NULL))
        return true;
    g_ptr_array_add(facts->usb, g_strdup(word));
    return host_facts_save(facts, uuid_of(bundle), error);
}

static bool connect_now(const Bundle *bundle, const UsbDevice *device, GError **error)
{
    g_autoptr(QmpClient) client = vm_connect(bundle, error);
    g_autoptr(GPtrArray) ports = client ? plugged_ports(client, error) : NULL;
    return ports && (has_port(ports, device->port) || plug_in(client, device, error));
}

static bool connect_it(const Bundle *bundle, const char *word, const UsbConnect *options,
                       bool *out_now, GError **error)
{
    bool running = vm_is_running(bundle);
    g_autoptr(GPtrArray) devices = usb_list(&usb_host_root);
    g_autoptr(GError) absent = NULL;
    const UsbDevice *device = usb_find(devices, word, &absent);
    if (!usb_check_bundle(bundle, error))
        return false;
    if (!device && (!options->always || utm_error_code(absent) == UTM_ERROR_USAGE)) {
        g_propagate_error(error, g_steal_pointer(&absent));
        return false;
    }
    if (!running && !options->always) {
        utm_error_set(error, UTM_ERROR_WRONG_STATE, "--always gives it the device at each start",
                      "it does not run");
        return false;
    }
    *out_now = running && device;
    if (options->dry_run)
        return true;
    return (!*out_now || connect_now(bundle, device, error)) &&
           (!options->always || note_always(bundle, word, error));
}

bool usb_connect(const Bundle *bundle, const char *word, const UsbConnect *options, bool *out_now,
                 GError **error)
{
    return done(bundle, "connect", word, connect_it(bundle, word, options, out_now, error), error);
}

/* Words that mean the same device, or are the same word. */
static bool forget_always(const Bundle *bundle, const char *word, const UsbDevice *device,
                          bool dry_run, bool *out_any, GError **error)
{
    g_autoptr(HostFacts) facts = host_facts_load(uuid_of(bundle), error);
    if (!facts)
        return false;
    *out_any = false;
    for (guint i = facts->usb->len; i-- > 0;) {
        const char *noted = facts->usb->pdata[i];
        bool same = g_ascii_strcasecmp(noted, word) == 0 || (device && usb_matches(device, noted));
        *out_any |= same;
        if (same)
            g_ptr_array_remove_index(facts->usb, i);
    }
    return dry_run || !*out_any || host_facts_save(facts, uuid_of(bundle), error);
}

static bool disconnect_it(const Bundle *bundle, const char *word, int64_t timeout_us, bool dry_run,
                          GError **error)
{
    g_autoptr(GPtrArray) devices = usb_list(&usb_host_root);
    const UsbDevice *device = usb_find(devices, word, NULL);
    bool forgotten = false;
    /* A device that was pulled out has its port still. */
    const char *port = device ? device->port : word;
    if (!forget_always(bundle, word, device, dry_run, &forgotten, error))
        return false;
    if (!vm_is_running(bundle)) {
        if (!forgotten)
            utm_error_set(error, UTM_ERROR_NOT_FOUND, NULL,
                          "it does not run, and gets no such "
                          "device when it starts");
        return forgotten;
    }
    g_autoptr(QmpClient) client = vm_connect(bundle, error);
    g_autoptr(GPtrArray) ports = client ? plugged_ports(client, error) : NULL;
    if (!ports)
        return false;
    if (dry_run || (forgotten && !has_port(ports, port)))
        return true;
    return unplug(client, port, timeout_us, error);
}

bool usb_disconnect(const Bundle *bundle, const char *word, int64_t timeout_us, bool dry_run,
                    GError **error)
{
    return done(bundle, "disconnect", word, disconnect_it(bundle, word, timeout_us, dry_run, error),
                error);
}

/* ---- at each start and replug ---- */

static bool is_wanted(const UsbDevice *device, const GPtrArray *always)
{
    for (guint i = 0; i < always->len; i++)
        if (usb_matches(device, always->pdata[i]))
            return true;
    return false;
}

static bool is_present(const GPtrArray *devices, const char *port)
{
    for (guint i = 0; i < devices->len; i++)
        if (strcmp(((const UsbDevice *) devices->pdata[i])->port, port) == 0)
            return true;
    return false;
}

void usb_follow(QmpClient *client, const UsbRoot *root, const GPtrArray *always, GPtrArray *notes)
{
    g_autoptr(GPtrArray) devices = usb_list(root);
    g_autoptr(GPtrArray) ports = plugged_ports(client, NULL);
    for (guint i = 0; ports && i < ports->len; i++)
        if (!is_present(devices, ports->pdata[i]) &&
            unplug(client, ports->pdata[i], G_USEC_PER_SEC, NULL))
            g_ptr_array_add(
                notes, g_strdup_printf("port %s: the device has gone", (char *) ports->pdata[i]));
    for (guint i = 0; ports && i < devices->len; i++) {
        const UsbDevice *device = devices->pdata[i];
        g_autoptr(GError) error = NULL;
        if (!is_wanted(device, always) || has_port(ports, device->port))
            continue;
        bool ok = plug_in(client, device, &error);
        g_ptr_array_add(notes, g_strdup_printf("port %s: %s", device->port,
                                               ok ? "the device is there" : error->message));
    }
}
