/* SPDX-License-Identifier: Apache-2.0 */
/* Serial ports: a character device of the host, then what the guest sees of it. */
#include "core/argv/argv-build.h"
#include "core/error.h"

enum { DEFAULT_PORT = 1234 };

static bool add_terminal(ArgvBuild *b, const char *key, unsigned i, GError **error)
{
    if (!b->on_linux) {
        argv_add(b, key, "Terminal: a channel to the window", "-chardev",
                 "spiceport,id=term%u,name=com.utmapp.terminal.%u", i, i);
        return true;
    }
    g_autofree char *id = g_strdup_printf("term%u", i);
    return argv_chardev(b, key, "Terminal: a channel that `utmctl attach` connects to", id,
                        ARGV_FIRST_TERMINAL + i, id, error);
}

static bool add_tcp(ArgvBuild *b, const char *key, unsigned i, const ConfigSerial *serial,
                    GError **error)
{
    int64_t port = serial->has_tcp_port ? serial->tcp_port : DEFAULT_PORT;
    if (b->on_linux && (port < 1 || port > G_MAXUINT16)) {
        utm_error_set(error, UTM_ERROR_INVALID, NULL,
                      "Serial[%u].TcpPort %" G_GINT64_FORMAT " is not a port number", i, port);
        return false;
    }
    g_autoptr(GString) value = g_string_new("socket");
    argv_prop(value, "id=term%u,port=%" G_GINT64_FORMAT, i, port);
    if (serial->mode == SERIAL_MODE_TCP_CLIENT) {
        const char *host = serial->tcp_host_address ? serial->tcp_host_address : "example.com";
        argv_prop_text(b, value, "host", host);
        argv_prop(value, "server=off");
        argv_add(b, key, "TcpClient: connects when the machine starts", "-chardev", "%s",
                 value->str);
        return true;
    }
    bool remote = serial->has_remote_connection_allowed && serial->remote_connection_allowed;
    bool wait = serial->has_wait_for_connection && serial->wait_for_connection;
    argv_prop(value, "host=%s,server=on,wait=%s", remote ? "0.0.0.0" : "127.0.0.1",
              wait ? "on" : "off");
    argv_add(b, key,
             wait ? "TcpServer: the machine waits for somebody to connect"
                  : "TcpServer: somebody may connect",
             "-chardev", "%s", value->str);
    return true;
}

static bool add_backend(ArgvBuild *b, unsigned i, const ConfigSerial *serial, GError **error)
{
    g_autofree char *key = argv_key("Serial", i, "Mode");
    switch (serial->mode) {
    case SERIAL_MODE_TERMINAL:
        return add_terminal(b, key, i, error);
    case SERIAL_MODE_PTTY:
        argv_add(b, key, "Ptty: a pseudo terminal of the host", "-chardev", "pty,id=term%u", i);
        return true;
    default:
        return add_tcp(b, key, i, serial, error);
    }
}

static bool add_manual(ArgvBuild *b, unsigned i, const ConfigSerial *serial, GError **error)
{
    g_autofree char *key = argv_key("Serial", i, "Hardware");
    if (b->on_linux && (!serial->hardware || !serial->hardware[0])) {
        utm_error_set(error, UTM_ERROR_INVALID, NULL, "%s is missing, and Target is Manual", key);
        return false;
    }
    const char *hardware = serial->hardware ? serial->hardware : "invalid";
    if (!argv_check_device(b, key, hardware, error))
        return false;
    argv_add(b, key, "Manual: a serial device of one's own choice", "-device", "%s,chardev=term%u",
             hardware, i);
    return true;
}

static bool is_port(const char *name)
{
    return g_str_equal(name, "virtserialport") || g_str_equal(name, "virtconsole");
}

static bool is_usb(const char *name)
{
    return g_str_equal(name, "usb-serial") || g_str_equal(name, "usb-braille");
}

/* Whether a device is on a bus that only a later section adds. UTM names it too early, and QEMU
 * exits; an Apple machine is none that UTM gives to QEMU. */
static bool comes_late(const ArgvBuild *b, const ConfigSerial *serial)
{
    bool as_utm = !b->on_linux && b->config->backend != CONFIG_BACKEND_APPLE;
    if (as_utm || serial->target != SERIAL_TARGET_MANUAL || !serial->hardware)
        return false;
    g_autofree char *name = argv_device_name(serial->hardware);
    return is_port(name) || is_usb(name);
}

/* False with @error set where the machine has no such bus. */
static bool find_bus(ArgvBuild *b, unsigned i, const ConfigSerial *serial, GError **error)
{
    g_autofree char *key = argv_key("Serial", i, "Hardware");
    g_autofree char *name = argv_device_name(serial->hardware);
    if (is_usb(name) ? b->usb : argv_port_bus(b, key, "the controller of serial ports"))
        return true;
    bool off = is_usb(name) && b->arch->usb && b->config->input.usb_bus == USB_BUS_DISABLED;
    utm_error_set(error, off ? UTM_ERROR_INVALID : UTM_ERROR_UNSUPPORTED,
                  off ? "set Input.UsbBusSupport to 3.0, or another Hardware" : NULL,
                  "%s: machine \"%s\" has no %s bus for \"%s\"", key, b->config->system.target,
                  is_usb(name) ? "USB" : "virtio", name);
    return false;
}

bool argv_serial_late(ArgvBuild *b, GError **error)
{
    for (unsigned i = 0; i < b->config->serials->len; i++) {
        const ConfigSerial *serial = g_ptr_array_index(b->config->serials, i);
        if (comes_late(b, serial) &&
            (!find_bus(b, i, serial, error) || !add_manual(b, i, serial, error)))
            return false;
    }
    return true;
}

static bool add_frontend(ArgvBuild *b, unsigned i, const ConfigSerial *serial, GError **error)
{
    g_autofree char *key = argv_key("Serial", i, "Target");
    switch (serial->target) {
    case SERIAL_TARGET_MANUAL:
        return comes_late(b, serial) || add_manual(b, i, serial, error);
    case SERIAL_TARGET_MONITOR:
        argv_add(b, key, "Monitor: QEMU's monitor for people", "-mon",
                 "chardev=term%u,mode=readline", i);
        return true;
    case SERIAL_TARGET_GDB:
        argv_add(b, key, "GDB: QEMU's debugger stub", "-gdb", "chardev:term%u", i);
        return true;
    case SERIAL_TARGET_AUTO:
        break;
    }
    argv_add(b, key, "Auto: the machine's next serial port", "-serial", "chardev:term%u", i);
    return true;
}

bool argv_serial(ArgvBuild *b, GError **error)
{
    for (unsigned i = 0; i < b->config->serials->len; i++) {
        const ConfigSerial *serial = g_ptr_array_index(b->config->serials, i);
        if (!add_backend(b, i, serial, error) || !add_frontend(b, i, serial, error))
            return false;
    }
    return true;
}
