/* SPDX-License-Identifier: Apache-2.0 */
/* From options to a configuration and a list of files. */
#include "core/create-plan.h"

#include <string.h>

#include "bundles/arch.h"
#include "bundles/preset.h"
#include "bundles/record.h"
#include "core/argv/argv.h"
#include "core/error.h"
#include "core/host/host.h"
#include "core/host/kvm.h"
#include "core/library.h"
#include "core/near-miss.h"
#include "core/paths.h"
#include "core/template.h"

static void create_file_free(CreateFile *file)
{
    g_free(file->name);
    g_free(file->from);
    g_free(file);
}

void create_plan_free(CreatePlan *plan)
{
    if (!plan)
        return;
    bundle_free(plan->bundle);
    g_free(plan->template_path);
    g_free(plan->assembler);
    g_free(plan->firmware_vars);
    g_ptr_array_unref(plan->files);
    g_clear_pointer(&plan->seed, g_hash_table_unref);
    g_free(plan->seed_drive);
    g_free(plan->login_user);
    g_free(plan->login_key);
    host_facts_free(plan->facts);
    g_ptr_array_unref(plan->warnings);
    g_free(plan);
}

const UtmConfig *create_plan_config(const CreatePlan *plan)
{
    return plan->bundle->config;
}

const char *create_plan_path(const CreatePlan *plan)
{
    return plan->bundle->path;
}

const GPtrArray *create_plan_warnings(const CreatePlan *plan)
{
    return plan->warnings;
}

static bool name_is_taken(const CreatePlan *plan, const char *name)
{
    for (unsigned i = 0; i < plan->files->len; i++) {
        const CreateFile *file = g_ptr_array_index(plan->files, i);
        if (g_str_equal(file->name, name))
            return true;
    }
    for (unsigned i = 0; i < plan->bundle->config->drives->len; i++) {
        const ConfigDrive *drive = g_ptr_array_index(plan->bundle->config->drives, i);
        if (g_strcmp0(drive->image_name, name) == 0)
            return true;
    }
    return false;
}

/* Source: UTM 5.0.3 goes on with "name-2.ext" */
static char *free_name(const CreatePlan *plan, const char *wanted)
{
    static const char *const reserved[] = { "efi_vars.fd", "tpmdata", "debug.log", "vmstate",
                                            NULL };
    bool fit = bundle_name_is_safe(wanted) && g_utf8_validate(wanted, -1, NULL) &&
               wanted[0] != '.' && !g_strv_contains(reserved, wanted);
    g_autofree char *base = fit ? g_strdup(wanted) : config_new_uuid();
    const char *dot = strrchr(base, '.');
    size_t stem = dot && dot > base ? (size_t) (dot - base) : strlen(base);
    char *name = g_strdup(base);
    for (int number = 2; name_is_taken(plan, name); number++) {
        g_free(name);
        name = g_strdup_printf("%.*s-%d%s", (int) stem, base, number, base + stem);
    }
    return name;
}

const char *create_add_file(CreatePlan *plan, const char *wanted, uint64_t size_bytes,
                            const char *from)
{
    CreateFile *file = g_new0(CreateFile, 1);
    file->name = free_name(plan, wanted);
    file->size_bytes = size_bytes;
    file->from = g_strdup(from);
    g_ptr_array_add(plan->files, file);
    return file->name;
}

static char *choose_output(const char *output, GError **error)
{
    g_autofree char *path = g_canonicalize_filename(output, NULL);
    g_autofree char *parent = g_path_get_dirname(path);
    if (!g_str_has_suffix(path, ".utm")) {
        utm_error_set(error, UTM_ERROR_USAGE, NULL, "\"%s\" does not end in \".utm\"", output);
        return NULL;
    }
    if (g_file_test(path, G_FILE_TEST_EXISTS | G_FILE_TEST_IS_SYMLINK)) {
        utm_error_set(error, UTM_ERROR_WRONG_STATE, NULL, "\"%s\" is there already", path);
        return NULL;
    }
    if (!g_file_test(parent, G_FILE_TEST_IS_DIR)) {
        utm_error_set(error, UTM_ERROR_NOT_FOUND, NULL, "there is no folder \"%s\"", parent);
        return NULL;
    }
    return g_steal_pointer(&path);
}

static char *choose_path(const CreateOptions *options, GError **error)
{
    if (!library_check_name(options->name, error))
        return NULL;
    return options->output ? choose_output(options->output, error)
                           : library_new_path(options->name, error);
}

static const GuestArch *choose_arch(const CreateOptions *options, GError **error)
{
    const char *name = options->architecture ? options->architecture : "x86_64";
    const GuestArch *arch = guest_arch_find(name);
    if (arch)
        return arch;
    g_auto(GStrv) names = guest_arch_names();
    g_autofree char *near = near_miss(name, names);
    g_autofree char *hint = near ? g_strdup_printf("did you mean %s?", near) : NULL;
    utm_error_set(error, UTM_ERROR_USAGE, hint, "architecture \"%s\" is not known", name);
    return NULL;
}

