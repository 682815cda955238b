/* SPDX-License-Identifier: Apache-2.0 */
/* Run a program in a guest through its agent, with its output while it runs. */
#include "core/guest/guest-exec.h"

#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "core/guest/guest-exec-input.h"
#include "core/guest/guest-exec-pieces.h"
#include "core/guest/guest-exec-script.h"
#include "core/guest/guest-file.h"
#include "core/guest/guest-process.h"
#include "core/guest/guest-terminal.h"
#include "core/guest/guest.h"

/* A program that runs longer than so many times what its start took has its output streamed. */
#define STREAM_AFTER 8
#define STREAM_FIRST_US (20 * 1000)
#define STREAM_LAST_US (300 * 1000)

/* Each question takes the guest's time, so a slow one is not asked before it can have got on: only
 * after an eighth of so many times what its start took. */
#define QUIET_STARTS 2

/* So many times what its start took is what a script around a short program takes. */
#define SCRIPT_STARTS 2

/* How often the script that keeps the output is told that we are still there. */
#define BEAT_US (20 * 60 * G_USEC_PER_SEC)

/* How long a program may take to end after SIGINT before we go without it. */
#define END_US (2 * G_USEC_PER_SEC)

typedef struct {
    QmpClient *client;
    const GuestExec *exec;
    GuestInput input;
    char *text;           /* owned; input that goes with the command */
    char *folder;         /* owned; of the guest, for input and output that need one */
    char *marker;         /* owned; tells the program's output from what the script adds */
    int64_t start_us;     /* what the start took: the guest's own speed */
    int64_t stream_us;    /* when streaming begins, of the monotonic clock */
    int64_t beat_us;      /* when we were heard of last */
    GuestProcess program; /* or the script that has it as its child */
    GuestProcess spool;   /* keeps the output in pieces */
    bool is_alone;        /* .program keeps its output itself */
    GuestPieces pieces[2];
    GuestTerminal terminal; /* .client is set when there is one */
    char **words;           /* owned; the program, on its terminal if it has one */
} Run;

static void run_clear(Run *run)
{
    guest_input_clear(&run->input);
    g_free(run->text);
    g_free(run->folder);
    g_free(run->marker);
    guest_process_clear(&run->program);
    guest_process_clear(&run->spool);
    guest_terminal_clear(&run->terminal);
    g_strfreev(run->words);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Run, run_clear)

static bool is_absent(const GError *error)
{
    return g_error_matches(error, UTM_ERROR, UTM_ERROR_NOT_FOUND);
}

static bool deliver(const Run *run, int descriptor, const void *data, size_t size, GError **error)
{
    return !size || run->exec->output(descriptor, data, size, run->exec->user, error);
}

/* ---- streaming ---- */

/* The program was over before its output could be taken over. */
static bool is_late(const Run *run)
{
    if (!run->spool.status)
        return false;
    int status = guest_process_exit_status(&run->spool);
    return status > 0 && status <= GUEST_EXEC_LATE;
}

/* Whether the output is in pieces, now or at the end. */
static bool is_streamed(const Run *run)
{
    return run->is_alone || (run->spool.pid && !is_late(run));
}

static bool has_folder(const Run *run)
{
    return is_streamed(run) || !run->input.complete || run->terminal.client;
}

static bool start_spool(Run *run, GError **error)
{
    g_autofree char *pid = g_strdup_printf("%" G_GINT64_FORMAT, run->program.pid);
    char *words[] = { (char *) GUEST_SHELL,
                      (char *) "-c",
                      (char *) guest_exec_spool,
                      (char *) "utmctl",
                      run->folder,
                      pid,
                      NULL };
    run->beat_us = g_get_monotonic_time();
    return guest_process_start(run->client, words, NULL, NULL, &run->spool, error);
}

static bool beat(Run *run, GError **error)
{
    if (!run->spool.pid || g_get_monotonic_time() - run->beat_us < BEAT_US)
        return true;
    g_autofree char *path = g_build_filename(run->folder, "beat", NULL);
    int64_t handle = -1;
    run->beat_us = g_get_monotonic_time();
    return guest_file_open(run->client, path, "w", &handle, error) &&
           guest_file_close(run->client, handle, error);
}

