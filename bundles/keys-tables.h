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

/* Rules of several keys, see validate.c. */
void config_check_information(const void *record, const PlistPlace *place, GPtrArray *problems);
void config_check_qemu_root(const void *record, const PlistPlace *place, GPtrArray *problems);
void config_check_apple_root(const void *record, const PlistPlace *place, GPtrArray *problems);
void config_check_system(const void *record, const PlistPlace *place, GPtrArray *problems);
void config_check_mac(const void *record, const PlistPlace *place, GPtrArray *problems);
void config_check_port_forward(const void *record, const PlistPlace *place, GPtrArray *problems);
void config_check_serial(const void *record, const PlistPlace *place, GPtrArray *problems);
void config_check_apple_mac(const void *record, const PlistPlace *place, GPtrArray *problems);
