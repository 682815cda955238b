/* SPDX-License-Identifier: Apache-2.0 */
/* Run a program in a guest through its agent, with its output while it runs. */
#include "core/guest/guest-exec.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "core/error.h"
#include "core/guest/guest-exec-script.h"
#include "core/guest/guest-file.h"
#include "core/guest/guest.h"
#include "qapi/generated/qmp-commands.h"

#define SHELL "/bin/sh"

/* How often the agent is asked: at once for what is short, seldom for what waits itself. */
#define ASK_FIRST_US 1000
#define ASK_LAST_US (50 * 1000)

/* A program that ends sooner has its output handed over in one go. */
#define STREAM_AFTER_US (100 * 1000)
#define READ_SIZE (256 * 1024)

/* Input up to this size goes with the command, more through a file. */
#define INPUT_SIZE (1024 * 1024)

/* How long a program may take to end after SIGINT before we go without it. */
#define END_US (2 * G_USEC_PER_SEC)

typedef struct {
    int descriptor;
    unsigned piece;
    int64_t handle;   /* of the piece; -1: not open */
    size_t in_piece;  /* bytes read of the piece */
    uint64_t written; /* bytes given to the caller */
} Stream;

typedef struct {
    QmpClient *client;
    const GuestExec *exec;
    char *folder;
    bool streaming;
    Stream streams[2];
} Run;

/* ---- helpers ---- */

static bool is_absent(const GError *error)
{
    return g_error_matches(error, UTM_ERROR, UTM_ERROR_NOT_FOUND);
}

static bool guest_start(QmpClient *client, char *const *words, char *const *env, const char *input,
                        int64_t *out_pid, GError **error)
{
    const QapiStrList arg = { g_strv_length((char **) words) - 1, (char **) words + 1 };
    const QapiStrList variables = { env ? g_strv_length((char **) env) : 0, (char **) env };
    g_autoptr(QmpGuestExec) started = NULL;
    if (!qmp_guest_exec(client, words[0], &arg, variables.len ? &variables : NULL, input, true,
                        true, &started, error))
        return guest_explain(error);
    *out_pid = started->pid;
    return true;
}

static bool ask(QmpClient *client, int64_t pid, QmpGuestExecStatus **out_status, GError **error)
{
    return qmp_guest_exec_status(client, pid, out_status, error) || guest_explain(error);
}

/* A short line for the guest's shell, whose output nobody needs. */
static bool run_line(QmpClient *client, const char *line, const char *folder, GError **error)
{
    char *words[] = { (char *) SHELL, (char *) "-c", (char *) line, (char *) folder, NULL };
    int64_t pid;
    if (!guest_start(client, words, NULL, NULL, &pid, error))
        return false;
    for (int64_t delay = ASK_FIRST_US;; delay = MIN(2 * delay, ASK_LAST_US)) {
        g_autoptr(QmpGuestExecStatus) status = NULL;
        if (!ask(client, pid, &status, error))
            return false;
        if (status->exited)
            return true;
        guest_pause(client, delay);
    }
}

/* What the agent returns as text. */
static guchar *decode(const char *text, gsize *out_size)
{
    *out_size = 0;
    return text ? g_base64_decode(text, out_size) : NULL;
}

static bool deliver(Run *run, Stream *stream, const void *data, size_t size, GError **error)
{
    stream->written += size;
    return !size || run->exec->output(stream->descriptor, data, size, run->exec->user, error);
}

static int exit_status(const QmpGuestExecStatus *status)
{
    if (status->has_signal)
        return 128 + (int) status->signal;
    return status->has_exitcode ? (int) status->exitcode : 0;
}

/* ---- pieces ---- */

static char *piece_path(const Run *run, const Stream *stream, unsigned piece, const char *suffix)
{
    return g_strdup_printf("%s/%d.%u%s", run->folder, stream->descriptor, piece, suffix);
}

/* A file that is not there, yet or any more, is none: *out_handle is -1 then. */
static bool open_piece(Run *run, const Stream *stream, unsigned piece, int64_t *out_handle,
                       GError **error)
{
    g_autofree char *path = piece_path(run, stream, piece, "");
    g_autoptr(GError) local = NULL;
    *out_handle = -1;
    if (guest_file_open(run->client, path, "r", out_handle, &local) || is_absent(local))
        return true;
    g_propagate_error(error, g_steal_pointer(&local));
    return false;
}

