/* SPDX-License-Identifier: Apache-2.0 */
/* The clipboard of an X11 desktop, over a connection of its own: SDL's has texts only.
 *
 * Source: ICCCM 2.0, section 2, "Peer-to-Peer Communication by Means of Selections"
 */
#include <X11/Xatom.h>
#include <X11/Xlib.h>
#include <X11/extensions/Xfixes.h>
#include <glib-unix.h>

#include "display/host-clipboard.h"

/* How long an owner may take for the next piece of its content. */
#define ANSWER_S 5

/* Pieces of a large content, in bytes; every server takes requests of that size. */
#define PIECE_BYTES (64 * 1024)

enum { KINDS = 2 };

static const ClipboardKind kinds[KINDS] = { CLIPBOARD_TEXT, CLIPBOARD_PNG };

/* Content on its way to another client, which deletes each piece to have the next. */
typedef struct {
    Window requestor;
    Atom property, type;
    GBytes *bytes; /* owned */
    size_t at;
} Sending;

struct HostClipboard {
    const HostClipboardOps *ops; /* borrowed */
    void *user;
    Display *x; /* owned */
    Window window;
    guint source;
    guint queued; /* runs when there are events that were read already */
    int fixes_event;
    Atom clipboard, targets, incr, targets_property, data_property;
    Atom types[KINDS];
    /* reading */
    unsigned asked;        /* kinds that are waited for, of which one is being read */
    ClipboardKind reading; /* 0: none */
    GByteArray *incoming;  /* owned; NULL unless it comes in pieces */
    guint timer;
    /* owning */
    GBytes *held[KINDS]; /* owned */
    bool stale;          /* what is held makes room for what comes */
    GPtrArray *sendings; /* of owned Sending */
};

static void sending_free(void *data)
{
    Sending *sending = data;
    g_bytes_unref(sending->bytes);
    g_free(sending);
}

/* Windows of other clients may be gone by the time that we answer them. */
static int ignore_error(G_GNUC_UNUSED Display *x, G_GNUC_UNUSED XErrorEvent *event)
{
    return 0;
}

static size_t index_of(ClipboardKind kind)
{
    return kind == CLIPBOARD_TEXT ? 0 : 1;
}

/* ---- sending ---- */

static gboolean on_queued(void *user);

/* Sending reads, too: what came in that way does not make the connection readable. */
static void flush(HostClipboard *host)
{
    XFlush(host->x);
    if (!host->queued && XEventsQueued(host->x, QueuedAlready))
        host->queued = g_idle_add(on_queued, host);
}

/* ---- properties ---- */

/* All of a property of ours, which is deleted; NULL when there is none. */
static GByteArray *take_property(const HostClipboard *host, Atom property, Atom *out_type)
{
    int format = 0;
    unsigned long count = 0, left = 0;
    unsigned char *data = NULL;
    if (XGetWindowProperty(host->x, host->window, property, 0, CLIPBOARD_BYTES_MAX / 4, True,
                           AnyPropertyType, out_type, &format, &count, &left, &data) != Success)
        return NULL;
    GByteArray *bytes = NULL;
    if (format == 8 || format == 32) {
        size_t unit = format == 32 ? sizeof(long) : 1; /* Xlib's 32 bits are longs */
        bytes = g_byte_array_new();
        g_byte_array_append(bytes, data, (guint) (count * unit));
    }
    XFree(data);
    return bytes;
}

/* ---- what the host has ---- */

static void ask_next(HostClipboard *host);

static void finish_reading(HostClipboard *host, const uint8_t *data, size_t size)
{
    ClipboardKind kind = host->reading;
    g_autoptr(GByteArray) incoming = g_steal_pointer(&host->incoming);
    g_clear_handle_id(&host->timer, g_source_remove);
    host->reading = 0;
    host->asked &= ~(unsigned) kind;
    if (kind)
        host->ops->gave(kind, data, size, host->user);
    ask_next(host);
}

