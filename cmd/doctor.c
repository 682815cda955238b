/* SPDX-License-Identifier: Apache-2.0 */
/* utmctl doctor */
#include <stdio.h>
#include <unistd.h>

#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/output.h"
#include "core/error.h"
#include "core/host/doctor.h"
#include "core/library.h"

static struct {
    char *vm;
} opt;

static const CmdArg args[] = { { .name = "VM",
                                 .kind = ARG_VM,
                                 .value = &opt.vm,
                                 .optional = true,
                                 .help =
                                     "Look at what this machine needs instead of the whole host" },
                               { 0 } };

static void print_json(const GPtrArray *checks)
{
    cJSON *document = cJSON_CreateObject();
    cJSON_AddBoolToObject(document, "ok", doctor_works(checks));
    cJSON *list = cJSON_AddArrayToObject(document, "checks");

    for (guint i = 0; i < checks->len; i++) {
        const Check *check = checks->pdata[i];
        cJSON *entry = cJSON_CreateObject();
        cJSON_AddStringToObject(entry, "check", check->name);
        cJSON_AddStringToObject(entry, "status", check_status_word(check->status));
        cJSON_AddStringToObject(entry, "message", check->message);
        if (check->hint)
            cJSON_AddStringToObject(entry, "hint", check->hint);
        cJSON_AddItemToArray(list, entry);
    }
    output_json(document);
}

static void print_text(const GPtrArray *checks)
{
    static const char *const colors[] = {
        [CHECK_OK] = "\033[32m", [CHECK_WARN] = "\033[33m", [CHECK_FAIL] = "\033[31m"
    };
    bool colored = output_use_color(STDOUT_FILENO);

    for (guint i = 0; i < checks->len; i++) {
        const Check *check = checks->pdata[i];
        g_autofree char *name = output_escape(check->name);
        g_autofree char *message = output_escape(check->message);
        printf("%s%-4s%s  %s: %s\n", colored ? colors[check->status] : "",
               check_status_word(check->status), colored ? "\033[0m" : "", name, message);
        if (check->hint)
            printf("      %s\n", check->hint);
    }
}

static bool run(GError **error)
{
    g_autoptr(Bundle) bundle = NULL;

    if (opt.vm && !(bundle = library_open(opt.vm, error)))
        return false;
    g_autoptr(GPtrArray) checks = bundle ? doctor_machine(bundle) : doctor_host();
    if (command_global.json)
        print_json(checks);
    else
        print_text(checks);
    if (!doctor_works(checks))
        command_set_status(utm_error_exit_status(UTM_ERROR_UNSUPPORTED));
    return true;
}

static const char *const examples[] = {
    "utmctl doctor",
    "See which emulators, accelerators and helpers this host has",
    "utmctl doctor web",
    "See whether this host can run the machine \"web\"",
    NULL,
};

const Command cmd_doctor = {
    .name = "doctor",
    .group = GROUP_PLUMBING,
    .summary = "Check what works on this host, or what a machine needs of it",
    .description =
        "Each line says ok, warn or fail, what was found and, below it, the way out. The "
        "exit status is 0 when machines can run, and 7 when something that is needed "
        "is missing.",
    .args = args,
    .examples = examples,
    .run = run,
};
