/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON form of a machine's status. */
#include "cmd/status-json.h"

#include "cmd/output.h"
#include "core/vm/time-text.h"

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
    output_json_add_text(json, "accelerator", status->accelerator);
    output_json_add_text(json, "accelerator_reason", status->accelerator_reason);
    output_json_add_text(json, "qemu_version", status->qemu_version);
    output_json_add_text(json, "display", status->display);
    output_json_add_text(json, "sandbox", status->sandbox);
    cJSON_AddBoolToObject(json, "agent", status->agent);
    cJSON_AddBoolToObject(json, "disposable", status->disposable);
    g_autofree char *last_reset = status->last_reset_us ? time_text(status->last_reset_us) : NULL;
    add_number(json, "resets", running, (double) status->resets);
    add_number(json, "triple_faults", running && status->triple_faults >= 0,
               (double) status->triple_faults);
    output_json_add_text(json, "last_reset", last_reset);
    cJSON *last_exit = status->last_exit ? cJSON_Parse(status->last_exit) : NULL;
    cJSON_AddItemToObject(json, "last_exit", last_exit ? last_exit : cJSON_CreateNull());
    return json;
}
