/* SPDX-License-Identifier: Apache-2.0 */
/* Copy files and whole folders between this host and a guest, through its agent. */
#include "core/guest/guest-copy.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/error.h"
#include "core/fd.h"
#include "core/guest/guest-exec.h"
#include "core/guest/guest-file.h"
#include "core/libexec.h"

/* What is there, which tar there is, whether sums can be made, how many KiB it is. */
static const char probe_script[] =
    "if [ -d \"$1\" ]; then k=folder; elif [ -e \"$1\" ] || [ -L \"$1\" ]; then k=file; else "
    "k=none; fi\n"
    "p=${1%/*}; [ -d \"${p:-/}\" ] || p=none\n"
    "t=none; if command -v tar >/dev/null 2>&1; then t=plain\n"
    "case $(tar --version 2>/dev/null) in *GNU*) t=gnu;; esac; fi\n"
    "command -v sha256sum >/dev/null && command -v mkfifo >/dev/null || t=none\n"
    "[ \"$p\" = none ] || p=folder\n"
    "s=0; [ \"$2\" != size ] || s=$(du -sk \"$1\" 2>/dev/null) || s=0\n"
    "echo $k $p $t ${s%%[!0-9]*}\n";

/* Unpack what comes as input in a folder. The sum is of everything, which tar may not read. */
static const char push_script[] =
    "t=$(mktemp -d) && mkfifo \"$t/p\" || exit 125\n"
    "sha256sum <\"$t/p\" >\"$t/s\" & j=$!\n"
    "tee \"$t/p\" | { tar -xof - -C \"$1\"; r=$?; cat >/dev/null; exit $r; }; r=$?\n"
    "wait $j; cat \"$t/s\"; rm -rf \"$t\"; exit $r\n";

/* Pack a name in a folder; the sum is the last line of standard error. */
static const char pull_script[] =
    "t=$(mktemp -d) && mkfifo \"$t/p\" && cd \"$1\" || exit 125\n"
    "sha256sum <\"$t/p\" >\"$t/s\" & j=$!\n"
    "{ tar -c $3 -f - -- \"$2\"; echo $? >\"$t/r\"; } | tee \"$t/p\"\n"
    "wait $j; r=$(cat \"$t/r\"); cat \"$t/s\" >&2; rm -rf \"$t\"; exit $r\n";

typedef struct {
    QmpClient *client;
    const GuestCopy *copy;
    GString *output; /* of a script whose standard output are words */
    GString *words;  /* of its standard error */
    int stream;      /* where its standard output goes otherwise; -1 */
    uint64_t done, all;
    char *sum;           /* that this host made */
    LibexecChild *child; /* this host's side */
    bool cancelled;
} Copy;

static void copy_clear(Copy *copy)
{
    g_string_free(copy->output, TRUE);
    g_string_free(copy->words, TRUE);
    g_free(copy->sum);
    libexec_child_free(copy->child);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Copy, copy_clear)

static Copy copy_new(QmpClient *client, const GuestCopy *options)
{
    return (Copy){ .client = client,
                   .copy = options,
                   .output = g_string_new(NULL),
                   .words = g_string_new(NULL),
                   .stream = -1 };
}

/* A single file, without tar, has no size that is worth showing. */
static bool file_is_interrupted(void *user)
{
    const GuestCopy *options = user;
    return options->progress && !options->progress(0, 0, options->user);
}

static GuestFileWatch file_watch(const GuestCopy *options)
{
    return (GuestFileWatch){ .interrupted = file_is_interrupted, .user = (void *) options };
}

/* ---- scripts ---- */

static bool take_output(int descriptor, const void *data, size_t size, void *user, GError **error)
{
    Copy *copy = user;
    if (descriptor == 2) {
        g_string_append_len(copy->words, data, (gssize) size);
        return true;
    }
    if (copy->stream < 0) {
        g_string_append_len(copy->output, data, (gssize) size);
        return true;
    }
    copy->done += size;
    return guest_write_all(copy->stream, data, size, error);
}

