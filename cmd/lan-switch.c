/* SPDX-License-Identifier: Apache-2.0 */
/* utmctl lan-switch: what runs beside a machine on a Host network. Not for people. */
#include "core/vm/lan-switch.h"

#include <arpa/inet.h>
#include <fcntl.h>

#include "cmd/command.h"
#include "cmd/commands.h"
#include "core/error.h"

static struct {
    char *host, *name;
} opt;

static const CmdArg args[] = {
    { .name = "HOST", .kind = ARG_WORD, .value = &opt.host },
    { .name = "NAME", .kind = ARG_WORD, .value = &opt.name, .optional = true },
    { 0 },
};

static bool run(GError **error)
{
    struct in_addr host;
    if (fcntl(LAN_SWITCH_GUEST_FD, F_SETFD, FD_CLOEXEC) < 0 ||
        fcntl(LAN_SWITCH_HOST_FD, F_SETFD, FD_CLOEXEC) < 0 ||
        inet_pton(AF_INET, opt.host, &host) != 1) {
        utm_error_set(error, UTM_ERROR_USAGE, "utmctl start", "this is a part of utmctl start");
        return false;
    }
    command_set_status(lan_switch_run(ntohl(host.s_addr), opt.name));
    return true;
}

const Command cmd_lan_switch = {
    .name = "lan-switch",
    .group = GROUP_PLUMBING,
    .hidden = true,
    .summary = "Join a virtual machine to a Host network",
    .args = args,
    .run = run,
};
