/* SPDX-License-Identifier: Apache-2.0 */
/* The guest agent's channel: one command at a time, synchronised, with a time limit. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "core/vm/monitor.h"

/* The chardev of its port, as core/argv/argv-sharing.c names it; the port's own name ends in ".0". */
#define AGENT_CHARDEV "org.qemu.guest_agent"

/* Error class when there is no agent or it does not answer; the agent itself never gives it. */
#define AGENT_UNREACHABLE_CLASS "DeviceNotActive"

/* Error class when the machine has ended with QEMU. */
#define AGENT_ENDED_CLASS "DeviceNotFound"

typedef struct Agent Agent;

/**
 * agent_new() - Take over our end of the agent's chardev
 * @fd: connected socket; owned
 */
Agent *agent_new(int fd);

/**
 * agent_set_open() - Tell whether the guest has its side of the port open
 *
 * Source: QEMU event VSERPORT_CHANGE. While it is closed nothing is sent: QEMU would keep the bytes
 * and hand them to an agent that starts much later.
 */
void agent_set_open(Agent *agent, bool open);

/**
 * agent_reload() - The guest has got another memory, and goes on now
 *
 * Nothing that was sent gets an answer any more. Commands wait until agent_set_open() says that the
 * port is open, at most two seconds: what QEMU tells of its being closed is of the time before.
 */
void agent_reload(Agent *agent);

/**
 * agent_is_settling() - Whether nobody has told since agent_reload() that the port is open
 */
bool agent_is_settling(const Agent *agent);

/**
 * agent_is_open() - Whether an agent has the port open
 */
bool agent_is_open(const Agent *agent);

/**
 * agent_command() - Queue a command for the agent
 * @request: answered when the agent has, or with an error after the time limit
 * @text:    the client's command, a JSON object
 *
 * The channel is synchronised by guest-sync-delimited before the first command, after every error
 * and whenever the guest reopens the port.
 *
 * Source: QEMU qga/qapi-schema.json, guest-sync-delimited
 */
void agent_command(Agent *agent, MonitorRequest *request, const char *asked, size_t len);

/**
 * agent_free() - Fail what is queued, close; NULL is ignored
 */
void agent_free(Agent *agent);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Agent, agent_free)
