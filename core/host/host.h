/* SPDX-License-Identifier: Apache-2.0 */
/* The real host: which accelerator works, which QEMU is installed and what it can do, firmware. */
#pragma once

#include "core/host/host-profile.h"

/**
 * host_profile_probe() - Profile of this host for machines of one architecture
 * @architecture: guest architecture as QEMU spells it
 * @target:       machine type; decides secure boot support
 * @secure:       whether firmware with secure boot is wanted (a TPM machine)
 * @error:        UTM_ERROR_UNSUPPORTED naming the package, when no qemu-system-… is installed
 *
 * Capabilities come from the cache where the binary has not changed. Firmware that is not installed
 * leaves firmware_code NULL. The socket folder is the machine's: the caller sets it.
 *
 * Return: a new profile; free with host_profile_free()
 */
HostProfile *host_profile_probe(const char *architecture, const char *target, bool secure,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * host_profile_probe_passt() - Find out whether passt works here
 * @host: its passt or passt_reason is set
 *
 * Apart from the rest, because most machines have no network that passt could serve.
 */
void host_profile_probe_passt(HostProfile *host);

/**
 * host_find_qemu() - Path of qemu-system-ARCH
 * @architecture: guest architecture
 * @error:        UTM_ERROR_UNSUPPORTED naming the package that has it
 *
 * UTMCTL_QEMU_DIR goes before PATH.
 *
 * Return: a new string
 */
char *host_find_qemu(const char *architecture, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * host_package_for() - Debian package that has a program, firmware or emulator
 * @what: "qemu-system-ppc", "swtpm", "uefi:aarch64"…
 *
 * Return: a package name, static; NULL when not known
 */
const char *host_package_for(const char *what);

/**
 * host_hypervisor_works() - Whether KVM runs guests on this host
 * @out_reason: one clause that says why not, such as "this CPU has no vmx or svm"; a new string,
 *              or NULL when it works
 *
 * /dev/kvm that opens is not enough: on a CPU without vmx/svm (nested or emulated hosts) machines
 * are created and then hang, so the CPU's flags are looked at first.
 */
bool host_hypervisor_works(char **out_reason);

/**
 * qemu_caps_load() - What a QEMU binary can do
 * @binary: absolute path
 * @error:  UTM_ERROR_UNSUPPORTED with QEMU's own words when it cannot be asked
 *
 * Asked over QMP once and kept in the cache folder, keyed by path, size and mtime.
 *
 * Return: new capabilities; free with qemu_caps_free()
 */
QemuCaps *qemu_caps_load(const char *binary, GError **error) G_GNUC_WARN_UNUSED_RESULT;
