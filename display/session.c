/* SPDX-License-Identifier: Apache-2.0 */
/* The thread of spice-glib: connecting, losing and finding the server. */
#include "display/session-private.h"

#include <gio/gio.h>
#include <unistd.h>

#include "display/failure.h"
#include "display/turn.h"

/* Between two attempts: a socket beside us costs next to nothing to try, a network does. */
#define RETRY_LOCAL_MS 200
#define RETRY_REMOTE_MS 2000
/* A server that takes the connection and then is silent for this long does not work. */
#define PATIENCE_S 10
/* How long a process that ends may go on listening after it has closed our connection. */
#define DYING_MS 300
/* A server draws in many small pieces. They are shown together when no more has come for so long,
 * or when the first has waited for so long. */
#define DAMAGE_SILENCE_MS 1
#define DAMAGE_LATE_US 3000

static void attempt(Session *session);

/* What is in the inbox is run by the main loop. */
typedef struct {
    GSource source;
    Mailbox *inbox; /* borrowed */
} MailSource;

static gboolean mail_ready(GSource *source)
{
    return mailbox_has_mail(((MailSource *) source)->inbox);
}

static gboolean mail_prepare(GSource *source, int *timeout_ms)
{
    *timeout_ms = -1;
    return mail_ready(source);
}

static gboolean mail_dispatch(GSource *source, G_GNUC_UNUSED GSourceFunc call,
                              G_GNUC_UNUSED void *user)
{
    mailbox_run(((MailSource *) source)->inbox);
    return G_SOURCE_CONTINUE;
}

static GSourceFuncs mail_functions = { mail_prepare, mail_ready, mail_dispatch };

static void wake_session(G_GNUC_UNUSED void *user)
{
    g_main_context_wakeup(NULL);
}

static void clear_source(unsigned *id)
{
    if (*id)
        g_source_remove(*id);
    *id = 0;
}

static void forget_screens(Session *session)
{
    Board *board = &session->board;
    while (board->n_screens > 0)
        board_remove_screen(board, &board->screens[0]);
    for (unsigned i = 0; i < BOARD_CHANNELS_MAX; i++)
        board->cursors[i].serial++;
    board->agent = false;
}

/* Nothing of a connection that is over calls us any more. */
static void drop_connection(Session *session)
{
    SpiceSession *spice = g_steal_pointer(&session->spice);
    clear_source(&session->patience_timer);
    clear_source(&session->resize_timer);
    session_order_clear(session);
    session_clipboard_gone(session);
    session_usb_end(session);
    clear_source(&session->notice_timer);
    session->board.notice[0] = '\0';
    session->audio = NULL;
    session->main = NULL;
    session->inputs = NULL;
    forget_screens(session);
    if (!spice)
        return;
    g_autoptr(GList) channels = spice_session_get_channels(spice);
    for (GList *l = channels; l; l = l->next)
        g_signal_handlers_disconnect_by_data(l->data, session);
    g_signal_handlers_disconnect_by_data(spice, session);
    spice_session_disconnect(spice);
    g_object_unref(spice);
}

static gboolean retry(void *user)
{
    Session *session = user;
    session->attempt_timer = 0;
    attempt(session);
    return G_SOURCE_REMOVE;
}

/* Fail, or try again later where the user wants to wait; takes @error. */
static void connection_failed(Session *session, const char *hint, GError *error)
{
    gint64 waited = g_get_monotonic_time() - session->started_us;
    bool first = session->board.link == LINK_CONNECTING;
    bool too_long = first && session->setup.timeout_us > 0 && waited >= session->setup.timeout_us;
    drop_connection(session);
    session_changed(session);
    if (session->setup.wait && too_long) {
        board_fail(&session->board, hint,
                   g_error_new(DISPLAY_ERROR, DISPLAY_ERROR_TIMEOUT, "waited in vain: %s",
                               error->message));
        g_error_free(error);
    } else if (session->setup.wait) {
        g_debug("display: %s", error->message);
        g_error_free(error);
        if (!first)
            session->board.link = LINK_WAITING;
        session->attempt_timer = g_timeout_add(
            session->setup.target.socket ? RETRY_LOCAL_MS : RETRY_REMOTE_MS, retry, session);
    } else {
        board_fail(&session->board, hint, error);
    }
}

