/* SPDX-License-Identifier: Apache-2.0 */
/* The clipboard between the host's desktop and the guest's agent. */
#include <spice/vd_agent.h>

#include "display/session-private.h"

/* What the agent calls what crosses. */
static const struct {
    ClipboardKind kind;
    guint32 type;
} types[] = {
    { CLIPBOARD_TEXT, VD_AGENT_CLIPBOARD_UTF8_TEXT },
    { CLIPBOARD_PNG, VD_AGENT_CLIPBOARD_IMAGE_PNG },
};

static guint32 type_of(ClipboardKind kind)
{
    for (size_t i = 0; i < G_N_ELEMENTS(types); i++)
        if (types[i].kind == kind)
            return types[i].type;
    return VD_AGENT_CLIPBOARD_NONE;
}

static unsigned kind_of(guint32 type)
{
    for (size_t i = 0; i < G_N_ELEMENTS(types); i++)
        if (types[i].type == type)
            return types[i].kind;
    return 0;
}

/* ---- what the decisions lead to ---- */

/* Selections other than the clipboard stay where they are, as with UTM. */
#define SELECTION VD_AGENT_CLIPBOARD_SELECTION_CLIPBOARD

static void offer_guest(unsigned kinds, void *user)
{
    Session *session = user;
    guint32 offered[G_N_ELEMENTS(types)];
    int count = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(types); i++)
        if (kinds & types[i].kind)
            offered[count++] = types[i].type;
    if (count)
        spice_main_channel_clipboard_selection_grab(session->main, SELECTION, offered, count);
    else
        spice_main_channel_clipboard_selection_release(session->main, SELECTION);
}

static void ask_guest(ClipboardKind kind, void *user)
{
    Session *session = user;
    spice_main_channel_clipboard_selection_request(session->main, SELECTION, type_of(kind));
}

static void give_guest(ClipboardKind kind, const uint8_t *data, size_t size, void *user)
{
    Session *session = user;
    guint32 type = size ? type_of(kind) : VD_AGENT_CLIPBOARD_NONE;
    spice_main_channel_clipboard_selection_notify(session->main, SELECTION, type, data, size);
}

static void ask_host(ClipboardKind kind, void *user)
{
    host_clipboard_ask(((Session *) user)->host_clipboard, kind);
}

static void give_host(ClipboardKind kind, const uint8_t *data, size_t size, void *user)
{
    host_clipboard_give(((Session *) user)->host_clipboard, kind, data, size);
}

static void clear_host(void *user)
{
    host_clipboard_clear(((Session *) user)->host_clipboard);
}

static const ClipboardOps ops = {
    .offer_guest = offer_guest,
    .ask_guest = ask_guest,
    .give_guest = give_guest,
    .ask_host = ask_host,
    .give_host = give_host,
    .clear_host = clear_host,
};

/* ---- what the host says ---- */

static void host_copied(unsigned kinds, bool ours, void *user)
{
    clipboard_host_copied(&((Session *) user)->clipboard, kinds, ours);
}

static void host_gave(ClipboardKind kind, const uint8_t *data, size_t size, void *user)
{
    clipboard_host_gave(&((Session *) user)->clipboard, kind, data, size);
}

static const HostClipboardOps host_ops = { .copied = host_copied, .gave = host_gave };

/* ---- what the guest says ---- */

static gboolean on_grab(G_GNUC_UNUSED SpiceMainChannel *channel, guint selection,
                        const guint32 *offered, guint count, void *user)
{
    Session *session = user;
    unsigned kinds = 0;
    if (selection != SELECTION || !session->host_clipboard)
        return FALSE;
    for (guint i = 0; i < count; i++)
        kinds |= kind_of(offered[i]);
    host_clipboard_renew(session->host_clipboard);
    clipboard_guest_copied(&session->clipboard, kinds);
    return TRUE;
}

static gboolean on_request(G_GNUC_UNUSED SpiceMainChannel *channel, guint selection, guint type,
                           void *user)
{
    Session *session = user;
    if (selection != SELECTION || !session->host_clipboard)
        return FALSE;
    clipboard_guest_asks(&session->clipboard, kind_of(type));
    return TRUE;
}

static void on_data(G_GNUC_UNUSED SpiceMainChannel *channel, guint selection, guint type,
                    const guchar *data, guint size, void *user)
{
    Session *session = user;
    if (selection == SELECTION && session->host_clipboard)
        clipboard_guest_gave(&session->clipboard, kind_of(type), data, size);
}

static void on_release(G_GNUC_UNUSED SpiceMainChannel *channel, guint selection, void *user)
{
    Session *session = user;
    if (selection == SELECTION && session->host_clipboard)
        clipboard_guest_released(&session->clipboard);
}

/* ---- life ---- */

static bool agent_can(const Session *session, guint32 what)
{
    return spice_main_channel_agent_test_capability(session->main, what);
}

/* An agent is there a moment before it has said what it can do. A session without one has no use
 * for the host's clipboard, and does not open it. */
static void on_agent(SpiceMainChannel *channel, void *user)
{
    Session *session = user;
    gboolean connected = FALSE;
    g_object_get(channel, "agent-connected", &connected, NULL);
    bool there = connected && agent_can(session, VD_AGENT_CAP_CLIPBOARD_BY_DEMAND);
    if (there && !session->host_clipboard)
        session->host_clipboard = host_clipboard_new(&host_ops, session);
    if (session->host_clipboard)
        clipboard_agent(&session->clipboard, there,
                        there && agent_can(session, VD_AGENT_CAP_GUEST_LINEEND_CRLF));
}

void session_clipboard_new(Session *session, SpiceMainChannel *channel)
{
    const Options *options = session->setup.options;
    session->clipboard = (Clipboard){ .ops = &ops,
                                      .user = session,
                                      .to_guest = options->to_guest,
                                      .to_host = options->to_host,
                                      .host_kinds = session->clipboard.host_kinds };
    if (!options->to_guest && !options->to_host)
        return;
    g_signal_connect(channel, "main-agent-update", G_CALLBACK(on_agent), session);
    g_signal_connect(channel, "main-clipboard-selection-grab", G_CALLBACK(on_grab), session);
    g_signal_connect(channel, "main-clipboard-selection-request", G_CALLBACK(on_request), session);
    g_signal_connect(channel, "main-clipboard-selection", G_CALLBACK(on_data), session);
    g_signal_connect(channel, "main-clipboard-selection-release", G_CALLBACK(on_release), session);
}

void session_clipboard_gone(Session *session)
{
    if (session->clipboard.ops)
        clipboard_agent(&session->clipboard, false, false);
}

void session_clipboard_end(Session *session)
{
    g_clear_pointer(&session->host_clipboard, host_clipboard_free);
}
