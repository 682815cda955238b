/* SPDX-License-Identifier: Apache-2.0 */
/* utmctl events: what has happened to a machine, and what happens. */
#include <stdio.h>

#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/values.h"
#include "core/error.h"
#include "core/library.h"
#include "core/vm/event-feed.h"

static struct {
    char *vm, *since;
    char **filters;
    gboolean all, follow;
} opt;

static const CmdOption options[] = {
    { .name = "all",
      .kind = OPT_FLAG,
      .value = &opt.all,
      .help = "Every running machine; with --follow also those that start later" },
    { .name = "follow",
      .letter = 'f',
      .kind = OPT_FLAG,
      .value = &opt.follow,
      .help = "Go on with what happens, until interrupted; without --since only that" },
    { .name = "since",
      .kind = OPT_STRING,
      .value = &opt.since,
      .arg = "TIME",
      .help = "Leave out what was before: a time such as 2026-01-31T23:59:59Z, or a duration such "
              "as 10m for that long ago" },
    { .name = "filter",
      .kind = OPT_STRINGS,
      .value = &opt.filters,
      .arg = "PATTERN",
      .help = "Only events whose name matches, such as 'BLOCK_*', in any case; may be given "
              "several times" },
    { 0 },
};

static const CmdArg args[] = {
    { .name = "VM", .kind = ARG_VM, .value = &opt.vm, .optional = true },
    { 0 },
};

static bool print_line(const char *line, void *user)
{
    (void) user;
    return puts(line) >= 0 && fflush(stdout) == 0;
}

static bool run(GError **error)
{
    EventRequest request = { .filters = (const char *const *) opt.filters, .follow = opt.follow };
    if (!opt.vm == !opt.all) {
        utm_error_set(error, UTM_ERROR_USAGE, NULL, "name a machine or give --all, one of them");
        return false;
    }
    if (opt.since && !value_parse_since(opt.since, &request.since_us, error))
        return false;
    if (opt.follow && !opt.since)
        request.since_us = g_get_real_time();
    if (opt.all)
        return event_feed_run(NULL, &request, print_line, NULL, error);
    g_autoptr(Bundle) bundle = library_open(opt.vm, error);
    return bundle &&
           event_feed_run(bundle->config->information.uuid, &request, print_line, NULL, error);
}

static const char *const examples[] = {
    "utmctl events demo",
    "Everything in the journal of demo",
    "utmctl events --all --follow --filter SHUTDOWN --filter GUEST_PANICKED",
    "Be told when a machine ends or crashes",
    NULL,
};

const Command cmd_events = {
    .name = "events",
    .group = GROUP_RUN,
    .summary = "Show what happens to virtual machines",
    .description = "Each event is one line of JSON with time, vm, event and data. The names are "
                   "QEMU's own, and x-utm-… for what this tool itself has done: commands that "
                   "change the machine for everybody, changes of its state, clients that were "
                   "dropped. The journal goes on over all runs; the newest 4 to 8 MiB are kept.",
    .args = args,
    .options = options,
    .examples = examples,
    .run = run,
};
