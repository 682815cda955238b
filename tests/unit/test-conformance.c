/* SPDX-License-Identifier: Apache-2.0 */
/* Our schema against the QEMUs that are installed, and against answers that were made wrong. */
#include <gio/gio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "qapi/conformance.h"
#include "qapi/generated/qmp-commands.h"
#include "qapi/generated/qmp-schema.h"
#include "qapi/json.h"

static GPtrArray *compare(const char *json)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(cJSON) value = json_parse(json, strlen(json), NULL, &error);
    g_assert_no_error(error);
    g_autoptr(QmpSchemaInfoList) live = NULL;
    g_assert_true(qapi_from_json(&qmp_schema_info_list_type, value, "return", &live, &error));
    g_assert_no_error(error);
    return conformance_compare(&qmp_schema, live);
}

/* What is said about one place; NULL for nothing. */
static const Difference *about(const GPtrArray *differences, const char *where)
{
    for (guint i = 0; i < differences->len; i++) {
        const Difference *difference = differences->pdata[i];
        if (strcmp(difference->where, where) == 0)
            return difference;
    }
    return NULL;
}

static void check(const GPtrArray *differences, const char *where, const char *what, bool matters)
{
    const Difference *difference = about(differences, where);
    g_assert_nonnull(difference);
    g_assert_cmpstr(difference->what, ==, what);
    g_assert_cmpint(difference->matters, ==, matters);
}

#define BUILTINS                                                                                   \
    "{\"name\":\"str\",\"meta-type\":\"builtin\",\"json-type\":\"string\"},"                       \
    "{\"name\":\"int\",\"meta-type\":\"builtin\",\"json-type\":\"int\"},"                          \
    "{\"name\":\"bool\",\"meta-type\":\"builtin\",\"json-type\":\"boolean\"},"                     \
    "{\"name\":\"0\",\"meta-type\":\"object\",\"members\":[]}"

static void test_right(void)
{
    g_autoptr(GPtrArray) found = compare(
        "[" BUILTINS ",{\"name\":\"stop\",\"meta-type\":\"command\",\"arg-type\":\"0\","
        "\"ret-type\":\"0\"},"
        "{\"name\":\"query-uuid\",\"meta-type\":\"command\",\"arg-type\":\"0\",\"ret-type\":\"1\"},"
        "{\"name\":\"1\",\"meta-type\":\"object\",\"members\":[{\"name\":\"UUID\",\"type\":\"str\"}"
        ","
        "{\"name\":\"new\",\"type\":\"str\"}]}]");
    g_assert_null(about(found, "stop"));
    g_assert_null(about(found, "query-uuid: return.UUID"));
    check(found, "cont", "the command is missing", true);
    check(found, "query-spice", "the command is missing", false);
    check(found, "SHUTDOWN", "the event is missing", true);
    g_assert_null(about(found, "guest-ping"));
    g_assert_null(about(found, "x-utm-info"));
}

static void test_wrong(void)
{
    g_autoptr(GPtrArray) found = compare(
        "[" BUILTINS ",{\"name\":\"stop\",\"meta-type\":\"command\",\"arg-type\":\"2\","
        "\"ret-type\":\"0\"},"
        "{\"name\":\"2\",\"meta-type\":\"object\",\"members\":[{\"name\":\"why\",\"type\":\"str\"},"
        "{\"name\":\"how\",\"type\":\"str\",\"default\":null}]},"
        "{\"name\":\"query-status\",\"meta-type\":\"command\",\"arg-type\":\"0\","
        "\"ret-type\":\"1\"},"
        "{\"name\":\"1\",\"meta-type\":\"object\",\"members\":[{\"name\":\"running\","
        "\"type\":\"int\"},{\"name\":\"status\",\"type\":\"3\",\"default\":null}]},"
        "{\"name\":\"3\",\"meta-type\":\"enum\",\"members\":[{\"name\":\"dreaming\"}]},"
        "{\"name\":\"query-uuid\",\"meta-type\":\"command\",\"arg-type\":\"0\","
        "\"ret-type\":\"0\"},"
        "{\"name\":\"query-jobs\",\"meta-type\":\"command\",\"arg-type\":\"0\","
        "\"ret-type\":\"0\"},"
        "{\"name\":\"eject\",\"meta-type\":\"command\",\"arg-type\":\"4\",\"ret-type\":\"0\"},"
        "{\"name\":\"4\",\"meta-type\":\"object\",\"members\":[{\"name\":\"id\","
        "\"type\":\"str\"}]}]");
    check(found, "stop: arguments", "\"why\" has become mandatory", true);
    check(found, "query-status: return.running", "is int and not boolean", true);
    check(found, "query-status: return.status", "has become optional", true);
    check(found, "query-uuid: return.UUID", "is missing", true);
    check(found, "query-jobs: return", "is object and not array", true);
    check(found, "eject: arguments.device", "is missing", true);
    check(found, "eject: arguments.id", "has become mandatory", true);
}

