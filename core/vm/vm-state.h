/* SPDX-License-Identifier: Apache-2.0 */
/* The states of a machine, in UTM's words. */
#pragma once

#include <stdbool.h>

/*
 * stopped    no helper                       start -> starting
 * starting   helper is there, QEMU comes up  -> started, or stopped when it fails
 * started    the guest runs                  pause, save, stop
 * pausing    not seen from outside: QEMU stops between two events
 * paused     the guest stands still          resume, save, stop
 * resuming   not seen from outside
 * saving     the state is written to disk    -> stopped, or what it was when it fails
 * restoring  a saved state is loaded         -> started
 * stopping   QEMU ends                       -> stopped
 *
 * Source: UTM 5.0.3 Services/UTMVirtualMachine
 */
typedef enum {
    VM_STATE_STOPPED,
    VM_STATE_STARTING,
    VM_STATE_STARTED,
    VM_STATE_PAUSING,
    VM_STATE_PAUSED,
    VM_STATE_RESUMING,
    VM_STATE_SAVING,
    VM_STATE_RESTORING,
    VM_STATE_STOPPING,
} VmState;

/**
 * vm_state_name() - UTM's word for a state; static
 */
const char *vm_state_name(VmState state);

/**
 * vm_state_parse() - The state for a word
 * @out_state: untouched when the word is none of UTM's
 */
bool vm_state_parse(const char *word, VmState *out_state);
