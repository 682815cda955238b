/* SPDX-License-Identifier: Apache-2.0 */
/* The states of a machine, in UTM's words. */
#include "core/vm/vm-state.h"

#include <glib.h>

static const char *const names[] = {
    [VM_STATE_STOPPED] = "stopped",   [VM_STATE_STARTING] = "starting",
    [VM_STATE_STARTED] = "started",   [VM_STATE_PAUSING] = "pausing",
    [VM_STATE_PAUSED] = "paused",     [VM_STATE_RESUMING] = "resuming",
    [VM_STATE_SAVING] = "saving",     [VM_STATE_RESTORING] = "restoring",
    [VM_STATE_STOPPING] = "stopping",
};

const char *vm_state_name(VmState state)
{
    return names[state];
}

bool vm_state_parse(const char *word, VmState *out_state)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(names); i++)
        if (g_strcmp0(word, names[i]) == 0) {
            *out_state = (VmState) i;
            return true;
        }
    return false;
}