static gboolean give_up(void *user)
{
    HostClipboard *host = user;
    host->timer = 0;
    finish_reading(host, NULL, 0);
    return G_SOURCE_REMOVE;
}

static void start_timer(HostClipboard *host)
{
    g_clear_handle_id(&host->timer, g_source_remove);
    host->timer = g_timeout_add_seconds(ANSWER_S, give_up, host);
}

static void ask_next(HostClipboard *host)
{
    for (size_t i = 0; i < KINDS && !host->reading; i++)
        if (host->asked & kinds[i]) {
            host->reading = kinds[i];
            XConvertSelection(host->x, host->clipboard, host->types[i], host->data_property,
                              host->window, CurrentTime);
            flush(host);
            start_timer(host);
        }
}

void host_clipboard_ask(HostClipboard *host, ClipboardKind kind)
{
    host->asked |= kind;
    ask_next(host);
}

static void read_first(HostClipboard *host)
{
    Atom type = None;
    g_autoptr(GByteArray) bytes = take_property(host, host->data_property, &type);
    if (type != host->incr) {
        finish_reading(host, bytes ? bytes->data : NULL, bytes ? bytes->len : 0);
        return;
    }
    g_clear_pointer(&host->incoming, g_byte_array_unref);
    host->incoming = g_byte_array_new();
    start_timer(host);
}

static void read_piece(HostClipboard *host)
{
    Atom type;
    g_autoptr(GByteArray) bytes = take_property(host, host->data_property, &type);
    GByteArray *incoming = host->incoming;
    if (!bytes || incoming->len + (size_t) bytes->len > CLIPBOARD_BYTES_MAX) {
        finish_reading(host, NULL, 0);
    } else if (!bytes->len) {
        finish_reading(host, incoming->data ? incoming->data : (const uint8_t *) "", incoming->len);
    } else {
        g_byte_array_append(incoming, bytes->data, bytes->len);
        start_timer(host);
    }
}

static void read_targets(HostClipboard *host)
{
    Atom type;
    g_autoptr(GByteArray) bytes = take_property(host, host->targets_property, &type);
    const long *atoms = bytes ? (const long *) (void *) bytes->data : NULL;
    unsigned found = 0;
    for (size_t n = 0; bytes && n < bytes->len / sizeof *atoms; n++)
        for (size_t i = 0; i < KINDS; i++)
            if ((Atom) atoms[n] == host->types[i])
                found |= kinds[i];
    host->ops->copied(found, false, host->user);
}

static void take_answer(HostClipboard *host, const XSelectionEvent *event)
{
    if (event->target == host->targets && event->property != None)
        read_targets(host);
    else if (event->target == host->targets)
        host->ops->copied(0, false, host->user);
    else if (host->reading && event->target == host->types[index_of(host->reading)]) {
        if (event->property != None)
            read_first(host);
        else
            finish_reading(host, NULL, 0);
    }
}

static unsigned held_kinds(const HostClipboard *host)
{
    unsigned held = 0;
    for (size_t i = 0; i < KINDS; i++)
        held |= host->held[i] ? (unsigned) kinds[i] : 0;
    return held;
}

static void look_at_owner(HostClipboard *host, Window owner)
{
    if (owner == host->window)
        host->ops->copied(held_kinds(host), true, host->user);
    else if (owner == None)
        host->ops->copied(0, false, host->user);
    else
        XConvertSelection(host->x, host->clipboard, host->targets, host->targets_property,
                          host->window, CurrentTime);
    flush(host);
}

/* ---- what the guest has ---- */

static void drop_held(HostClipboard *host)
{
    for (size_t i = 0; i < KINDS; i++)
        g_clear_pointer(&host->held[i], g_bytes_unref);
}

void host_clipboard_renew(HostClipboard *host)
{
    host->stale = true;
}

