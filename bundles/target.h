/* SPDX-License-Identifier: Apache-2.0 */
/* Machine types that UTM's own QEMU knows. */
#pragma once

#include <stdbool.h>

/**
 * guest_target_is_known() - Whether UTM 5.0 accepts a machine type for an architecture
 * @architecture: System.Architecture
 * @target:       System.Target
 *
 * True in doubt: of the boards of arm, aarch64 and the small architectures only those are refused
 * that QEMU has removed.
 *
 * Source: UTM 5.0.3 QEMUConstantGenerated.swift (QEMU 10.0.2)
 */
bool guest_target_is_known(const char *architecture, const char *target);