/* The newest version of a machine type, which other versions of QEMU and UTM have, too. */
static const char *usual_machine(const GuestArch *arch)
{
    if (g_str_has_prefix(arch->default_target, "pseries-"))
        return "pseries";
    if (g_str_has_prefix(arch->default_target, "s390-ccw-virtio-"))
        return "s390-ccw-virtio";
    return arch->default_target;
}

static UtmConfig *fresh_config(const CreateOptions *options, GError **error)
{
    const GuestArch *arch = choose_arch(options, error);
    if (!arch)
        return NULL;
    /* Not whether the hypervisor works now: the machine is to use it on a host where it does. */
    const PresetHost host = { .hypervisor = g_str_equal(host_architecture(), arch->name) };
    UtmConfig *config = utm_config_new();
    preset_apply(config, arch->name, options->machine ? options->machine : usual_machine(arch),
                 &host);
    create_fit_host(config, options);
    return config;
}

static void renew_macs(UtmConfig *config)
{
    for (unsigned i = 0; i < config->networks->len; i++) {
        ConfigNetwork *network = g_ptr_array_index(config->networks, i);
        g_free(network->mac_address);
        network->mac_address = config_new_mac();
    }
}

/* The devices of a template are for its machine. */
static bool check_template(const CreateOptions *options, const UtmConfig *config, GError **error)
{
    if (config->backend != CONFIG_BACKEND_QEMU) {
        utm_error_set(error, UTM_ERROR_UNSUPPORTED, "clone the machine instead",
                      "template \"%s\" is an Apple machine", options->template);
        return false;
    }
    if (!options->architecture && !options->machine)
        return true;
    utm_error_set(error, UTM_ERROR_USAGE, "leave out --template, or --arch and --machine",
                  "a template has an architecture and a machine type");
    return false;
}

static UtmConfig *template_config(CreatePlan *plan, const CreateOptions *options, GError **error)
{
    plan->template_path = template_find(options->template, error);
    if (!plan->template_path)
        return NULL;
    plan->assembler = template_assembler(plan->template_path);
    g_autoptr(Bundle) bundle = bundle_open(plan->template_path, error);
    if (!bundle || !check_template(options, bundle->config, error))
        return NULL;
    renew_macs(bundle->config);
    return g_steal_pointer(&bundle->config);
}

static bool add_warnings(CreatePlan *plan, const HostProfile *host, GError **error)
{
    const UtmConfig *config = plan->bundle->config;
    g_autofree char *data_dir = bundle_data_path(plan->bundle, NULL);
    const ArgvRun run = { .data_dir = data_dir,
                          .media = plan->facts->media,
                          .shares = plan->facts->shares,
                          .first_channel_fd = -1 };
    g_autoptr(Argv) argv = argv_build(config, host, &run, error);
    if (!argv)
        return false;
    for (unsigned i = 0; i < argv->warnings->len; i++)
        g_ptr_array_add(plan->warnings, g_strdup(g_ptr_array_index(argv->warnings, i)));
    return true;
}

/* Asks the installed QEMU whether it can run the machine; one that is not installed is a warning. */
static bool check_host(CreatePlan *plan, GError **error)
{
    const UtmConfig *config = plan->bundle->config;
    g_autoptr(GError) failure = NULL;
    g_autoptr(HostProfile) host = host_profile_probe(
        config->system.architecture, config->system.target, config->qemu.tpm_device, &failure);
    if (!host) {
        const char *hint = utm_error_hint(failure);
        g_ptr_array_add(plan->warnings,
                        g_strdup_printf("this host cannot run the machine yet: %s%s%s",
                                        failure->message, hint ? "; " : "", hint ? hint : ""));
        return true;
    }
    if (!host->socket_dir)
        host->socket_dir = paths_runtime(config->information.uuid);
    plan->firmware_vars = g_strdup(host->firmware_vars);
    return add_warnings(plan, host, error);
}

static bool fill_plan(CreatePlan *plan, const CreateOptions *options, GError **error)
{
    g_autofree char *path = choose_path(options, error);
    if (!path)
        return false;
    UtmConfig *config =
        options->template ? template_config(plan, options, error) : fresh_config(options, error);
    if (!config)
        return false;
    plan->bundle = bundle_new_take(path, config);
    g_free(config->information.name);
    g_free(config->information.uuid);
    config->information.name = g_strdup(options->name);
    config->information.uuid = config_new_uuid();
    create_fit_firmware(plan, config, options);
    plan->is_cloud =
        options->first_boot.ignition != NULL || first_boot_has_seed(&options->first_boot);
    return create_set_hardware(plan, options, error) && create_set_drives(plan, options, error) &&
           check_host(plan, error);
}

CreatePlan *create_plan_new(const CreateOptions *options, GError **error)
{
    g_autoptr(CreatePlan) plan = g_new0(CreatePlan, 1);
    plan->files = g_ptr_array_new_with_free_func((GDestroyNotify) create_file_free);
    plan->warnings = g_ptr_array_new_with_free_func(g_free);
    plan->facts = host_facts_new();
    return fill_plan(plan, options, error) ? g_steal_pointer(&plan) : NULL;
}
