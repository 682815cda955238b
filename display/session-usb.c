/* SPDX-License-Identifier: Apache-2.0 */
/* USB devices of the host that are handed to the guest. */
#include <stdio.h>
#include <string.h>

#include "display/session-private.h"

/* Words for spice_usb_device_get_description(): what it is, "VID:PID", bus and address. */
#define DESCRIPTION "%s %s %s at %d-%d"

static char *describe(SpiceUsbDevice *device)
{
    return spice_usb_device_get_description(device, DESCRIPTION);
}

static void say_failure(Session *session, SpiceUsbDevice *device, const GError *error)
{
    g_autofree char *name = describe(device);
    if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        return;
    fprintf(stderr, "utmctl: VM \"%s\": USB device \"%s\": %s\n", session->setup.options->title,
            name, error->message);
    session_say(session, false, "USB: %s", error->message);
}

/* ---- the list ---- */

static void list_devices(Session *session)
{
    Board *board = &session->board;
    g_autoptr(GPtrArray) devices = spice_usb_device_manager_get_devices(session->usb);
    board->n_usb = 0;
    for (guint i = 0; i < devices->len && i < BOARD_USB_MAX; i++) {
        SpiceUsbDevice *device = devices->pdata[i];
        BoardUsb *entry = &board->usb[board->n_usb++];
        g_autofree char *name = describe(device);
        g_strlcpy(entry->name, name, sizeof entry->name);
        entry->connected = spice_usb_device_manager_is_device_connected(session->usb, device);
    }
    session_changed(session);
}

/* ---- plugging ---- */

static void on_connected(GObject *source, GAsyncResult *result, void *user)
{
    SpiceUsbDeviceManager *usb = SPICE_USB_DEVICE_MANAGER(source);
    g_autoptr(GError) error = NULL;
    bool done = spice_usb_device_manager_connect_device_finish(usb, result, &error);
    Session *session = user;
    if (session->usb != usb)
        return;
    if (!done)
        session_say(session, false, "USB: %s", error->message);
    if (!done)
        fprintf(stderr, "utmctl: VM \"%s\": cannot hand over a USB device: %s\n",
                session->setup.options->title, error->message);
    list_devices(session);
}

static void on_disconnected(GObject *source, GAsyncResult *result, void *user)
{
    SpiceUsbDeviceManager *usb = SPICE_USB_DEVICE_MANAGER(source);
    Session *session = user;
    if (!spice_usb_device_manager_disconnect_device_finish(usb, result, NULL))
        g_debug("display: a USB device was not given back");
    if (session->usb == usb)
        list_devices(session);
}

static void connect_device(Session *session, SpiceUsbDevice *device)
{
    g_autoptr(GError) error = NULL;
    if (spice_usb_device_manager_can_redirect_device(session->usb, device, &error))
        spice_usb_device_manager_connect_device_async(session->usb, device, NULL, on_connected,
                                                      session);
    else
        say_failure(session, device, error);
}

static bool is_wanted(const Session *session, SpiceUsbDevice *device)
{
    g_autofree char *name = describe(device);
    const char *numbers = strrchr(name, '['); /* "[VID:PID]" */
    char *const *wanted = session->setup.options->usb;
    for (; numbers && wanted && *wanted; wanted++)
        if (g_ascii_strncasecmp(*wanted, numbers + 1, strlen(*wanted)) == 0)
            return true;
    return false;
}

static void on_added(G_GNUC_UNUSED SpiceUsbDeviceManager *usb, SpiceUsbDevice *device, void *user)
{
    Session *session = user;
    if (is_wanted(session, device) &&
        !spice_usb_device_manager_is_device_connected(session->usb, device))
        connect_device(session, device);
    list_devices(session);
}

static void on_removed(G_GNUC_UNUSED SpiceUsbDeviceManager *usb,
                       G_GNUC_UNUSED SpiceUsbDevice *device, void *user)
{
    list_devices(user);
}

static void on_error(G_GNUC_UNUSED SpiceUsbDeviceManager *usb, SpiceUsbDevice *device,
                     GError *error, void *user)
{
    say_failure(user, device, error);
    list_devices(user);
}

void session_usb_channel(Session *session)
{
    if (!session->usb)
        return;
    g_autoptr(GPtrArray) devices = spice_usb_device_manager_get_devices(session->usb);
    for (guint i = 0; i < devices->len; i++)
        if (is_wanted(session, devices->pdata[i]) &&
            !spice_usb_device_manager_is_device_connected(session->usb, devices->pdata[i]))
            connect_device(session, devices->pdata[i]);
}

static void toggle(void *owner, void *data)
{
    Session *session = owner;
    if (!session->usb)
        return;
    g_autoptr(GPtrArray) devices = spice_usb_device_manager_get_devices(session->usb);
    for (guint i = 0; i < devices->len; i++) {
        SpiceUsbDevice *device = devices->pdata[i];
        g_autofree char *name = describe(device);
        if (strncmp(name, data, sizeof(((BoardUsb *) NULL)->name) - 1) != 0)
            continue;
        if (spice_usb_device_manager_is_device_connected(session->usb, device))
            spice_usb_device_manager_disconnect_device_async(session->usb, device, NULL,
                                                             on_disconnected, session);
        else
            connect_device(session, device);
    }
}

void session_toggle_usb(Session *session, const char *name)
{
    session_post(session, toggle, g_strdup(name), g_free);
}

/* ---- life ---- */

void session_usb_begin(Session *session)
{
    g_autoptr(GError) error = NULL;
    if (!session->setup.options->usb_sharing)
        return;
    session->usb = spice_usb_device_manager_get(session->spice, &error);
    if (!session->usb) {
        session_say(session, false, "USB: %s", error->message);
        return;
    }
    g_signal_connect(session->usb, "device-added", G_CALLBACK(on_added), session);
    g_signal_connect(session->usb, "device-removed", G_CALLBACK(on_removed), session);
    g_signal_connect(session->usb, "device-error", G_CALLBACK(on_error), session);
    g_signal_connect(session->usb, "auto-connect-failed", G_CALLBACK(on_error), session);
    list_devices(session);
}

void session_usb_end(Session *session)
{
    if (session->usb)
        g_signal_handlers_disconnect_by_data(session->usb, session);
    session->usb = NULL;
    session->board.n_usb = 0;
}
