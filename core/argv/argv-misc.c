/* SPDX-License-Identifier: Apache-2.0 */
/* Name, identity, clock, and the small devices. */
#include "core/argv/argv-build.h"
#include "core/error.h"

/* What UTM leaves of a name: letters, marks, numbers, blanks. */
static char *plain_name(const char *name)
{
    GString *plain = g_string_new(NULL);
    g_autofree char *valid = g_utf8_make_valid(name ? name : "", -1);
    for (const char *p = valid; *p; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);
        if (g_unichar_isalnum(c) || g_unichar_ismark(c) ||
            g_unichar_type(c) == G_UNICODE_SPACE_SEPARATOR || c == '\t')
            g_string_append_unichar(plain, c);
    }
    return g_string_free(plain, FALSE);
}

static void add_identity(ArgvBuild *b)
{
    const ConfigInformation *information = &b->config->information;
    g_autofree char *name = plain_name(information->name);
    if (!b->on_linux || name[0])
        argv_add(b, "Information.Name", "the name without signs that QEMU would take for its own",
                 "-name", "%s", name);
    if (b->run->disposable)
        argv_add_flag(b, NULL, "a disposable start: what is written is forgotten", "-snapshot");
    argv_add(b, "Information.UUID", "the guest sees it as its hardware's", "-uuid", "%s",
             information->uuid);
}

/* UTM names the PCI device on every architecture. */
static void add_virtio_extra(ArgvBuild *b, const char *key, const char *kind, const char *rule)
{
    g_autofree char *device =
        b->on_linux ? argv_virtio(b, kind) : g_strdup_printf("virtio-%s-pci", kind);
    if (b->on_linux && !argv_has_device(b, device)) {
        argv_warn(b, "%s: qemu-system-%s has no %s", key, b->arch->name, device);
        return;
    }
    argv_add(b, key, rule, "-device", "%s", device);
}

static const char *tpm_device(const ArgvBuild *b)
{
    if (b->virt_prefix)
        return b->on_linux ? "tpm-tis-device" : "tpm-crb-device";
    return g_str_equal(b->arch->name, "ppc64") ? "tpm-spapr" : "tpm-tis";
}

static bool add_tpm(ArgvBuild *b, GError **error)
{
    const char *key = "QEMU.TPMDevice", *rule = "a TPM 2.0, emulated by swtpm";
    const char *device = tpm_device(b);
    g_autoptr(GString) value = g_string_new("socket,id=chrtpm0");
    if (b->on_linux) {
        g_autofree char *path = argv_socket_path(b, "swtpm", error);
        if (!path || !argv_check_device(b, key, device, error))
            return false;
        argv_prop_path(value, "path", path);
    } else {
        argv_prop(value, "path=%s.swtpm", b->config->information.uuid);
    }
    argv_add(b, key, rule, "-chardev", "%s", value->str);
    argv_add(b, key, rule, "-tpmdev", "emulator,id=tpm0,chardev=chrtpm0");
    argv_add(b, key, rule, "-device", "%s,tpmdev=tpm0", device);
    return true;
}

bool argv_misc(ArgvBuild *b, GError **error)
{
    const ConfigQemu *qemu = &b->config->qemu;
    add_identity(b);
    if (qemu->rtc_local_time)
        argv_add(b, "QEMU.RTCLocalTime", "the clock shows local time", "-rtc", "base=localtime");
    if (qemu->rng_device)
        add_virtio_extra(b, "QEMU.RNGDevice", "rng", "random numbers from the host");
    if (qemu->balloon_device)
        add_virtio_extra(b, "QEMU.BalloonDevice", "balloon", "memory that can be given back");
    return !qemu->tpm_device || add_tpm(b, error);
}
