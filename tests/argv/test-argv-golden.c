/* SPDX-License-Identifier: Apache-2.0 */
/* Golden files of the argv mapping: every folder beside this file is a case, for both hosts. */
#include <glib/gstdio.h>

#include "bundles/bundle.h"
#include "core/argv/argv-quote.h"
#include "core/argv/argv.h"
#include "core/error.h"

/* What a case says about its start and its hosts, beside config.plist; see README. */
typedef struct {
    GKeyFile *file; /* owned */
    GHashTable *media;
    GHashTable *formats;
    HostFacts *facts; /* with the folders that are shared */
    char *data_dir;
    ArgvRun run;
} Case;

static const struct {
    HostSystem system;
    const char *name;
} hosts[] = { { HOST_LINUX, "linux" }, { HOST_MACOS, "macos" } };

static void case_free(Case *c)
{
    g_key_file_free(c->file);
    g_hash_table_unref(c->media);
    g_hash_table_unref(c->formats);
    host_facts_free(c->facts);
    g_free(c->data_dir);
    g_free(c);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Case, case_free)

/* Group "shares" has tag=path; those of "virtiofs" are served so. */
static HostFacts *read_shares(GKeyFile *file)
{
    HostFacts *facts = host_facts_new();
    g_autofree char *path = g_key_file_get_string(file, "run", "shared_dir", NULL);
    if (path)
        host_facts_add_share(facts, path, NULL);
    g_auto(GStrv) tags = g_key_file_get_keys(file, "shares", NULL, NULL);
    for (char **tag = tags; tag && *tag; tag++) {
        g_autofree char *value = g_key_file_get_string(file, "shares", *tag, NULL);
        HostShare *share = host_facts_add_share(facts, value, *tag);
        share->virtiofs = g_key_file_get_boolean(file, "virtiofs", *tag, NULL);
        share->read_only = g_key_file_get_boolean(file, "read-only", *tag, NULL);
    }
    return facts;
}

static GHashTable *read_table(GKeyFile *file, const char *group)
{
    GHashTable *table = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g_auto(GStrv) keys = g_key_file_get_keys(file, group, NULL, NULL);
    for (char **key = keys; key && *key; key++)
        g_hash_table_insert(table, g_strdup(*key), g_key_file_get_string(file, group, *key, NULL));
    return table;
}

static AccelChoice read_accel(GKeyFile *file)
{
    g_autofree char *word = g_key_file_get_string(file, "run", "accel", NULL);
    if (g_strcmp0(word, "tcg") == 0)
        return ACCEL_TCG;
    return g_strcmp0(word, "hypervisor") == 0 ? ACCEL_HYPERVISOR : ACCEL_AUTO;
}

static Case *case_read(const char *folder)
{
    Case *c = g_new0(Case, 1);
    g_autofree char *path = g_build_filename(folder, "case.ini", NULL);
    c->file = g_key_file_new();
    if (g_file_test(path, G_FILE_TEST_EXISTS)) {
        g_autoptr(GError) error = NULL;
        g_key_file_load_from_file(c->file, path, G_KEY_FILE_NONE, &error);
        g_assert_no_error(error);
    }
    c->media = read_table(c->file, "media");
    c->formats = read_table(c->file, "formats");
    c->facts = read_shares(c->file);
    c->data_dir = g_key_file_get_string(c->file, "run", "data_dir", NULL);
    c->run = (ArgvRun){
        .data_dir = c->data_dir ? c->data_dir : "/V/a.utm/Data",
        .media = c->media,
        .formats = c->formats,
        .shares = c->facts->shares,
        .disposable = g_key_file_get_boolean(c->file, "run", "disposable", NULL),
        .accel = read_accel(c->file),
        .first_channel_fd = -1,
    };
    if (g_key_file_has_key(c->file, "run", "first_channel_fd", NULL))
        c->run.first_channel_fd = g_key_file_get_integer(c->file, "run", "first_channel_fd", NULL);
    return c;
}

static GHashTable *new_set(void)
{
    return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
}

static void read_set(GKeyFile *file, const char *key, GHashTable *set)
{
    g_autofree char *line = g_key_file_get_string(file, "qemu", key, NULL);
    g_auto(GStrv) words = g_strsplit(line ? line : "", " ", -1);
    for (char **word = words; *word; word++) {
        if (**word)
            g_hash_table_add(set, g_strdup(*word));
    }
}

