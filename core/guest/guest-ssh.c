/* SPDX-License-Identifier: Apache-2.0 */
/* How a guest's SSH server is reached from this host. */
#include "core/guest/guest-ssh.h"

#include <string.h>

#include "bundles/sidecar.h"
#include "core/error.h"
#include "core/first-boot.h"
#include "core/guest/guest-address.h"
#include "core/paths.h"
#include "qapi/generated/qmp-commands.h"

#define SSH_PORT 22
#define LOOPBACK "127.0.0.1"
/* The helper's word for the first network that can forward. */
#define ANY_NETWORK (-1)

void guest_ssh_clear(GuestSsh *ssh)
{
    g_clear_pointer(&ssh->host, g_free);
    g_clear_pointer(&ssh->user, g_free);
    g_clear_pointer(&ssh->key, g_free);
    g_clear_pointer(&ssh->known_hosts, g_free);
    g_clear_pointer(&ssh->alias, g_free);
}

static void set_forward(GuestSsh *ssh, const QmpUtmForward *forward)
{
    bool any = !*forward->host_address || g_str_equal(forward->host_address, "0.0.0.0");
    ssh->host = g_strdup(any ? LOOPBACK : forward->host_address);
    ssh->port = (uint16_t) forward->host_port;
}

static bool find_forward(QmpClient *client, GuestSsh *ssh, GError **error)
{
    g_autoptr(QmpUtmForwardList) list = NULL;
    if (!qmp_x_utm_forward_list(client, &list, error))
        return false;
    for (size_t i = 0; i < list->len && !ssh->host; i++)
        if (list->items[i]->guest_port == SSH_PORT &&
            list->items[i]->protocol == QMP_UTM_PROTOCOL_TCP)
            set_forward(ssh, list->items[i]);
    return true;
}

/* Networks that forward nothing have addresses that this host reaches, or lead nowhere. */
static bool find_address(QmpClient *client, GuestSsh *ssh)
{
    g_autoptr(GPtrArray) addresses = guest_addresses(client, NULL);
    const GuestAddress *first = addresses && addresses->len ? addresses->pdata[0] : NULL;
    if (!first)
        return false;
    ssh->host = g_strdup(first->address);
    ssh->port = SSH_PORT;
    return true;
}

static bool find_way(QmpClient *client, GuestSsh *ssh, GError **error)
{
    g_autoptr(GError) failure = NULL;
    g_autoptr(QmpUtmForward) made = NULL;
    if (!find_forward(client, ssh, error))
        return false;
    if (ssh->host)
        return true;
    if (qmp_x_utm_forward_add(client, ANY_NETWORK, QMP_UTM_PROTOCOL_TCP, LOOPBACK, 0, "", SSH_PORT,
                              &made, &failure)) {
        set_forward(ssh, made);
        ssh->made = true;
        return true;
    }
    if (find_address(client, ssh))
        return true;
    utm_error_set(error, UTM_ERROR_UNSUPPORTED, NULL, "no network leads to the guest: %s",
                  failure->message);
    return false;
}

static void add_login(const Bundle *bundle, GuestSsh *ssh)
{
    const char *uuid = bundle->config->information.uuid;
    g_autoptr(Sidecar) sidecar = sidecar_open(bundle->path, NULL);
    g_autofree char *state = paths_state(uuid);
    ssh->user = sidecar ? g_strdup(sidecar_text(sidecar, FIRST_BOOT_USER_KEY)) : NULL;
    ssh->key = first_boot_key(uuid);
    ssh->known_hosts = g_build_filename(state, "known_hosts", NULL);
    ssh->alias = g_strconcat("utmctl-", uuid, NULL);
}

bool guest_ssh_find(const Bundle *bundle, QmpClient *client, GuestSsh *out, GError **error)
{
    if (!find_way(client, out, error))
        return false;
    add_login(bundle, out);
    return true;
}

static void add_option(GPtrArray *argv, const char *name, const char *value)
{
    g_ptr_array_add(argv, g_strdup("-o"));
    g_ptr_array_add(argv, g_strdup_printf("%s=%s", name, value));
}

/* Paths in options may hold blanks. */
static char *quoted(const char *path)
{
    return g_strdup_printf("\"%s\"", path);
}

GPtrArray *guest_ssh_argv(const GuestSsh *ssh, char *const *words)
{
    GPtrArray *argv = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *known_hosts = quoted(ssh->known_hosts);
    g_ptr_array_add(argv, g_strdup("ssh"));
    g_ptr_array_add(argv, g_strdup("-p"));
    g_ptr_array_add(argv, g_strdup_printf("%u", ssh->port));
    /* The first key that a machine of ours shows is its own. */
    add_option(argv, "StrictHostKeyChecking", "accept-new");
    add_option(argv, "HostKeyAlias", ssh->alias);
    add_option(argv, "UserKnownHostsFile", known_hosts);
    add_option(argv, "LogLevel", "ERROR");
    if (ssh->key) {
        g_ptr_array_add(argv, g_strdup("-i"));
        g_ptr_array_add(argv, g_strdup(ssh->key));
        add_option(argv, "IdentitiesOnly", "yes");
    }
    if (ssh->user) {
        g_ptr_array_add(argv, g_strdup("-l"));
        g_ptr_array_add(argv, g_strdup(ssh->user));
    }
    g_ptr_array_add(argv, g_strdup("--"));
    g_ptr_array_add(argv, g_strdup(ssh->host));
    for (; words && *words; words++)
        g_ptr_array_add(argv, g_shell_quote(*words));
    g_ptr_array_add(argv, NULL);
    return argv;
}

char *guest_ssh_config(const GuestSsh *ssh, const char *name)
{
    GString *text = g_string_new(NULL);
    g_string_append_printf(text, "Host %s\n    HostName %s\n    Port %u\n", name, ssh->host,
                           ssh->port);
    if (ssh->user)
        g_string_append_printf(text, "    User %s\n", ssh->user);
    if (ssh->key)
        g_string_append_printf(text, "    IdentityFile \"%s\"\n    IdentitiesOnly yes\n", ssh->key);
    g_string_append_printf(text,
                           "    HostKeyAlias %s\n    UserKnownHostsFile \"%s\"\n"
                           "    StrictHostKeyChecking accept-new\n",
                           ssh->alias, ssh->known_hosts);
    return g_string_free(text, FALSE);
}