/* A server admits one viewer, and shows the door to the one before. Coming back at once would
 * throw out the other, who would come back, too. */
static bool server_lives_on(Session *session)
{
    pid_t pid = 0;
    int fd = session->server ? target_connect(&session->setup.target, &pid, NULL) : -1;
    if (fd >= 0)
        close(fd);
    return fd >= 0 && pid == session->server;
}

static gboolean connection_lost(void *user)
{
    Session *session = user;
    session->retire_timer = 0;
    if (server_lives_on(session)) {
        drop_connection(session);
        board_fail(&session->board, NULL,
                   g_error_new(DISPLAY_ERROR, DISPLAY_ERROR_LOCKED,
                               "another viewer has taken over its screen"));
        return G_SOURCE_REMOVE;
    }
    connection_failed(session, NULL,
                      g_error_new(DISPLAY_ERROR, DISPLAY_ERROR_WRONG_STATE,
                                  "the machine has stopped, or closed its screen"));
    return G_SOURCE_REMOVE;
}

static GError *describe(Session *session, SpiceChannelEvent event, const char **out_hint)
{
    const GError *cause = spice_channel_get_error(SPICE_CHANNEL(session->main));
    const char *why = cause ? cause->message : "no reason was given";
    bool has_password = session->setup.target.password != NULL;
    *out_hint = NULL;
    switch (event) {
    case SPICE_CHANNEL_ERROR_AUTH:
        *out_hint = has_password ? NULL : "--password-file FILE, or - for standard input";
        return g_error_new(DISPLAY_ERROR, DISPLAY_ERROR_FAILED, "%s",
                           has_password ? "the server refuses this password"
                                        : "the server asks for a password");
    case SPICE_CHANNEL_ERROR_CONNECT:
        return g_error_new(DISPLAY_ERROR, DISPLAY_ERROR_FAILED, "cannot connect: %s", why);
    case SPICE_CHANNEL_ERROR_TLS:
        *out_hint = "--ca-file FILE names the certificates to trust";
        return g_error_new(DISPLAY_ERROR, DISPLAY_ERROR_FAILED,
                           "no encrypted connection could be made: %s", why);
    case SPICE_CHANNEL_ERROR_LINK:
        return g_error_new(DISPLAY_ERROR, DISPLAY_ERROR_FAILED,
                           "what answers there is not a SPICE server that this viewer knows: %s",
                           why);
    default:
        return g_error_new(DISPLAY_ERROR, DISPLAY_ERROR_FAILED,
                           "the server closed the connection before it was made: %s", why);
    }
}

static void on_main_event(SpiceChannel *channel, SpiceChannelEvent event, void *user)
{
    Session *session = user;
    if (event == SPICE_CHANNEL_NONE || event == SPICE_CHANNEL_SWITCHING ||
        channel != SPICE_CHANNEL(session->main))
        return;
    if (event == SPICE_CHANNEL_OPENED) {
        clear_source(&session->patience_timer);
        session->board.link = LINK_CONNECTED;
        session_changed(session);
    } else if (session->board.link == LINK_CONNECTED) {
        /* Later: this signal comes from the middle of what drop_connection() takes apart, and a
         * server that is dying still listens for a moment. */
        if (!session->retire_timer)
            session->retire_timer = g_timeout_add(DYING_MS, connection_lost, session);
    } else {
        const char *hint;
        GError *error = describe(session, event, &hint);
        connection_failed(session, hint, error);
    }
}

static void on_agent(SpiceChannel *channel, G_GNUC_UNUSED GParamSpec *what, void *user)
{
    Session *session = user;
    gboolean connected = FALSE;
    g_object_get(channel, "agent-connected", &connected, NULL);
    session->board.agent = connected;
    session_changed(session);
}

