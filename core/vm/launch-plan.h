/* SPDX-License-Identifier: Apache-2.0 */
/* Everything that is decided before QEMU is started: host, images, firmware, arguments. */
#pragma once

#include "bundles/bundle.h"
#include "core/argv/argv.h"
#include "core/host/host.h"
#include "core/vm/vm.h"

typedef struct {
    HostProfile *host;
    Argv *argv;
    char **command; /* program and arguments, NULL-terminated */
} LaunchPlan;

/**
 * launch_plan_new() - Decide how to start a machine
 * @bundle:           the machine
 * @options:          what this start adds
 * @first_channel_fd: as in ArgvRun; below 0 for a command that can be pasted into a shell
 * @error:            UTM_ERROR_NOT_FOUND naming a missing image, UTM_ERROR_UNSUPPORTED naming a
 *                    missing program, UTM_ERROR_INVALID
 *
 * Writes nothing.
 *
 * Return: the plan; free with launch_plan_free()
 */
LaunchPlan *launch_plan_new(const Bundle *bundle, const VmStartOptions *options,
                            int first_channel_fd, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * launch_plan_free() - Free a plan; NULL is ignored
 */
void launch_plan_free(LaunchPlan *plan);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LaunchPlan, launch_plan_free)
