/* SPDX-License-Identifier: Apache-2.0 */
/* utmctl show */
#include <stdio.h>
#include <string.h>

#include "bundles/keys.h"
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/machine-json.h"
#include "cmd/output.h"
#include "cmd/values.h"
#include "core/library.h"
#include "core/tree.h"
#include "core/vm/vm.h"

static struct {
    char *vm;
} opt;

static const CmdArg args[] = { { .name = "VM", .kind = ARG_VM, .value = &opt.vm }, { 0 } };

static void line(const char *title, const char *format, ...) G_GNUC_PRINTF(2, 3);

static void line(const char *title, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    g_autofree char *text = g_strdup_vprintf(format, list);
    va_end(list);
    g_autofree char *safe = output_escape(text);
    g_autofree char *label = g_strconcat(title, ":", NULL);
    printf("%-14s %s\n", label, safe);
}

static char *numbered(const char *key, guint index)
{
    return g_strdup_printf("%s[%u]", key, index);
}

static char *memory_text(int64_t mib)
{
    return value_format_size((guint64) MAX(mib, 0) * 1024 * 1024);
}

static void show_system(const UtmConfig *config)
{
    const ConfigSystem *system = &config->system;
    g_autofree char *memory = memory_text(system->memory_mib);
    g_autofree char *count = system->cpu_count
                                 ? g_strdup_printf("%d cores", (int) system->cpu_count)
                                 : g_strdup("as many cores as the host has");
    line("Machine", "%s, %s", system->architecture, system->target);
    line("Processor", "%s, %s", system->cpu, count);
    line("Memory", "%s", memory);
    g_autoptr(GString) features = g_string_new(NULL);
    const struct {
        bool on;
        const char *word;
    } words[] = {
        { config->qemu.uefi_boot, "UEFI" },
        { config->qemu.tpm_device, "TPM" },
        { config->qemu.hypervisor, "hypervisor where it can" },
        { config->qemu.rng_device, "entropy" },
        { config->qemu.balloon_device, "balloon" },
        { config->qemu.rtc_local_time, "clock in local time" },
        { config->qemu.ps2_controller, "PS/2" },
        { config->qemu.debug_log, "debug log" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
        if (words[i].on)
            g_string_append_printf(features, "%s%s", features->len ? ", " : "", words[i].word);
    line("Features", "%s", features->len ? features->str : "none");
}

static void show_drive(const Bundle *bundle, guint index, const ConfigDrive *drive)
{
    g_autofree char *title = numbered("Drive", index);
    const char *type = config_word(config_words_image_type, drive->image_type);
    const char *interface = config_word(config_words_interface, drive->interface);
    const char *mode = drive->read_only ? ", read-only" : "";
    if (!drive->image_name) {
        line(title, "%s on %s, removable%s", type, interface, mode);
        return;
    }
    g_autofree char *path = bundle_data_path(bundle, drive->image_name);
    bool there = g_file_test(path, G_FILE_TEST_EXISTS);
    g_autofree char *size = value_format_size(tree_size(path));
    line(title, "%s on %s, %s%s%s%s", type, interface, drive->image_name, mode,
         there ? ", on disk: " : ", the file is missing", there ? size : "");
}

static void show_network(guint index, const ConfigNetwork *network)
{
    g_autofree char *title = numbered("Network", index);
    line(title, "%s, %s, %s", config_word(config_words_network_mode, network->mode),
         network->hardware, network->mac_address);
    for (guint i = 0; i < network->port_forwards->len; i++) {
        const ConfigPortForward *forward = network->port_forwards->pdata[i];
        line("  forward", "%s %s:%d to %s:%d",
             config_word(config_words_protocol, forward->protocol),
             forward->host_address ? forward->host_address : "127.0.0.1", (int) forward->host_port,
             forward->guest_address ? forward->guest_address : "guest", (int) forward->guest_port);
    }
}

static void show_serial(guint index, const ConfigSerial *serial)
{
    g_autofree char *title = numbered("Serial", index);
    const char *mode = config_word(config_words_serial_mode, serial->mode);
    if (serial->mode == SERIAL_MODE_TCP_CLIENT || serial->mode == SERIAL_MODE_TCP_SERVER)
        line(title, "%s, %s:%d", mode,
             serial->tcp_host_address ? serial->tcp_host_address : "127.0.0.1",
             (int) serial->tcp_port);
    else
        line(title, "%s", mode);
}

static void show_devices(const Bundle *bundle)
{
    const UtmConfig *config = bundle->config;
    for (guint i = 0; i < config->drives->len; i++)
        show_drive(bundle, i, config->drives->pdata[i]);
    for (guint i = 0; i < config->networks->len; i++)
        show_network(i, config->networks->pdata[i]);
    for (guint i = 0; i < config->displays->len; i++) {
        g_autofree char *title = numbered("Display", i);
        line(title, "%s", ((ConfigDisplay *) config->displays->pdata[i])->hardware);
    }
    for (guint i = 0; i < config->serials->len; i++)
        show_serial(i, config->serials->pdata[i]);
    for (guint i = 0; i < config->sounds->len; i++) {
        g_autofree char *title = numbered("Sound", i);
        line(title, "%s", ((ConfigSound *) config->sounds->pdata[i])->hardware);
    }
    line("USB", "%s", config_word(config_words_usb_bus, config->input.usb_bus));
    line("Sharing", "%s%s%s",
         config_word(config_words_share_mode, config->sharing.directory_share_mode),
         config->sharing.directory_share_read_only ? ", read-only" : "",
         config->sharing.clipboard_sharing ? ", clipboard" : "");
    g_autofree char *arguments = g_strjoinv(" ", config->qemu.additional_arguments);
    if (*arguments)
        line("Arguments", "%s", arguments);
}

static void show_apple(const Bundle *bundle)
{
    const AppleConfig *apple = &bundle->config->apple;
    g_autofree char *memory = memory_text(apple->system.memory_mib);
    line("Machine", "%s, %s", apple->system.architecture,
         config_word(config_words_apple_os, apple->system.boot.operating_system));
    line("Processor", "%d cores", (int) apple->system.cpu_count);
    line("Memory", "%s", memory);
    for (guint i = 0; i < apple->drives->len; i++) {
        const AppleDrive *drive = apple->drives->pdata[i];
        g_autofree char *title = numbered("Drive", i);
        line(title, "%s on %s%s", drive->image_name ? drive->image_name : "removable",
             drive->nvme ? "NVMe" : "VirtIO", drive->read_only ? ", read-only" : "");
    }
    for (guint i = 0; i < apple->networks->len; i++) {
        const AppleNetwork *network = apple->networks->pdata[i];
        g_autofree char *title = numbered("Network", i);
        line(title, "%s, %s", config_word(config_words_apple_network_mode, network->mode),
             network->mac_address);
    }
    for (guint i = 0; i < apple->displays->len; i++) {
        const AppleDisplay *display = apple->displays->pdata[i];
        g_autofree char *title = numbered("Display", i);
        line(title, "%dx%d", (int) display->width, (int) display->height);
    }
    for (guint i = 0; i < apple->serials->len; i++) {
        const AppleSerial *serial = apple->serials->pdata[i];
        g_autofree char *title = numbered("Serial", i);
        line(title, "%s", config_word(config_words_apple_serial_mode, serial->mode));
    }
}

static void show_text(const Bundle *bundle, const LibraryEntry *entry, const char *state,
                      uint64_t size_bytes)
{
    const UtmConfig *config = bundle->config;
    g_autofree char *size = value_format_size(size_bytes);
    line("Name", "%s", entry->name);
    line("UUID", "%s", entry->uuid);
    line("Path", "%s", entry->path);
    line("State", "%s%s%s", state, entry->suspended ? ", suspended" : "",
         entry->is_protected ? ", protected" : "");
    line("Size", "%s", size);
    line("Backend", "%s", entry->backend);
    if (config->backend == CONFIG_BACKEND_APPLE) {
        show_apple(bundle);
    } else {
        show_system(config);
        show_devices(bundle);
    }
    if (config->information.notes)
        line("Notes", "%s", config->information.notes);
}

static void show_json(const Bundle *bundle, const LibraryEntry *entry, const char *state,
                      uint64_t size_bytes)
{
    cJSON *object = machine_json_entry(entry, state);
    output_json_add_uint(object, "size_on_disk", size_bytes);
    machine_json_add_config(cJSON_AddObjectToObject(object, "config"), bundle->config);
    output_json(object);
}

static bool run(GError **error)
{
    g_autoptr(Bundle) bundle = library_open(opt.vm, error);
    if (!bundle)
        return false;
    g_autoptr(LibraryEntry) entry = library_entry_read(bundle->path);
    const char *state = vm_state_word(bundle->config->information.uuid, bundle->path);
    uint64_t size_bytes = tree_size(bundle->path);
    if (command_global.json)
        show_json(bundle, entry, state, size_bytes);
    else
        show_text(bundle, entry, state, size_bytes);
    return true;
}

static const char *const examples[] = {
    "utmctl show web",
    "What the machine is made of",
    "utmctl show web --json | jq '.config.drive[].image_name'",
    "The images of its drives",
    NULL,
};

const Command cmd_show = {
    .name = "show",
    .group = GROUP_LIBRARY,
    .summary = "Show what a virtual machine is made of",
    .description = "JSON has every key of the configuration, in lower_snake_case below \"config\", "
                   "with sizes in bytes.",
    .args = args,
    .examples = examples,
    .run = run,
};
