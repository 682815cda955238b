/* SPDX-License-Identifier: Apache-2.0 */
/* Options of `create` that need no files. */
#include <string.h>

#include "bundles/arch.h"
#include "core/create-plan.h"
#include "core/create-words.h"
#include "core/error.h"

static void set_switch(CreateSwitch option, bool *value)
{
    if (option != CREATE_DEFAULT)
        *value = option == CREATE_ON;
}

static void set_string(char **field, const char *text)
{
    if (!text)
        return;
    g_free(*field);
    *field = g_strdup(text);
}

static bool is_none(const char *const *words)
{
    return words[0] && !words[1] && g_str_equal(words[0], "none");
}

static char *usual_card(const UtmConfig *config)
{
    if (config->networks->len > 0) {
        const ConfigNetwork *first = g_ptr_array_index(config->networks, 0);
        return g_strdup(first->hardware);
    }
    const GuestArch *arch = guest_arch_find(config->system.architecture);
    if (guest_target_is_virt(config->system.target))
        return g_strdup("virtio-net-pci");
    return g_strdup(arch && arch->network ? arch->network : "e1000");
}

static bool set_networks(UtmConfig *config, const char *const *words, GError **error)
{
    g_autofree char *card = usual_card(config);
    g_ptr_array_set_size(config->networks, 0);
    if (is_none(words))
        return true;
    for (; *words; words++) {
        ConfigNetwork *network = create_parse_network(*words, card, error);
        if (!network)
            return false;
        g_ptr_array_add(config->networks, network);
    }
    return true;
}

static bool add_forwards(UtmConfig *config, const char *const *words, GError **error)
{
    if (config->networks->len == 0) {
        utm_error_set(error, UTM_ERROR_USAGE, NULL, "there is no network to forward ports of");
        return false;
    }
    ConfigNetwork *network = g_ptr_array_index(config->networks, 0);
    for (; *words; words++) {
        ConfigPortForward *forward = create_parse_forward(*words, error);
        if (!forward)
            return false;
        g_ptr_array_add(network->port_forwards, forward);
    }
    return true;
}

static bool set_serials(UtmConfig *config, const char *const *words, GError **error)
{
    g_ptr_array_set_size(config->serials, 0);
    if (is_none(words))
        return true;
    for (; *words; words++) {
        ConfigSerial *serial = create_parse_serial(*words, error);
        if (!serial)
            return false;
        g_ptr_array_add(config->serials, serial);
    }
    return true;
}

static void set_displays(UtmConfig *config, const char *const *words)
{
    const GuestArch *arch = guest_arch_find(config->system.architecture);
    g_ptr_array_set_size(config->displays, 0);
    if (is_none(words))
        return;
    for (; *words; words++) {
        ConfigDisplay *display = config_display_new(*words);
        display->dynamic_resolution = arch && arch->agent;
        g_ptr_array_add(config->displays, display);
    }
}

static void set_sounds(UtmConfig *config, const char *const *words)
{
    g_ptr_array_set_size(config->sounds, 0);
    if (is_none(words))
        return;
    for (; *words; words++)
        g_ptr_array_add(config->sounds, config_sound_new(*words));
}

static bool set_share(CreatePlan *plan, const char *text, GError **error)
{
    UtmConfig *config = plan->bundle->config;
    bool read_only = g_str_has_suffix(text, ":ro") && !g_file_test(text, G_FILE_TEST_IS_DIR);
    g_autofree char *folder =
        read_only ? g_strndup(text, strlen(text) - strlen(":ro")) : g_strdup(text);
    if (!g_file_test(folder, G_FILE_TEST_IS_DIR)) {
        utm_error_set(error, UTM_ERROR_NOT_FOUND, NULL, "there is no folder \"%s\"", folder);
        return false;
    }
    config->sharing.directory_share_mode = SHARE_MODE_VIRTFS;
    config->sharing.directory_share_read_only = read_only;
    g_autofree char *path = g_canonicalize_filename(folder, NULL);
    host_facts_add_share(plan->facts, path, NULL)->read_only = read_only;
    return true;
}

static void set_system(UtmConfig *config, const CreateOptions *options)
{
    set_string(&config->system.cpu, options->cpu);
    if (options->memory_mib > 0)
        config->system.memory_mib = options->memory_mib;
    if (options->cpus > 0)
        config->system.cpu_count = options->cpus;
    set_switch(options->uefi, &config->qemu.uefi_boot);
    set_switch(options->tpm, &config->qemu.tpm_device);
    set_switch(options->rng, &config->qemu.rng_device);
    set_switch(options->balloon, &config->qemu.balloon_device);
    set_switch(options->hypervisor, &config->qemu.hypervisor);
    set_string(&config->information.notes, options->notes);
}

/* The kernels of cloud images have no drivers for the cards of PCs. */
static void use_cloud_card(UtmConfig *config)
{
    if (create_cloud_interface(config) != DRIVE_INTERFACE_VIRTIO)
        return;
    for (unsigned i = 0; i < config->networks->len; i++) {
        ConfigNetwork *network = g_ptr_array_index(config->networks, i);
        if (g_str_has_suffix(network->hardware, "virtio-net-ccw"))
            continue;
        g_free(network->hardware);
        network->hardware = g_strdup("virtio-net-pci");
    }
}

bool create_set_hardware(CreatePlan *plan, const CreateOptions *options, GError **error)
{
    UtmConfig *config = plan->bundle->config;
    set_system(config, options);
    if (plan->is_cloud && !options->template)
        use_cloud_card(config);
    if (options->displays)
        set_displays(config, options->displays);
    if (options->sounds)
        set_sounds(config, options->sounds);
    return (!options->networks || set_networks(config, options->networks, error)) &&
           (!options->forwards || add_forwards(config, options->forwards, error)) &&
           (!options->serials || set_serials(config, options->serials, error)) &&
           (!options->share || set_share(plan, options->share, error));
}
