/* SPDX-License-Identifier: Apache-2.0 */
/* One program in the guests of several machines at once. */
#include "cmd/exec-many.h"

#include <gio/gio.h>
#include <glib-unix.h>
#include <stdio.h>

#include "cmd/interrupt.h"
#include "cmd/output.h"
#include "core/error.h"

typedef struct {
    GPtrArray *jobs; /* (owned) of Job */
    guint open;      /* streams and processes that have not ended */
    int status;
} Many;

typedef struct {
    Many *many;
    const char *name; /* borrowed */
    GSubprocess *process;
    GDataInputStream *streams[2];
} Job;

static void job_free(void *user)
{
    Job *job = user;
    for (size_t i = 0; i < G_N_ELEMENTS(job->streams); i++)
        g_clear_object(&job->streams[i]);
    g_clear_object(&job->process);
    g_free(job);
}

static void read_line(Job *job, int which);

static void on_line(Job *job, int which, GAsyncResult *result)
{
    gsize length;
    g_autofree char *line =
        g_data_input_stream_read_line_finish(job->streams[which], result, &length, NULL);
    if (!line) {
        job->many->open--;
        return;
    }
    FILE *out = which ? stderr : stdout;
    fprintf(out, "%s: ", job->name);
    fwrite(line, 1, length, out);
    fputc('\n', out);
    fflush(out);
    read_line(job, which);
}

static void on_stdout(GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer user)
{
    on_line(user, 0, result);
}

static void on_stderr(GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer user)
{
    on_line(user, 1, result);
}

static void read_line(Job *job, int which)
{
    g_data_input_stream_read_line_async(job->streams[which], G_PRIORITY_DEFAULT, NULL,
                                        which ? on_stderr : on_stdout, job);
}

static void on_end(GObject *source, GAsyncResult *result, gpointer user)
{
    Job *job = user;
    GSubprocess *process = G_SUBPROCESS(source);
    utm_ignore(g_subprocess_wait_finish(process, result, NULL));
    int status = g_subprocess_get_if_exited(process) ? g_subprocess_get_exit_status(process)
                                                     : 128 + g_subprocess_get_term_sig(process);
    if (status)
        output_note("%s: status %d", job->name, status);
    job->many->status = MAX(job->many->status, status);
    job->many->open--;
}

static char **job_words(const char *name, char *const *options, char *const *words)
{
    g_autoptr(GStrvBuilder) all = g_strv_builder_new();
    g_strv_builder_add_many(all, "/proc/self/exe", "exec", NULL);
    g_strv_builder_addv(all, (const char **) options);
    g_strv_builder_add_many(all, name, "--", NULL);
    g_strv_builder_addv(all, (const char **) words);
    return g_strv_builder_end(all);
}

static bool start_job(Many *many, const char *name, char *const *options, char *const *words,
                      GError **error)
{
    g_auto(GStrv) all = job_words(name, options, words);
    Job *job = g_new0(Job, 1);
    g_ptr_array_add(many->jobs, job);
    job->many = many;
    job->name = name;
    job->process =
        g_subprocess_newv((const char *const *) all,
                          G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE, error);
    if (!job->process)
        return false;
    job->streams[0] = g_data_input_stream_new(g_subprocess_get_stdout_pipe(job->process));
    job->streams[1] = g_data_input_stream_new(g_subprocess_get_stderr_pipe(job->process));
    many->open += 3;
    read_line(job, 0);
    read_line(job, 1);
    g_subprocess_wait_async(job->process, NULL, on_end, job);
    return true;
}

static void pass_signal(const Many *many, int number)
{
    for (guint i = 0; i < many->jobs->len; i++) {
        const Job *job = many->jobs->pdata[i];
        if (job->process)
            g_subprocess_send_signal(job->process, number);
    }
}

static gboolean on_interrupt(gint fd G_GNUC_UNUSED, GIOCondition condition G_GNUC_UNUSED,
                             gpointer user)
{
    pass_signal(user, interrupt_number());
    return G_SOURCE_REMOVE;
}

bool exec_many(char *const *names, char *const *options, char *const *words, int *out_status,
               GError **error)
{
    Many many = { .jobs = g_ptr_array_new_with_free_func(job_free) };
    bool ok = true;
    for (; *names && ok; names++)
        ok = start_job(&many, *names, options, words, error);
    if (!ok)
        pass_signal(&many, SIGTERM);
    guint source = g_unix_fd_add(interrupt_fd(), G_IO_IN, on_interrupt, &many);
    while (many.open)
        g_main_context_iteration(NULL, TRUE);
    if (g_main_context_find_source_by_id(NULL, source))
        g_source_remove(source);
    g_ptr_array_unref(many.jobs);
    *out_status = many.status;
    return ok;
}
