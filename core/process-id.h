/* SPDX-License-Identifier: Apache-2.0 */
/* A name for a process that no later one has, although numbers of processes are used again. */
#pragma once

#include <stdbool.h>

/**
 * process_id_self() - This process: "PID:TIME:NAMESPACE", with the time of its start
 *
 * Source: proc(5), /proc/PID/stat, field 22; pid_namespaces(7)
 * Return: a new string
 */
char *process_id_self(void);

/**
 * process_id_lives() - Whether the process of such a name still runs, or may
 * @id: any text; one that is no name is that of no process
 *
 * Of one in another namespace nothing is known, and it is taken for one that runs.
 */
bool process_id_lives(const char *id);
