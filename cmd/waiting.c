/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands share that wait for a machine: words, progress, the JSON of the outcome. */
#include "cmd/waiting.h"

#include "cmd/command.h"
#include "cmd/output.h"
#include "core/error.h"

cJSON *waiting_condition_json(const WaitCondition *condition)
{
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "condition", condition->text);
    cJSON_AddBoolToObject(json, "reached", condition->reached);
    cJSON_AddItemToObject(json, "after",
                          condition->reached
                              ? cJSON_CreateNumber((double) condition->after_us / G_USEC_PER_SEC)
                              : cJSON_CreateNull());
    output_json_add_text(json, "found", condition->found);
    output_json_add_text(json, "why_not", condition->why_not);
    return json;
}

static void note_reached(const WaitCondition *condition, void *user)
{
    const Bundle *bundle = user;
    g_autofree char *found = condition->found ? output_escape(condition->found) : NULL;
    output_note("VM \"%s\": %s after %.2f s%s%s", bundle->config->information.name, condition->text,
                (double) condition->after_us / G_USEC_PER_SEC, found ? ": " : "",
                found ? found : "");
}

static void keep_detail(const WaitRequest *request)
{
    cJSON *detail = cJSON_CreateObject();
    cJSON *conditions = cJSON_AddArrayToObject(detail, "conditions");
    for (guint i = 0; i < request->conditions->len; i++)
        cJSON_AddItemToArray(conditions, waiting_condition_json(request->conditions->pdata[i]));
    output_json_add_text(detail, "serial", request->evidence->serial);
    output_json_add_text(detail, "address", request->evidence->address);
    output_json_add_text(detail, "screenshot", request->evidence->screenshot);
    output_json_add_text(detail, "resets", request->evidence->resets);
    command_set_error_detail(detail);
}

bool waiting_run(const Bundle *bundle, WaitRequest *request, GError **error)
{
    g_auto(WaitEvidence) evidence = { 0 };
    if (!request->reached) {
        request->reached = note_reached;
        request->user = (void *) bundle;
    }
    if (!request->evidence)
        request->evidence = &evidence;
    if (wait_for(bundle, request, error))
        return true;
    keep_detail(request);
    return false;
}
