/* SPDX-License-Identifier: Apache-2.0 */
/* Waiting until a machine and its guest have got somewhere. */
#include "core/wait/wait.h"

#include <errno.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/error.h"
#include "core/fd.h"
#include "core/paths.h"
#include "core/vm/last-exit.h"
#include "core/vm/run-dir.h"
#include "core/vm/vm.h"
#include "core/wait/wait-agent.h"
#include "core/wait/wait-console.h"
#include "core/wait/wait-machine.h"
#include "qapi/unix-socket.h"

/* How long a machine may take to end after its agent has. */
#define END_LIMIT_US (3 * G_USEC_PER_SEC)

typedef struct {
    const Bundle *bundle;
    const WaitRequest *request;
    GMainContext *context;
    WaitMachine *machine;
    WaitAgent *agent; /* NULL while nobody is asked */
    WaitConsole *console;
    Fd console_fd; /* below 0 while it is not read */
    GSource *console_source;
    int64_t start_us;
    bool late, interrupted;
    bool was_up;   /* it has run since the waiting began */
    GError *error; /* why it is no use to go on; NULL as long as it is */
} Wait;

/* ---- conditions ---- */

static void reach(Wait *wait, WaitCondition *condition, const char *found)
{
    if (condition->reached)
        return;
    condition->reached = true;
    condition->after_us = g_get_monotonic_time() - wait->start_us;
    condition->found = g_strdup(found);
    g_clear_pointer(&condition->why_not, g_free);
    if (wait->request->reached)
        wait->request->reached(condition, wait->request->user);
}

static void reach_kind(Wait *wait, WaitKind kind)
{
    for (guint i = 0; i < wait->request->conditions->len; i++) {
        WaitCondition *condition = wait->request->conditions->pdata[i];
        if (condition->kind == kind)
            reach(wait, condition, NULL);
    }
}

static bool has_kind(const Wait *wait, WaitKind kind, bool pending_only)
{
    for (guint i = 0; i < wait->request->conditions->len; i++) {
        const WaitCondition *condition = wait->request->conditions->pdata[i];
        if (condition->kind == kind && !(pending_only && condition->reached))
            return true;
    }
    return false;
}

static bool is_done(const Wait *wait)
{
    guint reached = 0, all = wait->request->conditions->len;
    for (guint i = 0; i < all; i++)
        reached += ((WaitCondition *) wait->request->conditions->pdata[i])->reached;
    return wait->request->any ? reached > 0 : reached == all;
}

/* ---- the console ---- */

static void on_line(const char *line, bool complete, void *user)
{
    Wait *wait = user;
    for (guint i = 0; i < wait->request->conditions->len; i++) {
        WaitCondition *condition = wait->request->conditions->pdata[i];
        if (condition->kind == WAIT_SERIAL && !condition->reached &&
            wait_console_matches(condition->regex, line, complete))
            reach(wait, condition, line);
    }
}

