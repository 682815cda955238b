/* SPDX-License-Identifier: Apache-2.0 */
/* Warm images: where they are, what is known of them, and how QEMU is told to use one. */
#include "core/snapshot/warm.h"

#include <string.h>
#include <sys/stat.h>

#include <cjson/cJSON.h>

#include "core/error.h"
#include "core/paths.h"
#include "core/snapshot/generation.h"
#include "core/tree.h"
#include "qapi/json-auto.h"

#define INDEX_NAME "index.json"

/* Source: QEMU 8.2 qapi/qom.json, MemoryBackendFileProperties */
#define ROM_PROPERTY_SINCE 80200

void warm_index_clear(WarmIndex *index)
{
    g_clear_pointer(&index->ram_id, g_free);
    g_clear_pointer(&index->accelerator, g_free);
    g_clear_pointer(&index->fingerprint, g_free);
}

AccelChoice warm_accel(const WarmIndex *index)
{
    return strcmp(index->accelerator, "tcg") == 0 ? ACCEL_TCG : ACCEL_HYPERVISOR;
}

char *warm_folder(const char *uuid, const char *tag)
{
    g_autofree char *escaped = tag ? g_uri_escape_string(tag, " ", TRUE) : NULL;
    g_autofree char *name = tag ? g_strconcat("@", escaped, NULL) : NULL;
    g_autofree char *all = paths_cache("warm");
    return g_build_filename(all, uuid, name, NULL);
}

char *warm_find(const char *uuid, const char *tag)
{
    g_autofree char *folder = warm_folder(uuid, tag);
    g_autofree char *index = g_build_filename(folder, INDEX_NAME, NULL);
    return g_file_test(index, G_FILE_TEST_EXISTS) ? g_steal_pointer(&folder) : NULL;
}

static char *text_of(const cJSON *json, const char *name)
{
    return g_strdup(cJSON_GetStringValue(cJSON_GetObjectItem(json, name)));
}

bool warm_index_read(const char *folder, WarmIndex *out_index, GError **error)
{
    g_autofree char *path = g_build_filename(folder, INDEX_NAME, NULL);
    g_autofree char *text = NULL;
    g_autoptr(GError) local = NULL;
    (void) g_file_get_contents(path, &text, NULL, &local);
    g_autoptr(cJSON) json = text ? cJSON_Parse(text) : NULL;
    g_auto(WarmIndex) index = { text_of(json, "ram_id"), text_of(json, "accelerator"),
                                text_of(json, "fingerprint") };
    if (!index.ram_id || !index.accelerator) {
        utm_error_set(error, UTM_ERROR_INVALID, NULL, "the warm image's \"%s\" is damaged: %s",
                      path, local ? local->message : "it is not what utmctl wrote");
        return false;
    }
    *out_index = index;
    index = (WarmIndex){ 0 };
    return true;
}

bool warm_index_write(const char *folder, const WarmIndex *index, GError **error)
{
    g_autoptr(cJSON) json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "ram_id", index->ram_id);
    cJSON_AddStringToObject(json, "accelerator", index->accelerator);
    if (index->fingerprint)
        cJSON_AddStringToObject(json, "fingerprint", index->fingerprint);
    g_autofree char *text = cJSON_Print(json);
    g_autofree char *path = g_build_filename(folder, INDEX_NAME, NULL);
    g_autoptr(GError) local = NULL;
    if (g_file_set_contents(path, text, -1, &local))
        return true;
    utm_error_set(error, UTM_ERROR_FAILED, NULL, "%s", local->message);
    return false;
}

/* ---- what QEMU is told ---- */

static void replace_all(GString *text, const char *what, const char *by)
{
    if (what && *what)
        g_string_replace(text, what, by, 0);
}

static void add_program(GString *text, const LaunchPlan *plan)
{
    struct stat st = { 0 };
    (void) stat(plan->command[0], &st);
    g_string_append_printf(text, "%s %s %" G_GINT64_FORMAT " %" G_GINT64_FORMAT ".%09ld",
                           plan->command[0], plan->host->qemu->version_text, (gint64) st.st_size,
                           (gint64) st.st_mtim.tv_sec, (long) st.st_mtim.tv_nsec);
}

