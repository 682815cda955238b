/* SPDX-License-Identifier: Apache-2.0 */
/* utmctl ip-address: the addresses that a guest has. */
#include "core/guest/guest-address.h"

#include <stdio.h>

#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/output.h"
#include "core/error.h"
#include "core/guest/guest.h"
#include "core/library.h"

/* An address comes by DHCP, which nothing reports: the agent has to be asked again. */
#define ASK_AGAIN_US (100 * 1000)

static struct {
    char *vm;
    gboolean wait;
} opt;

static const CmdArg args[] = { { .name = "VM", .kind = ARG_VM, .value = &opt.vm }, { 0 } };
static const CmdOption options[] = {
    { .name = "wait",
      .kind = OPT_FLAG,
      .value = &opt.wait,
      .help = "Wait until the agent is there and knows an address" },
    { 0 },
};

static void print(const GPtrArray *found)
{
    cJSON *array = cJSON_CreateArray();
    for (guint i = 0; i < found->len; i++) {
        const GuestAddress *address = found->pdata[i];
        g_autofree char *shown = output_escape(address->address);
        if (!command_global.json)
            printf("%s\n", shown);
        cJSON *object = cJSON_CreateObject();
        cJSON_AddItemToObject(object, "interface",
                              address->interface ? cJSON_CreateString(address->interface)
                                                 : cJSON_CreateNull());
        cJSON_AddStringToObject(object, "address", address->address);
        cJSON_AddStringToObject(object, "family", address->is_ipv6 ? "ipv6" : "ipv4");
        cJSON_AddItemToObject(object, "prefix",
                              address->prefix ? cJSON_CreateNumber((double) address->prefix)
                                              : cJSON_CreateNull());
        cJSON_AddStringToObject(object, "source", address->source);
        cJSON_AddItemToArray(array, object);
    }
    if (command_global.json)
        output_json(array);
    else
        cJSON_Delete(array);
}

/* Also while there is no agent yet. */
static GPtrArray *wait_for(QmpClient *client, GError **error)
{
    gint64 limit = command_global.timeout_us;
    gint64 deadline = limit ? g_get_monotonic_time() + limit : G_MAXINT64;
    for (;;) {
        g_autoptr(GError) local = NULL;
        g_autoptr(GPtrArray) found = guest_addresses(client, &local);
        if (found && found->len)
            return g_steal_pointer(&found);
        if (local && !g_error_matches(local, UTM_ERROR, UTM_ERROR_GUEST_UNREACHABLE)) {
            g_propagate_error(error, g_steal_pointer(&local));
            return NULL;
        }
        if (g_get_monotonic_time() >= deadline) {
            utm_error_set(error, UTM_ERROR_TIMEOUT, local ? utm_error_hint(local) : NULL, "%s",
                          local ? local->message : "the guest has no address yet");
            return NULL;
        }
        guest_pause(client, ASK_AGAIN_US);
    }
}

/* Without an agent what this host knows has to do. */
static GPtrArray *ask(QmpClient *client, GError **error)
{
    g_autoptr(GError) local = NULL;
    GPtrArray *found = guest_addresses(client, &local);
    if (found)
        return found;
    if (g_error_matches(local, UTM_ERROR, UTM_ERROR_GUEST_UNREACHABLE))
        found = guest_leases(client, NULL);
    if (found && found->len) {
        output_note("no agent answers: this is the address that the guest was given");
        return found;
    }
    if (found)
        g_ptr_array_unref(found);
    g_propagate_error(error, g_steal_pointer(&local));
    return NULL;
}

static bool run(GError **error)
{
    g_autoptr(Bundle) bundle = library_open(opt.vm, error);
    g_autoptr(QmpClient) client = bundle ? guest_connect(bundle, error) : NULL;
    g_autoptr(GPtrArray) found = NULL;
    if (client)
        found = opt.wait ? wait_for(client, error) : ask(client, error);
    if (found) {
        print(found);
        return true;
    }
    if (bundle)
        g_prefix_error(
            error, "VM \"%s\": cannot ask for its addresses: ", bundle->config->information.name);
    return false;
}

static const char *const examples[] = {
    "utmctl ip-address web --wait",
    "Wait until the guest has an address, and print it",
    NULL,
};

const Command cmd_ip_address = {
    .name = "ip-address",
    .group = GROUP_GUEST,
    .summary = "Show the addresses of a guest",
    .description =
        "One a line, IPv4 first, without those that only the guest itself can reach. The guest "
        "agent is asked. When none answers, the address is the one that the guest was given: by "
        "DHCP, or as the ARP table and the leases of this host have it for a bridge.",
    .args = args,
    .options = options,
    .shared = SHARED_TIMEOUT,
    .timeout_us = 60 * G_USEC_PER_SEC,
    .examples = examples,
    .run = run,
};
