/* SPDX-License-Identifier: Apache-2.0 */
/* A terminal on a guest's serial port: the user's keys go there, what the guest writes comes here. */
#include "cmd/console.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include "cmd/command.h"
#include "cmd/interrupt.h"
#include "cmd/output.h"
#include "cmd/raw-terminal.h"
#include "cmd/values.h"
#include "core/argv/argv-quote.h"
#include "core/error.h"
#include "core/fd.h"
#include "core/vm/run-dir.h"
#include "core/vm/vm.h"
#include "qapi/generated/qmp-commands.h"
#include "qapi/unix-socket.h"

#define ESCAPE_DEFAULT 0x1d
#define BACKLOG_BYTES (64 * 1024)

/* Source: UTM 5.0.3 types this with both numbers filled in */
#define RESIZE_DEFAULT "stty cols $COLS rows $ROWS\\n"

typedef struct {
    int guest_fd;
    int in_fd; /* -1: nothing is read, or no longer */
    bool is_terminal;
    int escape;         /* byte, or -1 */
    gint64 deadline_us; /* 0: none */
    GByteArray *typed;  /* for the guest, not sent yet */
    bool ended;
} Session;

bool console_parse_escape(const char *text, int *out_byte, GError **error)
{
    const char *key = text;
    bool control = false;
    if (g_ascii_strncasecmp(text, "ctrl-", 5) == 0) {
        key += 5;
        control = true;
    } else if (text[0] == '^' && text[1]) {
        key++;
        control = true;
    }
    if (strcmp(text, "none") == 0) {
        *out_byte = -1;
        return true;
    }
    int byte = g_ascii_toupper(key[0]);
    bool valid =
        key[0] && !key[1] && (control ? byte >= '@' && byte <= '_' : g_ascii_isprint(*key));
    if (!valid) {
        utm_error_set(error, UTM_ERROR_USAGE, NULL,
                      "\"%s\" is not a key such as ^], ctrl-a, ~ or none", text);
        return false;
    }
    *out_byte = control ? byte - '@' : key[0];
    return true;
}

static bool write_all(int fd, const char *data, size_t length)
{
    while (length > 0) {
        ssize_t n = write(fd, data, length);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN) {
            struct pollfd wait = { .fd = fd, .events = POLLOUT };
            poll(&wait, 1, -1);
            continue;
        }
        if (n < 0)
            return false;
        data += n;
        length -= (size_t) n;
    }
    return true;
}

/* What the guest wrote goes to standard output. */
static bool from_guest(Session *session, GError **error)
{
    char buffer[16 * 1024];
    ssize_t n = read(session->guest_fd, buffer, sizeof buffer);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return true;
    /* A pseudo terminal answers EIO when its other side is closed. */
    if (n <= 0) {
        session->ended = true;
        return true;
    }
    if (write_all(STDOUT_FILENO, buffer, (size_t) n))
        return true;
    if (errno == EPIPE) {
        session->ended = true;
        return true;
    }
    utm_error_set(error, UTM_ERROR_FAILED, NULL, "cannot write to standard output: %s",
                  g_strerror(errno));
    return false;
}

static void from_user(Session *session)
{
    char buffer[4096];
    ssize_t n = read(session->in_fd, buffer, sizeof buffer);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) {
        session->in_fd = -1;
        session->ended = session->is_terminal;
        return;
    }
    size_t length = (size_t) n;
    const char *escape = session->is_terminal && session->escape >= 0
                             ? memchr(buffer, session->escape, length)
                             : NULL;
    if (escape) {
        length = (size_t) (escape - buffer);
        session->ended = true;
    }
    /* Keys that a guest does not take are lost, as on a real line; the escape key is still seen. */
    if (session->typed->len < BACKLOG_BYTES)
        g_byte_array_append(session->typed, (const guint8 *) buffer, (guint) length);
}

static void to_guest(Session *session)
{
    ssize_t n = write(session->guest_fd, session->typed->data, session->typed->len);
    if (n > 0)
        g_byte_array_remove_range(session->typed, 0, (guint) n);
    else if (n < 0 && errno != EAGAIN && errno != EINTR)
        session->ended = true;
}

static int remaining_ms(const Session *session)
{
    if (session->deadline_us == 0)
        return -1;
    gint64 left = session->deadline_us - g_get_monotonic_time();
    return left <= 0 ? 0 : (int) MIN((left + 999) / 1000, G_MAXINT);
}

