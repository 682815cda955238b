/* SPDX-License-Identifier: Apache-2.0 */
/* Whether KVM can run guests, from the processor's flags and the device node. */
#include "core/host/kvm.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <stdbool.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>
#ifdef __linux__
#include <linux/kvm.h>
#include <sys/ioctl.h>
#endif

#include "core/host/host.h"
#include "core/host/small-file.h"

/* Enough for the first processor; the kernel composes the text as it is read, and asking for all of
 * a large machine takes milliseconds. */
enum { CPUINFO_BYTES = 8192 };

static bool is_x86(const char *architecture)
{
    return g_str_equal(architecture, "x86_64") || g_str_equal(architecture, "i386");
}

/* Whether the line of flags has a word. */
static bool has_flag(const char *flags, const char *word)
{
    size_t length = strlen(word);

    for (const char *at = flags; (at = strstr(at, word)); at += length) {
        bool ends = at[length] == ' ' || at[length] == '\n' || at[length] == '\0';
        if (ends && (at[-1] == ' ' || at[-1] == '\t'))
            return true;
    }
    return false;
}

/* Whether the first processor can run guests. A file without flags says nothing, so no. */
static bool cpu_has_virtualization(const char *cpuinfo)
{
    char text[CPUINFO_BYTES];

    if (!small_file_read(cpuinfo, text, sizeof(text)))
        return false;
    char *flags = g_strstr_len(text, -1, "\nflags");
    if (!flags)
        return false;
    char *end = strchr(flags + 1, '\n');
    if (end)
        *end = '\0';
    return has_flag(flags + 1, "vmx") || has_flag(flags + 1, "svm");
}

#ifdef __linux__
static char *device_reason(const char *device)
{
    int fd = open(device, O_RDWR | O_CLOEXEC);

    if (fd < 0 && errno == ENOENT)
        return g_strdup_printf("there is no %s", device);
    if (fd < 0 && (errno == EACCES || errno == EPERM))
        return g_strdup_printf("this user may not open %s", device);
    if (fd < 0)
        return g_strdup_printf("%s cannot be opened: %s", device, g_strerror(errno));
    int version = ioctl(fd, KVM_GET_API_VERSION, 0);
    close(fd);
    if (version < 0)
        return g_strdup_printf("%s does not answer as KVM does", device);
    if (version != KVM_API_VERSION) {
        return g_strdup_printf("%s speaks version %d instead of %d", device, version,
                               KVM_API_VERSION);
    }
    return NULL;
}
#else
static char *device_reason(const char *device)
{
    (void) device;
    return g_strdup("KVM is a part of Linux");
}
#endif

char *kvm_reason(const char *architecture, const char *cpuinfo, const char *device)
{
    if (is_x86(architecture) && !cpu_has_virtualization(cpuinfo))
        return g_strdup("this CPU has no vmx or svm");
    return device_reason(device);
}

bool host_hypervisor_works(char **out_reason)
{
    char *reason = kvm_reason(host_architecture(), "/proc/cpuinfo", "/dev/kvm");
    bool works = !reason;

    if (out_reason)
        *out_reason = reason;
    else
        g_free(reason);
    return works;
}

const char *host_architecture(void)
{
    static const struct {
        const char *kernel; /* what uname says, or how it begins where .is_prefix is set */
        const char *qemu;
        bool is_prefix;
    } names[] = {
        { "x86_64", "x86_64", false },   { "aarch64", "aarch64", false },
        { "arm64", "aarch64", false },   { "i686", "i386", false },
        { "i586", "i386", false },       { "arm", "arm", true },
        { "ppc64", "ppc64", true },      { "ppc", "ppc", true },
        { "riscv64", "riscv64", false }, { "s390x", "s390x", false },
        { "mips64", "mips64", true },    { "loongarch64", "loongarch64", false },
    };
    struct utsname name;

    if (uname(&name) == 0) {
        for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
            if (names[i].is_prefix ? g_str_has_prefix(name.machine, names[i].kernel)
                                   : g_str_equal(name.machine, names[i].kernel))
                return names[i].qemu;
    }
    return "unknown";
}
