/* SPDX-License-Identifier: Apache-2.0 */
/* Following the state of a machine, whether or not it runs yet. */
#include "core/wait/wait-machine.h"

#include <errno.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "core/error.h"
#include "core/fd.h"
#include "core/paths.h"
#include "core/vm/run-dir.h"
#include "qapi/unix-socket.h"
#include "qapi/generated/qmp-commands.h"
#include "qapi/generated/qmp-events.h"

/* A helper has its lock before it listens; it is tried again after so long. */
#define AGAIN_MS 2

#define HELPER_LIMIT_US (10 * G_USEC_PER_SEC)

struct WaitMachine {
    const Bundle *bundle; /* borrowed */
    GMainContext *context;
    const WaitMachineOps *ops;
    void *user;
    VmState state;
    QmpClient *client; /* NULL while it does not run */
    Fd notify;         /* below 0 until it was seen not to run */
    GError *error;     /* why that cannot be watched */
    int dir_watch;     /* of the machine's own folder; below 0: there is none yet */
    GSource *source;   /* of notify */
    GSource *again;    /* or NULL */
    bool quiet;        /* as long as it is being made */
};

static void try_connect(WaitMachine *machine);

static void set_state(WaitMachine *machine, VmState state)
{
    if (machine->state == state)
        return;
    machine->state = state;
    if (!machine->quiet)
        machine->ops->state(state, machine->user);
}

/* ---- while it runs ---- */

static void on_event(QmpClient *client G_GNUC_UNUSED, const char *name, const cJSON *data,
                     int64_t time_us G_GNUC_UNUSED, void *user)
{
    WaitMachine *machine = user;
    g_autoptr(QmpXUtmStateEvent) event =
        strcmp(name, "X_UTM_STATE") == 0 ? qmp_x_utm_state_event_from_json(data, NULL) : NULL;
    VmState state;
    if (event && vm_state_parse(event->state, &state))
        set_state(machine, state);
    else if (!machine->quiet)
        machine->ops->event(name, machine->user);
}

static gboolean on_again(gpointer user)
{
    WaitMachine *machine = user;
    g_clear_pointer(&machine->again, g_source_unref);
    try_connect(machine);
    return G_SOURCE_REMOVE;
}

static void try_again(WaitMachine *machine)
{
    if (machine->again)
        return;
    machine->again = g_timeout_source_new(AGAIN_MS);
    g_source_set_callback(machine->again, on_again, machine, NULL);
    g_source_attach(machine->again, machine->context);
}

/* The client frees itself only after this, so it is freed from the timer. */
static void on_disconnected(QmpClient *client G_GNUC_UNUSED, const GError *reason G_GNUC_UNUSED,
                            void *user)
{
    try_again(user);
}

/* ---- while it does not ---- */

static gboolean on_notify(gint fd, GIOCondition condition, gpointer user);

static bool watch_root(WaitMachine *machine, GError **error)
{
    g_autofree char *root = paths_runtime(NULL);
    if (!paths_make_private(root, error))
        return false;
    machine->notify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (machine->notify < 0 ||
        inotify_add_watch(machine->notify, root, IN_CREATE | IN_MOVED_TO) < 0) {
        utm_error_set(error, UTM_ERROR_FAILED, NULL, "cannot watch \"%s\": %s", root,
                      g_strerror(errno));
        return false;
    }
    machine->source = g_unix_fd_source_new(machine->notify, G_IO_IN);
    g_source_set_callback(machine->source, G_SOURCE_FUNC(on_notify), machine, NULL);
    g_source_attach(machine->source, machine->context);
    return true;
}

/* Only of a machine that does not run: the kernel takes some 15 ms over the end of a watcher. A
 * folder that has gone takes its watch along. */
static void watch(WaitMachine *machine)
{
    g_autofree char *dir = paths_runtime(machine->bundle->config->information.uuid);
    if (machine->notify < 0 && !watch_root(machine, machine->error ? NULL : &machine->error))
        return;
    machine->dir_watch = inotify_add_watch(machine->notify, dir, IN_CREATE | IN_MODIFY);
}

static bool runs(const WaitMachine *machine)
{
    return run_dir_runs(machine->bundle->config->information.uuid, machine->bundle->path, NULL);
}

static void ask_state(WaitMachine *machine)
{
    g_autoptr(QmpUtmInfo) info = NULL;
    VmState state;
    qmp_client_set_timeout(machine->client, HELPER_LIMIT_US);
    if (qmp_x_utm_info(machine->client, &info, NULL) && vm_state_parse(info->state, &state))
        set_state(machine, state);
}

static void connect_client(WaitMachine *machine, int fd)
{
    static const QmpClientOps ops = { .event = on_event, .disconnected = on_disconnected };
    machine->client = qmp_client_new(fd, machine->context, &ops, machine);
    if (qmp_client_negotiate(machine->client, HELPER_LIMIT_US, NULL))
        ask_state(machine);
    else
        try_again(machine);
}

static void try_connect(WaitMachine *machine)
{
    const char *uuid = machine->bundle->config->information.uuid;
    g_clear_pointer(&machine->client, qmp_client_free);
    if (!runs(machine)) {
        watch(machine);
        /* It may have been started before the watch was there. */
        if (!runs(machine)) {
            set_state(machine, VM_STATE_STOPPED);
            return;
        }
    }
    set_state(machine, VM_STATE_STARTING);
    g_autofree char *path = run_dir_socket(uuid, RUN_DIR_QMP);
    int fd = unix_socket_connect(path, 0, NULL);
    if (fd >= 0)
        connect_client(machine, fd);
    else
        try_again(machine);
}

static gboolean on_notify(gint fd, GIOCondition condition G_GNUC_UNUSED, gpointer user)
{
    WaitMachine *machine = user;
    _Alignas(struct inotify_event) char buffer[4096];
    while (read(fd, buffer, sizeof buffer) > 0)
        continue;
    if (!machine->client && !machine->again)
        try_connect(machine);
    return G_SOURCE_CONTINUE;
}

WaitMachine *wait_machine_new(const Bundle *bundle, GMainContext *context,
                              const WaitMachineOps *ops, void *user, GError **error)
{
    WaitMachine *machine = g_new0(WaitMachine, 1);
    machine->bundle = bundle;
    machine->context = context;
    machine->ops = ops;
    machine->user = user;
    machine->quiet = true;
    machine->notify = -1;
    try_connect(machine);
    if (machine->error) {
        g_propagate_error(error, g_steal_pointer(&machine->error));
        wait_machine_free(machine);
        return NULL;
    }
    machine->quiet = false;
    return machine;
}

VmState wait_machine_state(const WaitMachine *machine)
{
    return machine->state;
}

static void end_source(GSource **source)
{
    if (!*source)
        return;
    g_source_destroy(*source);
    g_clear_pointer(source, g_source_unref);
}

void wait_machine_free(WaitMachine *machine)
{
    if (!machine)
        return;
    qmp_client_free(machine->client);
    end_source(&machine->again);
    end_source(&machine->source);
    if (machine->notify >= 0)
        close(machine->notify);
    g_clear_error(&machine->error);
    g_free(machine);
}
