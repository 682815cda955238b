/* SPDX-License-Identifier: Apache-2.0 */
/* utmctl network: ports that lead to a guest, and cables. */
#include "core/network.h"

#include <stdio.h>
#include <string.h>

#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/output.h"
#include "core/error.h"
#include "core/library.h"

static struct {
    char *vm, *forward, *number, *state;
    int network;
    gboolean save;
} opt = { .network = -1 };

static const CmdOption change_options[] = {
    { .name = "network",
      .letter = 'n',
      .kind = OPT_INT,
      .value = &opt.network,
      .arg = "N",
      .help = "Network adapter, from 0; otherwise the first that can forward" },
    { .name = "save",
      .kind = OPT_FLAG,
      .value = &opt.save,
      .help = "Also in the bundle, for every start from now on" },
    { 0 },
};

/* ---- forwards ---- */

static cJSON *forward_json(const Forward *forward)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddNumberToObject(object, "network", forward->network);
    cJSON_AddStringToObject(object, "protocol", forward->udp ? "udp" : "tcp");
    cJSON_AddStringToObject(object, "host_address", forward->host_address);
    cJSON_AddNumberToObject(object, "host_port", forward->host_port);
    cJSON_AddStringToObject(object, "guest_address", forward->guest_address);
    cJSON_AddNumberToObject(object, "guest_port", forward->guest_port);
    return object;
}

static bool choose_network(NetworkWish *wish, GError **error)
{
    if (opt.network < -1) {
        utm_error_set(error, UTM_ERROR_USAGE, NULL, "--network counts from 0");
        return false;
    }
    wish->any_network = opt.network == -1;
    wish->forward.network = wish->any_network ? 0 : (unsigned) opt.network;
    return true;
}

static bool explain(const Bundle *bundle, const char *what, GError **error)
{
    if (bundle)
        g_prefix_error(error, "VM \"%s\": cannot %s: ", bundle->config->information.name, what);
    return false;
}

/* The address to connect to, for a script: where it listens on all, loopback leads there too. */
static void print_forward(const Forward *forward)
{
    if (command_global.json)
        output_json(forward_json(forward));
    else
        printf("%s:%u\n", forward->host_address, forward->host_port);
}

static bool run_add(GError **error)
{
    NetworkWish wish;
    Forward forward;
    if (!network_parse_forward(opt.forward, &wish, error) || !choose_network(&wish, error))
        return false;
    g_autoptr(Bundle) bundle = library_open(opt.vm, error);
    if (bundle && command_global.dry_run) {
        output_note("would forward port %u to port %u of VM \"%s\"", wish.forward.host_port,
                    wish.forward.guest_port, bundle->config->information.name);
        return true;
    }
    if (!bundle || !network_forward_add(bundle, &wish, opt.save, &forward, error))
        return explain(bundle, "forward the port", error);
    print_forward(&forward);
    return true;
}

static bool run_remove(GError **error)
{
    NetworkWish wish;
    Forward forward;
    if (!network_parse_port(opt.forward, &wish, error) || !choose_network(&wish, error))
        return false;
    g_autoptr(Bundle) bundle = library_open(opt.vm, error);
    if (bundle && command_global.dry_run) {
        output_note("would end the forward of port %u of VM \"%s\"", wish.forward.host_port,
                    bundle->config->information.name);
        return true;
    }
    if (!bundle || !network_forward_remove(bundle, &wish, opt.save, &forward, error))
        return explain(bundle, "end the forward", error);
    if (command_global.json)
        output_json(forward_json(&forward));
    return true;
}

static const char *state_words(const NetworkForward *item)
{
    if (!item->active)
        return "with the next start";
    return item->saved ? "" : "until it stops";
}

static void print_table(const GArray *list)
{
    static const char *const header[] = { "Network", "Protocol", "Host", "Guest", "", NULL };
    g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func((GDestroyNotify) g_strfreev);
    for (guint i = 0; i < list->len; i++) {
        const NetworkForward *item = &g_array_index(list, NetworkForward, i);
        const Forward *forward = &item->forward;
        char **row = g_new0(char *, G_N_ELEMENTS(header));
        row[0] = g_strdup_printf("%u", forward->network);
        row[1] = g_strdup(forward->udp ? "udp" : "tcp");
        row[2] = g_strdup_printf("%s:%u", forward->host_address, forward->host_port);
        row[3] = g_strdup_printf("%s:%u", forward->guest_address, forward->guest_port);
        row[4] = g_strdup(state_words(item));
        g_ptr_array_add(rows, row);
    }
    output_table(header, rows);
}

