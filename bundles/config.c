/* SPDX-License-Identifier: Apache-2.0 */
/* Configurations and their records: made, copied, freed, decoded, encoded. */
#include "bundles/config.h"

#include <string.h>

#include "bundles/record.h"

UtmConfig *utm_config_new(void)
{
    return record_new(&config_table_qemu);
}

UtmConfig *utm_config_copy(const UtmConfig *config)
{
    UtmConfig *copy = g_new0(UtmConfig, 1);
    record_copy_into(config_table(config), copy, config);
    if (config->backend == CONFIG_BACKEND_APPLE)
        config_fill_qemu_sections(copy);
    return copy;
}

void utm_config_free(UtmConfig *config)
{
    if (!config)
        return;
    record_clear(&config_table_apple, config);
    record_free(&config_table_qemu, config);
}

char *config_new_uuid(void)
{
    g_autofree char *uuid = g_uuid_string_random();
    return g_ascii_strup(uuid, -1);
}

char *config_new_mac(void)
{
    guint32 high = g_random_int();
    guint32 low = g_random_int();
    return g_strdup_printf("%02X:%02X:%02X:%02X:%02X:%02X", (high >> 8 & 0xfc) | 2, high & 0xff,
                           low >> 24, low >> 16 & 0xff, low >> 8 & 0xff, low & 0xff);
}

ConfigDisplay *config_display_new(const char *hardware)
{
    ConfigDisplay *display = record_new(&config_table_display);
    g_free(display->hardware);
    display->hardware = g_strdup(hardware);
    return display;
}

ConfigDrive *config_drive_new(ImageType type, DriveInterface interface)
{
    ConfigDrive *drive = record_new(&config_table_drive);
    drive->image_type = type;
    drive->interface = interface;
    drive->identifier = config_new_uuid();
    return drive;
}

ConfigNetwork *config_network_new(NetworkMode mode, const char *hardware)
{
    ConfigNetwork *network = record_new(&config_table_network);
    network->mode = mode;
    g_free(network->hardware);
    network->hardware = g_strdup(hardware);
    network->mac_address = config_new_mac();
    return network;
}

ConfigPortForward *config_port_forward_new(Protocol protocol, int64_t host_port, int64_t guest_port)
{
    ConfigPortForward *forward = record_new(&config_table_port_forward);
    forward->protocol = protocol;
    forward->host_port = host_port;
    forward->guest_port = guest_port;
    return forward;
}

ConfigTerminal *config_terminal_new(void)
{
    return record_new(&config_table_terminal);
}

ConfigSerial *config_serial_new(SerialMode mode, SerialTarget target)
{
    ConfigSerial *serial = record_new(&config_table_serial);
    serial->mode = mode;
    serial->target = target;
    if (mode == SERIAL_MODE_TERMINAL)
        serial->terminal = config_terminal_new();
    return serial;
}

ConfigSound *config_sound_new(const char *hardware)
{
    ConfigSound *sound = record_new(&config_table_sound);
    g_free(sound->hardware);
    sound->hardware = g_strdup(hardware);
    return sound;
}

void config_display_free(ConfigDisplay *display)
{
    record_free(&config_table_display, display);
}

void config_drive_free(ConfigDrive *drive)
{
    record_free(&config_table_drive, drive);
}

void config_network_free(ConfigNetwork *network)
{
    record_free(&config_table_network, network);
}

void config_port_forward_free(ConfigPortForward *forward)
{
    record_free(&config_table_port_forward, forward);
}

void config_serial_free(ConfigSerial *serial)
{
    record_free(&config_table_serial, serial);
}

void config_sound_free(ConfigSound *sound)
{
    record_free(&config_table_sound, sound);
}

UtmConfig *utm_config_decode(PlistDict *root, int line, GPtrArray *problems)
{
    const PlistNode *backend = plist_dict_get(root, "Backend");
    const PlistNode *version = plist_dict_get(root, "ConfigurationVersion");
    unsigned value = 0;
    int64_t number = 0;
    if (!backend || backend->type != PLIST_TYPE_STRING ||
        !config_word_value(config_words_backend, backend->text, &value)) {
        problems_add(problems, PROBLEM_FATAL, "Backend", backend ? backend->line : 0,
                     backend && backend->type == PLIST_TYPE_STRING ? backend->text : NULL,
                     "is not one of QEMU, Apple");
        plist_dict_free(root);
        return NULL;
    }
    if (!version || !plist_node_integer(version, &number) || number != 4) {
        problems_add(problems, PROBLEM_FATAL, "ConfigurationVersion", version ? version->line : 0,
                     NULL, "is not 4");
        plist_dict_free(root);
        return NULL;
    }
    UtmConfig *config = g_new0(UtmConfig, 1);
    const ConfigTable *table =
        value == CONFIG_BACKEND_APPLE ? &config_table_apple : &config_table_qemu;
    record_decode(table, config, root, NULL, line, problems);
    if (config->backend == CONFIG_BACKEND_APPLE)
        config_fill_qemu_sections(config);
    return config;
}

PlistDict *utm_config_encode(const UtmConfig *config)
{
    return record_encode(config_table(config), config);
}
