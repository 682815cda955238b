/* SPDX-License-Identifier: Apache-2.0 */
/* The states of a machine, in UTM's words. */
#include "core/vm/vm-state.h"

const char *vm_state_name(VmState state)
{
    static const char *const names[] = {
        [VM_STATE_STOPPED] = "stopped",   [VM_STATE_STARTING] = "starting",
        [VM_STATE_STARTED] = "started",   [VM_STATE_PAUSING] = "pausing",
        [VM_STATE_PAUSED] = "paused",     [VM_STATE_RESUMING] = "resuming",
        [VM_STATE_SAVING] = "saving",     [VM_STATE_RESTORING] = "restoring",
        [VM_STATE_STOPPING] = "stopping",
    };
    return names[state];
}