static bool is_interrupted(void *user)
{
    Copy *copy = user;
    if (copy->child)
        libexec_look(copy->child);
    if (copy->copy->progress && !copy->copy->progress(copy->done, copy->all, copy->copy->user))
        copy->cancelled = true;
    return copy->cancelled;
}

static bool run_script(Copy *copy, const char *script, const char *const *arguments, int input,
                       int *out_status, GError **error)
{
    const char *words[] = { "/bin/sh",
                            "-c",
                            script,
                            "sh",
                            arguments[0],
                            arguments[1],
                            arguments[1] ? arguments[2] : NULL,
                            NULL };
    const GuestExec exec = { .words = (char *const *) words,
                             .input = input,
                             .output = take_output,
                             .interrupted = is_interrupted,
                             .user = copy };
    return guest_exec(copy->client, &exec, out_status, error);
}

/* The last of what a program of the guest had to say. */
static void set_guest_error(const Copy *copy, int status, GError **error)
{
    g_autofree char *text = g_utf8_make_valid(copy->words->str, -1);
    g_strchomp(text);
    const char *newline = strrchr(text, '\n');
    utm_error_set(error, UTM_ERROR_FAILED, NULL, "the guest cannot do it: %s",
                  *text ? (newline ? newline + 1 : text) : "its tar failed");
    if (!*text)
        g_prefix_error(error, "status %d: ", status);
}

/* "HEX  -", the last line, is what sha256sum says of its standard input. */
static bool check_sum(const Copy *copy, const GString *said, GError **error)
{
    if (copy->sum && strstr(said->str, copy->sum))
        return true;
    utm_error_set(error, UTM_ERROR_FAILED, NULL, "what arrived is not what was sent");
    return false;
}

/* ---- what is there ---- */

typedef enum { KIND_NONE, KIND_FILE, KIND_FOLDER } Kind;

typedef struct {
    Kind kind;
    bool has_parent;
    bool has_tar, is_gnu;
    uint64_t size_bytes;
} Probe;

static void read_probe(const char *text, Probe *out)
{
    g_auto(GStrv) words = g_strsplit_set(text, " \n", 5);
    if (g_strv_length(words) < 4)
        return;
    out->kind = g_str_equal(words[0], "folder") ? KIND_FOLDER
                : g_str_equal(words[0], "file") ? KIND_FILE
                                                : KIND_NONE;
    out->has_parent = g_str_equal(words[1], "folder");
    out->has_tar = !g_str_equal(words[2], "none");
    out->is_gnu = g_str_equal(words[2], "gnu");
    out->size_bytes = g_ascii_strtoull(words[3], NULL, 10) * 1024;
}

/* A guest without a shell has no tar either: false without an error. */
static bool probe(QmpClient *client, const char *path, bool size, Probe *out, GError **error)
{
    static const GuestCopy quiet = { 0 };
    g_auto(Copy) copy = copy_new(client, &quiet);
    const char *arguments[] = { path, size ? "size" : "", NULL };
    int status = 0;
    g_autoptr(GError) failure = NULL;
    if (run_script(&copy, probe_script, arguments, -1, &status, &failure)) {
        if (status == 0)
            read_probe(copy.output->str, out);
        return true;
    }
    bool no_shell = g_error_matches(failure, UTM_ERROR, UTM_ERROR_NOT_FOUND) ||
                    g_error_matches(failure, UTM_ERROR, UTM_ERROR_UNSUPPORTED);
    if (no_shell)
        return true;
    g_propagate_error(error, g_steal_pointer(&failure));
    return false;
}

static bool needs_recursive(const char *path, GError **error)
{
    utm_error_set(error, UTM_ERROR_USAGE, "file cp -r copies a folder", "\"%s\" is a folder", path);
    return false;
}

static bool no_tar(GError **error)
{
    utm_error_set(error, UTM_ERROR_UNSUPPORTED, NULL,
                  "the guest lacks a shell, tar, sha256sum or mkfifo, without which only single "
                  "files can be copied");
    return false;
}

/* ---- this host's program ---- */

