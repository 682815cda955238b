/* SPDX-License-Identifier: Apache-2.0 */
/* utmctl guest: what a guest says of itself, and asking it to shut down. */
#include "core/guest/guest.h"

#include <stdio.h>

#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/guest-control.h"
#include "cmd/output.h"
#include "core/error.h"
#include "core/library.h"
#include "core/vm/time-text.h"
#include "qapi/generated/qmp-commands.h"

static struct {
    char *vm;
    gboolean set, reboot, halt;
} opt;

static const CmdArg args[] = { { .name = "VM", .kind = ARG_VM, .value = &opt.vm }, { 0 } };

/* Every verb is a question to the agent of one machine. */
static bool with_guest(const char *what, bool (*verb)(QmpClient *client, GError **error),
                       GError **error)
{
    g_autoptr(Bundle) bundle = library_open(opt.vm, error);
    if (!bundle)
        return false;
    g_autoptr(QmpClient) client = guest_connect(bundle, error);
    if (client && (verb(client, error) || guest_explain(error)))
        return true;
    g_prefix_error(error, "VM \"%s\": cannot %s: ", bundle->config->information.name, what);
    return false;
}

/* An agent may be too old for a question; then there is no answer, and no error. */
static bool is_too_old(GError **error)
{
    if (g_strcmp0(qmp_error_class(*error), "CommandNotFound") != 0)
        return false;
    g_clear_error(error);
    return true;
}

static void print_line(const char *title, const char *value)
{
    g_autofree char *shown = output_escape(value ? value : "-");
    printf("%-10s %s\n", title, shown);
}

/* A row for output_table(), with what the guest said made harmless. */
static void add_row(GPtrArray *rows, const char *const *cells, guint count)
{
    char **row = g_new0(char *, count + 1);
    for (guint i = 0; i < count; i++)
        row[i] = output_escape(cells[i]);
    g_ptr_array_add(rows, row);
}

/* ---- info ---- */

static cJSON *commands_json(const QmpGuestAgentInfo *agent)
{
    cJSON *array = cJSON_CreateArray();
    for (size_t i = 0; i < agent->supported_commands->len; i++)
        if (agent->supported_commands->items[i]->enabled)
            cJSON_AddItemToArray(array,
                                 cJSON_CreateString(agent->supported_commands->items[i]->name));
    return array;
}

static void print_info(const QmpGuestAgentInfo *agent, const QmpGuestHostName *host,
                       const QmpGuestOSInfo *os)
{
    const char *host_name = host ? host->host_name : NULL;
    const char *pretty = os ? os->pretty_name : NULL;
    if (!command_global.json) {
        print_line("Host name:", host_name);
        print_line("System:", pretty);
        print_line("Kernel:", os ? os->kernel_release : NULL);
        print_line("Machine:", os ? os->machine : NULL);
        print_line("Agent:", agent->version);
        return;
    }
    cJSON *json = cJSON_CreateObject();
    output_json_add_text(json, "host_name", host_name);
    output_json_add_text(json, "os", pretty);
    output_json_add_text(json, "os_id", os ? os->id : NULL);
    output_json_add_text(json, "os_version", os ? os->version_id : NULL);
    output_json_add_text(json, "kernel", os ? os->kernel_release : NULL);
    output_json_add_text(json, "machine", os ? os->machine : NULL);
    output_json_add_text(json, "agent_version", agent->version);
    cJSON_AddItemToObject(json, "agent_commands", commands_json(agent));
    output_json(json);
}

static bool ask_info(QmpClient *client, GError **error)
{
    g_autoptr(QmpGuestAgentInfo) agent = NULL;
    g_autoptr(QmpGuestHostName) host = NULL;
    g_autoptr(QmpGuestOSInfo) os = NULL;
    if (!qmp_guest_info(client, &agent, error) ||
        (!qmp_guest_get_host_name(client, &host, error) && !is_too_old(error)) ||
        (!qmp_guest_get_osinfo(client, &os, error) && !is_too_old(error)))
        return false;
    print_info(agent, host, os);
    return true;
}

static bool run_info(GError **error)
{
    return with_guest("ask what it is", ask_info, error);
}

static const Command info_command = {
    .name = "info",
    .summary = "Show the system that runs in a guest, and its agent",
    .args = args,
    .run = run_info,
};

/* ---- time ---- */

static const CmdOption time_options[] = {
    { .name = "set",
      .kind = OPT_FLAG,
      .value = &opt.set,
      .help = "Set the guest's clock by this host's first" },
    { 0 },
};

static bool ask_time(QmpClient *client, GError **error)
{
    int64_t guest_ns;
    if (opt.set && !qmp_guest_set_time(client, true, g_get_real_time() * 1000, error))
        return false;
    int64_t before = g_get_real_time();
    if (!qmp_guest_get_time(client, &guest_ns, error))
        return false;
    int64_t host = before + (g_get_real_time() - before) / 2, guest = guest_ns / 1000;
    g_autofree char *text = time_text(guest);
    if (!command_global.json) {
        printf("%s\n", text);
        return true;
    }
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "time", text);
    cJSON_AddNumberToObject(json, "ahead_of_host", (double) (guest - host) / G_USEC_PER_SEC);
    output_json(json);
    return true;
}

static bool run_time(GError **error)
{
    return with_guest(opt.set ? "set its clock" : "ask for its time", ask_time, error);
}

static const Command time_command = {
    .name = "time",
    .summary = "Show or set a guest's clock",
    .args = args,
    .options = time_options,
    .run = run_time,
};

/* ---- users ---- */