void host_clipboard_give(HostClipboard *host, ClipboardKind kind, const uint8_t *data, size_t size)
{
    if (host->stale)
        drop_held(host);
    host->stale = false;
    g_clear_pointer(&host->held[index_of(kind)], g_bytes_unref);
    host->held[index_of(kind)] = g_bytes_new(data, size);
    XSetSelectionOwner(host->x, host->clipboard, host->window, CurrentTime);
    flush(host);
}

void host_clipboard_clear(HostClipboard *host)
{
    bool ours = held_kinds(host);
    drop_held(host);
    if (ours)
        XSetSelectionOwner(host->x, host->clipboard, None, CurrentTime);
    flush(host);
}

static void send_targets(const HostClipboard *host, const XSelectionRequestEvent *request)
{
    Atom atoms[KINDS + 1] = { host->targets };
    int count = 1;
    for (size_t i = 0; i < KINDS; i++)
        if (host->held[i])
            atoms[count++] = host->types[i];
    XChangeProperty(host->x, request->requestor, request->property, XA_ATOM, 32, PropModeReplace,
                    (unsigned char *) atoms, count);
}

static void send_next_piece(HostClipboard *host, Sending *sending)
{
    gsize size;
    const unsigned char *data = g_bytes_get_data(sending->bytes, &size);
    size_t length = MIN(size - sending->at, PIECE_BYTES);
    XChangeProperty(host->x, sending->requestor, sending->property, sending->type, 8,
                    PropModeReplace, data + sending->at, (int) length);
    sending->at += length;
    /* An empty piece is the end. */
    if (!length)
        g_ptr_array_remove(host->sendings, sending);
}

static void begin_sending(HostClipboard *host, const XSelectionRequestEvent *request, GBytes *bytes)
{
    long size = (long) g_bytes_get_size(bytes);
    Sending *sending = g_new0(Sending, 1);
    *sending = (Sending){ .requestor = request->requestor,
                          .property = request->property,
                          .type = request->target,
                          .bytes = g_bytes_ref(bytes) };
    g_ptr_array_add(host->sendings, sending);
    XSelectInput(host->x, request->requestor, PropertyChangeMask);
    XChangeProperty(host->x, request->requestor, request->property, host->incr, 32, PropModeReplace,
                    (unsigned char *) &size, 1);
}

static bool send_content(HostClipboard *host, const XSelectionRequestEvent *request)
{
    for (size_t i = 0; i < KINDS; i++) {
        GBytes *bytes = host->types[i] == request->target ? host->held[i] : NULL;
        if (!bytes)
            continue;
        gsize size;
        const unsigned char *data = g_bytes_get_data(bytes, &size);
        if (size > PIECE_BYTES)
            begin_sending(host, request, bytes);
        else
            XChangeProperty(host->x, request->requestor, request->property, request->target, 8,
                            PropModeReplace, data, (int) size);
        return true;
    }
    return false;
}

static void answer(HostClipboard *host, const XSelectionRequestEvent *request)
{
    bool done = request->property != None;
    if (done && request->target == host->targets)
        send_targets(host, request);
    else if (done)
        done = send_content(host, request);
    XEvent event = { .xselection = { .type = SelectionNotify,
                                     .requestor = request->requestor,
                                     .selection = request->selection,
                                     .target = request->target,
                                     .property = done ? request->property : None,
                                     .time = request->time } };
    XSendEvent(host->x, request->requestor, False, NoEventMask, &event);
}

static Sending *find_sending(const HostClipboard *host, const XPropertyEvent *event)
{
    for (guint i = 0; i < host->sendings->len; i++) {
        Sending *sending = host->sendings->pdata[i];
        if (sending->requestor == event->window && sending->property == event->atom)
            return sending;
    }
    return NULL;
}

/* ---- events ---- */

