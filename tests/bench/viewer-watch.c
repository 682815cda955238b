/* SPDX-License-Identifier: Apache-2.0 */
/* Watches an X screen from outside, so that every viewer is measured in the same way.
 *
 *   viewer-watch frames SECONDS          how often something was drawn: pieces within 4 ms are one
 *   viewer-watch first RRGGBB PROGRAM... milliseconds from exec until that colour is on the screen
 */
#include <X11/Xlib.h>
#include <X11/Xutil.h>
#include <X11/extensions/Xdamage.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SAME_FRAME_MS 4
#define GIVE_UP_MS 15000
#define ROWS 24

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double) t.tv_sec * 1e3 + (double) t.tv_nsec / 1e6;
}

static void count_frames(Display *display, double seconds)
{
    int first_event, first_error;
    if (!XDamageQueryExtension(display, &first_event, &first_error))
        exit(1);
    XDamageCreate(display, DefaultRootWindow(display), XDamageReportRawRectangles);
    struct pollfd fd = { .fd = ConnectionNumber(display), .events = POLLIN };
    double end = now_ms() + seconds * 1e3, last = 0;
    unsigned frames = 0;
    XFlush(display);
    for (double now; (now = now_ms()) < end;) {
        if (!XPending(display)) {
            poll(&fd, 1, (int) (end - now) + 1);
            continue;
        }
        XEvent event;
        XNextEvent(display, &event);
        if (event.type != first_event + XDamageNotify)
            continue;
        double at = (double) ((XDamageNotifyEvent *) &event)->timestamp;
        if (at - last > SAME_FRAME_MS)
            frames++;
        last = at;
    }
    printf("%u\n", frames);
}

static int row_has(Display *display, int y, unsigned long colour)
{
    int width = DisplayWidth(display, DefaultScreen(display)), found = 0;
    XImage *image = XGetImage(display, DefaultRootWindow(display), 0, y, (unsigned) width, 1,
                              AllPlanes, ZPixmap);
    for (int x = 0; image && x < width && !found; x += 16)
        found = (XGetPixel(image, x, 0) & 0xffffff) == colour;
    if (image)
        XDestroyImage(image);
    return found;
}

static int screen_has(Display *display, unsigned long colour)
{
    int height = DisplayHeight(display, DefaultScreen(display));
    for (int i = 0; i < ROWS; i++)
        if (row_has(display, (2 * i + 1) * height / (2 * ROWS), colour))
            return 1;
    return 0;
}

static int time_first(Display *display, unsigned long colour, char **argv)
{
    double start = now_ms();
    pid_t pid = fork();
    if (pid == 0) {
        execvp(argv[0], argv);
        _exit(127);
    }
    int seen = 0;
    while (!(seen = screen_has(display, colour)) && now_ms() - start < GIVE_UP_MS)
        usleep(1000);
    double took = now_ms() - start;
    kill(pid, SIGTERM);
    waitpid(pid, NULL, 0);
    if (!seen)
        return 1;
    printf("%.1f\n", took);
    return 0;
}

int main(int argc, char **argv)
{
    Display *display = XOpenDisplay(NULL);
    if (!display)
        return 1;
    if (argc == 3 && strcmp(argv[1], "frames") == 0) {
        count_frames(display, atof(argv[2]));
        return 0;
    }
    if (argc > 3 && strcmp(argv[1], "first") == 0)
        return time_first(display, strtoul(argv[2], NULL, 16), argv + 3);
    fprintf(stderr, "usage: viewer-watch frames SECONDS | first RRGGBB PROGRAM...\n");
    return 2;
}