static bool make_empty(Run *run, const char *path, GError **error)
{
    int64_t handle;
    return guest_file_open(run->client, path, "w", &handle, error) &&
           guest_file_close(run->client, handle, error);
}

/* Read what is there of the piece that is open. */
static bool read_piece(Run *run, Stream *stream, bool *out_moved, GError **error)
{
    for (;;) {
        g_autoptr(GBytes) data = NULL;
        if (!guest_file_read(run->client, stream->handle, READ_SIZE, &data, error))
            return false;
        gsize size;
        const void *bytes = g_bytes_get_data(data, &size);
        if (!size)
            return true;
        *out_moved = true;
        stream->in_piece += size;
        if (!deliver(run, stream, bytes, size, error))
            return false;
        if (run->exec->interrupted(run->exec->user))
            return true;
    }
}

/* The next piece is begun only when this one is complete, so it is read to its end once more. */
static bool next_piece(Run *run, Stream *stream, int64_t next, GError **error)
{
    bool moved;
    g_autofree char *done = piece_path(run, stream, stream->piece, ".ok");
    if (!read_piece(run, stream, &moved, error) ||
        !guest_file_close(run->client, stream->handle, error))
        return false;
    stream->handle = next;
    stream->in_piece = 0;
    stream->piece++;
    return make_empty(run, done, error);
}

/* @ended: there will be no more, so everything is read. */
static bool read_stream(Run *run, Stream *stream, bool ended, bool *out_moved, GError **error)
{
    if (stream->handle < 0 && !open_piece(run, stream, stream->piece, &stream->handle, error))
        return false;
    while (stream->handle >= 0) {
        if (!read_piece(run, stream, out_moved, error))
            return false;
        if (!ended && stream->in_piece < GUEST_EXEC_PIECE_READS)
            return true;
        int64_t next;
        if (!open_piece(run, stream, stream->piece + 1, &next, error))
            return false;
        if (next < 0)
            return true;
        if (!next_piece(run, stream, next, error))
            return false;
    }
    return true;
}

static bool read_streams(Run *run, bool ended, bool *out_moved, GError **error)
{
    if (!run->streaming) {
        g_autofree char *on = g_build_filename(run->folder, "on", NULL);
        g_autoptr(GError) local = NULL;
        if (!make_empty(run, on, &local)) {
            /* The script has not made the folder yet, or has removed it already. */
            if (is_absent(local))
                return true;
            g_propagate_error(error, g_steal_pointer(&local));
            return false;
        }
        run->streaming = true;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(run->streams); i++)
        if (!read_stream(run, &run->streams[i], ended, out_moved, error))
            return false;
    return true;
}

static void close_streams(Run *run)
{
    for (size_t i = 0; i < G_N_ELEMENTS(run->streams); i++)
        if (run->streams[i].handle >= 0)
            utm_ignore(guest_file_close(run->client, run->streams[i].handle, NULL));
}

/* ---- the end ---- */

static bool deliver_rest(Run *run, Stream *stream, const guchar *data, gsize size, GError **error)
{
    gsize known = (gsize) MIN(stream->written, size);
    return deliver(run, stream, data + known, size - known, error);
}

static bool remove_folder(Run *run, GError **error)
{
    return run_line(run->client, "rm -rf \"$0\"", run->folder, error);
}

/* The script handed everything over, or has left it in pieces. */
static bool take_rest(Run *run, const QmpGuestExecStatus *status, GError **error)
{
    gsize out_size, err_size;
    g_autofree guchar *out = decode(status->out_data, &out_size);
    g_autofree guchar *err = decode(status->err_data, &err_size);
    /* What we asked for while the script removed its folder may be in it still. */
    if (out_size)
        return deliver_rest(run, &run->streams[0], out, out_size - 1, error) &&
               deliver_rest(run, &run->streams[1], err, err_size, error) &&
               (!run->streaming || remove_folder(run, error));
    if (!run->streaming || err_size) {
        g_autofree char *why = g_strndup((const char *) err, err_size);
        utm_error_set(error, UTM_ERROR_FAILED, NULL, "the guest cannot keep output in \"%s\": %s",
                      run->folder, g_strchomp(why));
        return false;
    }
    bool moved;
    return read_streams(run, true, &moved, error) && remove_folder(run, error);
}

/* ---- running ---- */

