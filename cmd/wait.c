/* SPDX-License-Identifier: Apache-2.0 */
/* utmctl wait: wait until a machine and its guest have got somewhere. */
#include <stdio.h>

#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/output.h"
#include "cmd/waiting.h"
#include "core/library.h"
#include "core/vm/time-text.h"

static struct {
    char *vm;
    char **conditions;
    gboolean any, follow;
} opt;

static const CmdArg args[] = {
    { .name = "VM", .kind = ARG_VM, .value = &opt.vm },
    { .name = "CONDITION",
      .kind = ARG_WORDS,
      .value = &opt.conditions,
      .help = "What is waited for, see below",
      .choices = wait_condition_words },
    { 0 },
};

static const CmdOption options[] = {
    { .name = "any",
      .kind = OPT_FLAG,
      .value = &opt.any,
      .help = "One of the conditions is enough" },
    { .name = "follow",
      .letter = 'f',
      .kind = OPT_FLAG,
      .value = &opt.follow,
      .help = "Print each condition when it is reached, one a line" },
    { 0 },
};

static void print_reached(const WaitCondition *condition, void *user)
{
    const Bundle *bundle = user;
    double after = (double) condition->after_us / G_USEC_PER_SEC;
    if (!command_global.json) {
        g_autofree char *found = output_escape(condition->found ? condition->found : "");
        printf("%s\t%.3f\t%s\n", condition->text, after, found);
        fflush(stdout);
        return;
    }
    g_autofree char *time = time_text(g_get_real_time());
    cJSON *line = waiting_condition_json(condition);
    cJSON_AddStringToObject(line, "time", time);
    cJSON_AddStringToObject(line, "vm", bundle->config->information.name);
    output_json_line(line);
}

static void print_all(const Bundle *bundle, const GPtrArray *conditions, gint64 elapsed_us)
{
    const ConfigInformation *information = &bundle->config->information;
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "uuid", information->uuid);
    cJSON_AddStringToObject(json, "name", information->name);
    cJSON_AddNumberToObject(json, "elapsed", (double) elapsed_us / G_USEC_PER_SEC);
    cJSON *array = cJSON_AddArrayToObject(json, "conditions");
    for (guint i = 0; i < conditions->len; i++)
        cJSON_AddItemToArray(array, waiting_condition_json(conditions->pdata[i]));
    output_json(json);
}

static bool run(GError **error)
{
    g_autoptr(GPtrArray) conditions = wait_condition_list(opt.conditions, error);
    g_autoptr(Bundle) bundle = conditions ? library_open(opt.vm, error) : NULL;
    if (!bundle)
        return false;
    gint64 start = g_get_monotonic_time();
    WaitRequest request = { .conditions = conditions,
                            .any = opt.any,
                            .timeout_us = command_global.timeout_us,
                            .interrupt_fd = -1,
                            .reached = opt.follow ? print_reached : NULL,
                            .user = bundle };
    if (!waiting_run(bundle, &request, error))
        return false;
    if (command_global.json && !opt.follow)
        print_all(bundle, conditions, g_get_monotonic_time() - start);
    return true;
}

static const char *const examples[] = {
    "utmctl wait web agent port=80",
    "Wait until the agent answers and a web server listens",
    "utmctl wait web --timeout 2m 'serial=/login:/'",
    "Wait for the login prompt on the serial console",
    "utmctl wait web --any 'file=/run/done' stopped",
    "Wait until a file is there or the machine is off, whichever comes first",
    NULL,
};

const Command cmd_wait = {
    .name = "wait",
    .group = GROUP_RUN,
    .summary = "Wait until a virtual machine and its guest have got somewhere",
    .description =
        "Conditions: running, stopped, paused; agent: the guest agent answers; ip: the guest has "
        "an address; port=N: a program of the guest listens on this TCP port; ssh: an SSH server "
        "answers; serial=/REGEX/ or serial=TEXT: a line of the serial console since the start, "
        "with an i behind the second slash in any case; cloud-init: it has done its work; "
        "file=PATH: a file of the guest is there; cmd=LINE: a command line succeeds in the guest.\n"
        "All of them are waited for; one that was reached once stays so. A port is tried through a "
        "forwarded port of this host where there is one, else the agent is asked, as it is for "
        "addresses, files and commands.\n"
        "When the time runs out the status is 124, and what was reached, the last lines of the "
        "console, the guest's address and a picture of its screen are shown. A machine that is off "
        "is an error at once, unless running, paused or stopped is waited for.",
    .args = args,
    .options = options,
    .shared = SHARED_TIMEOUT,
    .timeout_us = WAITING_LIMIT_US,
    .examples = examples,
    .run = run,
};
