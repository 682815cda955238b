/* SPDX-License-Identifier: Apache-2.0 */
/* Keeping the log that QEMU writes itself from growing without end. */
#include <glib-unix.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "core/vm/helper-private.h"

/* What is written together is looked at together. */
#define SETTLE_MS 200

static gboolean on_settled(gpointer user)
{
    Helper *helper = user;
    int fd = log_file_fd(helper->qemu_log);
    char events[4096];
    helper->log_settle = 0;
    helper_reset_tidy(helper);
    off_t before = lseek(fd, 0, SEEK_END);
    log_file_shorten(helper->qemu_log);
    off_t after = lseek(fd, 0, SEEK_END);
    if (after < before)
        helper_reset_skip(helper);
    /* Our own changes are no news. */
    while (read(helper->log_notify, events, sizeof events) > 0)
        continue;
    return G_SOURCE_REMOVE;
}

static gboolean on_change(gint fd, GIOCondition condition, gpointer user)
{
    (void) condition;
    Helper *helper = user;
    char events[4096];
    while (read(fd, events, sizeof events) > 0)
        continue;
    if (!helper->log_settle)
        helper->log_settle = g_timeout_add(SETTLE_MS, on_settled, helper);
    return G_SOURCE_CONTINUE;
}

void helper_log_watch(Helper *helper)
{
    helper->log_notify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (helper->log_notify < 0)
        return;
    if (inotify_add_watch(helper->log_notify, log_file_path(helper->qemu_log), IN_MODIFY) >= 0)
        helper->log_source = g_unix_fd_add(helper->log_notify, G_IO_IN, on_change, helper);
}

void helper_log_end(Helper *helper)
{
    if (helper->log_source)
        g_clear_handle_id(&helper->log_source, g_source_remove);
    if (helper->log_settle)
        g_clear_handle_id(&helper->log_settle, g_source_remove);
    if (helper->log_notify >= 0)
        close(helper->log_notify);
}