static void take_note(const char *text, void *user)
{
    Copy *copy = user;
    /* The last is the sum. */
    if (copy->sum && copy->copy->note)
        copy->copy->note(copy->sum, copy->copy->user);
    g_free(copy->sum);
    copy->sum = g_strdup(text);
}

static bool take_progress(uint64_t done, uint64_t all G_GNUC_UNUSED, void *user)
{
    Copy *copy = user;
    if (done)
        copy->done = done;
    return true;
}

static bool set_interrupted(GError **error)
{
    g_clear_error(error);
    utm_error_set(error, UTM_ERROR_INTERRUPTED, NULL, "interrupted; the copy is not whole");
    return false;
}

/* Both sides have ended: whose fault is it? The one that sends knows; the other has seen a stream
 * that breaks off. */
static bool conclude(Copy *copy, bool ran, int status, GError **error)
{
    g_autoptr(GError) ours = NULL;
    bool pulling = copy->stream >= 0;
    bool whole = libexec_finish(g_steal_pointer(&copy->child), &ours);
    if (copy->cancelled)
        return set_interrupted(error);
    if (ran && status != 0 && (whole || pulling)) {
        set_guest_error(copy, status, error);
        return false;
    }
    if (!whole) {
        g_clear_error(error);
        g_propagate_error(error, g_steal_pointer(&ours));
    }
    return ran && whole;
}

/* ---- into the guest ---- */

static bool push_stream(Copy *copy, const char *from, const char *folder, const char *name,
                        bool holes, GError **error)
{
    int ends[2];
    const char *argv[] = { "utmctl-copy", "send", from, name, holes ? "holes" : "plain", NULL };
    const char *arguments[] = { folder, NULL };
    const LibexecWatch watch = { .progress = take_progress, .note = take_note, .user = copy };
    if (!g_unix_open_pipe(ends, FD_CLOEXEC, NULL)) {
        utm_error_set(error, UTM_ERROR_FAILED, NULL, "pipe: %s", g_strerror(errno));
        return false;
    }
    copy->child = libexec_start(argv, -1, ends[1], &watch, error);
    close(ends[1]);
    int status = 0;
    bool ran = copy->child && run_script(copy, push_script, arguments, ends[0], &status, error);
    close(ends[0]);
    return copy->child && conclude(copy, ran, status, error) &&
           check_sum(copy, copy->output, error);
}

static bool push_file(QmpClient *client, const char *from, const char *to, const GuestCopy *options,
                      GError **error)
{
    const GuestFileWatch watch = file_watch(options);
    g_auto(Fd) fd = open(from, O_RDONLY | O_CLOEXEC);
    if (fd >= 0)
        return guest_file_push(client, to, fd, &watch, error);
    utm_error_set(error, UTM_ERROR_FAILED, NULL, "cannot read \"%s\": %s", from, g_strerror(errno));
    return false;
}

static bool check_source(const char *from, const GuestCopy *options, struct stat *out,
                         GError **error)
{
    if (stat(from, out) < 0) {
        utm_error_set(error, errno == ENOENT ? UTM_ERROR_NOT_FOUND : UTM_ERROR_FAILED, NULL,
                      "\"%s\": %s", from, g_strerror(errno));
        return false;
    }
    return !S_ISDIR(out->st_mode) || options->recursive || needs_recursive(from, error);
}

/* "folder/" and "folder" are the same. */
static char *without_slashes(const char *path)
{
    char *plain = g_strdup(path);
    for (size_t n = strlen(plain); n > 1 && plain[n - 1] == '/'; n--)
        plain[n - 1] = '\0';
    return plain;
}

