/* SPDX-License-Identifier: Apache-2.0 */
/* UEFI firmware as distributions install it: a code image and the template of its variables. */
#include "core/host/firmware.h"

#include <string.h>
#include <unistd.h>

#include "qapi/json-auto.h"

/* Images of distributions that have no descriptors, the preferred ones first.
 * Source: file lists of Debian's ovmf, ovmf-ia32 and qemu-efi-*, Fedora's and openSUSE's edk2
 * packages, Arch's edk2-*, and QEMU's own pc-bios folder. */
static const struct {
    const char *architecture;
    bool secure;
    const char *code;
    const char *vars;
} known[] = {
    { "x86_64", false, "/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/OVMF/OVMF_VARS_4M.fd" },
    { "x86_64", false, "/usr/share/edk2/x64/OVMF_CODE.4m.fd",
      "/usr/share/edk2/x64/OVMF_VARS.4m.fd" },
    { "x86_64", false, "/usr/share/qemu/ovmf-x86_64-4m-code.bin",
      "/usr/share/qemu/ovmf-x86_64-4m-vars.bin" },
    { "x86_64", false, "/usr/share/qemu/edk2-x86_64-code.fd", "/usr/share/qemu/edk2-i386-vars.fd" },
    { "x86_64", false, "/usr/share/edk2/ovmf/OVMF_CODE.fd", "/usr/share/edk2/ovmf/OVMF_VARS.fd" },
    { "x86_64", false, "/usr/share/edk2-ovmf/x64/OVMF_CODE.fd",
      "/usr/share/edk2-ovmf/x64/OVMF_VARS.fd" },
    { "x86_64", false, "/usr/share/OVMF/OVMF_CODE.fd", "/usr/share/OVMF/OVMF_VARS.fd" },
    { "x86_64", true, "/usr/share/OVMF/OVMF_CODE_4M.ms.fd", "/usr/share/OVMF/OVMF_VARS_4M.ms.fd" },
    { "x86_64", true, "/usr/share/OVMF/OVMF_CODE_4M.secboot.fd",
      "/usr/share/OVMF/OVMF_VARS_4M.fd" },
    { "x86_64", true, "/usr/share/edk2/x64/OVMF_CODE.secboot.4m.fd",
      "/usr/share/edk2/x64/OVMF_VARS.4m.fd" },
    { "x86_64", true, "/usr/share/qemu/ovmf-x86_64-smm-ms-code.bin",
      "/usr/share/qemu/ovmf-x86_64-smm-ms-vars.bin" },
    { "x86_64", true, "/usr/share/qemu/edk2-x86_64-secure-code.fd",
      "/usr/share/qemu/edk2-i386-vars.fd" },
    { "x86_64", true, "/usr/share/edk2/ovmf/OVMF_CODE.secboot.fd",
      "/usr/share/edk2/ovmf/OVMF_VARS.secboot.fd" },
    { "i386", false, "/usr/share/OVMF/OVMF32_CODE_4M.fd", "/usr/share/OVMF/OVMF32_VARS_4M.fd" },
    { "i386", false, "/usr/share/edk2/ia32/OVMF_CODE.4m.fd",
      "/usr/share/edk2/ia32/OVMF_VARS.4m.fd" },
    { "i386", false, "/usr/share/qemu/edk2-i386-code.fd", "/usr/share/qemu/edk2-i386-vars.fd" },
    { "i386", false, "/usr/share/edk2/ovmf-ia32/OVMF_CODE.fd",
      "/usr/share/edk2/ovmf-ia32/OVMF_VARS.fd" },
    { "i386", true, "/usr/share/OVMF/OVMF32_CODE_4M.secboot.fd",
      "/usr/share/OVMF/OVMF32_VARS_4M.fd" },
    { "i386", true, "/usr/share/qemu/edk2-i386-secure-code.fd",
      "/usr/share/qemu/edk2-i386-vars.fd" },
    { "aarch64", false, "/usr/share/AAVMF/AAVMF_CODE.fd", "/usr/share/AAVMF/AAVMF_VARS.fd" },
    { "aarch64", false, "/usr/share/AAVMF/AAVMF_CODE.no-secboot.fd",
      "/usr/share/AAVMF/AAVMF_VARS.fd" },
    { "aarch64", false, "/usr/share/edk2/aarch64/QEMU_CODE.fd",
      "/usr/share/edk2/aarch64/QEMU_VARS.fd" },
    { "aarch64", false, "/usr/share/edk2/aarch64/QEMU_EFI-silent-pflash.raw",
      "/usr/share/edk2/aarch64/vars-template-pflash.raw" },
    { "aarch64", false, "/usr/share/qemu/aavmf-aarch64-code.bin",
      "/usr/share/qemu/aavmf-aarch64-vars.bin" },
    { "aarch64", false, "/usr/share/qemu/edk2-aarch64-code.fd",
      "/usr/share/qemu/edk2-arm-vars.fd" },
    { "aarch64", true, "/usr/share/AAVMF/AAVMF_CODE.ms.fd", "/usr/share/AAVMF/AAVMF_VARS.ms.fd" },
    { "arm", false, "/usr/share/AAVMF/AAVMF32_CODE.fd", "/usr/share/AAVMF/AAVMF32_VARS.fd" },
    { "arm", false, "/usr/share/edk2/arm/QEMU_CODE.fd", "/usr/share/edk2/arm/QEMU_VARS.fd" },
    { "arm", false, "/usr/share/edk2/arm/QEMU_EFI-pflash.raw",
      "/usr/share/edk2/arm/vars-template-pflash.raw" },
    { "arm", false, "/usr/share/qemu/edk2-arm-code.fd", "/usr/share/qemu/edk2-arm-vars.fd" },
    { "riscv64", false, "/usr/share/qemu-efi-riscv64/RISCV_VIRT_CODE.fd",
      "/usr/share/qemu-efi-riscv64/RISCV_VIRT_VARS.fd" },
    { "riscv64", false, "/usr/share/edk2/riscv/RISCV_VIRT_CODE.fd",
      "/usr/share/edk2/riscv/RISCV_VIRT_VARS.fd" },
    { "riscv64", false, "/usr/share/qemu/edk2-riscv-code.fd",
      "/usr/share/qemu/edk2-riscv-vars.fd" },
    { "loongarch64", false, "/usr/share/qemu-efi-loongarch64/QEMU_EFI.fd",
      "/usr/share/qemu-efi-loongarch64/QEMU_VARS.fd" },
    { "loongarch64", false, "/usr/share/edk2/loongarch64/QEMU_EFI.fd",
      "/usr/share/edk2/loongarch64/QEMU_VARS.fd" },
    { "loongarch64", false, "/usr/share/qemu/edk2-loongarch64-code.fd",
      "/usr/share/qemu/edk2-loongarch64-vars.fd" },
};

