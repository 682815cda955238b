/* SPDX-License-Identifier: Apache-2.0 */
/* What works on this host: programs, accelerator, firmware, folders. */
#include "core/host/doctor.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#ifdef __linux__
#include <linux/landlock.h>
#endif

#include "bundles/arch.h"
#include "core/error.h"
#include "core/host/doctor-private.h"
#include "core/host/firmware.h"
#include "core/host/host.h"
#include "core/host/kvm.h"
#include "core/host/passt.h"
#include "core/library.h"
#include "core/paths.h"
#include "core/staging.h"
#include "core/tree.h"
#include "core/vm/bubblewrap.h"

void check_free(Check *check)
{
    if (!check)
        return;
    g_free(check->name);
    g_free(check->message);
    g_free(check->hint);
    g_free(check);
}

const char *check_status_word(CheckStatus status)
{
    static const char *const words[] = {
        [CHECK_OK] = "ok", [CHECK_WARN] = "warn", [CHECK_FAIL] = "fail"
    };

    return words[status];
}

bool doctor_works(const GPtrArray *checks)
{
    for (guint i = 0; i < checks->len; i++)
        if (((const Check *) checks->pdata[i])->status == CHECK_FAIL)
            return false;
    return true;
}

void doctor_add(GPtrArray *checks, CheckStatus status, const char *name, const char *hint,
                const char *format, ...)
{
    Check *check = g_new0(Check, 1);
    va_list args;

    va_start(args, format);
    check->status = status;
    check->name = g_strdup(name);
    check->hint = g_strdup(hint);
    check->message = g_strdup_vprintf(format, args);
    va_end(args);
    g_ptr_array_add(checks, check);
}

static char *install_hint(const char *what)
{
    const char *package = host_package_for(what);

    return package ? g_strconcat("apt install ", package, NULL) : NULL;
}

/* What a QEMU has and lacks of the things that any machine would use. */
static char *describe_caps(const QemuCaps *caps)
{
    static const struct {
        const char *feature;
        const char *name;
    } wanted[] = {
        { "accel-kvm", "KVM" },
        { "spice", "SPICE" },
        { "sandbox", "seccomp sandbox" },
        { "netdev-user", "user networking" },
    };
    g_autoptr(GString) lacking = g_string_new(NULL);

    for (size_t i = 0; i < G_N_ELEMENTS(wanted); i++) {
        bool own = g_strcmp0(caps->target, host_architecture()) == 0;
        if (g_hash_table_contains(caps->features, wanted[i].feature))
            continue;
        if (g_str_equal(wanted[i].feature, "accel-kvm") && !own)
            continue;
        g_string_append_printf(lacking, "%s%s", lacking->len ? ", " : "; without ", wanted[i].name);
    }
    return g_string_free(g_steal_pointer(&lacking), FALSE);
}

static void check_qemu(GPtrArray *checks, const char *name, const char *binary)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(QemuCaps) caps = qemu_caps_load(binary, &error);

    if (!caps) {
        doctor_add(checks, CHECK_WARN, name, utm_error_hint(error), "%s", error->message);
        return;
    }
    g_autofree char *lacking = describe_caps(caps);
    doctor_add(checks, *lacking ? CHECK_WARN : CHECK_OK, name, NULL, "%s at %s%s",
               caps->version_text, binary, lacking);
}

/* A line for each emulator that is installed, and one for those that are not. */
static void check_emulators(GPtrArray *checks)
{
    g_auto(GStrv) names = guest_arch_names();
    g_autoptr(GString) absent = g_string_new(NULL);
    guint before = checks->len;

    for (char **arch = names; *arch; arch++) {
        g_autofree char *binary = host_find_qemu(*arch, NULL);
        g_autofree char *name = g_strconcat("qemu-system-", *arch, NULL);
        if (binary)
            check_qemu(checks, name, binary);
        else
            g_string_append_printf(absent, "%s%s", absent->len ? " " : "", *arch);
    }
    if (checks->len == before) {
        g_autofree char *own = g_strconcat("qemu-system-", host_architecture(), NULL);
        g_autofree char *hint = install_hint(own);
        doctor_add(checks, CHECK_FAIL, "qemu", hint, "no emulator is installed");
    } else if (absent->len) {
        doctor_add(checks, CHECK_OK, "emulators", NULL, "not installed: %s", absent->str);
    }
    doctor_add_schemas(checks, (const char *const *) names);
}

