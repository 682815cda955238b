/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands that press keys share. */
#include "cmd/press.h"

#include "core/library.h"
#include "core/screen/keyboard.h"
#include "core/vm/vm.h"

bool cmd_press(const char *vm, const GArray *chords, gint64 hold_us, const char *what,
               GError **error)
{
    g_autoptr(Bundle) bundle = chords ? library_open(vm, error) : NULL;
    if (!bundle)
        return false;
    g_autoptr(QmpClient) client = vm_connect(bundle, error);
    if (client && keyboard_press(client, (const Chord *) chords->data, chords->len, hold_us, error))
        return true;
    g_prefix_error(error, "VM \"%s\": cannot %s: ", bundle->config->information.name, what);
    return false;
}
