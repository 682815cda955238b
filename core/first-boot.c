/* SPDX-License-Identifier: Apache-2.0 */
/* What a guest reads about itself at its first boot: the files of cloud-init, the one of Ignition. */
#include "core/first-boot.h"

#include <string.h>

#include <cjson/cJSON.h>

#include "core/error.h"
#include "core/host-name.h"
#include "core/paths.h"
#include "qapi/json.h"

/* Nobody writes so much; somebody may name a disk by mistake. */
#define FILE_LIMIT (1024 * 1024)

/* What one argument of a program may be is 128 KiB in Linux. */
#define IGNITION_LIMIT (96 * 1024)

static char *read_text(const char *path, size_t limit, GError **error)
{
    g_autofree char *text = NULL;
    g_autoptr(GError) failure = NULL;
    size_t size = 0;
    g_autoptr(GMappedFile) file = g_mapped_file_new(path, FALSE, &failure);
    if (!file) {
        bool absent = g_error_matches(failure, G_FILE_ERROR, G_FILE_ERROR_NOENT);
        utm_error_set(error, absent ? UTM_ERROR_NOT_FOUND : UTM_ERROR_FAILED, NULL, "%s \"%s\"",
                      absent ? "there is no file" : "cannot read", path);
        return NULL;
    }
    size = g_mapped_file_get_length(file);
    if (size == 0 || size > limit) {
        utm_error_set(error, UTM_ERROR_USAGE, NULL, "file \"%s\" %s", path,
                      size == 0 ? "is empty" : "is far too large");
        return NULL;
    }
    text = g_strndup(g_mapped_file_get_contents(file), size);
    if (strlen(text) == size)
        return g_steal_pointer(&text);
    utm_error_set(error, UTM_ERROR_USAGE, NULL, "file \"%s\" is not text", path);
    return NULL;
}

/* ---- keys ---- */

static char *public_key_path(const char *path)
{
    g_autofree char *beside = g_strconcat(path, ".pub", NULL);
    bool is_public = g_str_has_suffix(path, ".pub") || !g_file_test(beside, G_FILE_TEST_EXISTS);
    return is_public ? g_strdup(path) : g_steal_pointer(&beside);
}

char *first_boot_private_key(const FirstBootOptions *options)
{
    if (!options->ssh_keys || !options->ssh_keys[0])
        return NULL;
    g_autofree char *path = public_key_path(options->ssh_keys[0]);
    if (!g_str_has_suffix(path, ".pub"))
        return NULL;
    path[strlen(path) - strlen(".pub")] = '\0';
    return g_file_test(path, G_FILE_TEST_IS_REGULAR) ? g_canonicalize_filename(path, NULL) : NULL;
}

/* A file of public keys has one on each line, as ssh's own authorized_keys. */
static bool add_keys(cJSON *keys, const char *named, GError **error)
{
    g_autofree char *path = public_key_path(named);
    g_autofree char *text = read_text(path, FILE_LIMIT, error);
    if (!text)
        return false;
    if (strstr(text, "PRIVATE KEY-----")) {
        utm_error_set(error, UTM_ERROR_USAGE, "ssh-keygen -y prints the public key",
                      "\"%s\" is a private key, and there is no \"%s.pub\"", path, path);
        return false;
    }
    int before = cJSON_GetArraySize(keys);
    g_auto(GStrv) lines = g_strsplit(text, "\n", 0);
    for (char **line = lines; *line; line++) {
        g_strstrip(*line);
        /* Every key begins with the length of its type's name, whose first three bytes are 0. */
        if (**line != '#' && strstr(*line, " AAAA"))
            cJSON_AddItemToArray(keys, cJSON_CreateString(*line));
    }
    if (cJSON_GetArraySize(keys) > before)
        return true;
    utm_error_set(error, UTM_ERROR_USAGE, NULL, "there is no public key in \"%s\"", path);
    return false;
}

static char *key_note_path(const char *uuid)
{
    g_autofree char *dir = paths_state(uuid);
    return g_build_filename(dir, "login-key", NULL);
}