static bool must_end(const GuestExec *exec, int64_t deadline, GError **error)
{
    if (exec->interrupted(exec->user))
        utm_error_set(error, UTM_ERROR_INTERRUPTED, NULL, "interrupted");
    else if (g_get_monotonic_time() > deadline)
        utm_error_set(error, UTM_ERROR_TIMEOUT, NULL, "\"%s\" has not ended in time",
                      exec->words[0]);
    else
        return false;
    return true;
}

static bool follow(Run *run, int64_t pid, QmpGuestExecStatus **out_status, GError **error)
{
    int64_t start = g_get_monotonic_time(), limit = run->exec->timeout_us;
    int64_t deadline = limit ? start + limit : G_MAXINT64;
    for (int64_t delay = ASK_FIRST_US;; delay = MIN(2 * delay, ASK_LAST_US)) {
        g_autoptr(QmpGuestExecStatus) status = NULL;
        bool moved = false;
        if (!ask(run->client, pid, &status, error))
            return false;
        if (status->exited) {
            *out_status = g_steal_pointer(&status);
            return true;
        }
        if (must_end(run->exec, deadline, error))
            return false;
        if (g_get_monotonic_time() - start > STREAM_AFTER_US && run->folder &&
            !read_streams(run, false, &moved, error))
            return false;
        if (moved)
            delay = ASK_FIRST_US;
        else
            guest_pause(run->client, delay);
    }
}

/* Tell the program and the script to end, wait a moment for it, and leave nothing behind. */
static void end(Run *run, int64_t pid)
{
    static const char line[] =
        "read p <\"$0/pid\" && { kill -INT -- -$p || kill -INT $p; } 2>/dev/null; : >\"$0/stop\"";
    int64_t deadline = g_get_monotonic_time() + END_US;
    bool ok = run_line(run->client, line, run->folder, NULL);
    while (ok && g_get_monotonic_time() < deadline) {
        g_autoptr(QmpGuestExecStatus) status = NULL;
        ok = ask(run->client, pid, &status, NULL);
        if (!ok || status->exited)
            break;
        guest_pause(run->client, ASK_LAST_US);
    }
    if (ok)
        utm_ignore(remove_folder(run, NULL));
}

/* An account that is not there is told from a program that fails. */
static const char as_account[] =
    "id -u \"$0\" >/dev/null 2>&1 || { echo \"the guest has no user \\\"$0\\\"\" >&2; exit 125; }\n"
    "exec su -s " SHELL " -c 'exec \"$@\"' -- \"$0\" sh \"$@\"";

static char **script_words(const Run *run, bool has_input_file)
{
    const GuestExec *exec = run->exec;
    g_autoptr(GStrvBuilder) words = g_strv_builder_new();
    g_autofree char *count =
        g_strdup_printf("%u", exec->env ? g_strv_length((char **) exec->env) : 0);
    g_autofree char *file = g_build_filename(run->folder, "in", NULL);
    g_strv_builder_add_many(words, SHELL, "-c", guest_exec_script, "utmctl", run->folder,
                            exec->cwd ? exec->cwd : "", has_input_file ? file : "", count, NULL);
    if (exec->env)
        g_strv_builder_addv(words, (const char **) exec->env);
    if (exec->account)
        g_strv_builder_add_many(words, SHELL, "-c", as_account, exec->account, NULL);
    g_strv_builder_addv(words, (const char **) exec->words);
    return g_strv_builder_end(words);
}

static bool finish_script(Run *run, int64_t pid, int *out_status, GError **error)
{
    g_autoptr(QmpGuestExecStatus) status = NULL;
    bool ok = follow(run, pid, &status, error);
    if (ok && !take_rest(run, status, error))
        ok = false;
    close_streams(run);
    if (!ok)
        end(run, pid);
    else
        *out_status = exit_status(status);
    return ok;
}

/* ---- a guest without a shell ---- */

/* Words of gspawn.c on every system, and of its win32 form. */
static bool explain_start(Run *run, const GError *cause, int *out_status, GError **error)
{
    bool forbidden = strstr(cause->message, "Permission denied") != NULL;
    if (!is_absent(cause) && !forbidden)
        return false;
    *out_status = forbidden ? 126 : 127;
    g_autofree char *text = g_strdup_printf("%s: %s\n", run->exec->words[0], cause->message);
    return deliver(run, &run->streams[1], text, strlen(text), error);
}

