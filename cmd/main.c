/* SPDX-License-Identifier: Apache-2.0 */
/* The table of commands, and what a process sets up before it parses a word. */
#include <fcntl.h>
#include <glib.h>
#include <locale.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include "cmd/command.h"
#include "cmd/commands.h"

/* Sorted by group, then as a newcomer would want to read them. */
static const Command *const commands[] = {
    /* library */
    &cmd_list,
    &cmd_show,
    &cmd_config,
    &cmd_clone,
    &cmd_rename,
    &cmd_delete,
    &cmd_create,
    &cmd_trust,
    &cmd_import,
    &cmd_export,
    /* run */
    &cmd_start,
    &cmd_stop,
    &cmd_pause,
    &cmd_resume,
    &cmd_suspend,
    &cmd_restart,
    &cmd_status,
    &cmd_wait,
    &cmd_run,
    &cmd_events,
    &cmd_logs,
    &cmd_argv,
    /* state */
    &cmd_snapshot,
    &cmd_fork,
    &cmd_try,
    &cmd_undo,
    /* media */
    &cmd_disk,
    &cmd_share,
    &cmd_usb,
    &cmd_mount,
    &cmd_unmount,
    &cmd_network,
    /* screen */
    &cmd_display,
    &cmd_screenshot,
    &cmd_screen,
    &cmd_sendkey,
    &cmd_type,
    &cmd_mouse,
    /* guest */
    &cmd_attach,
    &cmd_exec,
    &cmd_ssh,
    &cmd_ssh_config,
    &cmd_file,
    &cmd_ip_address,
    &cmd_guest,
    /* plumbing */
    &cmd_qmp,
    &cmd_doctor,
    &cmd_completion,
    &cmd_help,
    &cmd_version,
    &cmd_helper,
    &cmd_lan_switch,
    &cmd_complete,
    NULL,
};

/* A standard descriptor that is closed would be given to the first file that is opened, and what is
 * printed would go there. What takes its place fails as a closed one does. */
static void fill_standard_fds(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd ? O_RDONLY : O_WRONLY) < 0)
            return;
}

int main(int argc, char **argv)
{
    fill_standard_fds();
    /* Numbers and messages are the same everywhere: scripts read both. */
    setlocale(LC_CTYPE, "");
    g_log_writer_default_set_use_stderr(TRUE);
    g_setenv("GIO_USE_VFS", "local", TRUE);
    cJSON_InitHooks(&(cJSON_Hooks){ .malloc_fn = g_malloc, .free_fn = g_free });
    return command_main(commands, argc, argv);
}