/* False at the end of what the console has to say. */
static bool read_console(Wait *wait, bool *out_some)
{
    char buffer[16384];
    ssize_t n = recv(wait->console_fd, buffer, sizeof buffer, MSG_DONTWAIT);
    *out_some = n > 0;
    if (n > 0)
        wait_console_feed(wait->console, buffer, (size_t) n);
    return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

static gboolean on_console(gint fd G_GNUC_UNUSED, GIOCondition condition G_GNUC_UNUSED,
                           gpointer user)
{
    bool some;
    return read_console(user, &some) ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

static int console_index(const Bundle *bundle)
{
    const GPtrArray *serials = bundle->config->serials;
    for (guint i = 0; i < serials->len; i++)
        if (((ConfigSerial *) serials->pdata[i])->mode == SERIAL_MODE_TERMINAL)
            return (int) i;
    return -1;
}

/* The log has what the hub does not keep any more; the hub is connected to first, so that nothing
 * gets lost between the two. */
static void open_console(Wait *wait)
{
    const char *uuid = wait->bundle->config->information.uuid;
    int index = console_index(wait->bundle);
    if (index < 0 || wait->console_fd >= 0 || !has_kind(wait, WAIT_SERIAL, true))
        return;
    g_autofree char *name = g_strdup_printf("term%d", index);
    g_autofree char *path = run_dir_socket(uuid, name);
    wait->console_fd = unix_socket_connect(path, 0, NULL);
    if (wait->console_fd < 0)
        return;
    g_autofree char *dir = paths_state(uuid);
    g_autofree char *log_name = g_strdup_printf("serial%d.log", index);
    g_autofree char *log = g_build_filename(dir, log_name, NULL);
    wait->console = wait_console_new(on_line, wait);
    wait_console_feed_file(wait->console, log);
    wait->console_source = g_unix_fd_source_new(wait->console_fd, G_IO_IN | G_IO_HUP);
    g_source_set_callback(wait->console_source, G_SOURCE_FUNC(on_console), wait, NULL);
    g_source_attach(wait->console_source, wait->context);
}

/* What the guest said last counts also when the machine has ended by then. */
static void close_console(Wait *wait)
{
    if (wait->console_fd < 0)
        return;
    for (bool some = true; some;)
        if (!read_console(wait, &some))
            break;
    g_source_destroy(wait->console_source);
    g_clear_pointer(&wait->console_source, g_source_unref);
    g_clear_pointer(&wait->console, wait_console_free);
    close(fd_steal(&wait->console_fd));
}

static bool check_console(const Bundle *bundle, GError **error)
{
    if (console_index(bundle) >= 0)
        return true;
    utm_error_set(error, UTM_ERROR_UNSUPPORTED, NULL,
                  "it has no serial port whose mode is Terminal, so \"serial=\" sees nothing");
    return false;
}

/* ---- the guest ---- */

static void on_finding(const WaitFinding *finding, void *user)
{
    Wait *wait = user;
    WaitCondition *condition = wait->request->conditions->pdata[finding->index];
    if (finding->reached) {
        reach(wait, condition, finding->text);
        return;
    }
    g_free(condition->why_not);
    condition->why_not = g_strdup(finding->text);
    if (finding->failed && !wait->error && !wait->request->any)
        utm_error_set(&wait->error, UTM_ERROR_FAILED, NULL, "%s: %s", condition->text,
                      finding->text);
}

static bool asks_guest(const Wait *wait)
{
    for (guint i = 0; i < wait->request->conditions->len; i++) {
        const WaitCondition *condition = wait->request->conditions->pdata[i];
        if (!condition->reached && wait_condition_asks_guest(condition))
            return true;
    }
    return false;
}

static void ask_guest(Wait *wait)
{
    if (wait->agent || !asks_guest(wait))
        return;
    g_autofree char *path = run_dir_socket(wait->bundle->config->information.uuid, RUN_DIR_QMP);
    int fd = unix_socket_connect(path, 0, NULL);
    if (fd >= 0)
        wait->agent =
            wait_agent_start(fd, wait->request->conditions, wait->context, on_finding, wait);
}

/* ---- the machine ---- */

static void set_ended(Wait *wait)
{
    const char *uuid = wait->bundle->config->information.uuid;
    g_auto(VmStatus) status = { 0 };
    g_autofree char *why = NULL;
    if (vm_status(wait->bundle, &status, NULL))
        why = last_exit_text(status.last_exit);
    g_autofree char *hint = g_strdup_printf("utmctl logs %s --source serial", uuid);
    utm_error_set(&wait->error, UTM_ERROR_WRONG_STATE, hint, "it has ended meanwhile%s%s",
                  why ? ": " : "", why ? why : "");
}

static void went_down(Wait *wait)
{
    close_console(wait);
    g_clear_pointer(&wait->agent, wait_agent_stop);
    reach_kind(wait, WAIT_STOPPED);
    if (wait->was_up && !wait->error && !is_done(wait) && !has_kind(wait, WAIT_RUNNING, true) &&
        !has_kind(wait, WAIT_PAUSED, true))
        set_ended(wait);
}

static void enter_state(Wait *wait, VmState state)
{
    if (state == VM_STATE_STOPPED) {
        went_down(wait);
        return;
    }
    wait->was_up = true;
    if (state == VM_STATE_STARTING)
        return;
    if (state == VM_STATE_STARTED)
        reach_kind(wait, WAIT_RUNNING);
    else if (state == VM_STATE_PAUSED)
        reach_kind(wait, WAIT_PAUSED);
    open_console(wait);
    ask_guest(wait);
}

static void on_state(VmState state, void *user)
{
    enter_state(user, state);
}

static void on_event(const char *name G_GNUC_UNUSED, void *user)
{
    Wait *wait = user;
    if (wait->agent)
        wait_agent_kick(wait->agent);
}

/* ---- the end ---- */

static gboolean set_flag(gpointer user)
{
    *(bool *) user = true;
    return G_SOURCE_REMOVE;
}

static gboolean set_flag_by_fd(gint fd G_GNUC_UNUSED, GIOCondition condition G_GNUC_UNUSED,
                               gpointer user)
{
    return set_flag(user);
}

static char *describe(const GPtrArray *conditions)
{
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; i < conditions->len; i++) {
        const WaitCondition *condition = conditions->pdata[i];
        g_string_append_printf(text, "%s%s: ", i ? "; " : "", condition->text);
        if (condition->reached)
            g_string_append_printf(text, "reached after %.1f s",
                                   (double) condition->after_us / G_USEC_PER_SEC);
        else
            g_string_append_printf(text, "not reached%s%s%s", condition->why_not ? " (" : "",
                                   condition->why_not ? condition->why_not : "",
                                   condition->why_not ? ")" : "");
    }
    return g_strdup(text->str);
}

static void set_late(Wait *wait, GError **error)
{
    g_auto(WaitEvidence) evidence = { 0 };
    g_autofree char *what = describe(wait->request->conditions);
    wait_evidence_collect(wait->bundle, wait->request->folder, &evidence);
    /* Of a limit that others have used a part of, what is left is no round number. */
    double limit = (double) ((wait->request->timeout_us + 50000) / 100000) / 10;
    utm_error_set(&wait->error, UTM_ERROR_TIMEOUT, NULL, "not there after %g s: %s", limit, what);
    wait_evidence_add(&evidence, wait->error);
    g_propagate_error(error, g_steal_pointer(&wait->error));
    if (wait->request->evidence) {
        *wait->request->evidence = evidence;
        evidence = (WaitEvidence){ 0 };
    }
}

/* Nobody comes to start it, so waiting would be in vain. */
static bool check_running(Wait *wait, GError **error)
{
    if (wait_machine_state(wait->machine) != VM_STATE_STOPPED ||
        has_kind(wait, WAIT_RUNNING, false) || has_kind(wait, WAIT_PAUSED, false) ||
        has_kind(wait, WAIT_STOPPED, false))
        return true;
    const WaitCondition *first = wait->request->conditions->pdata[0];
    const char *uuid = wait->bundle->config->information.uuid;
    g_autofree char *quoted = g_shell_quote(first->text);
    g_autofree char *hint = g_strdup_printf("utmctl start %s --wait %s", uuid, quoted);
    utm_error_set(error, UTM_ERROR_WRONG_STATE, hint,
                  "it is not running; with \"running\" its start is waited for too");
    return false;
}

static GSource *add_source(const Wait *wait, GSource *source, GSourceFunc func, bool *flag)
{
    g_source_set_callback(source, func, flag, NULL);
    g_source_attach(source, wait->context);
    return source;
}

static void end_source(GSource *source)
{
    if (!source)
        return;
    g_source_destroy(source);
    g_source_unref(source);
}

static bool run(Wait *wait, GError **error)
{
    const WaitRequest *request = wait->request;
    GSource *timer = NULL, *interrupt = NULL;
    if (request->timeout_us)
        timer = add_source(
            wait, g_timeout_source_new((guint) MIN((request->timeout_us + 999) / 1000, G_MAXINT)),
            set_flag, &wait->late);
    if (request->interrupt_fd >= 0)
        interrupt = add_source(wait, g_unix_fd_source_new(request->interrupt_fd, G_IO_IN),
                               G_SOURCE_FUNC(set_flag_by_fd), &wait->interrupted);
    enter_state(wait, wait_machine_state(wait->machine));
    while (!is_done(wait) && !wait->late && !wait->interrupted && !wait->error)
        g_main_context_iteration(wait->context, TRUE);
    end_source(timer);
    end_source(interrupt);
    g_clear_pointer(&wait->agent, wait_agent_stop);
    close_console(wait);
    if (is_done(wait)) {
        g_clear_error(&wait->error);
        return true;
    }
    if (wait->error)
        g_propagate_error(error, g_steal_pointer(&wait->error));
    else if (wait->interrupted)
        utm_error_set(error, UTM_ERROR_INTERRUPTED, NULL, "interrupted");
    else
        set_late(wait, error);
    return false;
}

bool wait_for(const Bundle *bundle, const WaitRequest *request, GError **error)
{
    static const WaitMachineOps ops = { .state = on_state, .event = on_event };
    Wait wait = { .bundle = bundle,
                  .request = request,
                  .context = g_main_context_new(),
                  .console_fd = -1,
                  .start_us = g_get_monotonic_time() };
    bool ok = !has_kind(&wait, WAIT_SERIAL, false) || check_console(bundle, error);
    wait.machine = ok ? wait_machine_new(bundle, wait.context, &ops, &wait, error) : NULL;
    ok = wait.machine && check_running(&wait, error) && run(&wait, error);
    wait_machine_free(wait.machine);
    g_main_context_unref(wait.context);
    if (!ok)
        g_prefix_error(error, "VM \"%s\": ", bundle->config->information.name);
    return ok;
}

void wait_for_word(const Bundle *bundle, const char *word, int64_t limit_us)
{
    const char *const words[] = { word, NULL };
    g_autoptr(GPtrArray) conditions = wait_condition_list((char **) words, NULL);
    const WaitRequest request = { .conditions = conditions,
                                  .timeout_us = limit_us,
                                  .interrupt_fd = -1 };
    utm_ignore(wait_for(bundle, &request, NULL));
}

void wait_for_end(const Bundle *bundle)
{
    wait_for_word(bundle, "stopped", END_LIMIT_US);
}
