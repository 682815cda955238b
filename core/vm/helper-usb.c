/* SPDX-License-Identifier: Apache-2.0 */
/* Giving the machine the USB devices that it always gets, at its start and when they come. */
#include <glib-unix.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "core/host-facts.h"
#include "core/usb.h"
#include "core/vm/helper-private.h"
#include "qapi/json-auto.h"

#define USB_FOLDER "/dev/bus/usb"

/* A device is several events, and may be used when udev has had it. */
#define SETTLE_MS 300

#define WATCHED (IN_CREATE | IN_DELETE | IN_ATTRIB | IN_ONLYDIR)

/* Folders of buses; the kernel makes them with their first device. Watching one twice is harmless. */
static void watch_folders(int fd)
{
    g_autoptr(GDir) dir = g_dir_open(USB_FOLDER, 0, NULL);
    for (const char *name; dir && (name = g_dir_read_name(dir));) {
        g_autofree char *path = g_build_filename(USB_FOLDER, name, NULL);
        (void) inotify_add_watch(fd, path, WATCHED);
    }
}

static void note(const Helper *helper, const GPtrArray *notes)
{
    for (guint i = 0; i < notes->len; i++) {
        g_autoptr(cJSON) data = cJSON_CreateObject();
        cJSON_AddStringToObject(data, "message", notes->pdata[i]);
        journal_add(helper->journal, "x-utm-usb", data, 0);
    }
}

static gboolean follow(gpointer user)
{
    Helper *helper = user;
    helper->usb_settle = 0;
    g_autoptr(HostFacts) facts = host_facts_load(helper->bundle->config->information.uuid, NULL);
    g_autoptr(GPtrArray) notes = g_ptr_array_new_with_free_func(g_free);
    if (facts && !helper->qemu_ended && usb_check_bundle(helper->bundle, NULL))
        usb_follow(job_client_qmp(helper->self), &usb_host_root, facts->usb, notes);
    note(helper, notes);
    return G_SOURCE_REMOVE;
}

static gboolean on_change(gint fd, GIOCondition condition, gpointer user)
{
    (void) condition;
    Helper *helper = user;
    char events[4096];
    while (read(fd, events, sizeof events) > 0)
        continue;
    watch_folders(fd);
    if (!helper->usb_settle)
        helper->usb_settle = g_timeout_add(SETTLE_MS, follow, helper);
    return G_SOURCE_CONTINUE;
}

void helper_usb_start(Helper *helper)
{
    int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (fd >= 0 && inotify_add_watch(fd, USB_FOLDER, WATCHED) >= 0) {
        watch_folders(fd);
        helper->usb_source = g_unix_fd_add(fd, G_IO_IN, on_change, helper);
        helper->usb_fd = fd;
        helper->usb_settle = g_idle_add(follow, helper);
    } else if (fd >= 0) {
        close(fd);
    }
}

void helper_usb_end(Helper *helper)
{
    if (helper->usb_settle)
        g_source_remove(helper->usb_settle);
    if (!helper->usb_source)
        return;
    g_source_remove(helper->usb_source);
    close(helper->usb_fd);
}