static bool list_has(const cJSON *list, const char *word)
{
    const cJSON *item;

    cJSON_ArrayForEach (item, list)
        if (g_strcmp0(cJSON_GetStringValue(item), word) == 0)
            return true;
    return false;
}

/* Whether a pattern such as "pc-q35-*" is meant for a machine. Descriptors name versioned machines
 * only, bundles mostly their aliases: "q35" stands for the newest "pc-q35-…". */
static bool machine_matches(const char *pattern, const char *target)
{
    if (!target || g_pattern_match_simple(pattern, target))
        return true;
    const char *i440fx = g_str_equal(target, "pc") ? "i440fx" : target;
    g_autofree char *plain = g_strdup_printf("%s-1", target);
    g_autofree char *pc = g_strdup_printf("pc-%s-1", i440fx);
    return g_pattern_match_simple(pattern, plain) || g_pattern_match_simple(pattern, pc);
}

static bool targets_match(const cJSON *targets, const char *architecture, const char *target)
{
    const cJSON *entry;
    const cJSON *machine;

    cJSON_ArrayForEach (entry, targets) {
        const char *name =
            cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(entry, "architecture"));
        if (g_strcmp0(name, architecture) != 0)
            continue;
        cJSON_ArrayForEach (machine, cJSON_GetObjectItemCaseSensitive(entry, "machines")) {
            const char *pattern = cJSON_GetStringValue(machine);
            if (pattern && machine_matches(pattern, target))
                return true;
        }
    }
    return false;
}

/* The file of one half of a mapping; NULL unless it is raw and can be read. */
static const char *raw_file(const cJSON *mapping, const char *half)
{
    const cJSON *object = cJSON_GetObjectItemCaseSensitive(mapping, half);
    const char *name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, "filename"));
    const char *format = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, "format"));

    if (!name || g_strcmp0(format, "raw") != 0 || access(name, R_OK) != 0)
        return NULL;
    return name;
}

