/* SPDX-License-Identifier: Apache-2.0 */
/* Drops files on a window as a file manager does: drop WINDOW PATH...
 *
 * Source: freedesktop.org, "Drag-and-Drop Protocol for the X Window System", version 5
 */
#include <X11/Xatom.h>
#include <X11/Xlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LIMIT_S = 20, LIST_BYTES = 8192 };

static Display *x;
static Window source, target;
static char list[LIST_BYTES];

static Atom atom(const char *name)
{
    return XInternAtom(x, name, False);
}

static void tell(const char *what, long a, long b, long c, long d)
{
    XEvent event = { .xclient = { .type = ClientMessage,
                                  .window = target,
                                  .message_type = atom(what),
                                  .format = 32,
                                  .data.l = { (long) source, a, b, c, d } } };
    XSendEvent(x, target, False, NoEventMask, &event);
}

/* All that a path needs here is that blanks are not the end of it. */
static void add_path(const char *path)
{
    size_t used = strlen(list);
    used += (size_t) snprintf(list + used, sizeof list - used, "file://");
    for (; *path && used < sizeof list - 8; path++)
        used +=
            (size_t) snprintf(list + used, sizeof list - used, *path == ' ' ? "%%20" : "%c", *path);
    snprintf(list + used, sizeof list - used, "\r\n");
}

static void answer(const XSelectionRequestEvent *request)
{
    XChangeProperty(x, request->requestor, request->property, request->target, 8, PropModeReplace,
                    (unsigned char *) list, (int) strlen(list));
    XEvent event = { .xselection = { .type = SelectionNotify,
                                     .requestor = request->requestor,
                                     .selection = request->selection,
                                     .target = request->target,
                                     .property = request->property,
                                     .time = request->time } };
    XSendEvent(x, request->requestor, False, NoEventMask, &event);
}

static void wait_for(const char *what)
{
    for (;;) {
        XEvent event;
        XNextEvent(x, &event);
        if (event.type == SelectionRequest)
            answer(&event.xselectionrequest);
        if (event.type == ClientMessage && event.xclient.message_type == atom(what))
            return;
    }
}

int main(int argc, char **argv)
{
    alarm(LIMIT_S);
    x = XOpenDisplay(NULL);
    if (!x || argc < 3)
        return 1;
    target = strtoul(argv[1], NULL, 0);
    for (int i = 2; i < argc; i++)
        add_path(argv[i]);
    source = XCreateSimpleWindow(x, DefaultRootWindow(x), 0, 0, 1, 1, 0, 0, 0);
    XSetSelectionOwner(x, atom("XdndSelection"), source, CurrentTime);
    tell("XdndEnter", 5L << 24, (long) atom("text/uri-list"), None, None);
    tell("XdndPosition", 0, 0, CurrentTime, (long) atom("XdndActionCopy"));
    wait_for("XdndStatus");
    tell("XdndDrop", 0, CurrentTime, 0, 0);
    wait_for("XdndFinished");
    return 0;
}
