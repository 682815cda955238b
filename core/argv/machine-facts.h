/* SPDX-License-Identifier: Apache-2.0 */
/* What machine types have and have not, because QEMU tells it only of a machine that it has started.
 * Of one that is not known, nothing is held against it. */
#pragma once

#include <stdbool.h>

/**
 * machine_has_pci() - Whether a machine type has a PCI bus
 * @arch:   guest architecture
 * @target: machine type
 *
 * Source: all of this file: each machine type of QEMU 7.2 tried with devices for each bus
 */
bool machine_has_pci(const char *arch, const char *target);

/**
 * machine_has_usb() - Whether a machine type has a USB controller of its own, called usb-bus
 */
bool machine_has_usb(const char *arch, const char *target);

/**
 * machine_has_ide() - Whether a machine type has an IDE bus
 */
bool machine_has_ide(const char *arch, const char *target);

/**
 * machine_lacks_bus() - Which bus a device needs that a machine type has not
 * @device: device, with properties behind it or not
 *
 * Return: such as "PCI", static; NULL when nothing is known against the device
 */
const char *machine_lacks_bus(const char *arch, const char *target, const char *device);
