/* SPDX-License-Identifier: Apache-2.0 */
/* The pieces that the checks of a host and those of one machine share. */
#pragma once

#include "core/host/doctor.h"

/**
 * doctor_add() - Add a check
 * @hint: copied; may be NULL
 */
void doctor_add(GPtrArray *checks, CheckStatus status, const char *name, const char *hint,
                const char *format, ...) G_GNUC_PRINTF(5, 6);

/**
 * doctor_add_firmware() - Add a check of UEFI firmware
 * @target: machine type; NULL for any
 */
void doctor_add_firmware(GPtrArray *checks, const char *architecture, const char *target,
                         bool secure);

/**
 * doctor_add_program() - Add a check of a program
 * @absent: what it means that it is not there
 * @use:    a clause that says what it is for
 */
void doctor_add_program(GPtrArray *checks, const char *name, CheckStatus absent, const char *use);

/**
 * doctor_add_schemas() - Add checks of whether emulators understand what is said to them over QMP
 * @architectures: whose emulators; one that is not installed is left out
 */
void doctor_add_schemas(GPtrArray *checks, const char *const *architectures);