void first_boot_note_key(const char *uuid, const char *path)
{
    g_autofree char *dir = paths_state(uuid);
    g_autofree char *note = key_note_path(uuid);
    if (paths_make_private(dir, NULL))
        (void) g_file_set_contents(note, path, -1, NULL);
}

char *first_boot_key(const char *uuid)
{
    g_autofree char *note = key_note_path(uuid);
    char *path = NULL;
    return g_file_get_contents(note, &path, NULL, NULL) ? path : NULL;
}

/* ---- cloud-init ---- */

/* What becomes configuration of ours. */
static bool asks_for_config(const FirstBootOptions *options)
{
    return options->user || options->hostname || (options->ssh_keys && options->ssh_keys[0]);
}

bool first_boot_has_seed(const FirstBootOptions *options)
{
    return options->cloud_init || asks_for_config(options);
}

static bool check_user(const char *user, GError **error)
{
    bool ok = g_ascii_islower(user[0]) || user[0] == '_';
    for (const char *c = user; ok && *c; c++)
        ok = g_ascii_islower(*c) || g_ascii_isdigit(*c) || strchr("_-.", *c) != NULL;
    if (ok && strlen(user) <= 32)
        return true;
    utm_error_set(error, UTM_ERROR_USAGE, "small letters, digits, \"_\" and \"-\"",
                  "\"%s\" is not a user name", user);
    return false;
}

static bool check_hostname(const char *hostname, GError **error)
{
    bool ok = g_ascii_isalnum(hostname[0]) && strlen(hostname) <= 253;
    for (const char *c = hostname; ok && *c; c++)
        ok = g_ascii_isalnum(*c) || *c == '-' || *c == '.';
    if (!ok)
        utm_error_set(error, UTM_ERROR_USAGE, NULL, "\"%s\" is not a host name", hostname);
    return ok;
}

static cJSON *user_entry(const char *name, cJSON *keys)
{
    cJSON *user = cJSON_CreateObject();
    cJSON_AddStringToObject(user, "name", name);
    cJSON_AddStringToObject(user, "sudo", "ALL=(ALL) NOPASSWD:ALL");
    cJSON_AddStringToObject(user, "shell", "/bin/bash");
    cJSON_AddBoolToObject(user, "lock_passwd", true);
    cJSON_AddItemToObject(user, "ssh_authorized_keys", keys);
    return user;
}

/* What the options say, as cloud-init's own configuration. */
static char *cloud_config(const FirstBootOptions *options, GError **error)
{
    g_autoptr(cJSON) config = cJSON_CreateObject();
    g_autoptr(cJSON) keys = cJSON_CreateArray();
    if ((options->user && !check_user(options->user, error)) ||
        (options->hostname && !check_hostname(options->hostname, error)))
        return NULL;
    for (const char *const *key = options->ssh_keys; key && *key; key++) {
        if (!add_keys(keys, *key, error))
            return NULL;
    }
    if (options->hostname)
        cJSON_AddStringToObject(config, "hostname", options->hostname);
    /* Otherwise sudo complains that it does not know where it is. */
    cJSON_AddStringToObject(config, "manage_etc_hosts", "localhost");
    if (options->user) {
        cJSON *users = cJSON_AddArrayToObject(config, "users");
        cJSON_AddItemToArray(users, cJSON_CreateString("default"));
        cJSON_AddItemToArray(users, user_entry(options->user, g_steal_pointer(&keys)));
    } else if (cJSON_GetArraySize(keys) > 0) {
        cJSON_AddItemToObject(config, "ssh_authorized_keys", g_steal_pointer(&keys));
    }
    g_autofree char *json = cJSON_Print(config);
    /* Those between the values, which YAML does not allow; in a text each is written \\t. */
    g_strdelimit(json, "\t", ' ');
    return g_strdup_printf("#cloud-config\n%s\n", json);
}

static char *meta_data(const FirstBootOptions *options, const char *name, const char *uuid)
{
    g_autofree char *host = options->hostname ? g_strdup(options->hostname) : host_name_from(name);
    return g_strdup_printf("instance-id: %s\nlocal-hostname: %s\n", uuid, host);
}

