/* SPDX-License-Identifier: Apache-2.0 */
/* Sound and the shared folder, which spice-glib serves itself, and what is said of such things. */
#include <stdarg.h>

#include "display/session-private.h"

/* How long the titles say that something is over. */
#define NOTICE_S 5

static gboolean forget_notice(void *user)
{
    Session *session = user;
    session->notice_timer = 0;
    session->board.notice[0] = '\0';
    session_changed(session);
    return G_SOURCE_REMOVE;
}

void session_say(Session *session, bool lasting, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    const char *end;
    g_strlcpy(session->board.notice, text, BOARD_NOTICE_BYTES);
    if (!g_utf8_validate(session->board.notice, -1, &end))
        session->board.notice[end - session->board.notice] = '\0';
    g_clear_handle_id(&session->notice_timer, g_source_remove);
    if (!lasting)
        session->notice_timer = g_timeout_add_seconds(NOTICE_S, forget_notice, session);
    session_changed(session);
}

/* Without this, spice-glib would serve the user's public folder. */
void session_sharing_begin(Session *session)
{
    const Options *options = session->setup.options;
    if (options->shared_dir)
        g_object_set(session->spice, "shared-dir", options->shared_dir, "share-dir-ro",
                     options->shared_read_only, NULL);
}

/* GStreamer is started only where there is something to be heard. */
void session_sharing_channel(Session *session, SpiceChannel *channel)
{
    bool sound = SPICE_IS_PLAYBACK_CHANNEL(channel) || SPICE_IS_RECORD_CHANNEL(channel);
    if (sound && session->setup.audio && !session->audio)
        session->audio = spice_audio_get(session->spice, NULL);
    if (SPICE_IS_USBREDIR_CHANNEL(channel))
        session_usb_channel(session);
    if (SPICE_IS_WEBDAV_CHANNEL(channel) && session->setup.options->shared_dir)
        session_connect(session, channel);
}
