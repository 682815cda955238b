/* SPDX-License-Identifier: Apache-2.0 */
/* Records of a configuration, made, freed, read and written as their tables say. */
#pragma once

#include "bundles/keys.h"

/**
 * record_new() - A record with UTM's base values
 *
 * Return: allocated with g_new0(); free with record_free()
 */
void *record_new(const ConfigTable *table);

/**
 * record_init() - Fill a zeroed record with base values
 */
void record_init(const ConfigTable *table, void *record);

/**
 * record_clear() - Free what a record holds and zero it
 */
void record_clear(const ConfigTable *table, void *record);

/**
 * record_free() - record_clear() and g_free(); NULL is ignored
 */
void record_free(const ConfigTable *table, void *record);

/**
 * record_copy_into() - Deep copy into a zeroed record
 */
void record_copy_into(const ConfigTable *table, void *to, const void *from);

/**
 * record_origin() - Where a record keeps the dictionary that it came from
 */
PlistDict **record_origin(void *record);

/**
 * record_number() - A boolean, number or enum value of a record
 */
int64_t record_number(const ConfigKey *key, const void *record);

/**
 * record_set_number() - Set a boolean, number or enum value of a record, as record_number() reads it
 */
void record_set_number(const ConfigKey *key, void *record, int64_t value);

/**
 * record_field() - Address of a value in a record
 */
void *record_field(const ConfigKey *key, void *record);

/**
 * record_has() - Whether a value is there at all
 */
bool record_has(const ConfigKey *key, const void *record);

/**
 * record_sub() - The record that a CONFIG_RECORD key leads to, or NULL when absent
 */
void *record_sub(const ConfigKey *key, const void *record);

/**
 * record_array() - The array of a CONFIG_RECORDS key
 */
GPtrArray *record_array(const ConfigKey *key, const void *record);

/**
 * record_decode() - Read a dictionary into a zeroed record
 * @table:    what the record is
 * @record:   zeroed
 * @dict:     taken
 * @place:    where the dictionary is, NULL for the root
 * @line:     line of the dictionary
 * @problems: list of Problem
 */
void record_decode(const ConfigTable *table, void *record, PlistDict *dict, const PlistPlace *place,
                   int line, GPtrArray *problems);

/**
 * record_encode() - Write a record as a dictionary
 *
 * Return: a new dictionary
 */
PlistDict *record_encode(const ConfigTable *table, const void *record);

/**
 * record_validate() - Check every value of a record, and of those in it
 */
void record_validate(const ConfigTable *table, const void *record, const PlistPlace *place,
                     GPtrArray *problems);

/**
 * config_value_problem() - Why a string may not be the value of a key
 * @key:      its key
 * @text:     the string
 * @out_kind: how bad it is; set only with a reason
 *
 * Return: the reason, a constant, or NULL when the string is fine
 */
const char *config_value_problem(const ConfigKey *key, const char *text, ProblemKind *out_kind);

/**
 * config_uuid_is_valid() - Whether a text is a UUID: 8-4-4-4-12 hex digits
 */
bool config_uuid_is_valid(const char *text);

/**
 * config_mac_is_valid() - Whether a text is a MAC address that QEMU takes: unicast, not all zero
 */
bool config_mac_is_valid(const char *text);

/**
 * config_fill_qemu_sections() - Give an Apple machine the QEMU sections that come closest to it
 * @config: an Apple configuration whose QEMU sections are zeroed
 *
 * So that whoever shows or runs a machine need not know two kinds: .system, .qemu, .drives… hold
 * what a Linux guest runs on under QEMU, device by device. They are never written.
 */
void config_fill_qemu_sections(UtmConfig *config);
