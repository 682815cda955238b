/* SPDX-License-Identifier: Apache-2.0 */
/* Telling a guest that it is a copy: what no two guests should share is made anew in it. */
#include <string.h>
#include <sys/random.h>

#include "core/host-name.h"
#include "core/vm/helper-private.h"
#include "qapi/generated/qmp-commands.h"

#define SEED_BYTES 64
#define ID_BYTES 16

/* The random pool first, because keys are made out of it. What a guest does not have is passed over:
 * it may be of any kind that has a shell. */
static const char script[] =
    "exec >/dev/null 2>&1\n"
    "printf %%s '%s' >/dev/urandom\n"
    "date -s '@%" G_GINT64_FORMAT "'\n"
    "hostname '%s'\n"
    "[ ! -f /etc/hostname ] || echo '%s' >/etc/hostname\n"
    "for file in /etc/machine-id /var/lib/dbus/machine-id; do\n"
    "    [ ! -f $file ] || [ -L $file ] || echo '%s' >$file\n"
    "done\n"
    "if command -v ssh-keygen && ls /etc/ssh/ssh_host_*_key; then\n"
    "    rm -f /etc/ssh/ssh_host_*\n"
    "    ssh-keygen -A\n"
    "    systemctl try-restart ssh sshd || service ssh restart || service sshd restart\n"
    "fi\n";

static char *random_hex(size_t bytes)
{
    uint8_t data[SEED_BYTES];
    g_assert(bytes <= sizeof data && getrandom(data, bytes, 0) == (ssize_t) bytes);
    GString *text = g_string_new(NULL);
    for (size_t i = 0; i < bytes; i++)
        g_string_append_printf(text, "%02x", data[i]);
    return g_string_free(text, FALSE);
}

static void on_told(QmpClient *client, const cJSON *result, const GError *error, void *user)
{
    (void) client;
    (void) result;
    Helper *helper = user;
    g_autoptr(cJSON) data = cJSON_CreateObject();
    cJSON_AddBoolToObject(data, "told", error == NULL);
    if (error)
        cJSON_AddStringToObject(data, "message", error->message);
    journal_add(helper->journal, "x-utm-renew", data, 0);
}

void helper_renew(Helper *helper)
{
    helper->renewed = true;
    g_autofree char *seed = random_hex(SEED_BYTES);
    g_autofree char *id = random_hex(ID_BYTES);
    g_autofree char *host = host_name_from(helper->bundle->config->information.name);
    g_autofree char *text = g_strdup_printf(
        script, seed, (gint64) (g_get_real_time() / G_USEC_PER_SEC), host, host, id);
    g_autofree char *base64 = g_base64_encode((const guchar *) text, strlen(text));
    g_autoptr(GError) error = NULL;
    if (!qmp_guest_exec_send(job_client_qmp(helper->self), "/bin/sh", NULL, NULL, base64, false,
                             false, on_told, helper, &error))
        on_told(NULL, NULL, error, helper);
}
