/* SPDX-License-Identifier: Apache-2.0 */
/* What is kept of a run so that its failure can be understood without running it again. */
#include "core/run/run-artifacts.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "core/error.h"
#include "core/fd.h"
#include "core/guest/guest-file.h"
#include "core/paths.h"
#include "core/run/run-pictures.h"
#include "core/vm/event-feed.h"
#include "core/vm/screens.h"

bool run_artifacts_begin(const char *folder, GError **error)
{
    if (g_mkdir_with_parents(folder, 0777) == 0 && access(folder, W_OK) == 0)
        return true;
    utm_error_set(error, UTM_ERROR_FAILED, NULL, "cannot write to the folder \"%s\": %s", folder,
                  g_strerror(errno));
    return false;
}

static char *artifact_path(const char *folder, int64_t time_us, const char *what)
{
    g_autofree char *name = run_pictures_name(time_us, what);
    return g_build_filename(folder, name, NULL);
}

void run_artifacts_note(const char *folder, int64_t time_us, const char *what, const char *json)
{
    g_autofree char *path = artifact_path(folder, time_us, what);
    utm_ignore(g_file_set_contents(path, json, -1, NULL));
}

static void copy_file(const char *from, const char *to)
{
    g_auto(Fd) in = open(from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (in < 0)
        return;
    g_auto(Fd) out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    char buffer[65536];
    for (ssize_t n; out >= 0 && (n = read(in, buffer, sizeof buffer)) > 0;)
        if (!guest_write_all(out, buffer, (size_t) n, NULL))
            return;
}

static void copy_log(const char *dir, const char *name, const char *folder, int64_t since_us)
{
    g_autofree char *from = g_build_filename(dir, name, NULL);
    g_autofree char *to = artifact_path(folder, since_us, name);
    copy_file(from, to);
}

static bool add_line(const char *line, void *user)
{
    g_string_append_printf(user, "%s\n", line);
    return true;
}

static void keep_events(const char *uuid, const char *folder, int64_t since_us)
{
    g_autoptr(GString) text = g_string_new(NULL);
    const EventRequest request = { .since_us = since_us };
    if (event_feed_run(uuid, &request, add_line, text, NULL))
        run_artifacts_note(folder, since_us, "events.jsonl", text->str);
}

/* What the helper has kept of a crash has its name already. */
static void keep_screens(const char *dir, const char *folder)
{
    g_autoptr(GPtrArray) screens = screens_list(dir, 0);
    for (guint i = 0; i < screens->len; i++) {
        g_autofree char *name = g_path_get_basename(screens->pdata[i]);
        g_autofree char *to = g_build_filename(folder, name, NULL);
        copy_file(screens->pdata[i], to);
    }
}

void run_artifacts_keep(const Bundle *bundle, const char *folder, int64_t since_us)
{
    const char *uuid = bundle->config->information.uuid;
    g_autofree char *dir = paths_state(uuid);
    static const char *const names[] = { "qemu.log", "helper.log", "last-exit.json" };
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        copy_log(dir, names[i], folder, since_us);
    for (guint i = 0; i < bundle->config->serials->len; i++) {
        g_autofree char *name = g_strdup_printf("serial%u.log", i);
        copy_log(dir, name, folder, since_us);
    }
    keep_events(uuid, folder, since_us);
    keep_screens(dir, folder);
}