static void print_users(const QmpGuestUserList *users)
{
    static const char *const header[] = { "User", "Domain", "Since", NULL };
    g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func((GDestroyNotify) g_strfreev);
    cJSON *array = cJSON_CreateArray();
    for (size_t i = 0; i < users->len; i++) {
        const QmpGuestUser *user = users->items[i];
        g_autofree char *since = time_text((int64_t) (user->login_time * G_USEC_PER_SEC));
        const char *const cells[] = { user->user, user->domain ? user->domain : "-", since };
        add_row(rows, cells, G_N_ELEMENTS(cells));
        cJSON *object = cJSON_CreateObject();
        cJSON_AddStringToObject(object, "user", user->user);
        output_json_add_text(object, "domain", user->domain);
        cJSON_AddStringToObject(object, "since", since);
        cJSON_AddItemToArray(array, object);
    }
    if (command_global.json) {
        output_json(array);
        return;
    }
    cJSON_Delete(array);
    output_table(header, rows);
}

static bool ask_users(QmpClient *client, GError **error)
{
    g_autoptr(QmpGuestUserList) users = NULL;
    if (!qmp_guest_get_users(client, &users, error))
        return false;
    print_users(users);
    return true;
}

static bool run_users(GError **error)
{
    return with_guest("ask for its users", ask_users, error);
}

static const Command users_command = {
    .name = "users",
    .summary = "Show who is logged in",
    .args = args,
    .run = run_users,
};

/* ---- file systems ---- */

static char *size_cell(bool known, uint64_t bytes)
{
    return known ? g_format_size_full(bytes, G_FORMAT_SIZE_IEC_UNITS) : g_strdup("-");
}

static cJSON *filesystem_json(const QmpGuestFilesystemInfo *fs)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "mountpoint", fs->mountpoint);
    cJSON_AddStringToObject(object, "device", fs->name);
    cJSON_AddStringToObject(object, "type", fs->type);
    if (fs->has_total_bytes)
        output_json_add_uint(object, "size", fs->total_bytes);
    else
        cJSON_AddNullToObject(object, "size");
    if (fs->has_used_bytes)
        output_json_add_uint(object, "used", fs->used_bytes);
    else
        cJSON_AddNullToObject(object, "used");
    return object;
}

static void print_filesystems(const QmpGuestFilesystemInfoList *list)
{
    static const char *const header[] = { "Mounted on", "Device", "Type", "Size", "Used", NULL };
    g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func((GDestroyNotify) g_strfreev);
    cJSON *array = cJSON_CreateArray();
    for (size_t i = 0; i < list->len; i++) {
        const QmpGuestFilesystemInfo *fs = list->items[i];
        g_autofree char *size = size_cell(fs->has_total_bytes, fs->total_bytes);
        g_autofree char *used = size_cell(fs->has_used_bytes, fs->used_bytes);
        const char *const cells[] = { fs->mountpoint, fs->name, fs->type, size, used };
        add_row(rows, cells, G_N_ELEMENTS(cells));
        cJSON_AddItemToArray(array, filesystem_json(fs));
    }
    if (command_global.json) {
        output_json(array);
        return;
    }
    cJSON_Delete(array);
    output_table(header, rows);
}

static bool ask_filesystems(QmpClient *client, GError **error)
{
    g_autoptr(QmpGuestFilesystemInfoList) list = NULL;
    if (!qmp_guest_get_fsinfo(client, &list, error))
        return false;
    print_filesystems(list);
    return true;
}

static bool run_filesystems(GError **error)
{
    return with_guest("ask for its file systems", ask_filesystems, error);
}

static const Command fs_command = {
    .name = "fs",
    .summary = "Show the file systems that a guest has mounted",
    .args = args,
    .run = run_filesystems,
};

/* ---- shutdown ---- */

static const CmdOption shutdown_options[] = {
    { .name = "reboot", .kind = OPT_FLAG, .value = &opt.reboot, .help = "Start it again" },
    { .name = "halt",
      .kind = OPT_FLAG,
      .value = &opt.halt,
      .help = "Stop its processors, but leave the machine on" },
    { 0 },
};

static bool ask_shutdown(QmpClient *client, GError **error)
{
    const char *mode = opt.reboot ? "reboot" : opt.halt ? "halt" : "powerdown";
    return qmp_guest_shutdown(client, mode, error);
}

static bool run_shutdown(GError **error)
{
    if (opt.reboot && opt.halt) {
        utm_error_set(error, UTM_ERROR_USAGE, NULL, "--reboot and --halt exclude each other");
        return false;
    }
    return with_guest("ask it to shut down", ask_shutdown, error);
}

static const Command shutdown_command = {
    .name = "shutdown",
    .summary = "Ask a guest to shut down",
    .description = "The agent asks the system, also where nothing listens to the power button. "
                   "This does not wait until it is done: \"utmctl stop --request\" does.",
    .args = args,
    .options = shutdown_options,
    .run = run_shutdown,
};

static const Command *const children[] = {
    &info_command,           &time_command,
    &users_command,          &fs_command,
    &shutdown_command,       &guest_freeze_command,
    &guest_thaw_command,     &guest_set_password_command,
    &guest_ssh_keys_command, NULL,
};

static const char *const examples[] = {
    "utmctl guest info web",
    "Which system runs in it",
    "utmctl guest time web --set",
    "Set a clock that has stood still",
    NULL,
};

const Command cmd_guest = {
    .name = "guest",
    .group = GROUP_GUEST,
    .summary = "Ask a guest about itself",
    .description = "Through the guest agent: the guest needs no network.",
    .examples = examples,
    .children = children,
};