static void on_mouse_mode(SpiceChannel *channel, G_GNUC_UNUSED GParamSpec *what, void *user)
{
    Session *session = user;
    int mode = 0;
    g_object_get(channel, "mouse-mode", &mode, NULL);
    session->board.absolute_pointer = mode == SPICE_MOUSE_MODE_CLIENT;
    session_changed(session);
}

static void on_name(SpiceSession *spice, G_GNUC_UNUSED GParamSpec *what, void *user)
{
    Session *session = user;
    g_clear_pointer(&session->board.server_name, g_free);
    g_object_get(spice, "name", &session->board.server_name, NULL);
    session_changed(session);
}

/* The other end of each channel of a unix socket; spice-glib has no say in where it is. */
static void on_open_fd(SpiceChannel *channel, G_GNUC_UNUSED int with_tls, void *user)
{
    Session *session = user;
    pid_t pid = 0;
    int fd = target_connect(&session->setup.target, &pid, NULL);
    if (fd >= 0 && !spice_channel_open_fd(channel, fd))
        close(fd);
}

static void main_new(Session *session, SpiceChannel *channel)
{
    session->main = SPICE_MAIN_CHANNEL(channel);
    g_signal_connect(channel, "channel-event", G_CALLBACK(on_main_event), session);
    g_signal_connect(channel, "notify::agent-connected", G_CALLBACK(on_agent), session);
    g_signal_connect(channel, "notify::mouse-mode", G_CALLBACK(on_mouse_mode), session);
    session_clipboard_new(session, session->main);
}

static void on_channel_new(G_GNUC_UNUSED SpiceSession *spice, SpiceChannel *channel, void *user)
{
    Session *session = user;
    session_leave_watch(session, channel);
    if (session->setup.target.socket)
        g_signal_connect(channel, "open-fd", G_CALLBACK(on_open_fd), session);
    if (SPICE_IS_MAIN_CHANNEL(channel))
        main_new(session, channel);
    else if (SPICE_IS_DISPLAY_CHANNEL(channel))
        session_display_new(session, channel);
    else if (SPICE_IS_CURSOR_CHANNEL(channel))
        session_cursor_new(session, channel);
    else if (SPICE_IS_INPUTS_CHANNEL(channel))
        session_inputs_new(session, channel);
    else
        session_sharing_channel(session, channel);
}

static void on_channel_destroy(G_GNUC_UNUSED SpiceSession *spice, SpiceChannel *channel, void *user)
{
    Session *session = user;
    if (channel == SPICE_CHANNEL(session->main))
        session->main = NULL;
    else if (channel == SPICE_CHANNEL(session->inputs))
        session_inputs_gone(session);
    else if (SPICE_IS_DISPLAY_CHANNEL(channel))
        session_display_gone(session, channel);
}

static gboolean out_of_patience(void *user)
{
    Session *session = user;
    session->patience_timer = 0;
    connection_failed(session, NULL,
                      g_error_new(DISPLAY_ERROR, DISPLAY_ERROR_TIMEOUT,
                                  "its screen does not answer; waited %d seconds", PATIENCE_S));
    return G_SOURCE_REMOVE;
}

static SpiceSession *new_spice(Session *session)
{
    const Target *target = &session->setup.target;
    SpiceSession *spice = spice_session_new();
    g_object_set(spice, "password", target->password, "enable-audio", session->setup.audio,
                 "enable-usbredir", session->setup.options->usb_sharing, "enable-smartcard", FALSE,
                 NULL);
    if (target->uri)
        g_object_set(spice, "uri", target->uri, NULL);
    if (target->ca_file)
        g_object_set(spice, "ca-file", target->ca_file, NULL);
    if (target->cert_subject)
        g_object_set(spice, "cert-subject", target->cert_subject, NULL);
    g_signal_connect(spice, "channel-new", G_CALLBACK(on_channel_new), session);
    g_signal_connect(spice, "channel-destroy", G_CALLBACK(on_channel_destroy), session);
    g_signal_connect(spice, "notify::name", G_CALLBACK(on_name), session);
    return spice;
}

