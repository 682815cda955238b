/* SPDX-License-Identifier: Apache-2.0 */
/* What a QEMU binary can do: asking it over QMP. */
#include "core/host/qemu-caps.h"

#include <string.h>

#include "core/error.h"
#include "core/host/qemu-probe.h"
#include "qapi/generated/qmp-commands.h"

static GHashTable *new_set(void)
{
    return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
}

static void add_word(GHashTable *set, const char *prefix, const char *name, size_t length)
{
    g_hash_table_add(set, g_strdup_printf("%s%.*s", prefix, (int) length, name));
}

/* Asks what this QEMU may be too old or too new for, or has not for this target: no answer is an
 * answer. */
static bool has(const QemuCaps *caps, const char *command)
{
    return g_hash_table_contains(caps->commands, command);
}

/* Return: NULL when QEMU does not say */
static QmpObjectTypeInfoList *types_of(QmpClient *client, const QemuCaps *caps,
                                       const char *interface)
{
    QmpObjectTypeInfoList *list = NULL;

    if (has(caps, "qom-list-types"))
        utm_ignore(qmp_qom_list_types(client, interface, true, false, &list, NULL));
    return list;
}

static void add_types(GHashTable *set, const char *prefix, const QmpObjectTypeInfoList *types)
{
    for (size_t i = 0; types && i < types->len; i++)
        add_word(set, prefix, types->items[i]->name, strlen(types->items[i]->name));
}

static bool ask_commands(QmpClient *client, QemuCaps *caps, GError **error)
{
    g_autoptr(QmpCommandInfoList) list = NULL;

    if (!qmp_query_commands(client, &list, error))
        return false;
    for (size_t i = 0; i < list->len; i++)
        g_hash_table_add(caps->commands, g_strdup(list->items[i]->name));
    return true;
}

static bool ask_version(QmpClient *client, QemuCaps *caps, GError **error)
{
    g_autoptr(QmpVersionInfo) version = NULL;
    g_autoptr(QmpTargetInfo) target = NULL;

    if (!qmp_query_version(client, &version, error) || !qmp_query_target(client, &target, error))
        return false;
    const QmpVersionTriple *qemu = version->qemu;
    bool packaged = *version->package != '\0';
    caps->version = (int) (qemu->major * 10000 + qemu->minor * 100 + qemu->micro);
    caps->version_text =
        g_strdup_printf("%d.%d.%d%s%s%s", (int) qemu->major, (int) qemu->minor, (int) qemu->micro,
                        packaged ? " (" : "", version->package, packaged ? ")" : "");
    caps->target = g_strdup(qmp_sys_emu_target_name(target->arch));
    if (caps->target)
        return true;
    utm_error_set(error, UTM_ERROR_UNSUPPORTED, NULL,
                  "what it emulates is nothing that this utmctl knows");
    return false;
}

static void ask_machines_and_cpus(QmpClient *client, QemuCaps *caps)
{
    g_autoptr(QmpMachineInfoList) machines = NULL;
    g_autoptr(QmpCpuDefinitionInfoList) cpus = NULL;

    if (has(caps, "query-machines"))
        utm_ignore(qmp_query_machines(client, &machines, NULL));
    if (has(caps, "query-cpu-definitions"))
        utm_ignore(qmp_query_cpu_definitions(client, &cpus, NULL));
    for (size_t i = 0; machines && i < machines->len; i++) {
        const QmpMachineInfo *machine = machines->items[i];
        g_hash_table_add(caps->machines, g_strdup(machine->name));
        if (machine->alias)
            g_hash_table_add(caps->machines, g_strdup(machine->alias));
    }
    for (size_t i = 0; cpus && i < cpus->len; i++)
        g_hash_table_add(caps->cpus, g_strdup(cpus->items[i]->name));
}

/* One line of the monitor's list: name "ich9-ahci", bus PCI, alias "ahci". Devices that only
 * boards can make end in ", no-user". */
static void add_device_line(GHashTable *devices, const char *line)
{
    static const char *const openings[] = { "name \"", ", alias \"" };

    if (!g_str_has_prefix(line, openings[0]) || g_str_has_suffix(line, ", no-user"))
        return;
    for (size_t i = 0; i < G_N_ELEMENTS(openings); i++) {
        const char *start = strstr(line, openings[i]);
        if (!start)
            continue;
        start += strlen(openings[i]);
        add_word(devices, "", start, strcspn(start, "\""));
    }
}

/* QMP lists types but not which of them -device accepts, and no aliases; the monitor's list, which
 * is also that of "-device help", has both. */
