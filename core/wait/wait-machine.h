/* SPDX-License-Identifier: Apache-2.0 */
/* Following the state of a machine, whether or not it runs yet. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "bundles/bundle.h"
#include "core/vm/vm-state.h"
#include "qapi/qmp-client.h"

typedef struct {
    /* The state is another one. Its monitor and console are there as long as it is not stopped. */
    void (*state)(VmState state, void *user);
    /* QEMU has reported something: the guest may have got further. */
    void (*event)(const char *name, void *user);
} WaitMachineOps;

typedef struct WaitMachine WaitMachine;

/**
 * wait_machine_new() - Follow a machine
 * @bundle:  borrowed, must outlive it
 * @context: where the callbacks run
 * @ops:     borrowed, static
 * @error:   UTM_ERROR_FAILED when the folder of its sockets cannot be watched
 *
 * The first state is told by wait_machine_state(), not by a callback. A machine that starts and
 * stops again is followed on.
 */
WaitMachine *wait_machine_new(const Bundle *bundle, GMainContext *context,
                              const WaitMachineOps *ops, void *user,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * wait_machine_state() - What it is now
 */
VmState wait_machine_state(const WaitMachine *machine);

/**
 * wait_machine_free() - Stop following; NULL is ignored
 */
void wait_machine_free(WaitMachine *machine);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(WaitMachine, wait_machine_free)
