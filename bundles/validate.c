/* SPDX-License-Identifier: Apache-2.0 */
/* What values of a configuration may be, beyond their types. */
#include <gio/gio.h>
#include <string.h>

#include "bundles/arch.h"
#include "bundles/bundle.h"
#include "bundles/keys-tables.h"
#include "bundles/record.h"

bool config_uuid_is_valid(const char *text)
{
    return g_uuid_string_is_valid(text);
}

bool config_mac_is_valid(const char *text)
{
    static const char zero[] = "00:00:00:00:00:00";
    if (strlen(text) != strlen(zero) || strcmp(text, zero) == 0)
        return false;
    for (size_t i = 0; text[i]; i++)
        if (i % 3 == 2 ? text[i] != ':' : !g_ascii_isxdigit(text[i]))
            return false;
    return (g_ascii_xdigit_value(text[1]) & 1) == 0;
}

static bool is_capital(char c)
{
    return g_ascii_isupper(c) || g_ascii_isdigit(c) || c == '_';
}

/* Whether @open, capitals and @close stand at @at, such as "__NAME__". */
static bool is_marked(const char *at, const char *open, const char *close)
{
    if (!g_str_has_prefix(at, open))
        return false;
    const char *p = at + strlen(open);
    const char *end = strstr(p, close);
    if (!end || end == p)
        return false;
    for (; p < end; p++)
        if (!is_capital(*p))
            return false;
    return true;
}

/* Whether a template's variable was never filled in: $NAME, ${NAME}, __NAME__, @NAME@, {{name}}. */
static bool is_placeholder(const char *text)
{
    if (!strpbrk(text, "$_@{"))
        return false;
    if (text[0] == '$' && g_ascii_isupper(text[1])) {
        const char *p = text + 1;
        while (is_capital(*p))
            p++;
        if (!*p)
            return true;
    }
    for (const char *p = text; *p; p++)
        if (is_marked(p, "${", "}") || is_marked(p, "__", "__") || is_marked(p, "@", "@") ||
            (g_str_has_prefix(p, "{{") && strstr(p, "}}")))
            return true;
    return false;
}

static bool has_control(const char *text)
{
    for (; *text; text++)
        if ((unsigned char) *text < 0x20 || *text == 0x7f)
            return true;
    return false;
}

static bool is_word(const char *text)
{
    static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    return *text && text[strspn(text, set)] == '\0';
}

const char *config_value_problem(const ConfigKey *key, const char *text, ProblemKind *out_kind)
{
    *out_kind = PROBLEM_FATAL;
    if (key->flags & CONFIG_KEY_PROSE)
        return NULL;
    if (is_placeholder(text))
        return "is a placeholder, not a value";
    if (key->type == CONFIG_UUID)
        return config_uuid_is_valid(text) ? NULL : "is not a UUID";
    if (has_control(text))
        return "has control characters in it";
    if ((key->flags & CONFIG_KEY_FILE) && !bundle_name_is_safe(text))
        return "is not a plain file name inside the bundle";
    if ((key->flags & CONFIG_KEY_WORD) && !is_word(text))
        return "has other characters than letters, digits, dot, minus and underscore";
    return NULL;
}

/* Where the file that a record came from says a key; 0 when it does not. */
static int line_of(const ConfigKey *key, const void *record)
{
    const PlistNode *node = plist_dict_get(*record_origin((void *) record), key->name);
    return node ? node->line : 0;
}

static void check_string(const ConfigKey *key, const void *record, const PlistPlace *place,
                         GPtrArray *problems)
{
    const char *text = *(char **) record_field(key, (void *) record);
    ProblemKind kind;
    unsigned unused;
    if (!text) {
        if (key->flags & CONFIG_KEY_REQUIRED)
            problems_add_at(problems, PROBLEM_FATAL, place, 0, NULL,
                            "is missing, but every machine has it");
        return;
    }
    const char *reason = config_value_problem(key, text, &kind);
    if (!reason && key->words && !config_word_value(key->words, text, &unused)) {
        kind = PROBLEM_FATAL;
        reason = "is not known to UTM";
    }
    if (!reason && !g_utf8_validate(text, -1, NULL)) {
        kind = PROBLEM_FATAL;
        reason = "is not UTF-8 text";
    }
    if (reason)
        problems_add_at(problems, kind, place, line_of(key, record), text, "%s", reason);
}

static void check_number(const ConfigKey *key, const void *record, const PlistPlace *place,
                         GPtrArray *problems)
{
    if (!record_has(key, record) || (key->minimum == 0 && key->maximum == 0))
        return;
    int64_t value = record_number(key, record);
    if (value >= key->minimum && value <= key->maximum)
        return;
    g_autofree char *text = g_strdup_printf("%" G_GINT64_FORMAT, (gint64) value);
    problems_add_at(problems, PROBLEM_SEMANTIC, place, line_of(key, record), text,
                    "is not in the range %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT,
                    (gint64) key->minimum, (gint64) key->maximum);
}

