/* SPDX-License-Identifier: Apache-2.0 */
/* utmctl-display: shows the screen of a machine, or of any SPICE server, in windows. */
#include <SDL.h>
#include <locale.h>
#include <stdio.h>

#include "display/failure.h"
#include "display/options.h"
#include "display/viewer.h"

static void print_keys(const GPtrArray *chords)
{
    printf("Keys of the window:\n");
    for (Command command = COMMAND_NONE + 1; command < COMMAND_COUNT; command++)
        printf("  %-20s %s\n", command_keys(command), command_text(command));
    printf("Keys that its menu sends to the guest:\n");
    for (guint i = 0; i < chords->len; i++)
        printf("  %s\n", ((const Chord *) chords->pdata[i])->name);
}

/* What spice-glib says of a server that goes away is for those who look for a bug; users are told in
 * our own words. */
static void log_of_spice(const char *domain, GLogLevelFlags level, const char *text, void *user)
{
    if (g_getenv("G_MESSAGES_DEBUG") || g_getenv("SPICE_DEBUG"))
        g_log_default_handler(domain, level, text, user);
}

int main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    Options options;
    const char *hint = NULL;
    setlocale(LC_ALL, "");
    g_log_writer_default_set_use_stderr(TRUE);
    g_log_set_handler("GSpice", G_LOG_LEVEL_MASK, log_of_spice, NULL);
    bool done = options_parse(&options, argc, argv, &error);
    if (done && options.help_keys)
        print_keys(options.chords);
    else if (done)
        done = viewer_run(&options, &hint, &error);
    int status = done ? 0 : failure_print(error, options.title, hint, options.json);
    options_clear(&options);
    return status;
}