static const char *kvm_hint(const char *reason)
{
    if (strstr(reason, "may not open"))
        return "sudo usermod -aG kvm \"$USER\", then log in again";
    if (strstr(reason, "vmx or svm"))
        return "enable virtualization in the firmware of this computer, or nested virtualization "
               "where it is itself a machine; until then TCG emulates";
    if (strstr(reason, "there is no"))
        return "sudo modprobe -a kvm_intel kvm_amd";
    return NULL;
}

static void add_kvm(GPtrArray *checks)
{
    g_autofree char *reason = NULL;

    if (host_hypervisor_works(&reason))
        doctor_add(checks, CHECK_OK, "kvm", NULL, "works for %s guests", host_architecture());
    else
        doctor_add(checks, CHECK_WARN, "kvm", kvm_hint(reason), "not used, because %s", reason);
}

void doctor_add_firmware(GPtrArray *checks, const char *architecture, const char *target,
                         bool secure)
{
    g_auto(Firmware) firmware = { 0 };
    g_autofree char *name = g_strconcat("uefi:", architecture, NULL);
    g_autofree char *hint = install_hint(name);

    if (!firmware_find(architecture, target, secure, &firmware))
        doctor_add(checks, CHECK_WARN, name, hint, "no UEFI firmware for %s is installed",
                   architecture);
    else
        doctor_add(checks, CHECK_OK, name, NULL, "%s%s", firmware.code,
                   firmware.secure ? " (secure boot)" : "");
}

/* Firmware matters for the architectures whose emulator is here. */
static void check_firmware(GPtrArray *checks)
{
    g_auto(GStrv) names = guest_arch_names();

    for (char **name = names; *name; name++) {
        const GuestArch *arch = guest_arch_find(*name);
        g_autofree char *binary = arch->uefi_code ? host_find_qemu(*name, NULL) : NULL;
        if (!binary)
            continue;
        doctor_add_firmware(checks, *name, NULL, false);
        if (arch->secure_boot && g_str_equal(*name, host_architecture()))
            doctor_add_firmware(checks, *name, NULL, true);
    }
}

/* On PATH or in the folders for programs that only other programs start. */
static char *find_program(const char *name)
{
    static const char *const folders[] = { "/usr/libexec", "/usr/lib/qemu", "/usr/lib" };
    char *path = g_find_program_in_path(name);

    for (size_t i = 0; !path && i < G_N_ELEMENTS(folders); i++) {
        g_autofree char *candidate = g_build_filename(folders[i], name, NULL);
        if (g_file_test(candidate, G_FILE_TEST_IS_EXECUTABLE) &&
            !g_file_test(candidate, G_FILE_TEST_IS_DIR))
            path = g_steal_pointer(&candidate);
    }
    return path;
}

void doctor_add_program(GPtrArray *checks, const char *name, CheckStatus absent, const char *use)
{
    g_autofree char *path = find_program(name);
    g_autofree char *hint = install_hint(name);

    if (path)
        doctor_add(checks, CHECK_OK, name, NULL, "%s", path);
    else
        doctor_add(checks, absent, name, hint, "not installed; %s", use);
}

static void check_passt(GPtrArray *checks)
{
    g_autofree char *reason = NULL;
    g_autofree char *path = passt_find(&reason);
    g_autofree char *installed = g_find_program_in_path("passt");
    g_autofree char *hint = installed ? NULL : install_hint("passt");

    if (path)
        doctor_add(checks, CHECK_OK, "passt", NULL, "%s serves shared networks", path);
    else
        doctor_add(checks, CHECK_WARN, "passt", hint,
                   "%s; shared networks are made inside QEMU, which is slower", reason);
}

static void check_programs(GPtrArray *checks)
{
    doctor_add_program(checks, "qemu-img", CHECK_FAIL, "it makes and reads disk images");
    doctor_add_program(checks, "swtpm", CHECK_WARN, "machines with a TPM need it");
    doctor_add_program(checks, "virtiofsd", CHECK_WARN, "it makes shared folders fast");
    check_passt(checks);
}

