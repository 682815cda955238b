/* SPDX-License-Identifier: Apache-2.0 */
/* utmctl trust: agree to what a machine asks for beyond itself. */
#include "core/trust.h"

#include <stdio.h>

#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/output.h"
#include "core/library.h"

static struct {
    char *vm;
    gboolean show, revoke;
} opt;

static const CmdOption options[] = {
    { .name = "show",
      .kind = OPT_FLAG,
      .value = &opt.show,
      .help = "Only show what there is to agree to" },
    { .name = "revoke",
      .kind = OPT_FLAG,
      .value = &opt.revoke,
      .help = "Agree to nothing any more" },
    { 0 },
};

static const CmdArg args[] = { { .name = "VM", .kind = ARG_VM, .value = &opt.vm }, { 0 } };

static void print_findings(const GPtrArray *findings)
{
    if (command_global.json) {
        cJSON *array = cJSON_CreateArray();
        for (guint i = 0; i < findings->len; i++)
            cJSON_AddItemToArray(array, cJSON_CreateString(findings->pdata[i]));
        output_json(array);
        return;
    }
    for (guint i = 0; i < findings->len; i++) {
        g_autofree char *safe = output_escape(findings->pdata[i]);
        puts(safe);
    }
}

static bool run(GError **error)
{
    g_autoptr(Bundle) bundle = library_open(opt.vm, error);
    if (!bundle)
        return false;
    if (opt.revoke)
        return trust_revoke(bundle, error);
    g_autoptr(GPtrArray) findings = trust_findings(bundle, error);
    if (!findings)
        return false;
    print_findings(findings);
    if (opt.show || !findings->len)
        return true;
    return command_confirm("Let this machine do so on this host?", error) &&
           trust_grant(bundle, error);
}

static const char *const examples[] = {
    "utmctl trust --show ./downloaded.utm",
    "What a machine from elsewhere asks for",
    "utmctl trust --yes ./downloaded.utm",
    "Agree to it without being asked",
    NULL,
};

const Command cmd_trust = {
    .name = "trust",
    .group = GROUP_LIBRARY,
    .summary = "Agree to what a virtual machine asks for beyond itself",
    .description =
        "A machine from elsewhere is not started while it asks for what reaches beyond its bundle: "
        "additional arguments of QEMU that can open files, run programs or listen on the network, "
        "images that are links to, or need, other files. This lists all of it and agrees to "
        "exactly that, on this host and for this bundle; what it asks for later has to be agreed "
        "to again.",
    .args = args,
    .options = options,
    .shared = SHARED_YES,
    .examples = examples,
    .run = run,
};
