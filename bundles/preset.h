/* SPDX-License-Identifier: Apache-2.0 */
/* What a machine has when it is new, or when its architecture or machine type was changed. */
#pragma once

#include "bundles/config.h"

/* What of the host the rules ask for. */
typedef struct {
    bool is_mac;     /* new networks are Shared; Emulated elsewhere */
    bool hypervisor; /* this host runs guests of the architecture itself */
} PresetHost;

/**
 * preset_apply() - Set architecture and target, and give the machine the devices that suit them
 * @config:       gets new QEMU, Input, Sharing, Display, Network, Serial and Sound sections, and the
 *                default CPU; name, drives, memory and the number of CPUs stay
 * @architecture: one of guest_arch_names()
 * @target:       machine type, or NULL for that of the architecture
 * @host:         the host that the machine is made on
 *
 * Source: UTM 5.0.3, the reset of a configuration for architecture and target
 */
void preset_apply(UtmConfig *config, const char *architecture, const char *target,
                  const PresetHost *host);

/**
 * preset_drive_interface() - Interface that a new drive gets
 * @config:  the machine
 * @type:    what is in the drive
 */
DriveInterface preset_drive_interface(const UtmConfig *config, ImageType type);
