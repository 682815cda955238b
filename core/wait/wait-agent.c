/* SPDX-License-Identifier: Apache-2.0 */
/* Asking a guest again and again whether what is waited for has come. */
#include "core/wait/wait-agent.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/error.h"
#include "core/fd.h"
#include "core/guest/guest-address.h"
#include "core/guest/guest-exec.h"
#include "core/guest/guest-file.h"
#include "core/guest/guest.h"
#include "core/wait/wait-port.h"
#include "qapi/generated/qmp-commands.h"
#include "qapi/json.h"

/* Between two rounds: soon at first and after something has happened, then less often. */
#define ASK_FIRST_US (10 * 1000)
#define ASK_LAST_US (100 * 1000)

/* How long a round may go on that is not wanted any more, before its connection is cut. */
#define STOP_US (500 * 1000)

#define ANSWER_LIMIT_US (90 * G_USEC_PER_SEC)

#define CLOUD_INIT_RESULT "/run/cloud-init/result.json"

struct WaitAgent {
    const GPtrArray *conditions; /* borrowed */
    GMainContext *context;       /* owned */
    WaitFindingFunc found;
    void *user;
    int fd;
    Fd cut; /* the same connection, to end it */
    QmpClient *client;
    bool *done;      /* for each condition, the thread's own */
    GPtrArray *told; /* (owned) char *, what was said last of each */
    GThread *thread;
    GMutex mutex;
    GCond cond;
    bool kicked, stopping, ended; /* under the mutex */
    GPtrArray *findings;          /* (owned) of WaitFinding, under the mutex */
    GSource *source;              /* under the mutex: hands the findings out */
};

static void finding_free(void *user)
{
    WaitFinding *finding = user;
    g_free(finding->text);
    g_free(finding);
}

/* ---- between the threads ---- */

static bool is_stopping(void *user)
{
    WaitAgent *agent = user;
    g_mutex_lock(&agent->mutex);
    bool stopping = agent->stopping;
    g_mutex_unlock(&agent->mutex);
    return stopping;
}

static gboolean hand_out(gpointer user)
{
    WaitAgent *agent = user;
    g_mutex_lock(&agent->mutex);
    g_autoptr(GPtrArray) findings = g_steal_pointer(&agent->findings);
    agent->findings = g_ptr_array_new_with_free_func(finding_free);
    g_clear_pointer(&agent->source, g_source_unref);
    g_mutex_unlock(&agent->mutex);
    /* The callee may stop the asking by this. */
    WaitFindingFunc found = agent->found;
    void *to = agent->user;
    for (guint i = 0; i < findings->len; i++)
        found(findings->pdata[i], to);
    return G_SOURCE_REMOVE;
}

static void tell(WaitAgent *agent, WaitFinding *finding)
{
    g_mutex_lock(&agent->mutex);
    g_ptr_array_add(agent->findings, finding);
    if (!agent->source && !agent->stopping) {
        agent->source = g_idle_source_new();
        g_source_set_priority(agent->source, G_PRIORITY_DEFAULT);
        g_source_set_callback(agent->source, hand_out, agent, NULL);
        g_source_attach(agent->source, agent->context);
    }
    g_mutex_unlock(&agent->mutex);
}

static void pause_until_kick(WaitAgent *agent, int64_t *delay_us)
{
    g_mutex_lock(&agent->mutex);
    int64_t until = g_get_monotonic_time() + *delay_us;
    while (!agent->kicked && !agent->stopping &&
           g_cond_wait_until(&agent->cond, &agent->mutex, until))
        continue;
    *delay_us = agent->kicked ? ASK_FIRST_US : MIN(*delay_us * 2, ASK_LAST_US);
    agent->kicked = false;
    g_mutex_unlock(&agent->mutex);
}

/* ---- what is asked ---- */

static bool keep_no_output(int descriptor G_GNUC_UNUSED, const void *data G_GNUC_UNUSED,
                           size_t size G_GNUC_UNUSED, void *user G_GNUC_UNUSED,
                           GError **error G_GNUC_UNUSED)
{
    return true;
}

