/* SPDX-License-Identifier: Apache-2.0 */
/* A process that the guest's agent has started. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "qapi/generated/qmp-types.h"
#include "qapi/qmp-client.h"

/* Where a guest of POSIX has its shell. */
#define GUEST_SHELL "/bin/sh"

typedef struct {
    int64_t pid;                /* 0: it was not started */
    QmpGuestExecStatus *status; /* owned; NULL while it runs or its output is open */
} GuestProcess;

void guest_process_clear(GuestProcess *process);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(GuestProcess, guest_process_clear)

/**
 * guest_process_start() - Start a program whose output the agent keeps
 * @words: program and arguments, NULL-terminated
 * @env:   "NAME=VALUE" in addition to the agent's own; NULL for none
 * @input: in base64; NULL for none
 * @error: UTM_ERROR_NOT_FOUND when the program is not there
 */
bool guest_process_start(QmpClient *client, char *const *words, char *const *env, const char *input,
                         GuestProcess *process, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * guest_process_ask() - Look whether it has ended, which sets .status
 *
 * The agent forgets what it has told: a process that has ended, or was not started, is not asked
 * about.
 */
bool guest_process_ask(QmpClient *client, GuestProcess *process,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * guest_process_exit_status() - The status that a shell would give: 128 + N after signal N
 */
int guest_process_exit_status(const GuestProcess *process);

/**
 * guest_process_output() - What the agent returned as text, decoded
 * @text: NULL for nothing
 *
 * Return: (owned), or NULL when there is nothing
 */
char *guest_process_output(const char *text, size_t *out_size);

/**
 * guest_process_delay() - How long to wait before something is asked again that was asked first @passed_us
 * ago
 *
 * A part of that time: what is short is known at once, and what is long costs the guest little.
 */
int64_t guest_process_delay(int64_t passed_us);

/**
 * guest_process_pause() - Wait that long, while the connection is served
 */
void guest_process_pause(QmpClient *client, int64_t passed_us);

/**
 * guest_process_wait() - Start a program and wait for its end, which sets .status
 */
bool guest_process_wait(QmpClient *client, char *const *words, GuestProcess *process,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * guest_process_shell() - Have the guest's shell do something short whose output nobody needs
 * @script:    for "sh -c"
 * @arguments: $0 and on; NULL-terminated
 */
bool guest_process_shell(QmpClient *client, const char *script, char *const *arguments,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;
