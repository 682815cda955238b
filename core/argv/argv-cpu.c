/* SPDX-License-Identifier: Apache-2.0 */
/* CPU model, flags, and how many CPUs. */
#include <string.h>

#include "core/argv/argv-build.h"
#include "core/error.h"
#include "core/near-miss.h"

/* Source: UTM 5.0.3, hw.cpufamily of Intel Macs to QEMU's models */
static const char *intel_model(uint32_t family)
{
    static const struct {
        uint32_t family;
        const char *model;
    } rows[] = {
        { 0x78ea4fbc, "Penryn" },         { 0x6b5a4cd2, "Nehalem" },
        { 0x573b5eec, "Westmere" },       { 0x5490b78c, "SandyBridge" },
        { 0x1f65e835, "IvyBridge" },      { 0x10b282dc, "Haswell" },
        { 0x582ed09c, "Broadwell" },      { 0x37fc219f, "Skylake-Client" },
        { 0x0f817246, "Skylake-Client" }, { 0x1cf8a03e, "Skylake-Client" },
        { 0x38435547, "Icelake-Server" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        if (rows[i].family == family)
            return rows[i].model;
    }
    return NULL;
}

static const char *mac_default(const ArgvBuild *b, const char **out_rule)
{
    bool arm_host = g_str_equal(b->host->architecture, "aarch64");
    bool x86_64 = g_str_equal(b->arch->name, "x86_64");
    if (b->hypervisor && arm_host) {
        *out_rule = "default: the CPU of the host, with a hypervisor";
        return "host";
    }
    if (b->hypervisor || (x86_64 && !arm_host)) {
        *out_rule = "default: QEMU's model of the Mac's own CPU";
        return intel_model(b->host->cpu_family);
    }
    *out_rule = "default: UTM's choice for emulation";
    return x86_64 ? "Skylake-Client" : b->arch->tcg_cpu;
}

static const char *linux_default(const ArgvBuild *b, const char **out_rule)
{
    if (b->hypervisor) {
        *out_rule = "default: the CPU of the host, with a hypervisor";
        return "host";
    }
    if (g_str_equal(b->arch->name, "x86_64")) {
        *out_rule = "default: everything that emulation can do; UTM's Skylake-Client has features "
                    "that it cannot, and QEMU warns of each";
        return "max";
    }
    /* UTM has one for every board; most take their own CPU only. */
    *out_rule = "default: UTM's choice for emulation";
    return b->virt ? b->arch->tcg_cpu : NULL;
}

static bool check_word(const char *key, const char *word, GError **error)
{
    if (word[0] && !strpbrk(word, ",\n"))
        return true;
    utm_error_set(error, UTM_ERROR_INVALID, NULL, "%s: \"%s\" cannot be a part of a CPU", key,
                  word);
    return false;
}

static bool check_model(const ArgvBuild *b, const char *model, GError **error)
{
    GHashTable *cpus = b->host->qemu ? b->host->qemu->cpus : NULL;
    if (!check_word("System.CPU", model, error))
        return false;
    if (g_str_equal(model, "host") && !b->hypervisor) {
        utm_error_set(error, UTM_ERROR_UNSUPPORTED, NULL,
                      "System.CPU \"host\" needs a hypervisor, and there is none: %s",
                      b->argv->accelerator_reason ? b->argv->accelerator_reason
                                                  : "emulation was asked for");
        return false;
    }
    if (!cpus || g_hash_table_size(cpus) == 0 || g_hash_table_contains(cpus, model) ||
        g_str_equal(model, "host") || g_str_equal(model, "max"))
        return true;
    g_autofree char *near = near_miss_set(model, cpus);
    g_autofree char *hint = near ? g_strdup_printf("this QEMU has %s", near) : NULL;
    utm_error_set(error, UTM_ERROR_UNSUPPORTED, hint,
                  "System.CPU: qemu-system-%s has no CPU \"%s\"", b->arch->name, model);
    return false;
}

static bool append_flags(ArgvBuild *b, GString *value, const char *key, char sign, char **flags,
                         GError **error)
{
    for (char **flag = flags; flag && *flag; flag++) {
        if (b->on_linux && !check_word(key, *flag, error))
            return false;
        argv_prop(value, "%c%s", sign, *flag);
    }
    return true;
}

/* Emulating ARM's pointer authentication costs two thirds of the speed. */
static bool needs_quick_pauth(const ArgvBuild *b, const char *model)
{
    return b->on_linux && !b->hypervisor && g_str_equal(b->arch->name, "aarch64") &&
           g_str_equal(model, "max");
}

static bool add_chosen(ArgvBuild *b, GError **error)
{
    const ConfigSystem *system = &b->config->system;
    g_autofree char *model = g_strdup(system->cpu);
    if (b->on_linux) {
        g_strchomp(model); /* UTM's list has SPARC models with blanks behind them */
        if (!check_model(b, model, error))
            return false;
    }
    g_autoptr(GString) value = g_string_new(model);
    if (needs_quick_pauth(b, model))
        argv_prop(value, "pauth-impdef=on");
    if (!append_flags(b, value, "System.CPUFlagsAdd", '+', system->cpu_flags_add, error) ||
        !append_flags(b, value, "System.CPUFlagsRemove", '-', system->cpu_flags_remove, error))
        return false;
    argv_add(b, "System.CPU", "the CPU that was chosen, with its flags", "-cpu", "%s", value->str);
    return true;
}

bool argv_cpu(ArgvBuild *b, GError **error)
{
    if (g_str_equal(b->config->system.cpu, "default")) {
        const char *rule = NULL;
        const char *model = b->on_linux ? linux_default(b, &rule) : mac_default(b, &rule);
        if (model)
            argv_add(b, "System.CPU", rule, "-cpu", "%s", model);
    } else if (!add_chosen(b, error)) {
        return false;
    }
    if (b->cpus == 0)
        return true;
    argv_add(b, "System.CPUCount",
             b->config->system.cpu_count > 0 ? "as many CPUs as was chosen"
                                             : "0: as many CPUs as suit guest and host",
             "-smp",
             "cpus=%" G_GINT64_FORMAT ",sockets=1,cores=%" G_GINT64_FORMAT
             ",threads=%" G_GINT64_FORMAT,
             b->cpus, b->cores, b->cpus / b->cores);
    return true;
}

static void take_cpus(ArgvBuild *b, int cores, int cpus)
{
    b->cores = MAX(cores, 1);
    b->cpus = MAX(cpus, b->cores);
}

/* How many CPUs a machine type takes; 0: it has its own number of them. */
static int64_t cpu_limit(const ArgvBuild *b)
{
    static const struct {
        const char *arch;
        int limit;
    } virts[] = {
        { "arm", 8 },       { "aarch64", 128 },   { "riscv32", 128 },
        { "riscv64", 128 }, { "loongarch64", 4 }, { "or1k", 4 },
    };
    const char *target = b->config->system.target;
    if (b->sparc || g_str_equal(target, "isapc"))
        return 1;
    if (b->pc)
        return 255;
    if (b->virt) {
        for (size_t i = 0; i < G_N_ELEMENTS(virts); i++) {
            if (g_str_equal(b->arch->name, virts[i].arch))
                return virts[i].limit;
        }
        return 0;
    }
    if (g_str_equal(target, "microvm") || g_str_has_prefix(target, "pseries") ||
        g_str_has_prefix(target, "s390-ccw-virtio"))
        return 128;
    return 0;
}

/* UTM gives a machine with room for one CPU all of the host's, and QEMU exits. On Linux a count
 * that nobody asked for stays within what the machine type is known to take. */
static void limit_cpus(ArgvBuild *b)
{
    int64_t limit = cpu_limit(b);
    if (b->cpus > limit || limit == 0)
        b->cores = b->cpus = limit;
    /* Cores of two kinds cannot be told apart by a division, and the CPU "max" has no threads. */
    if (b->cpus > 0 && (b->cpus % b->cores != 0 || !b->hypervisor))
        b->cores = b->cpus;
}

static void take_host_cpus(ArgvBuild *b)
{
    const HostProfile *host = b->host;
    if (b->sparc)
        return;
    if (g_str_equal(host->architecture, "aarch64")) {
        /* A guest that needs stronger memory ordering than the host runs one thread of TCG. */
        if (!b->arch->weak_memory)
            return;
        if (host->performance_cores > 0 && host->performance_cpus > 0)
            take_cpus(b, host->performance_cores, host->performance_cpus);
        else
            take_cpus(b, host->physical_cores, host->logical_cpus);
    } else if (g_str_equal(host->architecture, "x86_64")) {
        take_cpus(b, host->physical_cores, host->logical_cpus);
    }
}

void argv_count_cpus(ArgvBuild *b)
{
    bool chosen = b->config->system.cpu_count > 0;
    b->cores = b->cpus = MAX(b->config->system.cpu_count, 1);
    if (!chosen && b->host->physical_cores > 0)
        take_host_cpus(b);
    if (!chosen && b->on_linux)
        limit_cpus(b);
}
