/* SPDX-License-Identifier: Apache-2.0 */
/* USB: input devices, controllers for redirection, and other input. */
#include "core/argv/argv-build.h"
#include "core/argv/machine-facts.h"

enum { PORTS_PER_CONTROLLER = 3, MAXIMUM_SHARE = 64 };

/* The controller with the input devices. UTM asks machines for one that have none, and QEMU exits. */
typedef enum { CONTROLLER_NONE, CONTROLLER_OWN, CONTROLLER_XHCI, CONTROLLER_OHCI } Controller;

static Controller choose_controller(const ArgvBuild *b)
{
    const char *arch = b->arch->name, *target = b->config->system.target;
    if (!b->on_linux)
        return b->virt_prefix ? CONTROLLER_XHCI : CONTROLLER_OWN;
    if (!argv_has_device(b, "usb-tablet"))
        return CONTROLLER_NONE;
    if (machine_has_usb(arch, target))
        return CONTROLLER_OWN;
    if (!argv_has_pci(b))
        return CONTROLLER_NONE;
    if (b->virt_prefix && argv_has_device(b, "nec-usb-xhci"))
        return CONTROLLER_XHCI;
    return argv_has_device(b, "pci-ohci") ? CONTROLLER_OHCI : CONTROLLER_NONE;
}

static void add_input(ArgvBuild *b, Controller controller)
{
    const char *rule = "USB: the first controller";
    if (controller == CONTROLLER_OHCI)
        argv_add(b, "Input.UsbBusSupport", "Linux: this machine has no USB controller of its own",
                 "-device", "pci-ohci,id=usb-bus");
    else if (controller == CONTROLLER_XHCI)
        argv_add(b, "Input.UsbBusSupport", rule, "-device", "nec-usb-xhci,id=usb-bus");
    else
        argv_add_flag(b, "Input.UsbBusSupport", rule, "-usb");
    if (!b->mac99)
        argv_add(b, "Input.UsbBusSupport", "a pointer that knows where it is", "-device",
                 "usb-tablet,bus=usb-bus.0");
    if (b->config->qemu.ps2_controller)
        return;
    argv_add(b, "QEMU.PS2Controller", "off: mouse and keyboard are on USB", "-device",
             "usb-mouse,bus=usb-bus.0");
    argv_add(b, "QEMU.PS2Controller", "off: mouse and keyboard are on USB", "-device",
             "usb-kbd,bus=usb-bus.0");
}

static void add_controllers(ArgvBuild *b, int64_t count)
{
    const char *key = "Input.UsbBusSupport";
    for (int64_t k = 0; k < count; k++) {
        if (b->config->input.usb_bus == USB_BUS_3_0) {
            argv_add(b, key, "3.0: a controller for three redirected devices", "-device",
                     "%s,id=usb-controller-%" G_GINT64_FORMAT, b->pc ? "nec-usb-xhci" : "qemu-xhci",
                     k);
            continue;
        }
        const char *rule = "2.0: a controller for redirected devices and its companions";
        argv_add(b, key, rule, "-device", "ich9-usb-ehci1,id=usb-controller-%" G_GINT64_FORMAT, k);
        for (int n = 0; n < 3; n++) {
            argv_add(b, key, rule, "-device",
                     "ich9-usb-uhci%d,masterbus=usb-controller-%" G_GINT64_FORMAT
                     ".0,firstport=%d,multifunction=on",
                     n + 1, k, 2 * n);
        }
    }
}

static void add_redirection(ArgvBuild *b)
{
    int64_t count = b->config->input.maximum_usb_share;
    if (b->on_linux && count > MAXIMUM_SHARE) {
        argv_warn(b, "Input.MaximumUsbShare: no more than %d", MAXIMUM_SHARE);
        count = MAXIMUM_SHARE;
    }
    if (count <= 0)
        return;
    if (b->on_linux && (!b->spice || !argv_has_device(b, "usb-redir") || !argv_has_pci(b))) {
        argv_warn(b, "no USB redirection: %s",
                  argv_has_pci(b) ? "this QEMU has none" : "this machine type has no PCI");
        return;
    }
    add_controllers(b, (count + PORTS_PER_CONTROLLER - 1) / PORTS_PER_CONTROLLER);
    for (int64_t n = 0; n < count; n++) {
        argv_add(b, "Input.MaximumUsbShare", "a channel for one device of who looks on", "-chardev",
                 "spicevmc,name=usbredir,id=usbredirchardev%" G_GINT64_FORMAT, n);
        argv_add(b, "Input.MaximumUsbShare", "a place for one device of who looks on", "-device",
                 "usb-redir,chardev=usbredirchardev%" G_GINT64_FORMAT
                 ",id=usbredirdev%" G_GINT64_FORMAT ",bus=usb-controller-%" G_GINT64_FORMAT ".0",
                 n, n, n / PORTS_PER_CONTROLLER);
    }
}

bool argv_usb(ArgvBuild *b, GError **error G_GNUC_UNUSED)
{
    Controller controller = choose_controller(b);
    if (b->usb && controller == CONTROLLER_NONE) {
        argv_warn(b, "Input.UsbBusSupport: machine type \"%s\" has no USB",
                  b->config->system.target);
        b->usb = false; /* for the drives */
    }
    if (b->usb) {
        add_input(b, controller);
        add_redirection(b);
    }
    if (b->mac99)
        argv_add(b, "System.Target", "mac99: a pointer that knows where it is", "-device",
                 "virtio-tablet-pci");
    if (b->q800 && (!b->on_linux || argv_has_device(b, "nubus-virtio-mmio")))
        argv_add(b, "System.Target", "q800: a pointer that knows where it is", "-device",
                 "virtio-tablet-device");
    return true;
}