/* Whether a folder that need not exist could be made and used. */
static bool folder_usable(const char *path, char **out_reason)
{
    g_autofree char *at = g_strdup(path);
    struct stat st;

    while (lstat(at, &st) < 0 && errno == ENOENT && !g_str_equal(at, "/")) {
        char *parent = g_path_get_dirname(at);
        g_free(at);
        at = parent;
    }
    if (stat(at, &st) < 0)
        *out_reason = g_strdup_printf("%s: %s", at, g_strerror(errno));
    else if (!S_ISDIR(st.st_mode))
        *out_reason = g_strdup_printf("%s is not a folder", at);
    else if (access(at, W_OK | X_OK) < 0)
        *out_reason = g_strdup_printf("%s: %s", at, g_strerror(errno));
    else if (g_str_equal(at, path) && st.st_uid != getuid())
        *out_reason = g_strdup_printf("%s belongs to somebody else", at);
    else
        return true;
    return false;
}

static void check_folder(GPtrArray *checks, const char *name, const char *path,
                         const char *variable)
{
    g_autofree char *reason = NULL;
    g_autofree char *hint = g_strdup_printf("set %s to a folder of your own", variable);

    if (folder_usable(path, &reason))
        doctor_add(checks, CHECK_OK, name, NULL, "%s", path);
    else
        doctor_add(checks, CHECK_FAIL, name, hint, "cannot be used: %s", reason);
}

static void check_folders(GPtrArray *checks)
{
    g_autofree char *runtime = paths_runtime(NULL);
    g_autofree char *state = paths_state(NULL);
    g_autofree char *cache = paths_cache(NULL);

    check_folder(checks, "runtime-dir", runtime, "XDG_RUNTIME_DIR");
    check_folder(checks, "state-dir", state, "XDG_STATE_HOME");
    check_folder(checks, "cache-dir", cache, "XDG_CACHE_HOME");
}

static unsigned count_bundles(GDir *dir)
{
    unsigned count = 0;

    for (const char *name; (name = g_dir_read_name(dir));)
        count += g_str_has_suffix(name, ".utm");
    return count;
}

/* Of clones, imports and the like that were killed. */
static void check_left(GPtrArray *checks, const char *folder)
{
    g_auto(GStrv) left = staging_left(folder);

    for (char **path = left; *path; path++) {
        g_autofree char *size = g_format_size_full(tree_size(*path), G_FORMAT_SIZE_IEC_UNITS);
        doctor_add(checks, CHECK_OK, "library", NULL,
                   "%s (%s) is what somebody who was killed left; it goes with the next "
                   "machine that is made there",
                   *path, size);
    }
}

static void check_library(GPtrArray *checks)
{
    g_auto(GStrv) folders = library_path();

    for (char **folder = folders; *folder; folder++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(GDir) dir = g_dir_open(*folder, 0, &error);
        if (dir)
            doctor_add(checks, CHECK_OK, "library", NULL, "%s (%u machines)", *folder,
                       count_bundles(dir));
        else if (g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_NOENT))
            doctor_add(checks, CHECK_OK, "library", NULL, "%s is made with the first machine",
                       *folder);
        else
            doctor_add(checks, CHECK_WARN, "library", "check UTMCTL_LIBRARY", "%s", error->message);
        check_left(checks, *folder);
    }
}

/* Source: Linux Documentation/userspace-api/landlock.rst, "Landlock ABI versions" */
static void check_landlock(GPtrArray *checks)
{
#ifdef __linux__
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

    if (abi > 0) {
        doctor_add(checks, CHECK_OK, "landlock", NULL, "ABI %ld", abi);
        return;
    }
#endif
    g_autofree char *bubblewrap = bubblewrap_find();
    if (bubblewrap) {
        doctor_add(checks, CHECK_OK, "landlock", NULL, "none; %s takes its place", bubblewrap);
        return;
    }
    doctor_add(checks, CHECK_WARN, "landlock",
               "boot a kernel with lsm=landlock,…, or apt install bubblewrap",
               "not available; QEMU may open every file that you may");
}

GPtrArray *doctor_host(void)
{
    GPtrArray *checks = g_ptr_array_new_with_free_func((GDestroyNotify) check_free);

    check_emulators(checks);
    add_kvm(checks);
    check_firmware(checks);
    check_programs(checks);
    check_landlock(checks);
    check_folders(checks);
    check_library(checks);
    return checks;
}
