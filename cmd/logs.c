/* SPDX-License-Identifier: Apache-2.0 */
/* utmctl logs: what QEMU, the guest's console and the helper have said. */
#include <unistd.h>

#include "cmd/command.h"
#include "cmd/commands.h"
#include "core/error.h"
#include "core/library.h"
#include "core/vm/log-file.h"
#include "core/vm/logs.h"

static struct {
    char *vm, *source;
    gboolean follow;
    gint64 lines, run_back, index;
} opt = { .lines = -1 };

static const char *const sources[] = { "qemu", "serial", "helper", "events", NULL };

static const CmdOption options[] = {
    { .name = "source",
      .letter = 's',
      .kind = OPT_CHOICE,
      .value = &opt.source,
      .arg = "SOURCE",
      .choices = sources,
      .help = "qemu: its command line and messages (the default); serial: what the guest wrote to "
              "its console; helper: what the process beside QEMU said; events: the journal" },
    { .name = "index",
      .kind = OPT_INT,
      .value = &opt.index,
      .arg = "N",
      .help = "Which serial port, from 0" },
    { .name = "lines",
      .letter = 'n',
      .kind = OPT_INT,
      .value = &opt.lines,
      .arg = "N",
      .help = "Show the last N lines only" },
    { .name = "run",
      .kind = OPT_INT,
      .value = &opt.run_back,
      .arg = "N",
      .help = "0 is the last run (the default), 1 the one before it, up to 3" },
    { .name = "follow",
      .letter = 'f',
      .kind = OPT_FLAG,
      .value = &opt.follow,
      .help = "Go on to show what is added until the machine stops" },
    { 0 },
};

static const CmdArg args[] = { { .name = "VM", .kind = ARG_VM, .value = &opt.vm }, { 0 } };

static LogSource source_from_word(const char *word)
{
    for (guint i = 0; word && sources[i]; i++)
        if (g_str_equal(word, sources[i]))
            return (LogSource) i;
    return LOG_SOURCE_QEMU;
}

static bool run(GError **error)
{
    if (opt.index < 0 || opt.index > 999 || opt.run_back < 0 || opt.run_back > LOG_FILE_KEEP) {
        utm_error_set(error, UTM_ERROR_USAGE, NULL, "there is no such log: --index %d --run %d",
                      (int) opt.index, (int) opt.run_back);
        return false;
    }
    g_autoptr(Bundle) bundle = library_open(opt.vm, error);
    if (!bundle)
        return false;
    const LogRequest request = { .source = source_from_word(opt.source),
                                 .serial_index = (unsigned) opt.index,
                                 .run_back = (unsigned) opt.run_back,
                                 .lines = opt.lines,
                                 .follow = opt.follow };
    return logs_copy(bundle, &request, STDOUT_FILENO, error);
}

static const char *const examples[] = {
    "utmctl logs demo --source serial",
    "What the guest wrote to its console",
    "utmctl logs demo -s qemu --run 1",
    "What QEMU said in the run before the last one",
    NULL,
};

const Command cmd_logs = {
    .name = "logs",
    .group = GROUP_RUN,
    .summary = "Show what a virtual machine has said",
    .description = "Every start begins new logs; those of the three runs before are kept. The "
                   "journal of events goes on over all runs.",
    .args = args,
    .options = options,
    .examples = examples,
    .run = run,
};
