/* SPDX-License-Identifier: Apache-2.0 */
/* The options that every command takes, and those that several share. */
#include "cmd/shared-options.h"

#include <string.h>

#include "cmd/output.h"

static struct {
    char *format;
    char *color;
    gboolean json;
    gboolean quiet;
    gboolean verbose;
    gboolean debug;
    gboolean yes;
    gboolean no_input;
    gboolean dry_run;
    gboolean hide;
    gboolean help;
    gboolean version;
    gint64 timeout_us;
    gint64 display;
    char *accel, *cwd;
    char **env;
    gboolean input;
} opt;

static const char *const formats[] = { "table", "json", NULL };
static const char *const accelerators[] = { "auto", "tcg", "kvm", NULL };
static const char *const colors[] = { "auto", "always", "never", NULL };

static const CmdOption common_options[] = {
    { .name = "format",
      .kind = OPT_CHOICE,
      .value = &opt.format,
      .arg = "FORMAT",
      .choices = formats,
      .help = "Print a table for people or JSON for programs" },
    { .name = "json", .kind = OPT_FLAG, .value = &opt.json, .help = "Short for --format json" },
    { .name = "quiet",
      .letter = 'q',
      .kind = OPT_FLAG,
      .value = &opt.quiet,
      .help = "Say nothing but the answer, warnings and errors" },
    { .name = "verbose",
      .letter = 'v',
      .kind = OPT_FLAG,
      .value = &opt.verbose,
      .help = "Say more about what is done" },
    { .name = "debug",
      .letter = 'd',
      .kind = OPT_FLAG,
      .value = &opt.debug,
      .help = "Print debug messages on standard error" },
    { .name = "color",
      .kind = OPT_CHOICE,
      .value = &opt.color,
      .arg = "WHEN",
      .choices = colors,
      .help = "Use colours" },
    { .name = "hide",
      .kind = OPT_FLAG,
      .value = &opt.hide,
      .help = "Accepted for scripts written for macOS; there is no window to hide" },
    { .name = "help",
      .letter = 'h',
      .kind = OPT_FLAG,
      .value = &opt.help,
      .help = "Show this help" },
    { 0 }
};

static const CmdOption timeout_options[] = { { .name = "timeout",
                                               .kind = OPT_DURATION,
                                               .value = &opt.timeout_us,
                                               .arg = "DURATION",
                                               .help = "Give up after this long, 0 for never" },
                                             { 0 } };

static const CmdOption yes_options[] = { { .name = "yes",
                                           .letter = 'y',
                                           .kind = OPT_FLAG,
                                           .value = &opt.yes,
                                           .help = "Answer every question with yes" },
                                         { .name = "no-input",
                                           .kind = OPT_FLAG,
                                           .value = &opt.no_input,
                                           .help =
                                               "Never ask; fail where a question would be asked" },
                                         { 0 } };

static const CmdOption dry_run_options[] = { { .name = "dry-run",
                                               .kind = OPT_FLAG,
                                               .value = &opt.dry_run,
                                               .help =
                                                   "Say what would be done and change nothing" },
                                             { 0 } };

static const CmdOption display_options[] = {
    { .name = "display",
      .kind = OPT_INT,
      .value = &opt.display,
      .arg = "N",
      .help = "Which display, as in Display[N] of the configuration; the default is 0" },
    { 0 }
};

static const CmdOption accel_options[] = {
    { .name = "accel",
      .kind = OPT_CHOICE,
      .value = &opt.accel,
      .arg = "ACCEL",
      .choices = accelerators,
      .help = "auto takes KVM where it works, kvm insists on it" },
    { 0 }
};

/* Of a program that is run in the guest. */
static const CmdOption program_options[] = { { .name = "env",
                                               .kind = OPT_STRINGS,
                                               .value = &opt.env,
                                               .arg = "NAME=VALUE",
                                               .help = "Set a variable for the program" },
                                             { .name = "cwd",
                                               .kind = OPT_STRING,
                                               .value = &opt.cwd,
                                               .arg = "FOLDER",
                                               .help = "Folder of the guest to run in" },
                                             { .name = "input",
                                               .kind = OPT_FLAG,
                                               .value = &opt.input,
                                               .help = "Give it all of standard input" },
                                             { 0 } };

/* Only where no command is named. */
static const CmdOption root_options[] = { { .name = "version",
                                            .letter = 'V',
                                            .kind = OPT_FLAG,
                                            .value = &opt.version,
                                            .help = "Print the version" },
                                          { 0 } };

const CmdOption *shared_options_table(unsigned shared, unsigned index)
{
    const CmdOption *tables[] = {
        common_options,
        shared & SHARED_TIMEOUT ? timeout_options : NULL,
        shared & SHARED_YES ? yes_options : NULL,
        shared & SHARED_DRY_RUN ? dry_run_options : NULL,
        shared & SHARED_DISPLAY ? display_options : NULL,
        shared & SHARED_ACCEL ? accel_options : NULL,
        shared & SHARED_PROGRAM ? program_options : NULL,
        shared & SHARED_ROOT ? root_options : NULL,
    };
    for (size_t i = 0; i < G_N_ELEMENTS(tables); i++)
        if (tables[i] && index-- == 0)
            return tables[i];
    return NULL;
}

static void apply_color(const char *color)
{
    if (g_strcmp0(color, "always") == 0)
        output_set_color(OUTPUT_COLOR_ALWAYS);
    else if (g_strcmp0(color, "never") == 0)
        output_set_color(OUTPUT_COLOR_NEVER);
}

/* The value of "--name value" or "--name=value" at @word, or NULL. */
static const char *value_of(const char *name, char *const *word)
{
    size_t length = strlen(name);
    if (strncmp(*word, name, length) != 0)
        return NULL;
    if ((*word)[length] == '=')
        return *word + length + 1;
    return (*word)[length] == '\0' ? word[1] : NULL;
}

void shared_options_early(char *const *words)
{
    for (; *words && strcmp(*words, "--") != 0; words++) {
        command_global.json |=
            strcmp(*words, "--json") == 0 || g_strcmp0(value_of("--format", words), "json") == 0;
        apply_color(value_of("--color", words));
    }
}

void shared_options_apply(const Command *command)
{
    command_global.json = opt.json || g_strcmp0(opt.format, "json") == 0;
    command_global.quiet = opt.quiet;
    command_global.verbose = opt.verbose;
    command_global.debug = opt.debug;
    command_global.yes = opt.yes;
    command_global.no_input = opt.no_input;
    command_global.dry_run = opt.dry_run;
    command_global.display = opt.display;
    command_global.accel = opt.accel;
    command_global.env = opt.env;
    command_global.cwd = opt.cwd;
    command_global.input = opt.input;
    command_global.timeout_us = command_global.timeout_given ? opt.timeout_us : command->timeout_us;
    if (opt.debug)
        g_log_set_debug_enabled(TRUE);
    apply_color(opt.color);
}

void shared_options_asked(ParseAsked *out_asked)
{
    *out_asked = (ParseAsked){ .help = opt.help, .version = opt.version };
}

const void *shared_options_timeout(void)
{
    return &opt.timeout_us;
}
