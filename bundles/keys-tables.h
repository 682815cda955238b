/* SPDX-License-Identifier: Apache-2.0 */
/* Shorthand for writing key tables; included only by the files that declare them. */
#pragma once

#include "bundles/keys.h"

#define KEY(key_type, record, field, key)                                                          \
    .name = key, .type = key_type, .offset = offsetof(record, field)
#define HAS(record, field) .has_offset = offsetof(record, has_##field)
#define REQUIRED .flags = CONFIG_KEY_REQUIRED
#define TABLE(title_text, record, key_array, ...)                                                  \
    {                                                                                              \
        .title = title_text, .size = sizeof(record), .keys = key_array,                            \
        .n_keys = G_N_ELEMENTS(key_array), ##__VA_ARGS__                                           \
    }

/* Shared by both backends. */
extern const ConfigTable config_table_information;

/* Part of config_table_qemu; an Apple machine's QEMU counterpart is made with it. */
extern const ConfigTable config_table_qemu_sections;

/* Rules of several keys, in validate.c: each gets the record that its table is for and where that
 * stands, and adds what is wrong with it to @problems, a list of Problem. */

/**
 * config_check_information() - Name and icon
 */
void config_check_information(const void *record, const PlistPlace *place, GPtrArray *problems);

/**
 * config_check_qemu_root() - What sections of a QEMU machine say of each other
 */
void config_check_qemu_root(const void *record, const PlistPlace *place, GPtrArray *problems);

/**
 * config_check_apple_root() - What sections of an Apple machine say of each other
 */
void config_check_apple_root(const void *record, const PlistPlace *place, GPtrArray *problems);

/**
 * config_check_system() - That a processor is named
 */
void config_check_system(const void *record, const PlistPlace *place, GPtrArray *problems);

/**
 * config_check_mac() - That a MAC address is one
 */
void config_check_mac(const void *record, const PlistPlace *place, GPtrArray *problems);

/**
 * config_check_port_forward() - Addresses and ports
 */
void config_check_port_forward(const void *record, const PlistPlace *place, GPtrArray *problems);

/**
 * config_check_serial() - That a port has what its mode needs
 */
void config_check_serial(const void *record, const PlistPlace *place, GPtrArray *problems);

/**
 * config_check_apple_mac() - That a MAC address of an Apple machine is one
 */
void config_check_apple_mac(const void *record, const PlistPlace *place, GPtrArray *problems);