/* What Debian's QEMU 7.2 can do; NULL for an architecture that there is no file of. */
static QemuCaps *read_caps(const char *architecture)
{
    g_autofree char *path = g_strdup_printf("%s/caps/%s.ini", UTMCTL_TEST_ARGV, architecture);
    g_autoptr(GKeyFile) file = g_key_file_new();
    if (!g_key_file_load_from_file(file, path, G_KEY_FILE_NONE, NULL))
        return NULL;
    QemuCaps *caps = g_new0(QemuCaps, 1);
    caps->binary = g_strdup_printf("/usr/bin/qemu-system-%s", architecture);
    caps->target = g_strdup(architecture);
    caps->version = 70222;
    caps->version_text = g_strdup("7.2.22");
    caps->devices = new_set();
    caps->machines = new_set();
    caps->cpus = new_set();
    caps->commands = new_set();
    caps->features = new_set();
    read_set(file, "devices", caps->devices);
    read_set(file, "machines", caps->machines);
    read_set(file, "cpus", caps->cpus);
    read_set(file, "features", caps->features);
    return caps;
}

static HostProfile *linux_profile(const char *architecture)
{
    HostProfile *host = g_new0(HostProfile, 1);
    host->system = HOST_LINUX;
    host->architecture = g_strdup("x86_64");
    host->physical_cores = 4;
    host->logical_cpus = 8;
    host->hypervisor_reason = g_strdup("this CPU has no vmx or svm");
    host->qemu = read_caps(architecture);
    host->socket_dir = g_strdup("/run/user/1000/utmctl/VM");
    host->use_file_lock = true;
    host->sound_backend = g_strdup("none");
    return host;
}

static void change_string(GKeyFile *file, const char *group, const char *key, char **value)
{
    g_autofree char *text = g_key_file_get_string(file, group, key, NULL);
    if (!text)
        return;
    g_free(*value);
    *value = text[0] ? g_steal_pointer(&text) : NULL;
}

static void change_int(GKeyFile *file, const char *group, const char *key, int *value)
{
    if (g_key_file_has_key(file, group, key, NULL))
        *value = g_key_file_get_integer(file, group, key, NULL);
}

static void change_bool(GKeyFile *file, const char *group, const char *key, bool *value)
{
    if (g_key_file_has_key(file, group, key, NULL))
        *value = g_key_file_get_boolean(file, group, key, NULL);
}

static void drop_features(GKeyFile *file, const char *group, QemuCaps *caps)
{
    g_autofree char *line = g_key_file_get_string(file, group, "without", NULL);
    g_auto(GStrv) words = g_strsplit(line ? line : "", " ", -1);
    for (char **word = words; caps && *word; word++) {
        g_hash_table_remove(caps->features, *word);
        g_hash_table_remove(caps->devices, *word);
    }
}

static HostProfile *make_host(HostSystem system, const char *group, GKeyFile *file,
                              const char *architecture)
{
    HostProfile *host = system == HOST_LINUX ? linux_profile(architecture) : host_profile_macos();
    int family = 0;
    if (system == HOST_MACOS) {
        g_free(host->resource_dir);
        host->resource_dir = g_strdup("/C/qemu");
    }
    change_string(file, group, "architecture", &host->architecture);
    change_string(file, group, "resource_dir", &host->resource_dir);
    change_string(file, group, "firmware_code", &host->firmware_code);
    change_string(file, group, "bridge_default", &host->bridge_default);
    change_string(file, group, "sound_backend", &host->sound_backend);
    change_string(file, group, "socket_dir", &host->socket_dir);
    change_string(file, group, "passt", &host->passt);
    change_string(file, group, "passt_reason", &host->passt_reason);
    change_int(file, group, "system_version", &host->system_version);
    change_int(file, group, "physical_cores", &host->physical_cores);
    change_int(file, group, "logical_cpus", &host->logical_cpus);
    change_int(file, group, "performance_cores", &host->performance_cores);
    change_int(file, group, "performance_cpus", &host->performance_cpus);
    change_int(file, group, "cpu_family", &family);
    host->cpu_family = (uint32_t) family;
    change_bool(file, group, "hypervisor", &host->hypervisor);
    change_bool(file, group, "firmware_secure", &host->firmware_secure);
    change_bool(file, group, "use_file_lock", &host->use_file_lock);
    change_bool(file, group, "has_gl", &host->has_gl);
    change_bool(file, group, "qemu_alone", &host->qemu_alone);
    drop_features(file, group, host->qemu);
    return host;
}

