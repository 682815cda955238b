/* SPDX-License-Identifier: Apache-2.0 */
/* Which files QEMU and swtpm may reach: what the machine was configured with, and nothing else. */
#pragma once

#include "core/vm/launch-plan.h"
#include "core/vm/sandbox.h"
#include "core/vm/syscall-filter.h"

/**
 * confine_qemu() - Rules for the QEMU of a machine
 * @bundle:     the machine
 * @plan:       what it is started with
 * @run_dir:    its runtime folder, where QEMU makes its sockets
 * @tmp_dir:    where QEMU puts the overlays of a disposable run
 * @out_reason: why there is no sandbox; a new string; untouched otherwise
 *
 * Programs, libraries and firmware may be read; images that the guest may write, written. TCP is
 * closed for a machine that has no network. What additional arguments ask for is not allowed by
 * their asking, also when the user has agreed to them.
 *
 * Return: the rules, or NULL when the host has neither Landlock nor bubblewrap
 */
Sandbox *confine_qemu(const Bundle *bundle, const LaunchPlan *plan, const char *run_dir,
                      const char *tmp_dir, char **out_reason);

/**
 * confine_warn() - Say that QEMU runs without a sandbox, once for each reason on this host
 * @reason:   of confine_qemu()
 * @warnings: where to say it, (owned) strings
 */
void confine_warn(const char *reason, GPtrArray *warnings);

/**
 * confine_qemu_calls() - What the QEMU of a machine may ask of the kernel
 *
 * It listens for other hosts where a forward or a serial port of the bundle does, and on this one
 * wherever it wants to when there is a network.
 *
 * Return: free its ports with g_array_unref()
 */
SyscallFilter confine_qemu_calls(const Bundle *bundle, const LaunchPlan *plan);

/**
 * confine_swtpm() - Rules for the software TPM of a machine
 * @state_path: its state file
 *
 * Return: the rules, or NULL when the kernel has no Landlock
 */
Sandbox *confine_swtpm(const char *state_path);

/**
 * confine_switch() - Rules for the switch of a Host network
 * @folder: where the sockets of its machines are
 *
 * Return: the rules, or NULL when the kernel has no Landlock
 */
Sandbox *confine_switch(const char *folder);
