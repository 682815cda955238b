/* SPDX-License-Identifier: Apache-2.0 */
/* The way to a guest's agent, and what its errors mean to a user. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "bundles/bundle.h"
#include "qapi/qmp-client.h"

/**
 * guest_connect() - Connect to the machine whose guest is to be asked
 * @error: UTM_ERROR_WRONG_STATE when it does not run
 *
 * The agent itself is met by the first command.
 *
 * Return: a client; free with qmp_client_free()
 */
QmpClient *guest_connect(const Bundle *bundle, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * guest_explain() - Give the agent's error a code of the contract
 * @error: as a "guest-" command set it; NULL or unset is ignored
 *
 * UTM_ERROR_GUEST_UNREACHABLE when no agent answered, UTM_ERROR_NOT_FOUND for a file that is not
 * there, UTM_ERROR_UNSUPPORTED for a command that the agent does not have.
 *
 * Return: false, so that a failing function can end with it
 */
bool guest_explain(GError **error);

/**
 * guest_ping() - Whether the agent answers
 * @error: UTM_ERROR_GUEST_UNREACHABLE
 */
bool guest_ping(QmpClient *client, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * guest_pause() - Let @us microseconds pass, while the connection is served
 */
void guest_pause(QmpClient *client, int64_t us);