static void ask_devices(QmpClient *client, QemuCaps *caps)
{
    g_autofree char *list = NULL;

    if (has(caps, "human-monitor-command"))
        utm_ignore(qmp_human_monitor_command(client, "info qdm", false, 0, &list, NULL));
    g_auto(GStrv) lines = g_strsplit_set(list ? list : "", "\r\n", -1);
    for (char **line = lines; *line; line++)
        add_device_line(caps->devices, *line);
    if (g_hash_table_size(caps->devices) == 0) {
        g_autoptr(QmpObjectTypeInfoList) types = types_of(client, caps, "device");
        add_types(caps->devices, "", types);
    }
}

static void ask_accelerators(QmpClient *client, QemuCaps *caps)
{
    g_autoptr(QmpObjectTypeInfoList) accels = types_of(client, caps, "accel");

    for (size_t i = 0; accels && i < accels->len; i++) {
        const char *name = accels->items[i]->name;
        if (g_str_has_suffix(name, "-accel"))
            add_word(caps->features, "accel-", name, strlen(name) - strlen("-accel"));
    }
}

static void ask_tpm_types(QmpClient *client, QemuCaps *caps)
{
    g_autoptr(QmpTpmTypeList) types = NULL;

    if (has(caps, "query-tpm-types"))
        utm_ignore(qmp_query_tpm_types(client, &types, NULL));
    for (size_t i = 0; types && i < types->len; i++) {
        const char *name = qmp_tpm_type_name(types->items[i]);
        if (name)
            add_word(caps->features, "tpmdev-", name, strlen(name));
    }
}

static void ask_types(QmpClient *client, QemuCaps *caps)
{
    g_autoptr(QmpObjectTypeInfoList) chardevs = types_of(client, caps, "chardev");
    g_autoptr(QmpObjectTypeInfoList) objects = types_of(client, caps, "user-creatable");

    ask_accelerators(client, caps);
    add_types(caps->features, "", chardevs);
    add_types(caps->features, "object-", objects);
    ask_tpm_types(client, caps);
}

/* After ask_types(): listing character devices loads the SPICE module, which then has an option. */
static void ask_options(QmpClient *client, QemuCaps *caps)
{
    g_autoptr(QmpCommandLineOptionInfoList) options = NULL;

    if (has(caps, "query-command-line-options"))
        utm_ignore(qmp_query_command_line_options(client, NULL, &options, NULL));
    for (size_t i = 0; options && i < options->len; i++) {
        const char *name = options->items[i]->option;
        const QmpCommandLineParameterInfoList *parameters = options->items[i]->parameters;
        bool spice = g_str_equal(name, "spice");
        add_word(caps->features, "option-", name, strlen(name));
        if (spice || g_str_equal(name, "sandbox"))
            g_hash_table_add(caps->features, g_strdup(name));
        for (size_t k = 0; spice && k < parameters->len; k++)
            if (g_str_equal(parameters->items[k]->name, "gl"))
                g_hash_table_add(caps->features, g_strdup("spice-gl"));
    }
}

/* Each line but the title is the name of a driver. */
static bool ask_drivers(QemuCaps *caps, const char *option, GError **error)
{
    g_autofree char *text = qemu_probe_help(caps->binary, option, error);
    g_autofree char *prefix = g_strconcat(option + 1, "-", NULL);

    if (!text)
        return false;
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line; line++)
        if (**line != '\0' && !strpbrk(*line, " :"))
            add_word(caps->features, prefix, *line, strlen(*line));
    return true;
}

QemuCaps *qemu_caps_probe(const char *binary, GError **error)
{
    g_autoptr(QemuProbe) probe = qemu_probe_start(binary, error);

    if (!probe)
        return NULL;
    g_autoptr(QemuCaps) caps = g_new0(QemuCaps, 1);
    caps->binary = g_strdup(binary);
    caps->devices = new_set();
    caps->machines = new_set();
    caps->cpus = new_set();
    caps->commands = new_set();
    caps->features = new_set();
    QmpClient *client = qemu_probe_client(probe);
    if (!ask_commands(client, caps, error) || !ask_version(client, caps, error)) {
        g_prefix_error(error, "\"%s\" cannot be asked what it can do: ", binary);
        return NULL;
    }
    ask_machines_and_cpus(client, caps);
    ask_devices(client, caps);
    ask_types(client, caps);
    ask_options(client, caps);
    if (!ask_drivers(caps, "-netdev", error) || !ask_drivers(caps, "-audiodev", error))
        return NULL;
    return g_steal_pointer(&caps);
}
