/* SPDX-License-Identifier: Apache-2.0 */
/* USB devices of this host, and giving them to machines. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "bundles/bundle.h"
#include "qapi/qmp-client.h"

/* Where the kernel shows devices; a parameter, so that tests can have a tree of their own. */
typedef struct {
    const char *sys; /* "/sys" */
    const char *dev; /* "/dev" */
} UsbRoot;

extern const UsbRoot usb_host_root;

/* A device that is no hub. */
typedef struct {
    unsigned vendor, product;
    unsigned bus;
    char *port;         /* where it is plugged in, as the kernel names it: "1-2.3" */
    uint64_t location;  /* UTM's number for it: bus times 65536 plus the port of the last hub */
    char *manufacturer; /* these three as the device says, or NULL */
    char *name;
    char *serial;
    char *node;         /* the file in /dev */
    GPtrArray *drivers; /* (owned) of char *: of the host, that serve it now */
} UsbDevice;

void usb_device_free(UsbDevice *device);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UsbDevice, usb_device_free)

/**
 * usb_list() - The devices that are plugged into this host
 *
 * Source: Linux Documentation/ABI/stable/sysfs-bus-usb
 * Return: (owned) of UsbDevice, in the order of their ports; empty where there is no USB
 */
GPtrArray *usb_list(const UsbRoot *root);

/**
 * usb_title() - What to call a device: what it says, or its VID:PID
 *
 * Return: a new string
 */
char *usb_title(const UsbDevice *device);

/**
 * usb_matches() - Whether a word means a device
 * @word: "VID:PID" in hexadecimal, with ":SERIAL" behind it for one of several; its port; UTM's
 *        decimal location; or its name, in any case
 *
 * Source: UTM 5.0.3 utmctl takes VID:PID and location
 */
bool usb_matches(const UsbDevice *device, const char *word);

/**
 * usb_find() - The device that a word means
 * @devices: of UsbDevice
 * @error:   UTM_ERROR_NOT_FOUND with those that there are, UTM_ERROR_USAGE when it could be several
 *
 * Of several with one VID:PID the first is meant, as in UTM; a name has to be that of one.
 *
 * Return: borrowed from @devices
 */
const UsbDevice *usb_find(const GPtrArray *devices, const char *word,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Who has a device. */
typedef struct {
    char *uuid; /* of a machine, or NULL */
    char *text; /* "VM \"web\"", or a process */
} UsbUser;

void usb_user_clear(UsbUser *user);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(UsbUser, usb_user_clear)

/**
 * usb_user() - Who has a device open
 * @out_user: filled when somebody has
 */
bool usb_user(const UsbDevice *device, UsbUser *out_user);

/**
 * usb_udev_rule() - A udev rule that lets who sits at this host use a device
 *
 * Return: a new string, one line
 */
char *usb_udev_rule(const UsbDevice *device);

/**
 * usb_check_bundle() - Whether a machine can be given devices of the host
 * @error: UTM_ERROR_UNSUPPORTED with the key that is in the way
 */
bool usb_check_bundle(const Bundle *bundle, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* What is asked for. */
typedef struct {
    bool always; /* also at each start, and when it is plugged in again */
    bool dry_run;
} UsbConnect;

/**
 * usb_connect() - Give a machine a device
 * @word:    as for usb_matches()
 * @out_now: the machine has it; else it will when both are there
 * @error:   UTM_ERROR_NOT_FOUND, UTM_ERROR_WRONG_STATE when it does not run and .always is off
 */
bool usb_connect(const Bundle *bundle, const char *word, const UsbConnect *options, bool *out_now,
                 GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * usb_disconnect() - Take a device from a machine, and do not give it the device any more
 * @error: UTM_ERROR_NOT_FOUND when it has no such device and would get none
 */
bool usb_disconnect(const Bundle *bundle, const char *word, int64_t timeout_us, bool dry_run,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * usb_follow() - Give a running machine what it always gets, and take what has gone
 * @always: (owned) of char *: words as for usb_matches()
 * @notes:  (owned) of char *: what was done, and what could not be, is added
 */
void usb_follow(QmpClient *client, const UsbRoot *root, const GPtrArray *always, GPtrArray *notes);
