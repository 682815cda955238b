/* SPDX-License-Identifier: Apache-2.0 */
/* A serial port that several clients share. */
#include "core/vm/serial-hub.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "qapi/unix-socket.h"

typedef struct {
    char *dir;
    char *socket;
    char *log;
    int guest;
    SerialHub *hub;
} Fixture;

static void pump(void)
{
    while (g_main_context_iteration(NULL, FALSE))
        continue;
}

static void set_up(Fixture *f, gconstpointer data)
{
    (void) data;
    g_autoptr(GError) error = NULL;
    int pair[2];
    f->dir = g_dir_make_tmp("utmctl-test-XXXXXX", NULL);
    f->socket = g_build_filename(f->dir, "term0", NULL);
    f->log = g_build_filename(f->dir, "log", NULL);
    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), ==, 0);
    f->guest = pair[1];
    LogFile *log = log_file_open(f->dir, "log", 0, &error);
    g_assert_no_error(error);
    f->hub = serial_hub_new(pair[0], f->socket, log, &error);
    g_assert_no_error(error);
}

static void tear_down(Fixture *f, gconstpointer data)
{
    (void) data;
    serial_hub_free(f->hub);
    close(f->guest);
    /* The socket is left to whoever removes the folder. */
    (void) g_unlink(f->socket);
    (void) g_unlink(f->log);
    (void) g_rmdir(f->dir);
    g_free(f->dir);
    g_free(f->socket);
    g_free(f->log);
}

static int join(Fixture *f)
{
    g_autoptr(GError) error = NULL;
    int fd = unix_socket_connect(f->socket, 0, &error);
    g_assert_no_error(error);
    pump();
    return fd;
}

static void say(int fd, const char *text)
{
    g_assert_cmpint(send(fd, text, strlen(text), MSG_NOSIGNAL), ==, (int) strlen(text));
    pump();
}

static char *hear(int fd)
{
    GString *text = g_string_new(NULL);
    char buffer[65536];
    ssize_t n;
    pump();
    while ((n = recv(fd, buffer, sizeof buffer, MSG_DONTWAIT)) > 0) {
        g_string_append_len(text, buffer, n);
        pump();
    }
    return g_string_free(text, FALSE);
}

static void expect(int fd, const char *expected)
{
    g_autofree char *text = hear(fd);
    g_assert_cmpstr(text, ==, expected);
}

static void test_shared(Fixture *f, gconstpointer data)
{
    (void) data;
    say(f->guest, "before ");
    int a = join(f), b = join(f);
    say(f->guest, "after");
    expect(a, "before after");
    expect(b, "before after");
    say(a, "one ");
    say(b, "two");
    expect(f->guest, "one two");
    close(a);
    say(f->guest, "!");
    expect(b, "!");
    close(b);
    say(f->guest, "?");
    g_autofree char *log = NULL;
    g_assert_true(g_file_get_contents(f->log, &log, NULL, NULL));
    g_assert_cmpstr(log, ==, "before after!?");
}

/* A pipe into the console ends before the answers have come. */
static void test_half_closed(Fixture *f, gconstpointer data)
{
    (void) data;
    int a = join(f);
    say(a, "ls\n");
    shutdown(a, SHUT_WR);
    pump();
    expect(f->guest, "ls\n");
    say(f->guest, "files\n");
    expect(a, "files\n");
    close(a);
}

static void test_recent_is_bounded(Fixture *f, gconstpointer data)
{
    (void) data;
    g_autofree char *kilobyte = g_strnfill(1023, 'x');
    g_autofree char *line = g_strconcat(kilobyte, "\n", NULL);
    for (int i = 0; i < 300; i++)
        say(f->guest, line);
    say(f->guest, "end");
    int a = join(f);
    g_autofree char *text = hear(a);
    g_assert_cmpuint(strlen(text), ==, 64 * 1024);
    g_assert_true(g_str_has_suffix(text, "x\nend"));
    close(a);
}

static void test_slow_client(Fixture *f, gconstpointer data)
{
    (void) data;
    int slow = join(f), quick = join(f);
    g_autofree char *block = g_strnfill(16 * 1024, 'x');
    for (int i = 0; i < 256; i++) {
        say(f->guest, block);
        g_autofree char *text = hear(quick);
        g_assert_cmpuint(strlen(text), ==, 16 * 1024);
    }
    g_autofree char *rest = hear(slow);
    g_assert_cmpuint(strlen(rest), <, 4 * 1024 * 1024);
    char byte;
    g_assert_cmpint(recv(slow, &byte, 1, MSG_DONTWAIT), ==, 0);
    close(slow);
    close(quick);
}

/* A guest that does not read holds up its writers instead of filling our memory. */
static void test_slow_guest(Fixture *f, gconstpointer data)
{
    (void) data;
    int a = join(f);
    g_autofree char *block = g_strnfill(16 * 1024, 'x');
    size_t sent = 0;
    for (int i = 0; i < 1000; i++) {
        ssize_t n = send(a, block, strlen(block), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0)
            break;
        sent += (size_t) n;
        pump();
    }
    g_assert_cmpuint(sent, <, 8 * 1024 * 1024);
    size_t got = 0;
    char buffer[65536];
    for (ssize_t n; (n = recv(f->guest, buffer, sizeof buffer, MSG_DONTWAIT)) > 0;) {
        got += (size_t) n;
        pump();
    }
    g_assert_cmpuint(got, ==, sent);
    close(a);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add("/serial-hub/shared", Fixture, NULL, set_up, test_shared, tear_down);
    g_test_add("/serial-hub/half-closed", Fixture, NULL, set_up, test_half_closed, tear_down);
    g_test_add("/serial-hub/recent", Fixture, NULL, set_up, test_recent_is_bounded, tear_down);
    g_test_add("/serial-hub/slow-client", Fixture, NULL, set_up, test_slow_client, tear_down);
    g_test_add("/serial-hub/slow-guest", Fixture, NULL, set_up, test_slow_guest, tear_down);
    return g_test_run();
}
