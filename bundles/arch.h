/* SPDX-License-Identifier: Apache-2.0 */
/* The guest architectures of the format, and what UTM says about each of them. */
#pragma once

#include <stdbool.h>

typedef struct {
    const char *name; /* as in System.Architecture; the emulator is qemu-system-NAME */
    const char *default_target;
    bool agent;   /* SPICE agent and guest agent */
    bool sharing; /* a folder can be shared */
    bool usb;
    bool secure_boot;      /* firmware with secure boot exists */
    bool weak_memory;      /* ordered no stronger than ARM: many threads of TCG are right there */
    const char *uefi_code; /* prefix of UTM's firmware files; NULL: no UEFI */
    const char *uefi_vars; /* prefix of the template of its variables */
    const char *tcg_cpu;   /* CPU model for "default" under emulation; NULL: the machine's own */
    /* The devices of a fresh machine where its type does not ask for others; NULL: none. */
    const char *display;
    const char *network;
    const char *sound;
} GuestArch;

/**
 * guest_arch_find() - The architecture of this name
 * @name: System.Architecture, case-sensitive
 *
 * Source: UTM 5.0.3 QEMUConstant.swift and QEMUConstantGenerated.swift (QEMU 10.0.2)
 * Return: static, or NULL when the format has no such architecture
 */
const GuestArch *guest_arch_find(const char *name);

/**
 * guest_arch_names() - All architectures, sorted
 *
 * Return: a new NULL-terminated vector; free with g_strfreev()
 */
char **guest_arch_names(void);

/**
 * guest_target_is_virt() - Whether a machine type is "virt" or a version of it
 * @target: System.Target
 *
 * Not true for "virtex-ml507", which only begins like one.
 */
bool guest_target_is_virt(const char *target);
