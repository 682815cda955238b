/* SPDX-License-Identifier: Apache-2.0 */
/* What a guest is told at its first boot. */
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "core/error.h"
#include "core/first-boot.h"

#define KEY "ssh-ed25519 AAAAC3Nz me@here"

typedef struct {
    char *dir;
} Fixture;

static void set_up(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    f->dir = g_dir_make_tmp("first-boot-XXXXXX", NULL);
}

static void tear_down(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(GDir) dir = g_dir_open(f->dir, 0, NULL);
    for (const char *name; (name = g_dir_read_name(dir));) {
        g_autofree char *path = g_build_filename(f->dir, name, NULL);
        g_assert_cmpint(g_unlink(path), ==, 0);
    }
    g_assert_cmpint(g_rmdir(f->dir), ==, 0);
    g_free(f->dir);
}

static char *file(const Fixture *f, const char *name, const char *text)
{
    char *path = g_build_filename(f->dir, name, NULL);
    g_assert_true(g_file_set_contents(path, text, -1, NULL));
    return path;
}

static char *content(GHashTable *files, const char *name)
{
    GBytes *bytes = g_hash_table_lookup(files, name);
    size_t size = 0;
    const char *data = bytes ? g_bytes_get_data(bytes, &size) : NULL;
    return data ? g_strndup(data, size) : NULL;
}

static GHashTable *make(const FirstBootOptions *options)
{
    g_autoptr(GError) error = NULL;
    GHashTable *files = first_boot_files(options, "My Machine", "UUID-1", &error);
    g_assert_no_error(error);
    return files;
}

static void refuse(const FirstBootOptions *options, int code)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GHashTable) files = first_boot_files(options, "m", "u", &error);
    g_assert_error(error, UTM_ERROR, code);
    g_assert_null(files);
}

static cJSON *config_of(GHashTable *files, const char *name)
{
    g_autofree char *text = content(files, name);
    g_assert_nonnull(text);
    g_assert_true(g_str_has_prefix(text, "#cloud-config\n"));
    /* Nowhere in YAML can a tab begin anything. */
    g_assert_null(strchr(text, '\t'));
    return cJSON_Parse(strchr(text, '\n'));
}

static void test_user(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    g_autofree char *key = file(f, "id.pub", "# mine\n\n" KEY "\n");
    const char *keys[] = { key, NULL };
    const FirstBootOptions options = { .user = "me", .hostname = "web", .ssh_keys = keys };
    g_autoptr(GHashTable) files = make(&options);
    cJSON *config = config_of(files, "user-data");
    const cJSON *users = cJSON_GetObjectItem(config, "users");
    const cJSON *me = cJSON_GetArrayItem(users, 1);
    g_assert_cmpstr(cJSON_GetArrayItem(users, 0)->valuestring, ==, "default");
    g_assert_cmpstr(cJSON_GetObjectItem(me, "name")->valuestring, ==, "me");
    const cJSON *own = cJSON_GetObjectItem(me, "ssh_authorized_keys");
    g_assert_cmpint(cJSON_GetArraySize(own), ==, 1);
    g_assert_cmpstr(cJSON_GetArrayItem(own, 0)->valuestring, ==, KEY);
    g_assert_cmpstr(cJSON_GetObjectItem(config, "hostname")->valuestring, ==, "web");
    cJSON_Delete(config);
    g_autofree char *meta = content(files, "meta-data");
    g_assert_cmpstr(meta, ==, "instance-id: UUID-1\nlocal-hostname: web\n");
}