static char *describe(const Argv *argv)
{
    GString *text = g_string_new(NULL);
    for (unsigned i = 0; i < argv->items->len; i++) {
        const ArgvItem *item = g_ptr_array_index(argv->items, i);
        g_autofree char *line = argv_item_line(item);
        g_string_append_printf(text, "%s\n", line);
        g_assert_nonnull(item->rule);
        g_assert_cmpstr(item->rule, !=, "");
    }
    for (unsigned i = 0; i < argv->warnings->len; i++)
        g_string_append_printf(text, "# warning: %s\n",
                               (char *) g_ptr_array_index(argv->warnings, i));
    g_string_append_printf(text, "# accelerator: %s%s%s\n", argv->accelerator,
                           argv->accelerator_reason ? ", " : "",
                           argv->accelerator_reason ? argv->accelerator_reason : "");
    return g_string_free(text, FALSE);
}

static char *describe_error(const GError *error)
{
    const char *hint = utm_error_hint(error);
    return g_strdup_printf("# error: %s: %s\n%s%s%s", utm_error_word(utm_error_code(error)),
                           error->message, hint ? "# hint: " : "", hint ? hint : "",
                           hint ? "\n" : "");
}

static void compare(const char *path, const char *text)
{
    g_autofree char *expected = NULL;
    if (g_getenv("UTMCTL_TEST_UPDATE")) {
        g_assert_true(g_file_set_contents(path, text, -1, NULL));
        return;
    }
    if (!g_file_get_contents(path, &expected, NULL, NULL)) {
        g_test_message("%s is missing; UTMCTL_TEST_UPDATE=1 writes it", path);
        g_test_fail();
        return;
    }
    if (g_strcmp0(text, expected) != 0) {
        g_test_message("%s: expected\n%s\nbut got\n%s", path, expected, text);
        g_test_fail();
    }
}

static void test_case(gconstpointer data)
{
    const char *folder = data;
    g_autoptr(GError) error = NULL;
    g_autoptr(Bundle) bundle = bundle_open(folder, &error);
    g_assert_no_error(error);
    g_autoptr(Case) c = case_read(folder);
    for (size_t i = 0; i < G_N_ELEMENTS(hosts); i++) {
        g_autofree char *group = g_strdup_printf("host.%s", hosts[i].name);
        g_autofree char *file = g_strdup_printf("expected.%s", hosts[i].name);
        g_autofree char *path = g_build_filename(folder, file, NULL);
        g_autoptr(HostProfile) host =
            make_host(hosts[i].system, group, c->file, bundle->config->system.architecture);
        g_autoptr(GError) failure = NULL;
        g_autoptr(Argv) argv = argv_build(bundle->config, host, &c->run, &failure);
        g_autofree char *text = argv ? describe(argv) : describe_error(failure);
        compare(path, text);
    }
}

/* A file that no case has means that somebody misspelled one. */
static void check_files(const char *folder)
{
    static const char *const known[] = { "config.plist", "case.ini", "expected.linux",
                                         "expected.macos", NULL };
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    for (const char *name; (name = g_dir_read_name(dir));) {
        if (!g_strv_contains(known, name))
            g_error("%s/%s belongs to no test", folder, name);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_autoptr(GPtrArray) folders = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GDir) dir = g_dir_open(UTMCTL_TEST_ARGV, 0, NULL);
    g_assert_nonnull(dir);
    for (const char *name; (name = g_dir_read_name(dir));) {
        char *folder = g_build_filename(UTMCTL_TEST_ARGV, name, NULL);
        g_ptr_array_add(folders, folder);
        if (g_str_equal(name, "caps") || !g_file_test(folder, G_FILE_TEST_IS_DIR))
            continue;
        check_files(folder);
        g_autofree char *path = g_strdup_printf("/argv/%s", name);
        g_test_add_data_func(path, folder, test_case);
    }
    return g_test_run();
}
