/* SPDX-License-Identifier: Apache-2.0 */
/* Another kernel for one start: what -kernel, -initrd and -append are to be instead. */
#include "core/vm/direct-boot.h"

#include <string.h>

/* Takes an option with its value out. */
static void drop(GPtrArray *command, const char *option)
{
    for (guint i = 0; i + 1 < command->len; i++) {
        if (strcmp(command->pdata[i], option) != 0)
            continue;
        g_ptr_array_remove_range(command, i, 2);
        return;
    }
}

static void put(GPtrArray *command, const char *option, const char *value)
{
    if (!value)
        return;
    drop(command, option);
    g_ptr_array_add(command, g_strdup(option));
    g_ptr_array_add(command, g_strdup(value));
}

void direct_boot_amend(LaunchPlan *plan, const VmStartOptions *options)
{
    if (!options->kernel && !options->initrd && !options->append)
        return;
    GPtrArray *command = g_ptr_array_new_with_free_func(g_free);
    for (char **word = plan->command; *word; word++)
        g_ptr_array_add(command, *word);
    g_free(plan->command);
    if (options->kernel) {
        drop(command, "-initrd");
        drop(command, "-append");
    }
    put(command, "-kernel", options->kernel);
    put(command, "-initrd", options->initrd);
    put(command, "-append", options->append);
    g_ptr_array_add(command, NULL);
    plan->command = (char **) g_ptr_array_free(command, FALSE);
}

void direct_boot_allow(const VmStartOptions *options, const Sandbox *sandbox)
{
    if (options->kernel)
        sandbox_allow(sandbox, options->kernel, SANDBOX_READ);
    if (options->initrd)
        sandbox_allow(sandbox, options->initrd, SANDBOX_READ);
}