static void check_value(const ConfigKey *key, const void *record, const PlistPlace *place,
                        GPtrArray *problems)
{
    switch (key->type) {
    case CONFIG_INT:
        check_number(key, record, place, problems);
        break;
    case CONFIG_STRING:
    case CONFIG_UUID:
        check_string(key, record, place, problems);
        break;
    case CONFIG_RECORD:
        if (record_has(key, record))
            record_validate(key->table, record_sub(key, record), place, problems);
        break;
    case CONFIG_RECORDS: {
        const GPtrArray *array = record_array(key, record);
        for (guint i = 0; array && i < array->len; i++) {
            PlistPlace inner = { .up = place, .index = i };
            record_validate(key->table, array->pdata[i], &inner, problems);
        }
        break;
    }
    case CONFIG_DATA:
        if ((key->flags & CONFIG_KEY_REQUIRED) && !record_has(key, record))
            problems_add_at(problems, PROBLEM_FATAL, place, 0, NULL, "is missing");
        break;
    case CONFIG_BOOL:
    case CONFIG_ENUM:
    case CONFIG_STRINGS:
        break;
    }
}

void record_validate(const ConfigTable *table, const void *record, const PlistPlace *place,
                     GPtrArray *problems)
{
    for (guint i = 0; i < table->n_keys; i++) {
        const ConfigKey *key = &table->keys[i];
        PlistPlace inner = { .up = place, .key = key->name };
        check_value(key, record, &inner, problems);
    }
    if (table->check)
        table->check(record, place, problems);
}

void config_check_information(const void *record, const PlistPlace *place, GPtrArray *problems)
{
    const ConfigInformation *information = record;
    PlistPlace icon = { .up = place, .key = "Icon" };
    PlistPlace name = { .up = place, .key = "Name" };
    if (information->icon_custom && !information->icon)
        problems_add_at(problems, PROBLEM_FATAL, &icon, 0, NULL,
                        "is missing, but IconCustom is true");
    if (information->name && !information->name[0])
        problems_add_at(problems, PROBLEM_SEMANTIC, &name, 0, "", "is empty");
}

void config_check_system(const void *record, const PlistPlace *place, GPtrArray *problems)
{
    const ConfigSystem *system = record;
    PlistPlace cpu = { .up = place, .key = "CPU" };
    if (system->cpu && !system->cpu[0])
        problems_add_at(problems, PROBLEM_SEMANTIC, &cpu, 0, "",
                        "is empty; \"default\" lets UTM choose");
}

static void check_mac(const char *mac, const PlistPlace *place, GPtrArray *problems)
{
    PlistPlace key = { .up = place, .key = "MacAddress" };
    if (mac && !config_mac_is_valid(mac))
        problems_add_at(problems, PROBLEM_SEMANTIC, &key, 0, mac,
                        "is not a unicast MAC address such as 52:54:00:12:34:56");
}

void config_check_mac(const void *record, const PlistPlace *place, GPtrArray *problems)
{
    check_mac(((const ConfigNetwork *) record)->mac_address, place, problems);
}

void config_check_apple_mac(const void *record, const PlistPlace *place, GPtrArray *problems)
{
    check_mac(((const AppleNetwork *) record)->mac_address, place, problems);
}

/* Reports every value that an earlier record of the array has too. */
static void check_unique(const GPtrArray *records, size_t offset, const char *path_format,
                         const char *what, GPtrArray *problems)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; records && i < records->len; i++) {
        char *value = *(char **) ((char *) records->pdata[i] + offset);
        if (!value || g_hash_table_add(seen, value))
            continue;
        g_autofree char *path = g_strdup_printf("%s[%u].%s", path_format, i, what);
        problems_add(problems, PROBLEM_SEMANTIC, path, 0, value, "is there twice");
    }
}

static void check_identifiers(const GPtrArray *drives, size_t offset, GPtrArray *problems)
{
    for (guint i = 0; drives && i < drives->len; i++) {
        const char *identifier = *(char **) ((char *) drives->pdata[i] + offset);
        g_autofree char *path = g_strdup_printf("Drive[%u].Identifier", i);
        if (identifier && !is_word(identifier))
            problems_add(problems, PROBLEM_SEMANTIC, path, 0, identifier,
                         "has other characters than letters, digits, dot, minus and underscore");
    }
    check_unique(drives, offset, "Drive", "Identifier", problems);
}

static void check_ip(const char *address, const PlistPlace *place, const char *key,
                     GPtrArray *problems)
{
    PlistPlace inner = { .up = place, .key = key };
    if (address && *address && !g_hostname_is_ip_address(address))
        problems_add_at(problems, PROBLEM_SEMANTIC, &inner, 0, address, "is not an IP address");
}

void config_check_port_forward(const void *record, const PlistPlace *place, GPtrArray *problems)
{
    const ConfigPortForward *forward = record;
    check_ip(forward->host_address, place, "HostAddress", problems);
    check_ip(forward->guest_address, place, "GuestAddress", problems);
}

void config_check_serial(const void *record, const PlistPlace *place, GPtrArray *problems)
{
    const ConfigSerial *serial = record;
    PlistPlace hardware = { .up = place, .key = "Hardware" };
    bool has_hardware = serial->hardware && *serial->hardware;
    if (serial->target == SERIAL_TARGET_MANUAL && !has_hardware)
        problems_add_at(problems, PROBLEM_SEMANTIC, &hardware, 0, NULL,
                        "is missing, but Target is Manual");
}

