/* SPDX-License-Identifier: Apache-2.0 */
/* How a machine ended, in words. */
#pragma once

#include <stdint.h>

/**
 * last_exit_text() - What a record of a machine's end says
 * @json: text of the record, as in VmStatus.last_exit; may be NULL
 *
 * Return: a new string such as "the guest has powered off"; NULL when it is no record
 */
char *last_exit_text(const char *json);

/**
 * last_exit_resets() - How often a guest has reset its machine, in words
 * @triple_faults: how many of them were; below 1: none, or nobody knows
 *
 * Return: a new string such as "3 times, by triple faults"; NULL when there were none
 */
char *last_exit_resets(int64_t resets, int64_t triple_faults);