static bool run_list(GError **error)
{
    g_autoptr(Bundle) bundle = library_open(opt.vm, error);
    g_autoptr(GArray) list = bundle ? network_forwards(bundle, error) : NULL;
    if (!list)
        return explain(bundle, "list its forwards", error);
    if (!command_global.json) {
        print_table(list);
        return true;
    }
    cJSON *array = cJSON_CreateArray();
    for (guint i = 0; i < list->len; i++) {
        const NetworkForward *item = &g_array_index(list, NetworkForward, i);
        cJSON *object = forward_json(&item->forward);
        cJSON_AddBoolToObject(object, "active", item->active);
        cJSON_AddBoolToObject(object, "saved", item->saved);
        cJSON_AddItemToArray(array, object);
    }
    output_json(array);
    return true;
}

static const CmdArg vm_args[] = { { .name = "VM", .kind = ARG_VM, .value = &opt.vm }, { 0 } };

static const CmdArg add_args[] = {
    { .name = "VM", .kind = ARG_VM, .value = &opt.vm },
    { .name = "FORWARD",
      .kind = ARG_WORD,
      .value = &opt.forward,
      .help = "[HOST:]PORT:GUESTPORT[/udp]: address and port of the host, and port of the guest" },
    { 0 },
};

static const CmdArg remove_args[] = {
    { .name = "VM", .kind = ARG_VM, .value = &opt.vm },
    { .name = "PORT",
      .kind = ARG_WORD,
      .value = &opt.forward,
      .help = "[HOST:]PORT[/udp]: port of the host" },
    { 0 },
};

static const char *const forward_examples[] = {
    "utmctl network forward add web 2222:22",
    "Reach the guest's port 22 at port 2222 of this computer",
    "utmctl network forward add web 0:80 --save",
    "Pick a free port for the guest's port 80, print it, and keep it for the next start",
    "utmctl network forward add web 0.0.0.0:5353:53/udp",
    "Let other computers reach the guest's UDP port 53",
    NULL,
};

static const Command forward_add = {
    .name = "add",
    .summary = "Have a port of this host lead to a port of the guest",
    .description =
        "At once, until the machine stops; with --save for every start. Port 0 picks a free one. "
        "Without HOST only this computer can connect. Address and port are printed. Where passt "
        "serves the network it has to be started anew, which breaks the guest's connections.",
    .args = add_args,
    .options = change_options,
    .shared = SHARED_DRY_RUN,
    .examples = forward_examples,
    .run = run_add,
};

static const Command forward_remove = {
    .name = "remove",
    .summary = "End a forward",
    .description =
        "With --save the bundle loses it, too; otherwise it is back with the next start.",
    .args = remove_args,
    .options = change_options,
    .shared = SHARED_DRY_RUN,
    .run = run_remove,
};

static const Command forward_list = {
    .name = "list",
    .summary = "List the forwards of a virtual machine",
    .args = vm_args,
    .run = run_list,
};

static const Command *const forward_children[] = { &forward_add, &forward_remove, &forward_list,
                                                   NULL };

static const Command network_forward = {
    .name = "forward",
    .summary = "Ports of this host that lead to ports of the guest",
    .children = forward_children,
};

/* ---- the cable ---- */

static bool run_link(GError **error)
{
    guint64 number;
    if (!g_ascii_string_to_unsigned(opt.number, 10, 0, G_MAXUINT16, &number, NULL)) {
        utm_error_set(error, UTM_ERROR_USAGE, NULL, "\"%s\" is not the number of an adapter",
                      opt.number);
        return false;
    }
    bool up = strcmp(opt.state, "up") == 0;
    g_autoptr(Bundle) bundle = library_open(opt.vm, error);
    if (bundle && command_global.dry_run) {
        output_note("would plug network adapter %u of VM \"%s\" %s", (unsigned) number,
                    bundle->config->information.name, up ? "in" : "out");
        return true;
    }
    return (bundle && network_set_link(bundle, (unsigned) number, up, error)) ||
           explain(bundle, up ? "plug the cable in" : "plug the cable out", error);
}

static const char *const link_states[] = { "up", "down", NULL };

static const CmdArg link_args[] = {
    { .name = "VM", .kind = ARG_VM, .value = &opt.vm },
    { .name = "N", .kind = ARG_WORD, .value = &opt.number, .help = "Network adapter, from 0" },
    { .name = "STATE", .kind = ARG_WORD, .value = &opt.state, .choices = link_states },
    { 0 },
};

static const Command network_link = {
    .name = "link",
    .summary = "Plug the cable of a network adapter in or out",
    .description = "While the machine runs; the next start has it plugged in.",
    .args = link_args,
    .shared = SHARED_DRY_RUN,
    .run = run_link,
};

static const Command *const children[] = { &network_forward, &network_link, NULL };

const Command cmd_network = {
    .name = "network",
    .group = GROUP_MEDIA,
    .summary = "Ports that lead to a guest, and cables",
    .children = children,
};
