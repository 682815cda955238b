/* SPDX-License-Identifier: Apache-2.0 */
/* The arguments that a machine would be started with, here or on a Mac, without starting it. */
#pragma once

#include "bundles/bundle.h"
#include "core/argv/argv.h"

/**
 * preview_argv() - Build the arguments as a start would, whether or not everything is there
 * @bundle: the machine
 * @system: HOST_LINUX for this host, HOST_MACOS for the Mac of host_profile_macos()
 * @accel:  as for a start
 * @error:  as for argv_build(), and UTM_ERROR_UNSUPPORTED when this host has no emulator for it
 *
 * Writes nothing. Missing images and media are no errors here.
 *
 * Return: the arguments; free with argv_free()
 */
Argv *preview_argv(const Bundle *bundle, HostSystem system, AccelChoice accel,
                   GError **error) G_GNUC_WARN_UNUSED_RESULT;
