/* SPDX-License-Identifier: Apache-2.0 */
/* QEMU's one monitor, shared by any number of QMP clients. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include <cjson/cJSON.h>

#include "core/vm/message.h"

typedef struct Monitor Monitor;

/* A command that somebody waits for; answered exactly once with monitor_answer…(). */
typedef struct MonitorRequest MonitorRequest;

typedef struct {
    /* An event of QEMU, before the clients get it. @data may be NULL. */
    void (*event)(const char *name, const cJSON *data, int64_t time_us, void *user);
    /* A client sends a command that changes the machine, or is dropped: for the journal. */
    void (*note)(const char *event, const cJSON *data, void *user);
    /* A "guest-…" command; @text is all of it. */
    void (*agent_command)(MonitorRequest *request, const char *text, size_t len, void *user);
    /* An "x-utm-…" command. */
    void (*own_command)(MonitorRequest *request, const char *name, const cJSON *arguments,
                        void *user);
    /* QEMU closed its side. Requests under way have been answered with an error. */
    void (*closed)(void *user);
} MonitorOps;

/**
 * monitor_new() - A monitor without QEMU behind it yet
 * @version: QEMU's version, major * 10000 + minor * 100 + micro, for the greeting
 * @ops:     borrowed, must outlive the monitor; all members set
 *
 * Clients may connect from the start; what they ask of QEMU waits until monitor_attach().
 */
Monitor *monitor_new(int version, const MonitorOps *ops, void *user);

/**
 * monitor_attach() - Take over our end of QEMU's monitor and negotiate
 * @fd: connected socket; owned
 */
void monitor_attach(Monitor *monitor, int fd);

/**
 * monitor_add_client() - Serve a QMP client
 * @fd: connected socket; owned
 *
 * Each client has its own greeting, negotiation and ids; events go to all. One that does not read
 * is dropped when 32 MiB wait for it.
 */
void monitor_add_client(Monitor *monitor, int fd);

/**
 * monitor_emit() - Send an event of our own to all clients
 * @name: "X_UTM_…"
 * @data: borrowed; may be NULL
 */
void monitor_emit(Monitor *monitor, const char *name, const cJSON *data);

/**
 * monitor_is_orphan() - Whether who asked has gone and will not read the answer
 */
bool monitor_is_orphan(const MonitorRequest *request);

/**
 * monitor_answer() - Answer a request
 * @result: the value of "return", taken; NULL for the empty object
 */
void monitor_answer(MonitorRequest *request, cJSON *result);

/**
 * monitor_answer_error() - Answer a request with an error
 */
void monitor_answer_error(MonitorRequest *request, const char *error_class, const char *desc);

/**
 * monitor_answer_message() - Answer a request with the body of a reply that came as text
 */
void monitor_answer_message(MonitorRequest *request, const Message *reply);

/**
 * monitor_free() - Disconnect everybody; NULL is ignored
 */
void monitor_free(Monitor *monitor);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Monitor, monitor_free)