static bool step(Session *session, GError **error)
{
    /* A pipe waits while the guest is slow; a terminal is always read, for the escape key. */
    bool read_in = session->is_terminal || session->typed->len < BACKLOG_BYTES;
    struct pollfd fds[] = {
        { .fd = session->guest_fd,
          .events = (short) (POLLIN | (session->typed->len ? POLLOUT : 0)) },
        { .fd = read_in ? session->in_fd : -1, .events = POLLIN },
        { .fd = interrupt_fd(), .events = POLLIN },
        { .fd = STDOUT_FILENO, .events = 0 }, /* only: has its reader gone? */
    };
    int ready = poll(fds, G_N_ELEMENTS(fds), remaining_ms(session));
    if (ready == 0) {
        utm_error_set(error, UTM_ERROR_TIMEOUT, NULL, "still attached when --timeout ran out");
        return false;
    }
    if (ready < 0)
        return true;
    if (fds[2].revents) {
        utm_error_set(error, UTM_ERROR_INTERRUPTED, NULL, "interrupted; the machine goes on");
        return false;
    }
    if (fds[0].revents & POLLOUT)
        to_guest(session);
    if (fds[1].revents)
        from_user(session);
    if (fds[0].revents & (POLLIN | POLLHUP | POLLERR))
        return from_guest(session, error);
    session->ended |= (fds[3].revents & POLLERR) != 0;
    return true;
}

/* Keys that stood before the escape key still go to the guest, if it takes them. */
static void flush_typed(Session *session)
{
    while (session->typed->len > 0) {
        struct pollfd wait = { .fd = session->guest_fd, .events = POLLOUT };
        guint before = session->typed->len;
        if (poll(&wait, 1, 100) > 0)
            to_guest(session);
        if (session->typed->len == before)
            return;
    }
}

/* The command that the bundle has for telling the guest how large the terminal is. */
static void type_resize(Session *session, const ConfigSerial *serial)
{
    struct winsize size;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col == 0)
        size = (struct winsize){ .ws_col = 80, .ws_row = 24 };
    const char *command = serial->terminal ? serial->terminal->resize_command : NULL;
    g_autoptr(GString) text = g_string_new(command ? command : RESIZE_DEFAULT);
    g_autofree char *columns = g_strdup_printf("%u", size.ws_col);
    g_autofree char *rows = g_strdup_printf("%u", size.ws_row);
    g_string_replace(text, "$COLS", columns, 0);
    g_string_replace(text, "$ROWS", rows, 0);
    g_string_replace(text, "\\n", "\n", 0);
    g_byte_array_append(session->typed, (const guint8 *) text->str, (guint) text->len);
}

static char *escape_name(int escape)
{
    if (escape < 0)
        return g_strdup("no key");
    return escape < 0x20 ? g_strdup_printf("Ctrl-%c", escape + '@')
                         : g_strdup_printf("\"%c\"", escape);
}

static bool pump(Session *session, const char *name, GError **error)
{
    g_autofree char *key = escape_name(session->escape);
    if (session->is_terminal)
        output_note("attached to \"%s\", %s detaches", name, key);
    bool ok = true;
    while (ok && !session->ended)
        ok = step(session, error);
    flush_typed(session);
    raw_terminal_leave();
    if (session->is_terminal && ok)
        output_note("\ndetached from \"%s\"", name);
    if (!ok)
        g_prefix_error(error, "VM \"%s\": ", name);
    return ok;
}

static bool run_session(int guest_fd, const Bundle *bundle, const ConfigSerial *serial,
                        const ConsoleOptions *options, GError **error)
{
    Session session = { .guest_fd = guest_fd,
                        .in_fd = options->no_stdin ? -1 : STDIN_FILENO,
                        .escape = ESCAPE_DEFAULT };
    if (options->escape && !console_parse_escape(options->escape, &session.escape, error))
        return false;
    if (options->timeout_us)
        session.deadline_us = g_get_monotonic_time() + options->timeout_us;
    g_autoptr(GByteArray) typed = g_byte_array_new();
    session.typed = typed;
    if (options->type_resize)
        type_resize(&session, serial);
    interrupt_catch();
    fcntl(guest_fd, F_SETFL, fcntl(guest_fd, F_GETFL) | O_NONBLOCK);
    session.is_terminal = session.in_fd >= 0 && raw_terminal_enter(session.in_fd);
    return pump(&session, bundle->config->information.name, error);
}

static bool for_people(const ConfigSerial *serial)
{
    return serial->target == SERIAL_TARGET_AUTO || serial->target == SERIAL_TARGET_MANUAL;
}

static int choose_port(const Bundle *bundle, int wanted, GError **error)
{
    const GPtrArray *serials = bundle->config->serials;
    const char *name = bundle->config->information.name;
    if (bundle->config->backend != CONFIG_BACKEND_QEMU || serials->len == 0) {
        utm_error_set(error, UTM_ERROR_NOT_FOUND, NULL, "VM \"%s\": it has no serial port", name);
        return -1;
    }
    for (guint i = 0; wanted < 0 && i < serials->len; i++)
        if (for_people(serials->pdata[i]))
            return (int) i;
    if (wanted < (int) serials->len)
        return MAX(wanted, 0);
    utm_error_set(error, UTM_ERROR_NOT_FOUND, NULL,
                  "VM \"%s\": there is no serial port %d, only 0 to %u", name, wanted,
                  serials->len - 1);
    return -1;
}

