/* SPDX-License-Identifier: Apache-2.0 */
/* The programs of this project that are not for users: where they are, and running one. */
#include "core/libexec.h"

#include <errno.h>
#include <gio/gio.h>
#include <gio/gunixinputstream.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "core/error.h"

/* How soon a signal is noticed that came in between looking and waiting. */
#define POLL_MS 200
/* Our standard output as the program has it, whose own carries its reports. */
#define LIBEXEC_OUTPUT_FD 3

static char *beside_this_program(void)
{
#ifdef __linux__
    g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
    g_autofree char *folder = self ? g_path_get_dirname(self) : NULL;
    return folder ? g_build_filename(folder, "..", "libexec", "utmctl", NULL) : NULL;
#else
    return NULL;
#endif
}

char *libexec_find(const char *program, GError **error)
{
    g_autofree char *beside = beside_this_program();
    const char *const folders[] = { g_getenv("UTMCTL_LIBEXEC"), beside, UTMCTL_LIBEXECDIR };
    for (size_t i = 0; i < G_N_ELEMENTS(folders); i++) {
        g_autofree char *path =
            folders[i] && *folders[i] ? g_build_filename(folders[i], program, NULL) : NULL;
        if (path && g_file_test(path, G_FILE_TEST_IS_EXECUTABLE))
            return g_steal_pointer(&path);
    }
    utm_error_set(error, UTM_ERROR_UNSUPPORTED, NULL,
                  "the program \"%s\" is missing from this installation", program);
    return NULL;
}

/* What the program has said so far. */
typedef struct {
    const LibexecWatch *watch;
    GString *pending; /* a line that is not whole yet */
    char *hint;
    GError *error;
    bool cancelled;
} Talk;

static void talk_clear(Talk *talk)
{
    g_string_free(talk->pending, TRUE);
    g_free(talk->hint);
    g_clear_error(&talk->error);
}

/* 0 of 0 only asks whether to go on. */
static void look(Talk *talk, guint64 done, guint64 all)
{
    const LibexecWatch *watch = talk->watch;
    if (watch && watch->progress && !watch->progress(done, all, watch->user))
        talk->cancelled = true;
}

static void take_error(Talk *talk, const char *text)
{
    const char *space = strchr(text, ' ');
    g_autofree char *word = space ? g_strndup(text, (gsize) (space - text)) : g_strdup("failed");
    if (!talk->error)
        utm_error_set(&talk->error, utm_error_from_word(word), talk->hint, "%s",
                      space ? space + 1 : text);
}

static void take_line(Talk *talk, const char *line)
{
    const char *space = strchr(line, ' ');
    const char *text = space ? space + 1 : "";
    if (g_str_has_prefix(line, "progress ")) {
        char *end;
        guint64 done = g_ascii_strtoull(text, &end, 10);
        look(talk, done, g_ascii_strtoull(end, NULL, 10));
    } else if (g_str_has_prefix(line, "hint ")) {
        g_free(talk->hint);
        talk->hint = g_strdup(text);
    } else if (g_str_has_prefix(line, "error ")) {
        take_error(talk, text);
    } else if (g_str_has_prefix(line, "note ") && talk->watch && talk->watch->note) {
        talk->watch->note(text, talk->watch->user);
    }
}

static void take_bytes(Talk *talk, const char *bytes, size_t length)
{
    g_string_append_len(talk->pending, bytes, (gssize) length);
    for (char *end; (end = strchr(talk->pending->str, '\n'));) {
        *end = '\0';
        take_line(talk, talk->pending->str);
        g_string_erase(talk->pending, 0, end - talk->pending->str + 1);
    }
}

/* Until the program closes its standard output, or somebody cancels. */
static void listen(int fd, Talk *talk)
{
    char buffer[4096];
    while (!talk->cancelled) {
        struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
        if (poll(&poll_fd, 1, POLL_MS) <= 0) {
            look(talk, 0, 0);
            continue;
        }
        ssize_t n = read(fd, buffer, sizeof buffer);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        take_bytes(talk, buffer, (size_t) n);
    }
    look(talk, 0, 0);
}

