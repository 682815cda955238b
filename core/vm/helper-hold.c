/* SPDX-License-Identifier: Apache-2.0 */
/* A machine that lives as long as the process that has started it. */
#include <errno.h>
#include <glib-unix.h>
#include <signal.h>
#include <unistd.h>

#include "core/error.h"
#include "core/machine.h"
#include "core/vm/helper-private.h"

/* How long QEMU may take to write what it holds when its owner has gone. */
#define END_MS 10000

static gboolean on_limit(gpointer user)
{
    Helper *helper = user;
    child_signal(helper->qemu, SIGKILL);
    return G_SOURCE_REMOVE;
}

static gboolean on_gone(gint fd, GIOCondition condition, gpointer user)
{
    (void) fd;
    (void) condition;
    Helper *helper = user;
    helper->report_source = 0;
    helper->abandoned = true;
    journal_add(helper->journal, "x-utm-abandoned", NULL, 0);
    child_signal(helper->qemu, SIGTERM);
    helper->hold_limit = g_timeout_add(END_MS, on_limit, helper);
    return G_SOURCE_REMOVE;
}

void helper_hold_begin(Helper *helper)
{
    if (helper->report_source)
        g_source_remove(helper->report_source);
    /* An owner that lets go shuts its side down, which is readable; one that dies hangs up too. */
    helper->report_source =
        g_unix_fd_add(helper->report_fd, G_IO_IN | G_IO_HUP | G_IO_ERR, on_gone, helper);
}

HelperHold helper_hold_take(Helper *helper)
{
    HelperHold hold = { .fd = -1 };
    if (!helper->options.hold || helper->report_fd < 0)
        return hold;
    if (helper->report_source)
        g_clear_handle_id(&helper->report_source, g_source_remove);
    if (helper->hold_limit && g_main_context_find_source_by_id(NULL, helper->hold_limit))
        g_source_remove(helper->hold_limit);
    hold.fd = helper->report_fd;
    helper->report_fd = -1;
    if (helper->transient && !helper->saved) {
        hold.path = g_strdup(helper->bundle->path);
        hold.uuid = g_strdup(helper->bundle->config->information.uuid);
        helper->transient = false;
    }
    return hold;
}

void helper_hold_finish(HelperHold *hold)
{
    char byte;
    if (hold->fd < 0)
        return;
    while (read(hold->fd, &byte, 1) > 0 || errno == EINTR)
        errno = 0;
    if (hold->path)
        utm_ignore(machine_delete(hold->path, hold->uuid, NULL));
    close(hold->fd);
    g_free(hold->path);
    g_free(hold->uuid);
}