/* Of the host's side of a network a state has only that slirp is there, not its ports or addresses,
 * which differ between copies. A name is nothing to the guest. */
static bool skip_value(GString *text, const char *option, const char *value)
{
    if (strcmp(option, "-netdev") == 0 && g_str_has_prefix(value, "user,"))
        g_string_append(text, "-netdev user\n");
    return strcmp(option, "-netdev") == 0 || strcmp(option, "-name") == 0;
}

char *warm_fingerprint(const LaunchPlan *plan, const Bundle *bundle)
{
    const UtmConfig *config = bundle->config;
    g_autoptr(GString) text = g_string_new(NULL);
    for (char **arg = plan->command + 1; *arg; arg++) {
        g_autofree char *plain = generation_replace(*arg, "GENERATION");
        if (arg[1] && skip_value(text, arg[0], arg[1]))
            arg++;
        else
            g_string_append_printf(text, "%s\n", plain);
    }
    replace_all(text, bundle->path, "BUNDLE");
    replace_all(text, plan->host->socket_dir, "RUN");
    replace_all(text, config->information.uuid, "UUID");
    for (guint i = 0; i < config->networks->len; i++)
        replace_all(text, ((const ConfigNetwork *) config->networks->pdata[i])->mac_address, "MAC");
    add_program(text, plan);
    return g_compute_checksum_for_string(G_CHECKSUM_SHA256, text->str, (gssize) text->len);
}

bool warm_fits(const char *folder)
{
    g_auto(WarmIndex) index = { 0 };
    g_autoptr(Bundle) bundle = bundle_open(folder, NULL);
    if (!bundle || !warm_index_read(folder, &index, NULL))
        return false;
    const VmStartOptions how = { .accel = warm_accel(&index) };
    g_autoptr(LaunchPlan) plan = launch_plan_new(bundle, &how, NULL);
    g_autofree char *print = plan ? warm_fingerprint(plan, bundle) : NULL;
    return print && g_strcmp0(print, index.fingerprint) == 0;
}

static char **find_value(char **command, const char *option)
{
    for (char **arg = command; arg[0] && arg[1]; arg++)
        if (strcmp(arg[0], option) == 0)
            return arg + 1;
    return NULL;
}

static bool sets_memory_up(char **command)
{
    char **machine = find_value(command, "-machine");
    return !machine || strstr(*machine, "memory-backend=") || find_value(command, "-mem-path") ||
           find_value(command, "-numa") || find_value(command, "-incoming");
}

bool warm_maps_read_only(const LaunchPlan *plan)
{
    return plan->host->qemu->version >= ROM_PROPERTY_SINCE;
}

bool warm_amend_plan(LaunchPlan *plan, int64_t memory_mib, const char *ram_path, const char *ram_id,
                     bool share, GError **error)
{
    if (sets_memory_up(plan->command)) {
        utm_error_set(error, UTM_ERROR_UNSUPPORTED, NULL,
                      "the machine's own arguments say where its memory comes from");
        return false;
    }
    char **machine = find_value(plan->command, "-machine");
    char *amended = g_strdup_printf("%s,memory-backend=%s", *machine, ram_id);
    g_free(*machine);
    *machine = amended;

    g_autoptr(GString) path = g_string_new(ram_path);
    g_string_replace(path, ",", ",,", 0);
    guint n = g_strv_length(plan->command);
    plan->command = g_renew(char *, plan->command, n + 5);
    plan->command[n] = g_strdup("-object");
    plan->command[n + 1] = g_strdup_printf(
        "memory-backend-file,id=%s,size=%" G_GINT64_FORMAT "M,mem-path=%s,share=%s%s", ram_id,
        memory_mib, path->str, share ? "on" : "off",
        !share && warm_maps_read_only(plan) ? ",readonly=on,rom=off" : "");
    plan->command[n + 2] = g_strdup("-incoming");
    plan->command[n + 3] = g_strdup("defer");
    plan->command[n + 4] = NULL;
    return true;
}

void warm_forget(const char *uuid, const char *tag)
{
    g_autofree char *folder = warm_folder(uuid, tag);
    utm_ignore(tree_remove(folder, NULL));
}