static bool use_descriptor(const cJSON *json, const char *architecture, const char *target,
                           bool secure, Firmware *out)
{
    const cJSON *features = cJSON_GetObjectItemCaseSensitive(json, "features");
    const cJSON *mapping = cJSON_GetObjectItemCaseSensitive(json, "mapping");
    const char *device = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(mapping, "device"));
    const char *mode = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(mapping, "mode"));

    if (!list_has(cJSON_GetObjectItemCaseSensitive(json, "interface-types"), "uefi") ||
        g_strcmp0(device, "flash") != 0 || (mode && !g_str_equal(mode, "split")) ||
        list_has(features, "secure-boot") != secure ||
        (!secure && list_has(features, "requires-smm")) ||
        !targets_match(cJSON_GetObjectItemCaseSensitive(json, "targets"), architecture, target))
        return false;
    const char *code = raw_file(mapping, "executable");
    const char *vars = raw_file(mapping, "nvram-template");
    if (!code || !vars)
        return false;
    out->code = g_strdup(code);
    out->vars = g_strdup(vars);
    out->secure = secure;
    return true;
}

static int compare_base_names(gconstpointer a, gconstpointer b)
{
    const char *left = *(const char *const *) a;
    const char *right = *(const char *const *) b;

    return strcmp(strrchr(left, '/'), strrchr(right, '/'));
}

/* Paths of the descriptors, (owned) of char *, sorted by name. A name in an earlier folder hides
 * it in the later ones. */
static GPtrArray *list_descriptors(const char *const *folders)
{
    g_autoptr(GHashTable) names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    GPtrArray *paths = g_ptr_array_new_with_free_func(g_free);

    for (; *folders; folders++) {
        g_autoptr(GDir) dir = g_dir_open(*folders, 0, NULL);
        for (const char *name; dir && (name = g_dir_read_name(dir));)
            if (g_str_has_suffix(name, ".json") && g_hash_table_add(names, g_strdup(name)))
                g_ptr_array_add(paths, g_strconcat(*folders, "/", name, NULL));
    }
    g_ptr_array_sort(paths, compare_base_names);
    return paths;
}

static cJSON *read_json(const char *path)
{
    g_autofree char *text = NULL;
    gsize length;

    /* An empty file is there to hide a descriptor. */
    if (!g_file_get_contents(path, &text, &length, NULL))
        return NULL;
    return cJSON_ParseWithLength(text, length);
}

static bool find_descriptor(const char *const *folders, const char *architecture,
                            const char *target, bool secure, Firmware *out)
{
    g_autoptr(GPtrArray) paths = list_descriptors(folders);

    for (guint i = 0; i < paths->len; i++) {
        g_autoptr(cJSON) json = read_json(g_ptr_array_index(paths, i));
        if (json && use_descriptor(json, architecture, target, secure, out))
            return true;
    }
    return false;
}

/* A known path, or the file of that name in the one folder that is to be looked at. */
static char *known_path(const char *path, const char *folder)
{
    return folder ? g_strconcat(folder, strrchr(path, '/'), NULL) : g_strdup(path);
}

static bool find_known(const char *folder, const char *architecture, bool secure, Firmware *out)
{
    for (size_t i = 0; i < G_N_ELEMENTS(known); i++) {
        if (known[i].secure != secure || !g_str_equal(known[i].architecture, architecture))
            continue;
        g_autofree char *code = known_path(known[i].code, folder);
        g_autofree char *vars = known_path(known[i].vars, folder);
        if (access(code, R_OK) == 0 && access(vars, R_OK) == 0) {
            out->code = g_steal_pointer(&code);
            out->vars = g_steal_pointer(&vars);
            out->secure = secure;
            return true;
        }
    }
    return false;
}

/* SMM, which secure boot on x86 stands on, is a matter of the q35 chipset. */
static bool can_be_secure(const char *architecture, const char *target)
{
    bool x86 = g_str_equal(architecture, "x86_64") || g_str_equal(architecture, "i386");

    return !x86 || !target || strstr(target, "q35");
}

bool firmware_find(const char *architecture, const char *target, bool secure, Firmware *out)
{
    const char *only = g_getenv("UTMCTL_FIRMWARE_DIR");
    g_autofree char *own = g_build_filename(g_get_user_config_dir(), "qemu/firmware", NULL);
    const char *const usual[] = { own, "/etc/qemu/firmware", "/usr/share/qemu/firmware", NULL };
    const char *const single[] = { only, NULL };
    const char *const *folders = only ? single : usual;

    *out = (Firmware){ 0 };
    if (secure && can_be_secure(architecture, target) &&
        (find_descriptor(folders, architecture, target, true, out) ||
         find_known(only, architecture, true, out)))
        return true;
    return find_descriptor(folders, architecture, target, false, out) ||
           find_known(only, architecture, false, out);
}

void firmware_clear(Firmware *firmware)
{
    g_clear_pointer(&firmware->code, g_free);
    g_clear_pointer(&firmware->vars, g_free);
}