static bool ask_agent(WaitAgent *agent, char **out_text)
{
    g_autoptr(GError) error = NULL;
    if (qmp_guest_ping(agent->client, &error))
        return true;
    guest_explain(&error);
    *out_text = g_strdup(error->message);
    return false;
}

static bool ask_address(WaitAgent *agent, char **out_text)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) found = guest_addresses(agent->client, &error);
    if (!found || !found->len) {
        *out_text = g_strdup(found ? "the guest has no address" : error->message);
        return false;
    }
    const GuestAddress *first = found->pdata[0];
    /* Every IPv6 guest gives itself such an address before it has another. */
    bool is_own = found->len == 1 && g_ascii_strncasecmp(first->address, "fe80:", 5) == 0;
    *out_text = g_strdup(is_own ? "the guest has only a link-local address" : first->address);
    return !is_own;
}

static bool ask_file(WaitAgent *agent, const char *path, char **out_text)
{
    g_autoptr(GError) error = NULL;
    int64_t handle;
    if (guest_file_open(agent->client, path, "r", &handle, &error)) {
        utm_ignore(guest_file_close(agent->client, handle, NULL));
        return true;
    }
    /* A folder can be opened nowhere but in words. */
    if (strstr(error->message, "Is a directory"))
        return true;
    bool absent = g_error_matches(error, UTM_ERROR, UTM_ERROR_NOT_FOUND);
    *out_text = g_strdup(absent ? "it is not there" : error->message);
    return false;
}

static bool ask_command(WaitAgent *agent, const char *line, char **out_text)
{
    char *words[] = { (char *) "/bin/sh", (char *) "-c", (char *) line, NULL };
    const GuestExec exec = { .words = words,
                             .at_end = true,
                             .input = -1,
                             .output = keep_no_output,
                             .interrupted = is_stopping,
                             .user = agent };
    g_autoptr(GError) error = NULL;
    int status;
    if (!guest_exec(agent->client, &exec, &status, &error))
        *out_text = g_strdup(error->message);
    else if (status)
        *out_text = g_strdup_printf("it ended with status %d", status);
    else
        return true;
    return false;
}

/* Source: cloud-init, doc/rtd/explanation/return_codes and boot: result.json is written last */
static bool ask_cloud_init(WaitAgent *agent, char **out_text, bool *out_failed)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *text = NULL;
    if (!wait_port_read_file(agent->client, CLOUD_INIT_RESULT, &text, &error)) {
        bool absent = g_error_matches(error, UTM_ERROR, UTM_ERROR_NOT_FOUND);
        *out_text = g_strdup(absent ? "it has not finished" : error->message);
        return false;
    }
    g_autoptr(cJSON) json = json_parse(text, strlen(text), NULL, NULL);
    const cJSON *errors = cJSON_GetObjectItem(cJSON_GetObjectItem(json, "v1"), "errors");
    const char *first = cJSON_GetStringValue(cJSON_GetArrayItem(errors, 0));
    if (first)
        *out_text = g_strdup_printf("it ended with errors: %s", first);
    *out_failed = first != NULL;
    return json && !first;
}

static bool ask_port(WaitAgent *agent, const WaitCondition *condition, char **out_text)
{
    const WaitPort port = { .client = agent->client, .stop = is_stopping, .user = agent };
    const char *banner = condition->kind == WAIT_SSH ? "SSH-" : NULL;
    return wait_port_ask(&port, condition->port, banner, out_text);
}

static bool ask(WaitAgent *agent, const WaitCondition *condition, char **out_text, bool *out_failed)
{
    switch (condition->kind) {
    case WAIT_AGENT:
        return ask_agent(agent, out_text);
    case WAIT_IP:
        return ask_address(agent, out_text);
    case WAIT_FILE:
        return ask_file(agent, condition->value, out_text);
    case WAIT_COMMAND:
        return ask_command(agent, condition->value, out_text);
    case WAIT_CLOUD_INIT:
        return ask_cloud_init(agent, out_text, out_failed);
    case WAIT_PORT:
    case WAIT_SSH:
        return ask_port(agent, condition, out_text);
    default:
        return false;
    }
}

