/* SPDX-License-Identifier: Apache-2.0 */
/* The least that a SPICE client does: it decodes what the server draws, and shows nothing. What it
 * costs, no viewer that is built on spice-glib can avoid.
 *
 *   viewer-bare SOCKET
 */
#include <glib-unix.h>
#include <signal.h>
#include <spice-client.h>
#include <stdio.h>

static guint64 damages;

static void on_invalidate(G_GNUC_UNUSED SpiceChannel *channel, G_GNUC_UNUSED int x,
                          G_GNUC_UNUSED int y, G_GNUC_UNUSED int width, G_GNUC_UNUSED int height,
                          G_GNUC_UNUSED void *user)
{
    damages++;
}

static void on_channel(G_GNUC_UNUSED SpiceSession *session, SpiceChannel *channel,
                       G_GNUC_UNUSED void *user)
{
    if (SPICE_IS_DISPLAY_CHANNEL(channel))
        g_signal_connect(channel, "display-invalidate", G_CALLBACK(on_invalidate), NULL);
    if (SPICE_IS_DISPLAY_CHANNEL(channel) || SPICE_IS_CURSOR_CHANNEL(channel) ||
        SPICE_IS_INPUTS_CHANNEL(channel))
        spice_channel_connect(channel);
}

static gboolean on_signal(void *loop)
{
    g_main_loop_quit(loop);
    return G_SOURCE_REMOVE;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: viewer-bare SOCKET\n");
        return 2;
    }
    g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
    SpiceSession *session = spice_session_new();
    g_object_set(session, "unix-path", argv[1], "enable-audio", FALSE, "enable-usbredir", FALSE,
                 NULL);
    g_signal_connect(session, "channel-new", G_CALLBACK(on_channel), NULL);
    g_unix_signal_add(SIGTERM, on_signal, loop);
    if (!spice_session_connect(session))
        return 1;
    g_main_loop_run(loop);
    printf("%" G_GUINT64_FORMAT " damages\n", damages);
    return 0;
}
