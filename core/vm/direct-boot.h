/* SPDX-License-Identifier: Apache-2.0 */
/* Another kernel for one start: what -kernel, -initrd and -append are to be instead. */
#pragma once

#include "core/vm/launch-plan.h"
#include "core/vm/sandbox.h"

/**
 * direct_boot_amend() - Put the kernel of a start into its plan
 * @plan:    its command exists
 * @options: .kernel, .initrd and .append; nothing happens where all are NULL
 *
 * A kernel of one's own does not get the machine's initial RAM disk and arguments, which are for
 * another.
 */
void direct_boot_amend(LaunchPlan *plan, const VmStartOptions *options);

/**
 * direct_boot_allow() - Let QEMU read these files
 */
void direct_boot_allow(const VmStartOptions *options, const Sandbox *sandbox);