static void put(GHashTable *files, const char *name, char *text)
{
    g_hash_table_insert(files, g_strdup(name), g_bytes_new_take(text, strlen(text)));
}

/* cloud-init tells the kinds of user data by how they begin, and only warns in its log of others. */
static bool check_user_data(const char *path, const char *text, GError **error)
{
    if (text[0] == '#' || g_ascii_strncasecmp(text, "content-type:", 13) == 0 ||
        g_ascii_strncasecmp(text, "mime-version:", 13) == 0)
        return true;
    utm_error_set(error, UTM_ERROR_USAGE, "a configuration begins with the line #cloud-config",
                  "cloud-init would pass over \"%s\": it begins neither with \"#cloud-config\" nor "
                  "with \"#!\"",
                  path);
    return false;
}

/* "USER-DATA[,META-DATA[,NETWORK-CONFIG]]", where one that is empty is left out. */
static bool put_named_files(GHashTable *files, const char *named, GError **error)
{
    static const char *const names[] = { "user-data", "meta-data", "network-config" };
    g_auto(GStrv) paths = g_strsplit(named, ",", 0);
    if (g_strv_length(paths) > G_N_ELEMENTS(names)) {
        utm_error_set(error, UTM_ERROR_USAGE, NULL,
                      "--cloud-init takes three files at most: user data, meta data, network "
                      "configuration");
        return false;
    }
    for (unsigned i = 0; paths[i]; i++) {
        if (!*paths[i])
            continue;
        g_autofree char *text = read_text(paths[i], FILE_LIMIT, error);
        if (!text || (i == 0 && !check_user_data(paths[i], text, error)))
            return false;
        put(files, names[i], g_steal_pointer(&text));
    }
    return true;
}

GHashTable *first_boot_files(const FirstBootOptions *options, const char *name, const char *uuid,
                             GError **error)
{
    g_autoptr(GHashTable) files =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_bytes_unref);
    if (options->cloud_init && !put_named_files(files, options->cloud_init, error))
        return NULL;
    g_autofree char *config = cloud_config(options, error);
    if (!config)
        return NULL;
    bool has_user_data = g_hash_table_contains(files, "user-data");
    if (asks_for_config(options) || !has_user_data)
        put(files, has_user_data ? "vendor-data" : "user-data", g_steal_pointer(&config));
    if (!g_hash_table_contains(files, "meta-data"))
        put(files, "meta-data", meta_data(options, name, uuid));
    return g_steal_pointer(&files);
}

/* ---- Ignition ---- */

/* The text between quotes keeps its meaning: JSON has another way to write each character. A comma
 * would begin QEMU's next property. */
static char *one_word(const char *json)
{
    GString *word = g_string_new("name=opt/com.coreos/config,string=");
    for (const char *c = json; *c; c++) {
        if (c[0] == '\\' && c[1] == '"') {
            g_string_append(word, "\\u0022");
            c++;
        } else if (c[0] == '\\') {
            g_string_append_len(word, c, 2);
            c++;
        } else if (*c == ' ') {
            g_string_append(word, "\\u0020");
        } else if (*c == ',') {
            g_string_append(word, ",,");
        } else {
            g_string_append_c(word, *c);
        }
    }
    return g_string_free(word, FALSE);
}

char *first_boot_ignition(const char *path, GError **error)
{
    g_autofree char *text = read_text(path, IGNITION_LIMIT, error);
    if (!text)
        return NULL;
    g_autoptr(cJSON) config = json_parse(text, strlen(text), NULL, NULL);
    const cJSON *about = cJSON_GetObjectItemCaseSensitive(config, "ignition");
    if (!cJSON_IsString(cJSON_GetObjectItemCaseSensitive(about, "version"))) {
        utm_error_set(error, UTM_ERROR_INVALID, "butane makes one out of YAML",
                      "\"%s\" is not an Ignition configuration", path);
        return NULL;
    }
    g_autofree char *json = cJSON_PrintUnformatted(config);
    return one_word(json);
}
