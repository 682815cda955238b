/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON form of a machine's status. */
#include "cmd/status-json.h"

static void add_text(cJSON *json, const char *name, const char *value)
{
    cJSON_AddItemToObject(json, name, value ? cJSON_CreateString(value) : cJSON_CreateNull());
}

static void add_number(cJSON *json, const char *name, bool known, double value)
{
    cJSON_AddItemToObject(json, name, known ? cJSON_CreateNumber(value) : cJSON_CreateNull());
}

cJSON *status_json(const Bundle *bundle, const VmStatus *status)
{
    const ConfigInformation *info = &bundle->config->information;
    bool running = status->state != VM_STATE_STOPPED;
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "uuid", info->uuid);
    cJSON_AddStringToObject(json, "name", info->name);
    cJSON_AddStringToObject(json, "path", bundle->path);
    cJSON_AddStringToObject(json, "state", vm_state_name(status->state));
    cJSON_AddBoolToObject(json, "suspended", status->suspended);
    add_number(json, "pid", running, status->pid);
    add_number(json, "helper_pid", running, status->helper_pid);
    add_number(json, "uptime", running, status->uptime);
    add_text(json, "accelerator", status->accelerator);
    add_text(json, "accelerator_reason", status->accelerator_reason);
    add_text(json, "qemu_version", status->qemu_version);
    add_text(json, "display", status->display);
    add_text(json, "sandbox", status->sandbox);
    cJSON_AddBoolToObject(json, "agent", status->agent);
    cJSON_AddBoolToObject(json, "disposable", status->disposable);
    cJSON *last_exit = status->last_exit ? cJSON_Parse(status->last_exit) : NULL;
    cJSON_AddItemToObject(json, "last_exit", last_exit ? last_exit : cJSON_CreateNull());
    return json;
}