static void attempt(Session *session)
{
    g_autoptr(GError) error = NULL;
    int fd = -1;
    session->server = 0;
    if (session->setup.target.socket) {
        fd = target_connect(&session->setup.target, &session->server, &error);
        if (fd < 0) {
            connection_failed(session, NULL, g_steal_pointer(&error));
            return;
        }
    }
    session->spice = new_spice(session);
    session_sharing_begin(session);
    session_usb_begin(session);
    session->patience_timer = g_timeout_add_seconds(PATIENCE_S, out_of_patience, session);
    bool begun =
        fd >= 0 ? spice_session_open_fd(session->spice, fd) : spice_session_connect(session->spice);
    if (!begun)
        connection_failed(session, NULL,
                          g_error_new(DISPLAY_ERROR, DISPLAY_ERROR_FAILED, "cannot connect to %s",
                                      session->setup.target.uri ? session->setup.target.uri
                                                                : session->setup.target.socket));
}

static int patience_ms(void *user)
{
    const Board *board = &((Session *) user)->board;
    if (board->changed)
        return 0;
    if (board->damaged_us == 0)
        return -1;
    gint64 now_us = g_get_monotonic_time();
    bool late = now_us - board->damaged_us >= DAMAGE_LATE_US || now_us < board->paced_us;
    return late ? 0 : DAMAGE_SILENCE_MS;
}

static void tell_window(void *user)
{
    Session *session = user;
    session->board.changed = false;
    session->board.damaged_us = 0;
    session->setup.wake(session->setup.user);
}

static void *run(void *user)
{
    Session *session = user;
    turn_begin(&(TurnNews){ patience_ms, tell_window, session });
    g_source_attach(session->mail, NULL);
    session->started_us = g_get_monotonic_time();
    attempt(session);
    if (!session->stopping)
        g_main_loop_run(session->loop);
    clear_source(&session->attempt_timer);
    session_leave_wait(session);
    clear_source(&session->retire_timer);
    drop_connection(session);
    session_clipboard_end(session);
    session_leave_end(session);
    g_source_destroy(session->mail);
    turn_end();
    return NULL;
}

Session *session_start(SessionSetup *setup)
{
    Session *session = g_new0(Session, 1);
    session->setup = *setup;
    setup->target = (Target){ 0 };
    session->inbox = mailbox_new(session, wake_session, NULL);
    session->loop = g_main_loop_new(NULL, FALSE);
    session->alive = g_hash_table_new(NULL, NULL);
    session->fresh = g_hash_table_new(NULL, NULL);
    session->later = g_ptr_array_new_with_free_func(g_object_unref);
    session->mail = g_source_new(&mail_functions, sizeof(MailSource));
    ((MailSource *) session->mail)->inbox = session->inbox;
    session->thread = g_thread_new("session", run, session);
    return session;
}

static void quit(void *owner, G_GNUC_UNUSED void *data)
{
    Session *session = owner;
    session->stopping = true;
    g_main_loop_quit(session->loop);
}

void session_stop(Session *session)
{
    if (!session)
        return;
    session_post(session, quit, NULL, NULL);
    g_thread_join(session->thread);
    g_source_unref(session->mail);
    g_main_loop_unref(session->loop);
    g_hash_table_unref(session->alive);
    g_hash_table_unref(session->fresh);
    g_ptr_array_unref(session->later);
    mailbox_free(session->inbox);
    board_clear(&session->board);
    target_clear(&session->setup.target);
    g_free(session);
}

Board *session_board(Session *session)
{
    return &session->board;
}

void session_post(Session *session, MailboxCall call, void *data, GDestroyNotify free)
{
    mailbox_post(session->inbox, call, data, free);
}