/* Two forwards from one port: QEMU would not start. */
static void check_host_ports(const GPtrArray *networks, GPtrArray *problems)
{
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < networks->len; i++) {
        const ConfigNetwork *network = networks->pdata[i];
        for (guint j = 0; j < network->port_forwards->len; j++) {
            const ConfigPortForward *forward = network->port_forwards->pdata[j];
            const char *address = forward->host_address ? forward->host_address : "";
            char *port =
                g_strdup_printf("%s:%" G_GINT64_FORMAT "/%s", address, (gint64) forward->host_port,
                                config_word(config_words_protocol, forward->protocol));
            bool is_used = network->mode == NETWORK_MODE_EMULATED && forward->host_port;
            g_autofree char *path = g_strdup_printf("Network[%u].PortForward[%u].HostPort", i, j);
            g_autofree char *shown =
                g_strdup_printf("%" G_GINT64_FORMAT, (gint64) forward->host_port);
            if (!is_used)
                g_free(port);
            else if (!g_hash_table_add(seen, port))
                problems_add(problems, PROBLEM_SEMANTIC, path, 0, shown, "is forwarded twice");
        }
    }
}

/* With properties behind a comma, or none. */
static bool is_usb_serial(const char *hardware)
{
    static const char *const names[] = { "usb-serial", "usb-braille" };
    size_t length = hardware ? strcspn(hardware, ",") : 0;
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (length == strlen(names[i]) && strncmp(hardware, names[i], length) == 0)
            return true;
    return false;
}

/* QEMU does not start with a device that has no bus to be on. */
static void check_usb(const UtmConfig *config, const GuestArch *arch, GPtrArray *problems)
{
    static const char reason[] = "needs USB, but Input.UsbBusSupport is Disabled";
    if (!arch || !arch->usb || config->input.usb_bus != USB_BUS_DISABLED)
        return;
    for (guint i = 0; config->drives && i < config->drives->len; i++) {
        const ConfigDrive *drive = config->drives->pdata[i];
        g_autofree char *path = g_strdup_printf("Drive[%u].Interface", i);
        if (drive->interface == DRIVE_INTERFACE_USB)
            problems_add(problems, PROBLEM_SEMANTIC, path, 0, "USB", "%s", reason);
    }
    for (guint i = 0; config->serials && i < config->serials->len; i++) {
        const ConfigSerial *serial = config->serials->pdata[i];
        g_autofree char *path = g_strdup_printf("Serial[%u].Hardware", i);
        if (serial->target == SERIAL_TARGET_MANUAL && is_usb_serial(serial->hardware))
            problems_add(problems, PROBLEM_SEMANTIC, path, 0, serial->hardware, "%s", reason);
    }
}

void config_check_qemu_root(const void *record, const PlistPlace *place, GPtrArray *problems)
{
    (void) place;
    const UtmConfig *config = record;
    check_identifiers(config->drives, offsetof(ConfigDrive, identifier), problems);
    check_unique(config->drives, offsetof(ConfigDrive, image_name), "Drive", "ImageName", problems);
    check_unique(config->networks, offsetof(ConfigNetwork, mac_address), "Network", "MacAddress",
                 problems);
    if (config->networks)
        check_host_ports(config->networks, problems);
    const char *architecture = config->system.architecture;
    const GuestArch *arch = architecture ? guest_arch_find(architecture) : NULL;
    if (config->qemu.uefi_boot && arch && !arch->uefi_code)
        problems_add(problems, PROBLEM_SEMANTIC, "QEMU.UEFIBoot", 0, "true",
                     "is not possible: there is no UEFI firmware for %s", architecture);
    check_usb(config, arch, problems);
}

void config_check_apple_root(const void *record, const PlistPlace *place, GPtrArray *problems)
{
    (void) place;
    const AppleConfig *apple = &((const UtmConfig *) record)->apple;
    check_identifiers(apple->drives, offsetof(AppleDrive, identifier), problems);
    check_unique(apple->networks, offsetof(AppleNetwork, mac_address), "Network", "MacAddress",
                 problems);
}

static bool is_reported(const GPtrArray *problems, guint count, const char *key)
{
    for (guint i = 0; i < count; i++)
        if (strcmp(((const Problem *) problems->pdata[i])->key, key) == 0)
            return true;
    return false;
}

void utm_config_validate(const UtmConfig *config, GPtrArray *problems)
{
    guint before = problems->len;
    record_validate(config_table(config), config, NULL, problems);
    /* What decoding has found already is not said twice. */
    for (guint i = problems->len; i-- > before;)
        if (is_reported(problems, before, ((const Problem *) problems->pdata[i])->key))
            g_ptr_array_remove_index(problems, i);
}

bool utm_config_check(const UtmConfig *config, GError **error)
{
    g_autoptr(GPtrArray) problems = problems_new();
    utm_config_validate(config, problems);
    return problems_to_error(problems, PROBLEM_SEMANTIC, error);
}