/* A descriptor of -1 is this process's own. */
static GSubprocess *spawn(const char *const *argv, int input, int output, GError **error)
{
    g_autofree char *path = libexec_find(argv[0], error);
    if (!path)
        return NULL;
    g_autofree const char **words =
        g_memdup2(argv, (g_strv_length((char **) argv) + 1) * sizeof *argv);
    words[0] = path;
    g_autoptr(GError) cause = NULL;
    const GSubprocessFlags inherit = input < 0 ? G_SUBPROCESS_FLAGS_STDIN_INHERIT : 0;
    g_autoptr(GSubprocessLauncher) launcher =
        g_subprocess_launcher_new(G_SUBPROCESS_FLAGS_STDOUT_PIPE | inherit);
    if (input >= 0)
        g_subprocess_launcher_take_stdin_fd(launcher, dup(input));
    g_subprocess_launcher_take_fd(launcher, dup(output >= 0 ? output : STDOUT_FILENO),
                                  LIBEXEC_OUTPUT_FD);
    GSubprocess *child = g_subprocess_launcher_spawnv(launcher, words, &cause);
    if (!child)
        utm_error_set(error, UTM_ERROR_FAILED, NULL, "cannot run \"%s\": %s", path, cause->message);
    return child;
}

struct LibexecChild {
    GSubprocess *process;
    Talk talk;
    char *program;
};

LibexecChild *libexec_start(const char *const *argv, int input, int output,
                            const LibexecWatch *watch, GError **error)
{
    GSubprocess *process = spawn(argv, input, output, error);
    if (!process)
        return NULL;
    LibexecChild *child = g_new0(LibexecChild, 1);
    child->process = process;
    child->talk = (Talk){ .watch = watch, .pending = g_string_new(NULL) };
    child->program = g_strdup(argv[0]);
    return child;
}

static int reports_of(LibexecChild *child)
{
    GInputStream *pipe = g_subprocess_get_stdout_pipe(child->process);
    return g_unix_input_stream_get_fd(G_UNIX_INPUT_STREAM(pipe));
}

void libexec_look(LibexecChild *child)
{
    char buffer[4096];
    struct pollfd poll_fd = { .fd = reports_of(child), .events = POLLIN };
    ssize_t n;
    while (poll(&poll_fd, 1, 0) > 0 && (n = read(poll_fd.fd, buffer, sizeof buffer)) > 0)
        take_bytes(&child->talk, buffer, (size_t) n);
}

static bool outcome(LibexecChild *child, GError **error)
{
    Talk *talk = &child->talk;
    if (talk->cancelled) {
        utm_error_set(error, UTM_ERROR_INTERRUPTED, NULL, "interrupted, nothing was changed");
        return false;
    }
    if (g_subprocess_get_successful(child->process))
        return true;
    if (talk->error)
        g_propagate_error(error, g_steal_pointer(&talk->error));
    else
        utm_error_set(error, UTM_ERROR_FAILED, NULL, "%s failed", child->program);
    return false;
}

bool libexec_finish(LibexecChild *child, GError **error)
{
    listen(reports_of(child), &child->talk);
    if (child->talk.cancelled)
        g_subprocess_send_signal(child->process, SIGTERM);
    g_subprocess_wait(child->process, NULL, NULL);
    bool ok = outcome(child, error);
    libexec_child_free(child);
    return ok;
}

void libexec_child_free(LibexecChild *child)
{
    if (!child)
        return;
    g_subprocess_force_exit(child->process);
    g_subprocess_wait(child->process, NULL, NULL);
    g_object_unref(child->process);
    talk_clear(&child->talk);
    g_free(child->program);
    g_free(child);
}

bool libexec_run(const char *const *argv, const LibexecWatch *watch, GError **error)
{
    LibexecChild *child = libexec_start(argv, -1, -1, watch, error);
    return child && libexec_finish(child, error);
}
