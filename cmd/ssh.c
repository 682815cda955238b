/* SPDX-License-Identifier: Apache-2.0 */
/* utmctl ssh and ssh-config: log in to a guest through its network. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/output.h"
#include "core/error.h"
#include "core/guest/guest-ssh.h"
#include "core/guest/guest.h"
#include "core/host-name.h"
#include "core/library.h"

static struct {
    char *vm, *user, *identity;
    char **words;
} opt;

static const CmdOption options[] = {
    { .name = "user",
      .letter = 'l',
      .kind = OPT_STRING,
      .value = &opt.user,
      .arg = "NAME",
      .help = "User of the guest; without it the one that create --user made, else your own name" },
    { .name = "identity",
      .letter = 'i',
      .kind = OPT_PATH,
      .value = &opt.identity,
      .arg = "FILE",
      .help = "Private key; without it the one that create --ssh-key named, else your own keys" },
    { 0 },
};

static void replace(char **field, const char *value)
{
    if (!value)
        return;
    g_free(*field);
    *field = g_strdup(value);
}

static bool find(const Bundle *bundle, GuestSsh *out, GError **error)
{
    g_autoptr(QmpClient) client = guest_connect(bundle, error);
    if (!client || !guest_ssh_find(bundle, client, out, error)) {
        g_prefix_error(error, "VM \"%s\": ", bundle->config->information.name);
        return false;
    }
    replace(&out->user, opt.user);
    replace(&out->key, opt.identity);
    if (out->made && command_global.verbose)
        output_note("port %u of this host leads to the guest's SSH server", out->port);
    return true;
}

static bool run_ssh(GError **error)
{
    g_auto(GuestSsh) ssh = { 0 };
    g_autoptr(Bundle) bundle = library_open(opt.vm, error);
    if (!bundle || !find(bundle, &ssh, error))
        return false;
    g_autoptr(GPtrArray) argv = guest_ssh_argv(&ssh, opt.words);
    fflush(stdout);
    execvp(argv->pdata[0], (char *const *) argv->pdata);
    utm_error_set(error, errno == ENOENT ? UTM_ERROR_UNSUPPORTED : UTM_ERROR_FAILED,
                  errno == ENOENT ? "sudo apt install openssh-client" : NULL, "cannot run ssh: %s",
                  g_strerror(errno));
    return false;
}

static void print_json(const GuestSsh *ssh)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "host", ssh->host);
    cJSON_AddNumberToObject(object, "port", ssh->port);
    output_json_add_text(object, "user", ssh->user);
    output_json_add_text(object, "identity", ssh->key);
    cJSON_AddStringToObject(object, "known_hosts", ssh->known_hosts);
    cJSON_AddStringToObject(object, "host_key_alias", ssh->alias);
    output_json(object);
}

static bool run_config(GError **error)
{
    g_auto(GuestSsh) ssh = { 0 };
    g_autoptr(Bundle) bundle = library_open(opt.vm, error);
    if (!bundle || !find(bundle, &ssh, error))
        return false;
    if (command_global.json) {
        print_json(&ssh);
        return true;
    }
    g_autofree char *name = host_name_from(bundle->config->information.name);
    g_autofree char *text = guest_ssh_config(&ssh, name);
    fputs(text, stdout);
    return true;
}

static const CmdArg ssh_args[] = {
    { .name = "VM", .kind = ARG_VM, .value = &opt.vm },
    { .name = "COMMAND",
      .kind = ARG_REST,
      .value = &opt.words,
      .optional = true,
      .help = "Program and arguments; without them a login" },
    { 0 },
};

static const char *const ssh_examples[] = {
    "utmctl ssh ci",
    "Log in",
    "utmctl ssh ci -- make test",
    "Run a program in the guest; its status is utmctl's",
    NULL,
};

const Command cmd_ssh = {
    .name = "ssh",
    .group = GROUP_GUEST,
    .summary = "Log in to a guest by SSH",
    .description =
        "Through a port of this host that leads to the guest's port 22: one that the bundle or "
        "\"network forward\" has, else a free one, until the machine stops. Guests of bridged "
        "networks are reached by their own address. The guest's host key is kept with the "
        "machine, so that machines that use one port after each other do not disturb each other. "
        "\"utmctl wait VM ssh\" waits until the server answers. The exit status is ssh's own, "
        "which is "
        "the program's, or 255 when the connection failed.",
    .args = ssh_args,
    .options = options,
    .examples = ssh_examples,
    .run = run_ssh,
};

static const CmdArg config_args[] = {
    { .name = "VM", .kind = ARG_VM, .value = &opt.vm },
    { 0 },
};

static const char *const config_examples[] = {
    "utmctl ssh-config ci >> ~/.ssh/config",
    "Let ssh, scp, rsync and Ansible reach the guest by its name",
    NULL,
};

const Command cmd_ssh_config = {
    .name = "ssh-config",
    .group = GROUP_GUEST,
    .summary = "Print how ssh reaches a guest",
    .description = "A block for ~/.ssh/config, true until the machine stops. The name in it is the "
                   "machine's, in small letters and hyphens.",
    .args = config_args,
    .options = options,
    .examples = config_examples,
    .run = run_config,
};
