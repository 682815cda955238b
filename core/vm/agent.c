/* SPDX-License-Identifier: Apache-2.0 */
/* The guest agent's channel: one command at a time, synchronised, with a time limit. */
#include "core/vm/agent.h"

#include <string.h>
#include <unistd.h>

#include "core/vm/channel.h"
#include "qapi/generated/qmp-types.h"
#include "qapi/json-stream.h"

/* A guest under load or emulation takes its time; an agent that is not there at all shows by the
 * port being closed, not by this. */
#define SYNC_SECONDS 10
#define COMMAND_SECONDS 60

/* QEMU tells at most once in a second that a port was opened or closed.
 * Source: QEMU monitor/monitor.c, monitor_qapi_event_conf */
#define SETTLE_MS 2000

typedef enum {
    AGENT_IDLE,    /* nothing under way; a command makes it sync or send */
    AGENT_SYNCING, /* waits for the reply to guest-sync-delimited */
    AGENT_BUSY,    /* waits for the reply to the first of the queue */
} AgentState;

typedef struct {
    MonitorRequest *request;
    char *text;    /* as it goes to the agent */
    bool no_reply; /* success has no answer */
} AgentCommand;

struct Agent {
    Channel *channel; /* NULL when QEMU has closed it */
    JsonStream *stream;
    bool open;
    bool synced;
    AgentState state;
    gint64 sync_id;
    guint timer;
    guint settle_timer; /* runs while nobody knows whether the port is open */
    GQueue commands;    /* of AgentCommand (owned); the head is under way when BUSY */
};

/* Commands that do not answer when they succeed.
 * Source: QEMU qga/qapi-schema.json, 'success-response': false */
static const char *const silent_commands[] = {
    "guest-shutdown", "guest-suspend-disk", "guest-suspend-ram", "guest-suspend-hybrid", NULL,
};

/* How long an error of a silent command may take before it counts as done. */
#define SILENT_MS 500

static void advance(Agent *agent);

static void command_free(AgentCommand *command)
{
    g_free(command->text);
    g_free(command);
}

static void stop_timer(Agent *agent)
{
    g_clear_handle_id(&agent->timer, g_source_remove);
}

static void fail_head(Agent *agent, const char *class, const char *why)
{
    AgentCommand *head = g_queue_pop_head(&agent->commands);
    monitor_answer_error(head->request, class, why);
    command_free(head);
}

static void fail_all(Agent *agent, const char *class, const char *why)
{
    stop_timer(agent);
    agent->state = AGENT_IDLE;
    agent->synced = false;
    while (!g_queue_is_empty(&agent->commands))
        fail_head(agent, class, why);
}

/* A silent command that has brought no error is done, also when the guest ended by it. */
static bool finish_silent(Agent *agent)
{
    AgentCommand *head = g_queue_peek_head(&agent->commands);
    if (agent->state != AGENT_BUSY || !head->no_reply)
        return false;
    stop_timer(agent);
    g_queue_pop_head(&agent->commands);
    agent->state = AGENT_IDLE;
    agent->synced = false;
    monitor_answer(head->request, NULL);
    command_free(head);
    return true;
}

static gboolean timed_out(gpointer user)
{
    Agent *agent = user;
    agent->timer = 0;
    if (finish_silent(agent)) {
        advance(agent);
        return G_SOURCE_REMOVE;
    }
    fail_all(agent, AGENT_UNREACHABLE_CLASS, "the guest agent does not answer");
    return G_SOURCE_REMOVE;
}

/* 0xFF makes the agent drop what it has of an unfinished command. */
static void start_sync(Agent *agent)
{
    agent->state = AGENT_SYNCING;
    agent->sync_id = g_random_int();
    const QmpGuestSyncDelimitedArgs arguments = { .id = agent->sync_id };
    cJSON *json = qmp_guest_sync_delimited_args_to_json(&arguments, NULL);
    g_autofree char *command = message_typed("guest-sync-delimited", json, NULL);
    g_autofree char *text = g_strconcat("\xff", command, "\n", NULL);
    json_stream_skip_to_sync(agent->stream);
    channel_send(agent->channel, text, strlen(text), -1);
    agent->timer = g_timeout_add_seconds(SYNC_SECONDS, timed_out, agent);
}

static void send_head(Agent *agent)
{
    AgentCommand *head = g_queue_peek_head(&agent->commands);
    agent->state = AGENT_BUSY;
    channel_send(agent->channel, head->text, strlen(head->text), -1);
    agent->timer =
        g_timeout_add(head->no_reply ? SILENT_MS : COMMAND_SECONDS * 1000, timed_out, agent);
}