bool guest_copy_push(QmpClient *client, const char *from, const char *to, const GuestCopy *options,
                     GError **error)
{
    g_autofree char *source = without_slashes(from), *target = without_slashes(to);
    struct stat st;
    Probe there = { 0 };
    if (!check_source(source, options, &st, error) || !probe(client, target, false, &there, error))
        return false;
    if (!there.has_tar)
        return S_ISDIR(st.st_mode) ? no_tar(error)
                                   : push_file(client, source, target, options, error);
    if (there.kind != KIND_FOLDER && !there.has_parent) {
        utm_error_set(error, UTM_ERROR_NOT_FOUND, NULL, "the guest has no folder for \"%s\"",
                      target);
        return false;
    }
    if (there.kind == KIND_FILE && S_ISDIR(st.st_mode)) {
        utm_error_set(error, UTM_ERROR_FAILED, NULL, "\"%s\" is a file in the guest", target);
        return false;
    }
    bool into = there.kind == KIND_FOLDER;
    g_autofree char *full = g_canonicalize_filename(source, NULL);
    g_autofree char *name = g_path_get_basename(into ? full : target);
    g_autofree char *folder = into ? g_strdup(target) : g_path_get_dirname(target);
    g_auto(Copy) copy = copy_new(client, options);
    copy.all = S_ISDIR(st.st_mode) ? 0 : (uint64_t) st.st_size;
    return push_stream(&copy, source, folder, name, there.is_gnu, error);
}

/* ---- out of the guest ---- */

static bool pull_stream(Copy *copy, const char *from, const char *folder, const char *name,
                        bool holes, GError **error)
{
    int ends[2];
    g_autofree char *from_folder = g_path_get_dirname(from);
    g_autofree char *from_name = g_path_get_basename(from);
    const char *argv[] = { "utmctl-copy", "receive", folder, from_name, name, NULL };
    const char *arguments[] = { from_folder, from_name, holes ? "-S" : "" };
    const LibexecWatch watch = { .note = take_note, .user = copy };
    if (!g_unix_open_pipe(ends, FD_CLOEXEC, NULL)) {
        utm_error_set(error, UTM_ERROR_FAILED, NULL, "pipe: %s", g_strerror(errno));
        return false;
    }
    copy->child = libexec_start(argv, ends[0], -1, &watch, error);
    close(ends[0]);
    copy->stream = ends[1];
    int status = 0;
    bool ran = copy->child && run_script(copy, pull_script, arguments, -1, &status, error);
    close(ends[1]);
    return copy->child && conclude(copy, ran, status, error) && check_sum(copy, copy->words, error);
}

static bool pull_file(QmpClient *client, const char *from, const char *to, const GuestCopy *options,
                      GError **error)
{
    const GuestFileWatch watch = file_watch(options);
    g_auto(Fd) fd = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd >= 0)
        return guest_file_pull(client, from, fd, &watch, error);
    utm_error_set(error, UTM_ERROR_FAILED, NULL, "cannot write \"%s\": %s", to, g_strerror(errno));
    return false;
}

static bool check_there(const Probe *there, const char *from, const GuestCopy *options,
                        GError **error)
{
    if (there->has_tar && there->kind == KIND_NONE) {
        utm_error_set(error, UTM_ERROR_NOT_FOUND, NULL, "the guest has no \"%s\"", from);
        return false;
    }
    return there->kind != KIND_FOLDER || options->recursive || needs_recursive(from, error);
}

bool guest_copy_pull(QmpClient *client, const char *from, const char *to, const GuestCopy *options,
                     GError **error)
{
    g_autofree char *source = without_slashes(from), *target = without_slashes(to);
    Probe there = { 0 };
    if (!probe(client, source, true, &there, error) || !check_there(&there, source, options, error))
        return false;
    bool into = g_file_test(target, G_FILE_TEST_IS_DIR);
    g_autofree char *full = g_canonicalize_filename(target, NULL);
    g_autofree char *name = g_path_get_basename(into ? source : full);
    g_autofree char *folder = into ? g_strdup(full) : g_path_get_dirname(full);
    g_autofree char *file = g_build_filename(folder, name, NULL);
    if (!g_file_test(folder, G_FILE_TEST_IS_DIR)) {
        utm_error_set(error, UTM_ERROR_NOT_FOUND, NULL, "there is no folder \"%s\"", folder);
        return false;
    }
    if (!there.has_tar)
        return pull_file(client, source, file, options, error);
    g_auto(Copy) copy = copy_new(client, options);
    copy.all = there.size_bytes;
    return pull_stream(&copy, source, folder, name, there.is_gnu, error);
}
