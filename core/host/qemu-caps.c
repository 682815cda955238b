/* SPDX-License-Identifier: Apache-2.0 */
/* What a QEMU binary can do: asking it over QMP. */
#include "core/host/qemu-caps.h"

#include <string.h>

#include "core/error.h"
#include "core/host/qemu-probe.h"
#include "qapi/json-auto.h"

static GHashTable *new_set(void)
{
    return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
}

static const char *member(const cJSON *object, const char *name)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
}

static void add_word(GHashTable *set, const char *prefix, const char *name, size_t length)
{
    g_hash_table_add(set, g_strdup_printf("%s%.*s", prefix, (int) length, name));
}

/* Adds one member of every object of a list, with a prefix in front. */
static void add_members(GHashTable *set, const cJSON *list, const char *name, const char *prefix)
{
    const cJSON *entry;

    cJSON_ArrayForEach (entry, list) {
        const char *value = member(entry, name);
        if (value)
            add_word(set, prefix, value, strlen(value));
    }
}

/* Asks what this QEMU may be too old or too new for, or has not for this target: no answer is an
 * answer. */
static cJSON *ask(QmpClient *client, const QemuCaps *caps, const char *command, cJSON *arguments)
{
    g_autoptr(cJSON) taken = arguments;
    cJSON *result = NULL;

    if (!g_hash_table_contains(caps->commands, command))
        return NULL;
    if (!qmp_client_call(client, command, g_steal_pointer(&taken), &result, NULL))
        return NULL;
    return result;
}

static cJSON *types_of(QmpClient *client, const QemuCaps *caps, const char *interface)
{
    cJSON *arguments = cJSON_CreateObject();

    cJSON_AddStringToObject(arguments, "implements", interface);
    cJSON_AddBoolToObject(arguments, "abstract", false);
    return ask(client, caps, "qom-list-types", arguments);
}

static bool ask_commands(QmpClient *client, QemuCaps *caps, GError **error)
{
    g_autoptr(cJSON) list = NULL;

    if (!qmp_client_call(client, "query-commands", NULL, &list, error))
        return false;
    add_members(caps->commands, list, "name", "");
    return true;
}

static bool ask_version(QmpClient *client, QemuCaps *caps, GError **error)
{
    g_autoptr(cJSON) version = NULL;
    g_autoptr(cJSON) target = NULL;

    if (!qmp_client_call(client, "query-version", NULL, &version, error) ||
        !qmp_client_call(client, "query-target", NULL, &target, error))
        return false;
    const cJSON *qemu = cJSON_GetObjectItemCaseSensitive(version, "qemu");
    const char *package = member(version, "package");
    int part[3];
    static const char *const names[] = { "major", "minor", "micro" };
    for (int i = 0; i < 3; i++) {
        const cJSON *number = cJSON_GetObjectItemCaseSensitive(qemu, names[i]);
        part[i] = cJSON_IsNumber(number) ? number->valueint : 0;
    }
    caps->version = part[0] * 10000 + part[1] * 100 + part[2];
    caps->version_text = g_strdup_printf("%d.%d.%d%s%s%s", part[0], part[1], part[2],
                                         package && *package ? " (" : "", package ? package : "",
                                         package && *package ? ")" : "");
    caps->target = g_strdup(member(target, "arch"));
    if (!caps->target) {
        utm_error_set(error, UTM_ERROR_UNSUPPORTED, NULL, "it does not say what it emulates");
        return false;
    }
    return true;
}

static void ask_machines_and_cpus(QmpClient *client, QemuCaps *caps)
{
    g_autoptr(cJSON) machines = ask(client, caps, "query-machines", NULL);
    g_autoptr(cJSON) cpus = ask(client, caps, "query-cpu-definitions", NULL);

    add_members(caps->machines, machines, "name", "");
    add_members(caps->machines, machines, "alias", "");
    add_members(caps->cpus, cpus, "name", "");
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
    cJSON *arguments = cJSON_CreateObject();

    cJSON_AddStringToObject(arguments, "command-line", "info qdm");
    g_autoptr(cJSON) text = ask(client, caps, "human-monitor-command", arguments);
    const char *list = cJSON_GetStringValue(text);
    g_auto(GStrv) lines = g_strsplit_set(list ? list : "", "\r\n", -1);
    for (char **line = lines; *line; line++)
        add_device_line(caps->devices, *line);
    if (g_hash_table_size(caps->devices) == 0) {
        g_autoptr(cJSON) types = types_of(client, caps, "device");
        add_members(caps->devices, types, "name", "");
    }
}

static void ask_types(QmpClient *client, QemuCaps *caps)
{
    g_autoptr(cJSON) accels = types_of(client, caps, "accel");
    g_autoptr(cJSON) chardevs = types_of(client, caps, "chardev");
    g_autoptr(cJSON) objects = types_of(client, caps, "user-creatable");
    g_autoptr(cJSON) tpms = ask(client, caps, "query-tpm-types", NULL);
    const cJSON *entry;

    cJSON_ArrayForEach (entry, accels) {
        const char *name = member(entry, "name");
        if (name && g_str_has_suffix(name, "-accel"))
            add_word(caps->features, "accel-", name, strlen(name) - strlen("-accel"));
    }
    add_members(caps->features, chardevs, "name", "");
    add_members(caps->features, objects, "name", "object-");
    cJSON_ArrayForEach (entry, tpms) {
        const char *name = cJSON_GetStringValue(entry);
        if (name)
            add_word(caps->features, "tpmdev-", name, strlen(name));
    }
}

/* After ask_types(): listing character devices loads the SPICE module, which then has an option. */
static void ask_options(QmpClient *client, QemuCaps *caps)
{
    g_autoptr(cJSON) options = ask(client, caps, "query-command-line-options", NULL);
    const cJSON *option;
    const cJSON *parameter;

    cJSON_ArrayForEach (option, options) {
        const char *name = member(option, "option");
        if (!name)
            continue;
        add_word(caps->features, "option-", name, strlen(name));
        if (g_str_equal(name, "spice") || g_str_equal(name, "sandbox"))
            g_hash_table_add(caps->features, g_strdup(name));
        if (!g_str_equal(name, "spice"))
            continue;
        cJSON_ArrayForEach (parameter, cJSON_GetObjectItemCaseSensitive(option, "parameters"))
            if (g_strcmp0(member(parameter, "name"), "gl") == 0)
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
