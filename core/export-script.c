/* SPDX-License-Identifier: Apache-2.0 */
/* A machine as a shell script. */
#include <string.h>

#include "core/argv/argv-quote.h"
#include "core/efi-vars.h"
#include "core/error.h"
#include "core/export-private.h"
#include "core/vm/launch-plan.h"
#include "core/vm/saved-state.h"

/* A folder that the script knows by the name of a variable. */
typedef struct {
    const char *folder;
    const char *variable;
} Folder;

static const char *find_folder(const char *text, const Folder *folders, const Folder **out_found)
{
    const char *first = NULL;
    for (const Folder *folder = folders; folder->folder; folder++) {
        const char *at = strstr(text, folder->folder);
        if (at && (!first || at < first)) {
            first = at;
            *out_found = folder;
        }
    }
    return first;
}

/* Quoted for a shell, with the folders as variables: file.filename="$bundle"/Data/disk.qcow2 */
static void append_word(GString *script, const char *word, const Folder *folders)
{
    const Folder *found = NULL;
    if (!*word)
        g_string_append(script, "''");
    while (*word) {
        const char *at = find_folder(word, folders, &found);
        g_autofree char *literal = at ? g_strndup(word, (gsize) (at - word)) : g_strdup(word);
        g_autofree char *quoted = *literal ? argv_shell_quote(literal) : g_strdup("");
        g_string_append(script, quoted);
        if (!at)
            return;
        g_string_append_printf(script, "\"$%s\"", found->variable);
        word = at + strlen(found->folder);
    }
}

static void append_arguments(GString *script, const LaunchPlan *plan, const Folder *folders)
{
    for (guint i = 0; i < plan->argv->items->len; i++) {
        const ArgvItem *item = plan->argv->items->pdata[i];
        /* Nobody would tell it to begin. */
        if (strcmp(item->args[0], "-S") == 0)
            continue;
        g_string_append(script, " \\\n   ");
        for (char **arg = item->args; *arg; arg++) {
            g_string_append_c(script, ' ');
            append_word(script, *arg, folders);
        }
    }
}

static void append_firmware(GString *script, const LaunchPlan *plan)
{
    if (!plan->host->firmware_vars)
        return;
    g_autofree char *from = argv_shell_quote(plan->host->firmware_vars);
    g_string_append_printf(script,
                           "vars=$bundle/Data/" EFI_VARS_NAME "\n"
                           "[ -e \"$vars\" ] || qemu-img convert -q -O qcow2 %s \"$vars\"\n\n",
                           from);
}

static void append_tpm(GString *script)
{
    g_string_append(script, "state=$bundle/Data/tpmdata\n"
                            "[ -e \"$state\" ] || : >\"$state\"\n"
                            "swtpm socket --tpm2 --tpmstate \"backend-uri=file://$state\" \\\n"
                            "    --ctrl \"type=unixio,path=$run/swtpm\" --terminate --daemon\n\n");
}

static void append_head(GString *script, const Bundle *bundle, const LaunchPlan *plan)
{
    g_autofree char *name = g_strdup(bundle->config->information.name);
    g_autofree char *path = g_shell_quote(bundle->path);
    g_strdelimit(name, "\n\r", ' ');
    g_string_append_printf(
        script,
        "#!/bin/sh\n"
        "# Starts the virtual machine \"%s\" with QEMU alone.\n"
        "# Made by utmctl %s for %s. More arguments for QEMU may follow on the command line.\n"
        "set -eu\n\n"
        "bundle=%s\n"
        "run=$(mktemp -d)\n"
        "trap 'rm -rf \"$run\"' EXIT\n\n",
        name, UTMCTL_VERSION,
        plan->host->qemu && plan->host->qemu->version_text ? plan->host->qemu->version_text
                                                           : "QEMU",
        path);
}

static void append_sockets(GString *script, const LaunchPlan *plan)
{
    g_string_append(script, "echo \"monitor: $run/qmp\"\n");
    for (guint i = 0; i < plan->argv->items->len; i++) {
        const ArgvItem *item = plan->argv->items->pdata[i];
        if (strcmp(item->args[0], "-spice") == 0)
            g_string_append(script, "echo \"display: remote-viewer spice+unix://$run/spice\"\n");
        const char *serial = item->args[1] && strcmp(item->args[0], "-chardev") == 0
                                 ? strstr(item->args[1], "/term")
                                 : NULL;
        if (serial) {
            g_autofree char *socket = g_strndup(serial, strcspn(serial, ","));
            g_string_append_printf(script, "echo \"serial: socat -,raw,echo=0 $run%s\"\n", socket);
        }
    }
    g_string_append_c(script, '\n');
}

static void add(GPtrArray *left, const char *text)
{
    g_ptr_array_add(left, g_strdup(text));
}

static void note_left(const Bundle *bundle, const LaunchPlan *plan, GPtrArray *left)
{
    add(left, "disks and other files stay in the bundle, which the script refers to");
    add(left, "the script has this host's QEMU, firmware and paths in it");
    if (*bundle->config->qemu.additional_arguments)
        add(left, "the bundle's AdditionalArguments are in the script, trusted or not");
    if (saved_state_exists(bundle))
        add(left, "the machine is suspended; the script boots it afresh, as after a power cut");
    for (guint i = 0; i < plan->argv->warnings->len; i++)
        add(left, plan->argv->warnings->pdata[i]);
}

char *export_script(const Bundle *bundle, GPtrArray *left, GError **error)
{
    static const VmStartOptions options = { .qemu_alone = true };
    g_autoptr(LaunchPlan) plan = launch_plan_preview(bundle, &options, HOST_LINUX, error);
    if (!plan)
        return NULL;
    const Folder folders[] = { { bundle->path, "bundle" },
                               { plan->host->socket_dir, "run" },
                               { NULL, NULL } };
    const ConfigQemu *qemu = &bundle->config->qemu;
    g_autoptr(GString) script = g_string_new(NULL);
    append_head(script, bundle, plan);
    if (qemu->uefi_boot)
        append_firmware(script, plan);
    if (qemu->tpm_device)
        append_tpm(script);
    append_sockets(script, plan);
    append_word(script, plan->command[0], folders);
    append_arguments(script, plan, folders);
    g_string_append(script, " \\\n    \"$@\"\n");
    note_left(bundle, plan, left);
    return g_strdup(script->str);
}
