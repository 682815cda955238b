/* SPDX-License-Identifier: Apache-2.0 */
/* What helps to find out why a guest has not got where it should have. */
#include "core/wait/wait-evidence.h"

#include "core/guest/guest-address.h"
#include "core/paths.h"
#include "core/screen/screenshot.h"
#include "core/vm/last-exit.h"
#include "core/vm/vm.h"
#include "qapi/generated/qmp-commands.h"

#define SERIAL_LINES 20
#define LIMIT_US (1 * G_USEC_PER_SEC)
#define PICTURE_NAME "last-timeout.png"

void wait_evidence_clear(WaitEvidence *evidence)
{
    g_clear_pointer(&evidence->serial, g_free);
    g_clear_pointer(&evidence->address, g_free);
    g_clear_pointer(&evidence->screenshot, g_free);
    g_clear_pointer(&evidence->resets, g_free);
}

static char *find_address(QmpClient *client)
{
    g_autoptr(GPtrArray) found = guest_addresses(client, NULL);
    return found && found->len ? g_strdup(((GuestAddress *) found->pdata[0])->address) : NULL;
}

static char *count_resets(QmpClient *client)
{
    g_autoptr(QmpUtmInfo) info = NULL;
    return qmp_x_utm_info(client, &info, NULL) ? last_exit_resets(info->resets, info->triple_faults)
                                               : NULL;
}

static char *keep_picture(QmpClient *client, const Bundle *bundle, const char *folder)
{
    g_autofree char *own = paths_state(bundle->config->information.uuid);
    g_autofree char *path = g_build_filename(folder ? folder : own, PICTURE_NAME, NULL);
    g_autoptr(Picture) picture = screenshot_take(client, bundle, 0, NULL);
    if (!picture)
        return NULL;
    g_autoptr(GBytes) png = picture_to_png(picture);
    gsize size;
    const char *data = g_bytes_get_data(png, &size);
    return g_file_set_contents(path, data, (gssize) size, NULL) ? g_steal_pointer(&path) : NULL;
}

void wait_evidence_collect(const Bundle *bundle, const char *folder, WaitEvidence *out_evidence)
{
    g_autofree char *serial = vm_last_lines(bundle->config->information.uuid, SERIAL_LINES);
    g_autoptr(QmpClient) client = vm_connect(bundle, NULL);
    *out_evidence = (WaitEvidence){ 0 };
    if (*serial)
        out_evidence->serial = g_steal_pointer(&serial);
    if (!client)
        return;
    qmp_client_set_timeout(client, LIMIT_US);
    out_evidence->screenshot = keep_picture(client, bundle, folder);
    out_evidence->resets = count_resets(client);
    out_evidence->address = find_address(client);
}

void wait_evidence_add(const WaitEvidence *evidence, GError *error)
{
    g_autoptr(GString) text = g_string_new(error->message);
    if (evidence->resets)
        g_string_append_printf(text, "; the guest has reset the machine %s", evidence->resets);
    if (evidence->address)
        g_string_append_printf(text, "; its address is %s", evidence->address);
    if (evidence->screenshot)
        g_string_append_printf(text, "; what it showed is in \"%s\"", evidence->screenshot);
    if (evidence->serial)
        g_string_append_printf(text, "; its last serial lines:\n%s", evidence->serial);
    g_free(error->message);
    error->message = g_strdup(text->str);
}
