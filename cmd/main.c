/* SPDX-License-Identifier: Apache-2.0 */
/* The table of commands, and what a process sets up before it parses a word. */
#include <glib.h>
#include <locale.h>

#include <cjson/cJSON.h>

#include "cmd/command.h"
#include "cmd/commands.h"

/* Sorted by group, then as a newcomer would want to read them. */
static const Command *const commands[] = {
    /* library */
    /* run */
    &cmd_argv,
    /* state */
    /* media */
    /* screen */
    /* guest */
    /* plumbing */
    &cmd_help,
    &cmd_version,
    NULL,
};

int main(int argc, char **argv)
{
    /* Numbers and messages are the same everywhere: scripts read both. */
    setlocale(LC_CTYPE, "");
    g_log_writer_default_set_use_stderr(TRUE);
    g_setenv("GIO_USE_VFS", "local", TRUE);
    cJSON_InitHooks(&(cJSON_Hooks){ .malloc_fn = g_malloc, .free_fn = g_free });
    return command_main(commands, argc, argv);
}
