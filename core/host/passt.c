/* SPDX-License-Identifier: Apache-2.0 */
/* Whether passt works on this host. */
#include "core/host/passt.h"

#include <errno.h>
#include <gio/gio.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/fd.h"
#include "core/paths.h"

/* Changes with what is asked. */
#define MAGIC "utmctl-passt 1"

/* It answers in 30 ms; a host that is busy may need longer. */
#define ANSWER_LIMIT_MS 5000

#define CHILD_FD 3

/* ---- how it is started ---- */

/* Source: proc(5), /proc/net/route; Linux net/ipv6/route.c, ipv6_route_seq_show() */
static bool has_default_route(void)
{
    static const char none[] = "00000000000000000000000000000000 00 ";
    g_autofree char *text = NULL;
    g_autofree char *text6 = NULL;
    (void) g_file_get_contents("/proc/net/route", &text, NULL, NULL);
    (void) g_file_get_contents("/proc/net/ipv6_route", &text6, NULL, NULL);
    if (text && strstr(text, "\t00000000\t"))
        return true;
    g_auto(GStrv) lines = g_strsplit(text6 ? text6 : "", "\n", -1);
    for (char **line = lines; *line; line++)
        if (g_str_has_prefix(*line, none) && !g_str_has_suffix(*line, " lo"))
            return true;
    return false;
}

GPtrArray *passt_arguments(const char *program, int fd)
{
    static const char *const fixed[] = {
        "--foreground",  "--quiet",   "--stderr",       "--address", PASST_GUEST,
        "--netmask",     PASST_MASK,  "--gateway",      PASST_HOST,  "--mac-addr",
        PASST_HOST_MAC,  "--address", PASST_GUEST_IPV6, "--gateway", PASST_HOST_IPV6,
        "--dns-forward", PASST_DNS,
    };
    GPtrArray *argv = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(argv, g_strdup(program));
    for (size_t i = 0; i < G_N_ELEMENTS(fixed); i++)
        g_ptr_array_add(argv, g_strdup(fixed[i]));
    if (!has_default_route()) {
        g_ptr_array_add(argv, g_strdup("--interface"));
        g_ptr_array_add(argv, g_strdup("lo"));
    }
    g_ptr_array_add(argv, g_strdup("--fd"));
    g_ptr_array_add(argv, g_strdup_printf("%d", fd));
    return argv;
}

/* ---- asking it ---- */

/* "Who has PASST_HOST?", as QEMU would send it: the length of the frame goes first. */
static const uint8_t question[] = {
    0,    0,    0,    42,                                                      /* length */
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x52, 0x54, 0, 0x12, 0x34, 0x56, 8, 6, /* Ethernet */
    0,    1,    8,    0,    6,    4,    0,    1,                               /* a request */
    0x52, 0x54, 0,    0x12, 0x34, 0x56, 10,   0,    2, 15,                     /* from us */
    0,    0,    0,    0,    0,    0,    10,   0,    2, 2,                      /* to it */
};

/* A frame of any kind is an answer: nothing of passt works without all the rest. */
static bool is_answered(int fd)
{
    struct pollfd ready = { .fd = fd, .events = POLLIN };
    uint8_t answer[4];
    if (send(fd, question, sizeof question, MSG_NOSIGNAL) != (ssize_t) sizeof question)
        return false;
    return poll(&ready, 1, ANSWER_LIMIT_MS) > 0 &&
           recv(fd, answer, sizeof answer, MSG_WAITALL) == (ssize_t) sizeof answer;
}

static char *last_line(const char *text)
{
    g_autofree char *copy = g_strchomp(g_strdup(text ? text : ""));
    const char *line = strrchr(copy, '\n');
    line = line ? line + 1 : copy;
    return *line ? g_strdup_printf("passt does not work here: %s", line)
                 : g_strdup("passt does not answer");
}

static void end_with_parent(gpointer user)
{
    (void) user;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
}

static GSubprocess *spawn(const char *program, int fd, GError **error)
{
    g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new(
        G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
    g_autoptr(GPtrArray) argv = passt_arguments(program, CHILD_FD);
    g_ptr_array_add(argv, NULL);
    g_subprocess_launcher_set_child_setup(launcher, end_with_parent, NULL, NULL);
    g_subprocess_launcher_take_fd(launcher, fd, CHILD_FD);
    return g_subprocess_launcher_spawnv(launcher, (const char *const *) argv->pdata, error);
}

/* Starts a program as a passt and asks it for the host's address. NULL when it answered, else why not
 * in a clause. */
static char *probe(const char *program)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *said = NULL;
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
        return g_strdup_printf("passt cannot be tried: %s", g_strerror(errno));
    g_auto(Fd) ours = pair[0];
    g_autoptr(GSubprocess) process = spawn(program, pair[1], &error);
    if (!process)
        return g_strdup(error->message);
    bool works = is_answered(ours);
    g_subprocess_force_exit(process);
    (void) g_subprocess_communicate_utf8(process, NULL, NULL, NULL, &said, NULL);
    return works ? NULL : last_line(said);
}

/* ---- remembering it ---- */

static char *make_key(const char *program)
{
    g_autofree char *boot = NULL;
    struct stat st;
    (void) g_file_get_contents("/proc/sys/kernel/random/boot_id", &boot, NULL, NULL);
    if (stat(program, &st) < 0)
        return NULL;
    return g_strdup_printf(MAGIC " " UTMCTL_VERSION " %s %" G_GINT64_FORMAT " %" G_GINT64_FORMAT
                                 " %ld %s\n",
                           program, (gint64) st.st_size, (gint64) st.st_mtim.tv_sec,
                           st.st_mtim.tv_nsec, boot ? g_strchomp(boot) : "");
}

/* The answer of an earlier time: the empty string when it worked; NULL when nothing is known. */
static char *recall(const char *path, const char *key)
{
    g_autofree char *text = NULL;
    if (!g_file_get_contents(path, &text, NULL, NULL) || !g_str_has_prefix(text, key))
        return NULL;
    return g_strchomp(g_strdup(text + strlen(key)));
}

/* A cache that cannot be written costs time, nothing else. */
static void remember(const char *path, const char *key, const char *reason)
{
    g_autofree char *text = g_strconcat(key, reason, "\n", NULL);
    g_autofree char *folder = g_path_get_dirname(path);
    g_autoptr(GError) failure = NULL;
    if (!paths_make_private(folder, &failure) || !g_file_set_contents(path, text, -1, &failure))
        g_debug("what is known of passt is not kept: %s", failure->message);
}

char *passt_find(char **out_reason)
{
    g_autofree char *program = g_find_program_in_path("passt");
    g_autofree char *key = program ? make_key(program) : NULL;
    if (!key) {
        *out_reason = g_strdup("passt is not installed");
        return NULL;
    }
    g_autofree char *path = paths_cache("passt");
    char *reason = recall(path, key);
    if (!reason) {
        reason = probe(program);
        reason = reason ? reason : g_strdup("");
        remember(path, key, reason);
    }
    if (*reason) {
        *out_reason = reason;
        return NULL;
    }
    g_free(reason);
    return g_steal_pointer(&program);
}
