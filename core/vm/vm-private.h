/* SPDX-License-Identifier: Apache-2.0 */
/* What starting, stopping, suspending and asking a machine share. */
#pragma once

#include "bundles/bundle.h"
#include "qapi/qmp-client.h"

/* A helper answers in a millisecond; one that does not in this time hangs. */
#define VM_HELPER_LIMIT_US (10 * G_USEC_PER_SEC)

/* QEMU flushes what it holds when it quits. */
#define VM_QUIT_LIMIT_US (30 * G_USEC_PER_SEC)

/**
 * vm_wait_gone() - Wait until a machine and what belongs to it has ended
 * @client:     its monitor, whose helper disconnects it when everything is gone
 * @timeout_us: 0 for ever
 *
 * Return: false when the time is over
 */
bool vm_wait_gone(QmpClient *client, int64_t timeout_us);

/**
 * vm_add_evidence() - Put the guest's last serial lines into an error
 * @uuid:  the machine's
 * @error: may be NULL or unset: then nothing happens
 */
void vm_add_evidence(const char *uuid, GError **error);
