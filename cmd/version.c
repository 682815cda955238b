/* SPDX-License-Identifier: Apache-2.0 */
/* utmctl version */
#include <stdio.h>

#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/output.h"

static bool run(GError **error G_GNUC_UNUSED)
{
    if (!command_global.json) {
        puts(UTMCTL_VERSION);
        return true;
    }
    cJSON *document = cJSON_CreateObject();
    cJSON_AddStringToObject(document, "version", UTMCTL_VERSION);
    output_json(document);
    return true;
}

const Command cmd_version = {
    .name = "version", .group = GROUP_PLUMBING, .summary = "Print the version of utmctl", .run = run
};
