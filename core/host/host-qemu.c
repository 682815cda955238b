/* SPDX-License-Identifier: Apache-2.0 */
/* Where QEMU is, and which package has it. */
#include <string.h>

#include "core/error.h"
#include "core/host/host.h"

/* Source: contents of the Debian 12 packages; riscv64 and loongarch64 firmware from Debian 13 */
static const struct {
    const char *what;
    const char *package;
} packages[] = {
    { "qemu-system-i386", "qemu-system-x86" },
    { "qemu-system-x86_64", "qemu-system-x86" },
    { "qemu-system-aarch64", "qemu-system-arm" },
    { "qemu-system-arm", "qemu-system-arm" },
    { "qemu-system-ppc", "qemu-system-ppc" },
    { "qemu-system-ppc64", "qemu-system-ppc" },
    { "qemu-system-mips", "qemu-system-mips" },
    { "qemu-system-mipsel", "qemu-system-mips" },
    { "qemu-system-mips64", "qemu-system-mips" },
    { "qemu-system-mips64el", "qemu-system-mips" },
    { "qemu-system-sparc", "qemu-system-sparc" },
    { "qemu-system-sparc64", "qemu-system-sparc" },
    { "qemu-system-alpha", "qemu-system-misc" },
    { "qemu-system-avr", "qemu-system-misc" },
    { "qemu-system-cris", "qemu-system-misc" },
    { "qemu-system-hppa", "qemu-system-misc" },
    { "qemu-system-loongarch64", "qemu-system-misc" },
    { "qemu-system-m68k", "qemu-system-misc" },
    { "qemu-system-microblaze", "qemu-system-misc" },
    { "qemu-system-microblazeel", "qemu-system-misc" },
    { "qemu-system-nios2", "qemu-system-misc" },
    { "qemu-system-or1k", "qemu-system-misc" },
    { "qemu-system-riscv32", "qemu-system-misc" },
    { "qemu-system-riscv64", "qemu-system-misc" },
    { "qemu-system-rx", "qemu-system-misc" },
    { "qemu-system-s390x", "qemu-system-misc" },
    { "qemu-system-sh4", "qemu-system-misc" },
    { "qemu-system-sh4eb", "qemu-system-misc" },
    { "qemu-system-tricore", "qemu-system-misc" },
    { "qemu-system-xtensa", "qemu-system-misc" },
    { "qemu-system-xtensaeb", "qemu-system-misc" },
    { "qemu-img", "qemu-utils" },
    { "qemu-bridge-helper", "qemu-system-common" },
    { "virtiofsd", "qemu-system-common" },
    { "passt", "passt" },
    { "swtpm", "swtpm" },
    { "swtpm_setup", "swtpm-tools" },
    { "uefi:x86_64", "ovmf" },
    { "uefi:i386", "ovmf-ia32" },
    { "uefi:aarch64", "qemu-efi-aarch64" },
    { "uefi:arm", "qemu-efi-arm" },
    { "uefi:riscv64", "qemu-efi-riscv64" },
    { "uefi:loongarch64", "qemu-efi-loongarch64" },
};

const char *host_package_for(const char *what)
{
    for (size_t i = 0; i < G_N_ELEMENTS(packages); i++)
        if (g_str_equal(packages[i].what, what))
            return packages[i].package;
    return NULL;
}

static char *find_in_own_folder(const char *program)
{
    const char *folder = g_getenv("UTMCTL_QEMU_DIR");

    if (!folder || *folder == '\0')
        return NULL;
    g_autofree char *path = g_canonicalize_filename(program, folder);
    return g_file_test(path, G_FILE_TEST_IS_EXECUTABLE) ? g_steal_pointer(&path) : NULL;
}

char *host_find_qemu(const char *architecture, GError **error)
{
    g_autofree char *program = g_strconcat("qemu-system-", architecture, NULL);
    char *path = find_in_own_folder(program);

    /* A word of the bundle must not become a path. */
    if (!path && !strchr(architecture, '/'))
        path = g_find_program_in_path(program);
    if (path)
        return path;
    const char *package = host_package_for(program);
    g_autofree char *hint = package ? g_strconcat("apt install ", package, NULL) : NULL;
    utm_error_set(error, UTM_ERROR_UNSUPPORTED, hint, "%s is not installed", program);
    return NULL;
}
