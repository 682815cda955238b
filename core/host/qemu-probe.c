/* SPDX-License-Identifier: Apache-2.0 */
/* A QEMU without a machine, started only to answer questions. */
#include "core/host/qemu-probe.h"

#include <errno.h>
#include <gio/gio.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/error.h"

/* Loading every module of QEMU from a cold disk can take seconds. */
enum { PROBE_TIMEOUT_US = 20 * G_USEC_PER_SEC };

/* Where the child finds its end of the socket pair. */
enum { CHILD_FD = 3 };

struct QemuProbe {
    GSubprocess *process; /* owned */
    QmpClient *client;    /* owned */
};

/* The last line of what QEMU said, without its name in front; the empty string for silence. */
static char *last_words(const char *text)
{
    g_autofree char *copy = g_strchomp(g_strdup(text ? text : ""));
    char *line = strrchr(copy, '\n');

    line = line ? line + 1 : copy;
    char *colon = strstr(line, ": ");
    bool named =
        colon && g_str_has_prefix(line, "qemu-system-") && !memchr(line, ' ', colon - line);
    return g_strdup(named ? colon + 2 : line);
}

static void set_silent(GError **error, const char *binary, const char *words, const char *reason)
{
    if (*words == '\0')
        words = reason;
    utm_error_set(error, UTM_ERROR_UNSUPPORTED, NULL, "\"%s\" cannot be asked what it can do: %s",
                  binary, words);
}

/* Between fork and exec. A QEMU whose monitor has gone would wait for another one for ever. */
static void end_with_parent(gpointer user)
{
    (void) user;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
}

static GSubprocess *spawn(const char *binary, int monitor, GError **error)
{
    g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new(
        G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
    g_autoptr(GError) failure = NULL;

    g_subprocess_launcher_set_child_setup(launcher, end_with_parent, NULL, NULL);
    g_subprocess_launcher_take_fd(launcher, monitor, CHILD_FD);
    GSubprocess *process =
        g_subprocess_launcher_spawn(launcher, &failure, binary, "-machine", "none", "-nodefaults",
                                    "-no-user-config", "-display", "none", "-S", "-chardev",
                                    "socket,id=qmp,fd=3", "-mon", "chardev=qmp,mode=control", NULL);
    if (!process)
        set_silent(error, binary, "", failure->message);
    return process;
}

/* Ends the process and puts its own words in place of the monitor's. */
static void explain(QemuProbe *probe, const char *binary, const GError *reason, GError **error)
{
    g_autofree char *text = NULL;

    g_subprocess_force_exit(probe->process);
    (void) g_subprocess_communicate_utf8(probe->process, NULL, NULL, NULL, &text, NULL);
    g_autofree char *words = last_words(text);
    set_silent(error, binary, words, reason->message);
}

QemuProbe *qemu_probe_start(const char *binary, GError **error)
{
    g_autoptr(QemuProbe) probe = g_new0(QemuProbe, 1);
    g_autoptr(GError) reason = NULL;
    int pair[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0) {
        set_silent(error, binary, "", g_strerror(errno));
        return NULL;
    }
    probe->client = qmp_client_new(pair[0], NULL, NULL, NULL);
    probe->process = spawn(binary, pair[1], error);
    if (!probe->process)
        return NULL;
    if (!qmp_client_negotiate(probe->client, PROBE_TIMEOUT_US, &reason)) {
        explain(probe, binary, reason, error);
        return NULL;
    }
    qmp_client_set_timeout(probe->client, PROBE_TIMEOUT_US);
    return g_steal_pointer(&probe);
}

QmpClient *qemu_probe_client(QemuProbe *probe)
{
    return probe->client;
}

char *qemu_probe_help(const char *binary, const char *option, GError **error)
{
    g_autoptr(GError) reason = NULL;
    g_autofree char *out = NULL;
    g_autofree char *err = NULL;
    g_autoptr(GSubprocess) process =
        g_subprocess_new(G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE, &reason,
                         binary, "-machine", "none", "-display", "none", option, "help", NULL);

    if (!process || !g_subprocess_communicate_utf8(process, NULL, NULL, &out, &err, &reason)) {
        set_silent(error, binary, "", reason->message);
        return NULL;
    }
    if (!g_subprocess_get_successful(process)) {
        g_autofree char *words = last_words(err);
        set_silent(error, binary, words, "it failed without a word");
        return NULL;
    }
    return g_steal_pointer(&out);
}

void qemu_probe_free(QemuProbe *probe)
{
    if (!probe)
        return;
    qmp_client_free(probe->client);
    if (probe->process) {
        /* It has no machine and no disk: there is nothing to lose. */
        g_subprocess_force_exit(probe->process);
        (void) g_subprocess_wait(probe->process, NULL, NULL);
        g_object_unref(probe->process);
    }
    g_free(probe);
}
