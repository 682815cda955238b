/* SPDX-License-Identifier: Apache-2.0 */
/* The helper: the one process beside each QEMU that owns its monitor and outlives the terminal. */
#pragma once

#include "core/vm/vm.h"

/**
 * helper_run() - Start a machine and stay with it until it has ended
 * @bundle_path: absolute path of the bundle
 * @options:     borrowed
 * @report_fd:   socket to the process that asked for the start: warnings, then success or error as
 *               lines of JSON; owned. When its other end closes first, the start is undone
 *
 * Return: exit status
 */
int helper_run(const char *bundle_path, const VmStartOptions *options, int report_fd);
