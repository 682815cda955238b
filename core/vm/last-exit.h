/* SPDX-License-Identifier: Apache-2.0 */
/* How a machine ended, in words. */
#pragma once

/**
 * last_exit_text() - What a record of a machine's end says
 * @json: text of the record, as in VmStatus.last_exit; may be NULL
 *
 * Return: a new string such as "the guest has powered off"; NULL when it is no record
 */
char *last_exit_text(const char *json);
