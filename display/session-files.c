/* SPDX-License-Identifier: Apache-2.0 */
/* Files that are dropped on a window, on their way to the guest's agent. */
#include <stdio.h>

#include "display/session-private.h"

/* Several files are sent as one: spice-glib adds up their bytes. */
static void on_progress(goffset done, goffset all, void *user)
{
    Session *session = user;
    if (all > 0)
        session_say(session, true, "sending files: %d %%", (int) (100 * done / all));
}

static void say_failure(Session *session, const char *why)
{
    fprintf(stderr, "utmctl: VM \"%s\": cannot send files: %s\n", session->setup.options->title,
            why);
    session_say(session, false, "cannot send files: %s", why);
}

static void on_sent(GObject *source, GAsyncResult *result, void *user)
{
    Session *session = user;
    g_autoptr(GError) error = NULL;
    bool sent = spice_main_channel_file_copy_finish(SPICE_MAIN_CHANNEL(source), result, &error);
    /* Of a connection that is over, or of one that was before. */
    if (SPICE_CHANNEL(source) != SPICE_CHANNEL(session->main))
        return;
    if (sent)
        session_say(session, false, "files were sent");
    else
        say_failure(session, error->message);
}

static GFile **open_files(char *const *paths)
{
    guint count = g_strv_length((char **) paths);
    GFile **files = g_new0(GFile *, count + 1);
    for (guint i = 0; i < count; i++)
        files[i] = g_file_new_for_path(paths[i]);
    return files;
}

static void send(void *owner, void *data)
{
    Session *session = owner;
    if (!session->main || !session->board.agent) {
        say_failure(session, "the guest runs no spice-vdagent");
        return;
    }
    GFile **files = open_files(data);
    session_say(session, true, "sending files");
    spice_main_channel_file_copy_async(session->main, files, G_FILE_COPY_NONE, NULL, on_progress,
                                       session, on_sent, session);
    for (GFile **file = files; *file; file++)
        g_object_unref(*file);
    g_free(files);
}

void session_send_files(Session *session, char **paths)
{
    session_post(session, send, paths, (GDestroyNotify) g_strfreev);
}
