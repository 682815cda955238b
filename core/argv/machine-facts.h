/* SPDX-License-Identifier: Apache-2.0 */
/* What machine types have and have not, as far as QEMU does not tell before it starts. */
#pragma once

#include <stdbool.h>

/**
 * machine_lacks_bus() - Which bus a device needs that a machine type has not
 * @arch:   guest architecture
 * @target: machine type
 * @device: device, with properties behind it or not
 *
 * Return: such as "PCI", static; NULL when nothing is known against the device
 */
const char *machine_lacks_bus(const char *arch, const char *target, const char *device);

/**
 * machine_has_pci() - Whether a machine type has a PCI bus, as far as is known
 */
bool machine_has_pci(const char *arch, const char *target);

/**
 * machine_has_ide() - Whether a machine type has an IDE bus, as far as is known
 */
bool machine_has_ide(const char *arch, const char *target);
