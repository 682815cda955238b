/* SPDX-License-Identifier: Apache-2.0 */
/* Whether KVM can run guests, from the processor's flags and the device node. */
#pragma once

/**
 * kvm_reason() - Why KVM cannot run guests
 * @architecture: the host's architecture in QEMU's spelling
 * @cpuinfo:      usually "/proc/cpuinfo"
 * @device:       usually "/dev/kvm"
 *
 * On x86 the processor's flags decide before the device is looked at: in nested or emulated hosts
 * /dev/kvm opens, machines are created, and then hang. No machine is ever created to try.
 *
 * Source: Linux Documentation/virt/kvm/api.rst, KVM_GET_API_VERSION
 * Return: one clause, a new string; NULL when KVM works
 */
char *kvm_reason(const char *architecture, const char *cpuinfo, const char *device);

/**
 * host_architecture() - Architecture of this host in QEMU's spelling
 *
 * Return: static
 */
const char *host_architecture(void);