static void test_unexplained(void)
{
    g_autoptr(GPtrArray) found =
        compare("[{\"name\":\"query-uuid\",\"meta-type\":\"command\",\"arg-type\":\"0\","
                "\"ret-type\":\"77\"}]");
    check(found, "query-uuid: return", "has a type that the schema does not explain", true);
}

static QmpClient *start_qemu(const char *path, GSubprocess **out_process)
{
    int pair[2];
    g_autoptr(GError) error = NULL;
    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), ==, 0);
    g_autoptr(GSubprocessLauncher) launcher =
        g_subprocess_launcher_new(G_SUBPROCESS_FLAGS_STDERR_SILENCE);
    g_subprocess_launcher_take_fd(launcher, pair[1], 3);
    *out_process = g_subprocess_launcher_spawn(
        launcher, &error, path, "-machine", "none", "-nodefaults", "-no-user-config", "-display",
        "none", "-chardev", "socket,id=m,fd=3", "-mon", "chardev=m,mode=control", NULL);
    g_assert_no_error(error);
    QmpClient *client = qmp_client_new(pair[0], NULL, NULL, NULL);
    g_assert_true(qmp_client_negotiate(client, 60 * G_USEC_PER_SEC, &error));
    g_assert_no_error(error);
    return client;
}

/* Called with the path of a QEMU. */
static void test_installed(const void *user)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GSubprocess) process = NULL;
    g_autoptr(QmpSchemaInfoList) live = NULL;
    QmpClient *client = start_qemu(user, &process);
    g_assert_true(qmp_query_qmp_schema(client, &live, &error));
    g_assert_no_error(error);
    g_autoptr(GPtrArray) found = conformance_compare(&qmp_schema, live);
    for (guint i = 0; i < found->len; i++) {
        const Difference *difference = found->pdata[i];
        g_test_message("%s %s", difference->where, difference->what);
        if (difference->matters)
            g_test_fail_printf("%s %s", difference->where, difference->what);
    }
    g_assert_true(qmp_quit(client, &error));
    g_assert_true(g_subprocess_wait(process, NULL, &error));
    qmp_client_free(client);
}

static void add_installed(GPtrArray *paths)
{
    g_auto(GStrv) folders = g_strsplit(g_getenv("PATH") ? g_getenv("PATH") : "", ":", -1);
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    for (char **folder = folders; *folder; folder++) {
        g_autoptr(GDir) dir = g_dir_open(*folder, 0, NULL);
        for (const char *name; dir && (name = g_dir_read_name(dir));) {
            /* The microvm build has no "none" machine. */
            if (!g_str_has_prefix(name, "qemu-system-") || g_str_has_suffix(name, "-microvm"))
                continue;
            char *path = g_build_filename(*folder, name, NULL);
            g_ptr_array_add(paths, path);
            const char *base = strrchr(path, '/') + 1;
            if (!g_hash_table_add(seen, (void *) base))
                continue;
            g_autofree char *test = g_strdup_printf("/conformance/%s", base);
            g_test_add_data_func(test, path, test_installed);
        }
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
    g_test_add_func("/conformance/right", test_right);
    g_test_add_func("/conformance/wrong", test_wrong);
    g_test_add_func("/conformance/unexplained", test_unexplained);
    add_installed(paths);
    return g_test_run();
}