static bool read_pieces(Run *run, bool ended, bool *out_moved, GError **error)
{
    for (size_t i = 0; i < G_N_ELEMENTS(run->pieces); i++)
        if (!guest_pieces_read(&run->pieces[i], ended, out_moved, error))
            return false;
    return true;
}

static bool stream(Run *run, bool *out_moved, GError **error)
{
    if (is_streamed(run))
        return read_pieces(run, false, out_moved, error) && beat(run, error);
    if (run->spool.pid || run->program.status || g_get_monotonic_time() < run->stream_us)
        return true;
    return start_spool(run, error);
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

static bool ask(Run *run, bool *out_ended, GError **error)
{
    if (!guest_process_ask(run->client, &run->program, error) ||
        !guest_process_ask(run->client, &run->spool, error))
        return false;
    *out_ended = run->program.status && (!run->spool.pid || run->spool.status);
    return true;
}

/* Keys are waited for as long as the guest need not be asked. */
static bool pause_run(Run *run, int64_t quiet_us, bool *out_moved, GError **error)
{
    quiet_us = MAX(quiet_us, QUIET_STARTS * run->start_us);
    if (run->terminal.client)
        return guest_terminal_serve(&run->terminal, run->program.pid, guest_process_delay(quiet_us),
                                    out_moved, error);
    guest_process_pause(run->client, quiet_us);
    return true;
}

static bool follow(Run *run, bool may_stream, GError **error)
{
    /* A question before then would only take the guest's time. */
    if (may_stream && !run->terminal.client)
        guest_pause(run->client, SCRIPT_STARTS * run->start_us);
    int64_t now = g_get_monotonic_time(), limit = run->exec->timeout_us;
    int64_t deadline = limit ? now + limit : G_MAXINT64, quiet_since = now;
    for (;;) {
        bool moved = false, ended;
        if (!ask(run, &ended, error))
            return false;
        if (ended)
            return true;
        if (must_end(run->exec, deadline, error) || (may_stream && !stream(run, &moved, error)))
            return false;
        now = g_get_monotonic_time();
        if (!moved && !pause_run(run, now - quiet_since, &moved, error))
            return false;
        if (moved)
            quiet_since = now;
    }
}

/* ---- the end ---- */

static bool remove_folder(Run *run, GError **error)
{
    char *arguments[] = { run->folder, NULL };
    return guest_process_shell(run->client, "rm -rf \"$0\"", arguments, error);
}

static bool signal_program(Run *run, const char *name)
{
    g_autofree char *pid =
        g_strdup_printf("%" G_GINT64_FORMAT, run->is_alone ? 0 : run->program.pid);
    char *arguments[] = { run->folder, pid, (char *) name, NULL };
    return guest_process_shell(run->client, guest_exec_signal, arguments, NULL);
}

/* Tell the program to end, wait a moment for it, and leave nothing of ours behind. */
static void end(Run *run)
{
    int64_t start = g_get_monotonic_time(), passed = 0;
    bool ended, ok = ask(run, &ended, NULL) && (ended || signal_program(run, "INT"));
    while (ok && !ended && passed < END_US) {
        guest_process_pause(run->client, passed);
        ok = ask(run, &ended, NULL);
        passed = g_get_monotonic_time() - start;
    }
    if (ok && !ended)
        ok = signal_program(run, "HUP");
    if (ok && has_folder(run))
        utm_ignore(remove_folder(run, NULL));
}

static bool check_spool(const Run *run, GError **error)
{
    const GuestProcess *process = run->is_alone ? &run->program : &run->spool;
    int status = guest_process_exit_status(process);
    size_t size;
    g_autofree char *text = guest_process_output(process->status->err_data, &size);
    if (run->is_alone ? !size : !status)
        return true;
    g_autofree char *why = g_strndup(text ? text : "its script was killed", text ? size : 21);
    utm_error_set(error, UTM_ERROR_FAILED, NULL, "the guest cannot keep output in \"%s\": %s",
                  run->folder, g_strchomp(why));
    return false;
}

/* What the wrapper handed over: output, a line with the status, errors. */
static bool take_whole(Run *run, const char *data, size_t size, const char *at, int *out_status,
                       GError **error)
{
    const char *number = at + strlen(run->marker);
    const char *end = memchr(number, '\n', size - (size_t) (number - data));
    if (!end || run->program.status->out_truncated) {
        utm_error_set(error, UTM_ERROR_FAILED, NULL, "the guest's agent has lost output");
        return false;
    }
    *out_status = atoi(number);
    end++;
    return deliver(run, 1, data, (size_t) (at - data), error) &&
           deliver(run, 2, end, size - (size_t) (end - data), error);
}

/* @out_again: the shell cannot do it this way, and has not begun. */
static bool take_result(Run *run, bool *out_again, int *out_status, GError **error)
{
    bool moved = false;
    *out_status = guest_process_exit_status(&run->program);
    if (is_streamed(run))
        return check_spool(run, error) && read_pieces(run, true, &moved, error);
    size_t size;
    g_autofree char *data = guest_process_output(run->program.status->out_data, &size);
    const char *at = data ? memmem(data, size, run->marker, strlen(run->marker)) : NULL;
    if (at)
        return take_whole(run, data, size, at, out_status, error);
    *out_again = *out_status == GUEST_EXEC_FAILED;
    return true;
}

/* ---- with a shell ---- */

/* An account that is not there is told from a program that fails. */
static const char as_account[] =
    "id -u \"$0\" >/dev/null 2>&1 || { echo \"the guest has no user \\\"$0\\\"\" >&2; exit 125; }\n"
    "exec su -s " GUEST_SHELL " -c 'exec \"$@\"' -- \"$0\" sh \"$@\"";

static char **program_words(const GuestExec *exec)
{
    g_autoptr(GStrvBuilder) words = g_strv_builder_new();
    if (exec->account)
        g_strv_builder_add_many(words, GUEST_SHELL, "-c", as_account, exec->account, NULL);
    g_strv_builder_addv(words, (const char **) exec->words);
    return g_strv_builder_end(words);
}

/* The terminal is root's, and what runs on it may be another user's. */
static bool find_words(Run *run, GError **error)
{
    run->words = program_words(run->exec);
    if (!run->exec->terminal)
        return true;
    run->terminal = (GuestTerminal){
        .client = run->client, .folder = run->folder, .fd = run->exec->input, .pipe = -1
    };
    char **words = guest_terminal_words(&run->terminal, run->words, error);
    if (!words)
        return false;
    g_strfreev(run->words);
    run->words = words;
    return true;
}

static char **script_words(const Run *run)
{
    const GuestExec *exec = run->exec;
    g_autoptr(GStrvBuilder) words = g_strv_builder_new();
    g_autofree char *count =
        g_strdup_printf("%u", exec->env ? g_strv_length((char **) exec->env) : 0);
    g_autofree char *name = g_strndup(run->marker, strcspn(run->marker, "/"));
    g_autofree char *file = run->input.complete ? NULL : g_build_filename(run->folder, "in", NULL);
    const char *input = run->terminal.client ? "-" : file ? file : "";
    const char *script = run->is_alone ? guest_exec_alone : guest_exec_wrapper;
    g_strv_builder_add_many(words, GUEST_SHELL, "-c", script, name, NULL);
    if (run->is_alone)
        g_strv_builder_add(words, run->folder);
    g_strv_builder_add_many(words, exec->cwd ? exec->cwd : "", input, count, NULL);
    if (exec->env)
        g_strv_builder_addv(words, (const char **) exec->env);
    g_strv_builder_addv(words, (const char **) run->words);
    return g_strv_builder_end(words);
}

static void close_handles(Run *run)
{
    for (size_t i = 0; i < G_N_ELEMENTS(run->pieces); i++)
        guest_pieces_close(&run->pieces[i]);
    if (run->terminal.client && run->terminal.pipe >= 0)
        utm_ignore(guest_file_close(run->client, run->terminal.pipe, NULL));
}

/* @out_begun: the shell is there; what fails then has been tidied up. */
static bool run_script(Run *run, bool *out_begun, bool *out_again, int *out_status, GError **error)
{
    g_auto(GStrv) words = script_words(run);
    int64_t start = g_get_monotonic_time();
    guest_process_clear(&run->program);
    guest_process_clear(&run->spool);
    if (!guest_process_start(run->client, words, NULL, run->text, &run->program, error))
        return false;
    *out_begun = true;
    int64_t now = g_get_monotonic_time();
    run->start_us = now - start;
    run->stream_us = now;
    if (!run->terminal.client)
        run->stream_us += CLAMP(STREAM_AFTER * run->start_us, STREAM_FIRST_US, STREAM_LAST_US);
    bool ok = follow(run, true, error) && take_result(run, out_again, out_status, error);
    close_handles(run);
    if (!ok)
        end(run);
    else if (!*out_again && has_folder(run))
        ok = remove_folder(run, error);
    return ok;
}

/* ---- without one ---- */

/* Words of gspawn.c on every system, and of its win32 form. */
static bool explain_start(const Run *run, const GError *cause, int *out_status, GError **error)
{
    bool forbidden = strstr(cause->message, "Permission denied") != NULL;
    if (!is_absent(cause) && !forbidden)
        return false;
    *out_status = forbidden ? 126 : 127;
    g_autofree char *text = g_strdup_printf("%s: %s\n", run->exec->words[0], cause->message);
    return deliver(run, 2, text, strlen(text), error);
}

static bool start_directly(Run *run, int *out_status, GError **error)
{
    const GuestExec *exec = run->exec;
    g_autoptr(GError) local = NULL;
    int64_t start = g_get_monotonic_time();
    if (exec->cwd || exec->account) {
        utm_error_set(error, UTM_ERROR_UNSUPPORTED, NULL,
                      "a folder or a user to run in or as needs a guest with %s", GUEST_SHELL);
        return false;
    }
    if (guest_process_start(run->client, exec->words, exec->env, run->text, &run->program,
                            &local)) {
        run->start_us = g_get_monotonic_time() - start;
        return true;
    }
    if (explain_start(run, local, out_status, error))
        return true;
    if (!error || !*error)
        g_propagate_error(error, g_steal_pointer(&local));
    return false;
}

static bool run_directly(Run *run, int *out_status, GError **error)
{
    if (!start_directly(run, out_status, error))
        return false;
    if (!run->program.pid)
        return true;
    if (!follow(run, false, error)) {
        g_autofree char *pid = g_strdup_printf("%" G_GINT64_FORMAT, run->program.pid);
        char *arguments[] = { pid, NULL };
        utm_ignore(guest_process_shell(run->client, "kill -INT \"$0\"", arguments, NULL));
        return false;
    }
    size_t out_size, err_size;
    const QmpGuestExecStatus *status = run->program.status;
    g_autofree char *out = guest_process_output(status->out_data, &out_size);
    g_autofree char *err = guest_process_output(status->err_data, &err_size);
    *out_status = guest_process_exit_status(&run->program);
    return deliver(run, 1, out, out_size, error) && deliver(run, 2, err, err_size, error);
}

static bool run_program(Run *run, int *out_status, GError **error)
{
    bool begun = false, again = false;
    g_autoptr(GError) local = NULL;
    run->text = guest_input_text(&run->input);
    if (run->exec->at_end && run->input.complete)
        return run_directly(run, out_status, error);
    if (!find_words(run, error))
        return false;
    if (!run->input.complete &&
        !guest_input_push(run->client, run->exec, &run->input, run->folder, error))
        return false;
    bool ok = run_script(run, &begun, &again, out_status, &local);
    if (ok && again && run->terminal.client) {
        utm_error_set(error, UTM_ERROR_UNSUPPORTED, NULL,
                      "the shell of the guest has no pipes to give");
        return false;
    }
    if (ok && again) {
        run->is_alone = true;
        again = false;
        ok = run_script(run, &begun, &again, out_status, &local);
    }
    if (ok)
        return true;
    if (!begun && is_absent(local) && run->input.complete)
        return run_directly(run, out_status, error);
    g_propagate_error(error, g_steal_pointer(&local));
    return false;
}

bool guest_exec(QmpClient *client, const GuestExec *exec, int *out_status, GError **error)
{
    g_autofree char *name = g_uuid_string_random();
    g_auto(Run) run = { .client = client, .exec = exec };
    run.folder = g_strconcat("/tmp/.utmctl-", name, NULL);
    run.marker = g_strdup_printf("%s/%s ", name, name);
    for (int i = 0; i < (int) G_N_ELEMENTS(run.pieces); i++)
        run.pieces[i] = (GuestPieces){
            .client = client, .exec = exec, .folder = run.folder, .descriptor = i + 1, .handle = -1
        };
    return guest_input_read(exec, &run.input, error) && run_program(&run, out_status, error);
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