static void advance(Agent *agent)
{
    if (agent->state != AGENT_IDLE || g_queue_is_empty(&agent->commands) || agent->settle_timer)
        return;
    if (!agent->channel || !agent->open)
        fail_all(agent, AGENT_UNREACHABLE_CLASS, "the guest agent is not running in the guest");
    else if (!agent->synced)
        start_sync(agent);
    else
        send_head(agent);
}

static void take_reply(Agent *agent, const char *text, size_t len)
{
    Message message = message_scan(text, len);
    if (agent->state == AGENT_SYNCING) {
        if (!message.result.start ||
            g_ascii_strtoll(message.result.start, NULL, 10) != agent->sync_id)
            return;
        stop_timer(agent);
        agent->synced = true;
        agent->state = AGENT_IDLE;
        advance(agent);
        return;
    }
    if (agent->state != AGENT_BUSY || !(message.result.start || message.error.start))
        return;
    stop_timer(agent);
    AgentCommand *command = g_queue_pop_head(&agent->commands);
    agent->state = AGENT_IDLE;
    monitor_answer_message(command->request, &message);
    command_free(command);
    advance(agent);
}

static bool agent_data(Channel *channel, const char *data, size_t size, const int *fds,
                       size_t n_fds, void *user)
{
    (void) channel;
    Agent *agent = user;
    for (size_t i = 0; i < n_fds; i++)
        close(fds[i]);
    json_stream_feed(agent->stream, data, size);
    for (;;) {
        g_auto(JsonMessage) message = { 0 };
        JsonStreamResult result = json_stream_next(agent->stream, &message, NULL);
        if (result == JSON_STREAM_MORE)
            return true;
        if (result == JSON_STREAM_MESSAGE)
            take_reply(agent, message.text, message.length);
    }
}

static void agent_closed(Channel *channel, void *user)
{
    (void) channel;
    Agent *agent = user;
    g_clear_pointer(&agent->channel, channel_free);
    agent->open = false;
    finish_silent(agent);
    fail_all(agent, AGENT_ENDED_CLASS, "the virtual machine has ended");
}

Agent *agent_new(int fd)
{
    static const ChannelOps ops = { .data = agent_data, .closed = agent_closed };
    Agent *agent = g_new0(Agent, 1);
    agent->stream = json_stream_new(NULL, JSON_STREAM_DEFAULT);
    agent->channel = channel_new(fd, &ops, agent);
    return agent;
}

void agent_set_open(Agent *agent, bool open)
{
    if (agent->settle_timer && !open)
        return;
    agent->open = open;
    agent->synced = false;
    if (open) {
        g_clear_handle_id(&agent->settle_timer, g_source_remove);
        advance(agent);
        return;
    }
    finish_silent(agent);
    fail_all(agent, AGENT_UNREACHABLE_CLASS, "the guest agent has stopped");
}

static gboolean settled(gpointer user)
{
    Agent *agent = user;
    agent->settle_timer = 0;
    advance(agent);
    return G_SOURCE_REMOVE;
}

void agent_reload(Agent *agent)
{
    stop_timer(agent);
    if (agent->state == AGENT_BUSY && !finish_silent(agent))
        fail_head(agent, AGENT_UNREACHABLE_CLASS,
                  "the guest was set back while its agent was at work");
    agent->state = AGENT_IDLE;
    agent->open = false;
    agent->synced = false;
    g_clear_handle_id(&agent->settle_timer, g_source_remove);
    agent->settle_timer = g_timeout_add(SETTLE_MS, settled, agent);
}

bool agent_is_settling(const Agent *agent)
{
    return agent->settle_timer != 0;
}

bool agent_is_open(const Agent *agent)
{
    return agent->open;
}

void agent_command(Agent *agent, MonitorRequest *request, const char *asked, size_t len)
{
    Message scanned = message_scan(asked, len);
    g_autofree char *name = message_span_string(scanned.execute);
    AgentCommand *command = g_new0(AgentCommand, 1);
    command->request = request;
    g_autofree char *text = message_command(scanned.execute, false, scanned.arguments, NULL);
    command->text = g_strconcat(text, "\n", NULL);
    command->no_reply = g_strv_contains(silent_commands, name);
    g_queue_push_tail(&agent->commands, command);
    advance(agent);
}

void agent_free(Agent *agent)
{
    if (!agent)
        return;
    fail_all(agent, AGENT_ENDED_CLASS, "the virtual machine has ended");
    g_clear_handle_id(&agent->settle_timer, g_source_remove);
    channel_free(agent->channel);
    json_stream_free(agent->stream);
    g_free(agent);
}
