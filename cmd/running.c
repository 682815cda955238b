/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands that run machines share. */
#include "cmd/running.h"

#include <unistd.h>

#include "cmd/command.h"
#include "cmd/interrupt.h"
#include "cmd/output.h"
#include "cmd/status-json.h"
#include "core/error.h"
#include "core/guest/guest-file.h"
#include "core/vm/vm.h"

AccelChoice cmd_accel(void)
{
    const char *word = command_global.accel;
    return g_strcmp0(word, "tcg") == 0   ? ACCEL_TCG
           : g_strcmp0(word, "kvm") == 0 ? ACCEL_HYPERVISOR
                                         : ACCEL_AUTO;
}

bool cmd_which_display(unsigned *out_index, GError **error)
{
    if (command_global.display < 0 || command_global.display > G_MAXINT32) {
        utm_error_set(error, UTM_ERROR_USAGE, NULL, "--display: displays are counted from 0");
        return false;
    }
    *out_index = (unsigned) command_global.display;
    return true;
}

bool cmd_program(char *const *words, GuestExec *out_exec, GError **error)
{
    for (char *const *word = command_global.env; word && *word; word++)
        if (!guest_exec_check_env(*word)) {
            utm_error_set(error, UTM_ERROR_USAGE, NULL, "--env: \"%s\" is not NAME=VALUE", *word);
            return false;
        }
    *out_exec = (GuestExec){ .words = words,
                             .env = command_global.env,
                             .cwd = command_global.cwd,
                             .input = command_global.input ? STDIN_FILENO : -1,
                             .output = cmd_pass_output,
                             .interrupted = interrupt_has_come };
    return true;
}

bool cmd_print_status(const Bundle *bundle, GError **error)
{
    if (!command_global.json)
        return true;
    g_auto(VmStatus) status = { 0 };
    if (!vm_status(bundle, &status, error))
        return false;
    output_json(status_json(bundle, &status));
    return true;
}

bool cmd_dry_run(const Bundle *bundle, const char *verb, bool needs_running, GError **error)
{
    const char *name = bundle->config->information.name;
    g_auto(VmStatus) status = { 0 };
    if (!vm_status(bundle, &status, error))
        return false;
    if (needs_running && status.state == VM_STATE_STOPPED) {
        utm_error_set(error, UTM_ERROR_WRONG_STATE, NULL, "VM \"%s\": cannot %s: it is not running",
                      name, verb);
        return false;
    }
    output_note("would %s VM \"%s\", which is %s", verb, name, vm_state_name(status.state));
    return true;
}

bool cmd_pass_output(int descriptor, const void *data, size_t size, void *user G_GNUC_UNUSED,
                     GError **error)
{
    return guest_write_all(descriptor == 1 ? STDOUT_FILENO : STDERR_FILENO, data, size, error);
}