static bool check_running(const Bundle *bundle, GError **error)
{
    const ConfigInformation *information = &bundle->config->information;
    if (vm_is_running(bundle))
        return true;
    g_autofree char *quoted = argv_shell_quote(information->name);
    g_autofree char *hint = g_strdup_printf("utmctl start --attach %s", quoted);
    utm_error_set(error, UTM_ERROR_WRONG_STATE, hint, "VM \"%s\": cannot attach: it is not running",
                  information->name);
    return false;
}

/* Where a port is, for programs. */
static void print_json(int index, const char *mode, const char *name, const char *value)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddNumberToObject(object, "index", index);
    cJSON_AddStringToObject(object, "mode", mode);
    cJSON_AddStringToObject(object, name, value);
    output_json(object);
}

static bool attach_socket(const Bundle *bundle, int index, const ConfigSerial *serial,
                          const ConsoleOptions *options, GError **error)
{
    g_autofree char *socket_name = g_strdup_printf("term%d", index);
    g_autofree char *path = run_dir_socket(bundle->config->information.uuid, socket_name);
    if (command_global.json) {
        print_json(index, "terminal", "socket", path);
        return true;
    }
    g_autoptr(GError) cause = NULL;
    g_auto(Fd) fd = unix_socket_connect(path, 0, &cause);
    if (fd >= 0)
        return run_session(fd, bundle, serial, options, error);
    utm_error_set(error, UTM_ERROR_GUEST_UNREACHABLE, NULL,
                  "VM \"%s\": serial port %d does not answer: %s", bundle->config->information.name,
                  index, cause->message);
    return false;
}

/* QEMU names the pseudo terminal of a chardev "pty:/dev/pts/5". */
static char *find_pty(const Bundle *bundle, int index, GError **error)
{
    g_autoptr(QmpClient) client = vm_connect(bundle, error);
    g_autoptr(QmpChardevInfoList) chardevs = NULL;
    if (!client || !qmp_query_chardev(client, &chardevs, error))
        return NULL;
    g_autofree char *label = g_strdup_printf("term%d", index);
    for (size_t i = 0; i < chardevs->len; i++) {
        const QmpChardevInfo *chardev = chardevs->items[i];
        if (strcmp(chardev->label, label) == 0 && g_str_has_prefix(chardev->filename, "pty:"))
            return g_strdup(chardev->filename + strlen("pty:"));
    }
    utm_error_set(error, UTM_ERROR_GUEST_UNREACHABLE, NULL,
                  "VM \"%s\": QEMU has no pseudo terminal for serial port %d",
                  bundle->config->information.name, index);
    return NULL;
}

/* A script wants the path and nothing else; a person wants to be there. */
static bool attach_pty(const Bundle *bundle, int index, const ConfigSerial *serial,
                       const ConsoleOptions *options, GError **error)
{
    g_autofree char *path = find_pty(bundle, index, error);
    if (!path)
        return false;
    if (command_global.json) {
        print_json(index, "pty", "path", path);
        return true;
    }
    printf("PTTY: %s\n", path);
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
        return true;
    fflush(stdout);
    g_auto(Fd) fd = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (fd >= 0)
        return run_session(fd, bundle, serial, options, error);
    utm_error_set(error, UTM_ERROR_GUEST_UNREACHABLE, NULL, "VM \"%s\": cannot open \"%s\": %s",
                  bundle->config->information.name, path, g_strerror(errno));
    return false;
}

static void print_tcp(int index, const ConfigSerial *serial)
{
    /* Source: UTM's fallbacks for a port without address or number */
    const char *address = serial->tcp_host_address ? serial->tcp_host_address : "example.com";
    if (serial->mode == SERIAL_MODE_TCP_SERVER)
        address = serial->remote_connection_allowed ? "0.0.0.0" : "127.0.0.1";
    int port = serial->has_tcp_port ? (int) serial->tcp_port : 1234;
    g_autofree char *place = g_strdup_printf("%s:%d", address, port);
    if (command_global.json)
        print_json(index, "tcp", "address", place);
    else
        printf("TCP: %s\n", place);
}

bool console_attach(const Bundle *bundle, const ConsoleOptions *options, GError **error)
{
    int index = choose_port(bundle, options->index, error);
    if (index < 0 || !check_running(bundle, error))
        return false;
    const ConfigSerial *serial = bundle->config->serials->pdata[index];
    switch (serial->mode) {
    case SERIAL_MODE_TERMINAL:
        return attach_socket(bundle, index, serial, options, error);
    case SERIAL_MODE_PTTY:
        return attach_pty(bundle, index, serial, options, error);
    default:
        print_tcp(index, serial);
        return true;
    }
}