/* Only what is new is told. Return: whether it is settled */
static bool ask_and_tell(WaitAgent *agent, guint index)
{
    g_autofree char *text = NULL;
    bool failed = false;
    bool reached = ask(agent, agent->conditions->pdata[index], &text, &failed);
    char **told = (char **) &agent->told->pdata[index];
    if (!reached && !failed && g_strcmp0(text, *told) == 0)
        return false;
    g_free(*told);
    *told = g_strdup(text);
    WaitFinding *finding = g_new0(WaitFinding, 1);
    finding->index = index;
    finding->reached = reached;
    finding->failed = failed;
    finding->text = g_steal_pointer(&text);
    tell(agent, finding);
    return reached || failed;
}

/* ---- the thread ---- */

static gpointer run(gpointer user)
{
    WaitAgent *agent = user;
    int64_t delay = ASK_FIRST_US;
    agent->client = qmp_client_new(agent->fd, NULL, NULL, NULL);
    qmp_client_set_timeout(agent->client, ANSWER_LIMIT_US);
    bool alive = qmp_client_negotiate(agent->client, ANSWER_LIMIT_US, NULL);
    while (alive && !is_stopping(agent)) {
        bool all = true;
        for (guint i = 0; i < agent->conditions->len && !is_stopping(agent); i++) {
            if (!agent->done[i])
                agent->done[i] = ask_and_tell(agent, i);
            all = all && agent->done[i];
        }
        if (all)
            break;
        pause_until_kick(agent, &delay);
    }
    qmp_client_free(agent->client);
    g_mutex_lock(&agent->mutex);
    agent->ended = true;
    g_cond_broadcast(&agent->cond);
    g_mutex_unlock(&agent->mutex);
    return NULL;
}

WaitAgent *wait_agent_start(int fd, const GPtrArray *conditions, GMainContext *context,
                            WaitFindingFunc found, void *user)
{
    WaitAgent *agent = g_new0(WaitAgent, 1);
    agent->conditions = conditions;
    agent->context = g_main_context_ref(context);
    agent->found = found;
    agent->user = user;
    agent->fd = fd;
    agent->cut = dup(fd);
    agent->done = g_new0(bool, conditions->len);
    agent->told = g_ptr_array_new_full(conditions->len, g_free);
    g_ptr_array_set_size(agent->told, (gint) conditions->len);
    agent->findings = g_ptr_array_new_with_free_func(finding_free);
    for (guint i = 0; i < conditions->len; i++) {
        const WaitCondition *condition = conditions->pdata[i];
        agent->done[i] = condition->reached || !wait_condition_asks_guest(condition);
    }
    g_mutex_init(&agent->mutex);
    g_cond_init(&agent->cond);
    agent->thread = g_thread_new("wait", run, agent);
    return agent;
}

void wait_agent_kick(WaitAgent *agent)
{
    g_mutex_lock(&agent->mutex);
    agent->kicked = true;
    g_cond_broadcast(&agent->cond);
    g_mutex_unlock(&agent->mutex);
}

void wait_agent_stop(WaitAgent *agent)
{
    if (!agent)
        return;
    int64_t until = g_get_monotonic_time() + STOP_US;
    g_mutex_lock(&agent->mutex);
    agent->stopping = true;
    g_cond_broadcast(&agent->cond);
    while (!agent->ended && g_cond_wait_until(&agent->cond, &agent->mutex, until))
        continue;
    if (agent->source) {
        g_source_destroy(agent->source);
        g_clear_pointer(&agent->source, g_source_unref);
    }
    g_mutex_unlock(&agent->mutex);
    shutdown(agent->cut, SHUT_RDWR);
    g_thread_join(agent->thread);
    close(agent->cut);
    g_ptr_array_unref(agent->findings);
    g_ptr_array_unref(agent->told);
    g_main_context_unref(agent->context);
    g_mutex_clear(&agent->mutex);
    g_cond_clear(&agent->cond);
    g_free(agent->done);
    g_free(agent);
}