static bool run_direct(Run *run, const char *input, int *out_status, GError **error)
{
    const GuestExec *exec = run->exec;
    g_autoptr(GError) local = NULL;
    g_autoptr(QmpGuestExecStatus) status = NULL;
    int64_t pid;
    g_clear_pointer(&run->folder, g_free);
    if (exec->cwd || exec->account) {
        utm_error_set(error, UTM_ERROR_UNSUPPORTED, NULL,
                      "a folder or a user to run in or as needs a guest with %s", SHELL);
        return false;
    }
    if (!guest_start(run->client, exec->words, exec->env, input, &pid, &local)) {
        if (explain_start(run, local, out_status, error))
            return true;
        if (!error || !*error)
            g_propagate_error(error, g_steal_pointer(&local));
        return false;
    }
    if (!follow(run, pid, &status, error)) {
        g_autofree char *number = g_strdup_printf("%" G_GINT64_FORMAT, pid);
        utm_ignore(run_line(run->client, "kill -INT \"$0\"", number, NULL));
        return false;
    }
    gsize out_size, err_size;
    g_autofree guchar *out = decode(status->out_data, &out_size);
    g_autofree guchar *err = decode(status->err_data, &err_size);
    *out_status = exit_status(status);
    return deliver(run, &run->streams[0], out, out_size, error) &&
           deliver(run, &run->streams[1], err, err_size, error);
}

/* ---- input ---- */

/* Input that was read, as far as it goes with the command. */
typedef struct {
    char *data;
    size_t size;
    bool complete;
} Input;

static void input_clear(Input *input)
{
    g_free(input->data);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Input, input_clear)

static bool read_input(const GuestExec *exec, Input *input, GError **error)
{
    input->complete = exec->input < 0;
    input->data = input->complete ? NULL : g_malloc(INPUT_SIZE);
    while (!input->complete && input->size < INPUT_SIZE) {
        ssize_t n = read(exec->input, input->data + input->size, INPUT_SIZE - input->size);
        if (n < 0 && errno == EINTR && !exec->interrupted(exec->user))
            continue;
        if (n < 0) {
            utm_error_set(error, errno == EINTR ? UTM_ERROR_INTERRUPTED : UTM_ERROR_FAILED, NULL,
                          "cannot read input: %s", g_strerror(errno));
            return false;
        }
        input->complete = n == 0;
        input->size += (size_t) n;
    }
    return true;
}

static bool push_input(Run *run, const Input *input, GError **error)
{
    g_autofree char *path = g_build_filename(run->folder, "in", NULL);
    const GuestFileWatch watch = { .interrupted = run->exec->interrupted, .user = run->exec->user };
    return run_line(run->client, "mkdir -m 700 \"$0\"", run->folder, error) &&
           guest_file_push_after(run->client, path, input->data, input->size, run->exec->input,
                                 &watch, error);
}

static bool run_script(Run *run, const Input *input, int *out_status, GError **error)
{
    g_autofree char *text = input->complete && input->size
                                ? g_base64_encode((guchar *) input->data, input->size)
                                : NULL;
    if (run->exec->at_end && input->complete)
        return run_direct(run, text, out_status, error);
    if (!input->complete && !push_input(run, input, error))
        return false;
    g_auto(GStrv) words = script_words(run, !input->complete);
    g_autoptr(GError) local = NULL;
    int64_t pid;
    if (guest_start(run->client, words, NULL, text, &pid, &local))
        return finish_script(run, pid, out_status, error);
    if (is_absent(local) && input->complete)
        return run_direct(run, text, out_status, error);
    g_propagate_error(error, g_steal_pointer(&local));
    return false;
}

bool guest_exec(QmpClient *client, const GuestExec *exec, int *out_status, GError **error)
{
    Run run = { .client = client,
                .exec = exec,
                .streams = { { .descriptor = 1, .handle = -1 },
                             { .descriptor = 2, .handle = -1 } } };
    g_auto(Input) input = { 0 };
    g_autofree char *name = g_uuid_string_random();
    run.folder = g_strconcat("/tmp/.utmctl-", name, NULL);
    bool ok = read_input(exec, &input, error) && run_script(&run, &input, out_status, error);
    g_free(run.folder);
    return ok;
}

bool guest_exec_check_env(const char *word)
{
    const char *at = word;
    if (!g_ascii_isalpha(*at) && *at != '_')
        return false;
    while (g_ascii_isalnum(*at) || *at == '_')
        at++;
    return *at == '=';
}
