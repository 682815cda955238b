/* SPDX-License-Identifier: Apache-2.0 */
/* Everything that is decided before QEMU is started: host, images, firmware, arguments. */
#pragma once

#include "bundles/bundle.h"
#include "core/argv/argv.h"
#include "core/host-facts.h"
#include "core/host/host.h"
#include "core/vm/vm.h"

typedef struct {
    HostProfile *host;
    HostFacts *facts;
    Argv *argv;
    char **command; /* program and arguments, NULL-terminated */
} LaunchPlan;

/* Descriptors of QEMU's side of the channels: monitor, agent, then one for each serial port. */
#define LAUNCH_FIRST_FD 10

/**
 * launch_plan_new() - Decide how to start a machine here and now
 * @bundle:  the machine
 * @options: what this start adds
 * @error:   UTM_ERROR_NOT_FOUND naming a missing image, UTM_ERROR_UNSUPPORTED naming a missing
 *           program, UTM_ERROR_INVALID
 *
 * Writes nothing.
 *
 * Return: the plan; free with launch_plan_free()
 */
LaunchPlan *launch_plan_new(const Bundle *bundle, const VmStartOptions *options,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * launch_plan_preview() - What a machine would be started with, whether or not everything is there
 * @bundle:  the machine
 * @options: what a start would add
 * @system:  HOST_LINUX for this host, HOST_MACOS for the Mac of host_profile_macos()
 * @error:   as for launch_plan_new(), but missing images and media are no errors
 *
 * The command can be pasted into a shell: the channels are sockets in the runtime folder.
 */
LaunchPlan *launch_plan_preview(const Bundle *bundle, const VmStartOptions *options,
                                HostSystem system, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * launch_plan_free() - Free a plan; NULL is ignored
 */
void launch_plan_free(LaunchPlan *plan);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LaunchPlan, launch_plan_free)