static void test_own_files(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    g_autofree char *user = file(f, "user.yaml", "#cloud-config\npackages: [jq]\n");
    g_autofree char *network = file(f, "net.yaml", "version: 2\n");
    g_autofree char *both = g_strdup_printf("%s,,%s", user, network);
    g_autofree char *key = file(f, "id", KEY);
    const char *keys[] = { key, NULL };
    const FirstBootOptions options = { .cloud_init = both, .ssh_keys = keys };
    g_autoptr(GHashTable) files = make(&options);
    g_autofree char *user_data = content(files, "user-data");
    g_autofree char *network_config = content(files, "network-config");
    g_autofree char *meta = content(files, "meta-data");
    g_assert_cmpstr(user_data, ==, "#cloud-config\npackages: [jq]\n");
    g_assert_cmpstr(network_config, ==, "version: 2\n");
    g_assert_cmpstr(meta, ==, "instance-id: UUID-1\nlocal-hostname: my-machine\n");
    cJSON *vendor = config_of(files, "vendor-data");
    g_assert_cmpint(cJSON_GetArraySize(cJSON_GetObjectItem(vendor, "ssh_authorized_keys")), ==, 1);
    cJSON_Delete(vendor);
}

static void test_refused(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    g_autofree char *plain = file(f, "plain", "packages: [jq]\n");
    g_autofree char *empty = file(f, "empty", "");
    g_autofree char *private_key =
        file(f, "key", "-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n-----END\n");
    const char *keys[] = { private_key, NULL }, *none[] = { plain, NULL };
    refuse(&(FirstBootOptions){ .cloud_init = "/nowhere/at/all" }, UTM_ERROR_NOT_FOUND);
    refuse(&(FirstBootOptions){ .cloud_init = plain }, UTM_ERROR_USAGE);
    refuse(&(FirstBootOptions){ .cloud_init = empty }, UTM_ERROR_USAGE);
    refuse(&(FirstBootOptions){ .cloud_init = "a,b,c,d" }, UTM_ERROR_USAGE);
    refuse(&(FirstBootOptions){ .user = "Me Too" }, UTM_ERROR_USAGE);
    refuse(&(FirstBootOptions){ .hostname = "a b" }, UTM_ERROR_USAGE);
    refuse(&(FirstBootOptions){ .ssh_keys = keys }, UTM_ERROR_USAGE);
    refuse(&(FirstBootOptions){ .ssh_keys = none }, UTM_ERROR_USAGE);
}

static void test_private_key(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    g_autofree char *key = file(f, "id", "-----BEGIN OPENSSH PRIVATE KEY-----\n");
    g_autofree char *public_key = file(f, "id.pub", KEY);
    const char *named[] = { key, public_key };
    for (unsigned i = 0; i < G_N_ELEMENTS(named); i++) {
        const char *keys[] = { named[i], NULL };
        const FirstBootOptions options = { .user = "me", .ssh_keys = keys };
        g_autofree char *found = first_boot_private_key(&options);
        g_autoptr(GHashTable) files = make(&options);
        g_assert_cmpstr(found, ==, key);
    }
}

static void test_ignition(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    g_autofree char *path =
        file(f, "a.ign",
             "{ \"ignition\": { \"version\": \"3.3.0\" },\n \"x\": [\"a b\\\"c\", \"\\\\\"] }");
    g_autofree char *wrong = file(f, "b.ign", "{ \"version\": 3 }");
    g_autoptr(GError) error = NULL;
    g_autofree char *value = first_boot_ignition(path, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(value, ==,
                    "name=opt/com.coreos/config,string={\"ignition\":{\"version\":\"3.3.0\"},,"
                    "\"x\":[\"a\\u0020b\\u0022c\",,\"\\\\\"]}");
    g_autofree char *none = first_boot_ignition(wrong, &error);
    g_assert_error(error, UTM_ERROR, UTM_ERROR_INVALID);
    g_assert_null(none);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add("/first-boot/user", Fixture, NULL, set_up, test_user, tear_down);
    g_test_add("/first-boot/own-files", Fixture, NULL, set_up, test_own_files, tear_down);
    g_test_add("/first-boot/refused", Fixture, NULL, set_up, test_refused, tear_down);
    g_test_add("/first-boot/private-key", Fixture, NULL, set_up, test_private_key, tear_down);
    g_test_add("/first-boot/ignition", Fixture, NULL, set_up, test_ignition, tear_down);
    return g_test_run();
}