static void property_changed(HostClipboard *host, const XPropertyEvent *event)
{
    if (event->window == host->window) {
        if (event->state == PropertyNewValue && event->atom == host->data_property &&
            host->incoming)
            read_piece(host);
        return;
    }
    Sending *sending = event->state == PropertyDelete ? find_sending(host, event) : NULL;
    if (sending)
        send_next_piece(host, sending);
}

static void handle(HostClipboard *host, XEvent *event)
{
    if (event->type == host->fixes_event + XFixesSelectionNotify)
        look_at_owner(host, ((XFixesSelectionNotifyEvent *) (void *) event)->owner);
    else if (event->type == SelectionNotify)
        take_answer(host, &event->xselection);
    else if (event->type == SelectionRequest)
        answer(host, &event->xselectionrequest);
    else if (event->type == SelectionClear)
        drop_held(host);
    else if (event->type == PropertyNotify)
        property_changed(host, &event->xproperty);
}

static void handle_all(HostClipboard *host)
{
    while (XPending(host->x)) {
        XEvent event;
        XNextEvent(host->x, &event);
        handle(host, &event);
    }
}

static gboolean on_queued(void *user)
{
    HostClipboard *host = user;
    host->queued = 0;
    handle_all(host);
    return G_SOURCE_REMOVE;
}

static gboolean on_readable(G_GNUC_UNUSED int fd, G_GNUC_UNUSED GIOCondition condition, void *user)
{
    handle_all(user);
    return G_SOURCE_CONTINUE;
}

/* ---- life ---- */

static void intern_atoms(HostClipboard *host)
{
    host->clipboard = XInternAtom(host->x, "CLIPBOARD", False);
    host->targets = XInternAtom(host->x, "TARGETS", False);
    host->incr = XInternAtom(host->x, "INCR", False);
    host->targets_property = XInternAtom(host->x, "UTMCTL_TARGETS", False);
    host->data_property = XInternAtom(host->x, "UTMCTL_DATA", False);
    host->types[index_of(CLIPBOARD_TEXT)] = XInternAtom(host->x, "UTF8_STRING", False);
    host->types[index_of(CLIPBOARD_PNG)] = XInternAtom(host->x, "image/png", False);
}

HostClipboard *host_clipboard_new(const HostClipboardOps *ops, void *user)
{
    int error_base, fixes_event;
    Display *x = XOpenDisplay(NULL);
    if (!x)
        return NULL;
    if (!XFixesQueryExtension(x, &fixes_event, &error_base)) {
        XCloseDisplay(x);
        return NULL;
    }
    XSetErrorHandler(ignore_error);
    HostClipboard *host = g_new0(HostClipboard, 1);
    *host = (HostClipboard){ .ops = ops, .user = user, .x = x, .fixes_event = fixes_event };
    host->sendings = g_ptr_array_new_with_free_func(sending_free);
    host->window = XCreateSimpleWindow(x, DefaultRootWindow(x), 0, 0, 1, 1, 0, 0, 0);
    XSelectInput(x, host->window, PropertyChangeMask);
    intern_atoms(host);
    XFixesSelectSelectionInput(x, host->window, host->clipboard,
                               XFixesSetSelectionOwnerNotifyMask |
                                   XFixesSelectionWindowDestroyNotifyMask |
                                   XFixesSelectionClientCloseNotifyMask);
    host->source = g_unix_fd_add(ConnectionNumber(x), G_IO_IN, on_readable, host);
    look_at_owner(host, XGetSelectionOwner(x, host->clipboard));
    flush(host); /* what came in with that answer, too */
    return host;
}

void host_clipboard_free(HostClipboard *host)
{
    if (!host)
        return;
    g_clear_handle_id(&host->source, g_source_remove);
    g_clear_handle_id(&host->queued, g_source_remove);
    g_clear_handle_id(&host->timer, g_source_remove);
    g_clear_pointer(&host->incoming, g_byte_array_unref);
    g_ptr_array_unref(host->sendings);
    drop_held(host);
    XCloseDisplay(host->x);
    g_free(host);
}
