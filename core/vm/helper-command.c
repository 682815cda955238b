/* SPDX-License-Identifier: Apache-2.0 */
/* The helper's own commands, x-utm-…. */
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "core/error.h"
#include "core/fd.h"
#include "core/vm/helper-private.h"
#include "core/vm/saved-state.h"
#include "qapi/generated/qmp-commands.h"

void helper_answer(MonitorRequest *request, const GError *error)
{
    if (error)
        monitor_answer_error(request, utm_error_word(utm_error_code(error)), error->message);
    else
        monitor_answer(request, NULL);
}

bool helper_check_up(const Helper *helper, MonitorRequest *request)
{
    if (helper->state == VM_STATE_STARTED || helper->state == VM_STATE_PAUSED)
        return true;
    g_autofree char *text = g_strdup_printf("it is %s", vm_state_name(helper->state));
    monitor_answer_error(request, utm_error_word(UTM_ERROR_WRONG_STATE), text);
    return false;
}

static void answer_info(const Helper *helper, MonitorRequest *request)
{
    const ConfigInformation *information = &helper->bundle->config->information;
    const Argv *argv = helper->plan->argv;
    g_autofree char *print = saved_state_fingerprint(helper->plan);
    g_autofree char *spice = g_build_filename(helper->run_dir->path, RUN_DIR_SPICE, NULL);
    /* Strings are borrowed: this struct is sent, never freed. */
    const QmpUtmInfo info = {
        .uuid = information->uuid,
        .name = information->name,
        .path = helper->bundle->path,
        .state = (char *) vm_state_name(helper->state),
        .pid = helper->qemu ? child_pid(helper->qemu) : 0,
        .helper_pid = getpid(),
        .started = helper->started_us,
        .accelerator = argv->accelerator,
        .accelerator_reason = argv->accelerator_reason,
        .qemu_version = helper->plan->host->qemu->version_text,
        .agent = helper->agent && agent_is_open(helper->agent),
        .fingerprint = print,
        .sandbox = helper->sandbox ? helper->sandbox : (char *) "not yet",
        .disposable = helper->options.disposable,
        .display = g_file_test(spice, G_FILE_TEST_EXISTS) ? spice : NULL,
        .resets = helper_reset_count(helper),
        .has_triple_faults = helper->sees_faults,
        .triple_faults = helper->reset_log.faults,
        .has_last_reset = helper->last_reset_us != 0,
        .last_reset = helper->last_reset_us,
    };
    g_autoptr(GError) error = NULL;
    cJSON *json = qmp_utm_info_to_json(&info, &error);
    if (json)
        monitor_answer(request, json);
    else
        monitor_answer_error(request, "GenericError", error->message);
}

/* Saving runs from the main loop and pumps it: the client that asked is not on the stack then, and
 * may go away meanwhile. */
typedef struct {
    Helper *helper;
    MonitorRequest *request;
    int64_t timeout_us;
} Saving;

static bool save(Helper *helper, int64_t timeout_us, GError **error)
{
    if (helper->options.disposable) {
        utm_error_set(error, UTM_ERROR_UNSUPPORTED, NULL,
                      "it runs disposably, and nothing of it is kept");
        return false;
    }
    QmpClient *self = job_client_qmp(helper->self);
    g_auto(Fd) reserve = -1;
    return helper_reserve_room(helper, &reserve, error) && qmp_stop(self, error) &&
           saved_state_save(helper->bundle, helper->self, helper->plan, timeout_us, error);
}

/* Who is interrupted leaves the machine as it was. QEMU cannot stop in the middle of saving. */
static bool is_wanted_still(const Saving *saving, GError **error)
{
    if (!monitor_is_orphan(saving->request))
        return true;
    if (saved_state_discard(saving->helper->bundle, saving->helper->self, error))
        utm_error_set(error, UTM_ERROR_INTERRUPTED, NULL, "who asked for it has gone");
    return false;
}

static void save_failed(Helper *helper)
{
    if (helper->state_before == VM_STATE_STARTED)
        utm_ignore(qmp_cont(job_client_qmp(helper->self), NULL));
    helper_set_state(helper, helper->state_before);
}

static gboolean run_save(gpointer user)
{
    g_autofree Saving *saving = user;
    Helper *helper = saving->helper;
    g_autoptr(GError) error = NULL;
    if (!save(helper, saving->timeout_us, &error) || !is_wanted_still(saving, &error)) {
        helper_explain_room(helper, &error);
        if (!helper->qemu_ended)
            save_failed(helper);
        helper_answer(saving->request, error);
        return G_SOURCE_REMOVE;
    }
    monitor_answer(saving->request, NULL);
    helper->saved = true;
    helper_set_state(helper, VM_STATE_STOPPING);
    utm_ignore(qmp_quit(job_client_qmp(helper->self), NULL));
    return G_SOURCE_REMOVE;
}

static void start_saving(Helper *helper, MonitorRequest *request, const cJSON *arguments)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(QmpXUtmSaveArgs) wanted = NULL;
    if (!qapi_read_arguments(&qmp_x_utm_save_args_type, arguments, &wanted, &error)) {
        monitor_answer_error(request, utm_error_word(UTM_ERROR_USAGE), error->message);
        return;
    }
    if (!helper_check_up(helper, request))
        return;
    Saving *saving = g_new0(Saving, 1);
    saving->helper = helper;
    saving->request = request;
    saving->timeout_us = wanted->timeout;
    helper->state_before = helper->state;
    helper_set_state(helper, VM_STATE_SAVING);
    g_idle_add(run_save, saving);
}

void helper_own_command(MonitorRequest *request, const char *name, const cJSON *arguments,
                        void *user)
{
    Helper *helper = user;
    if (strcmp(name, "x-utm-info") == 0) {
        answer_info(helper, request);
    } else if (strcmp(name, "x-utm-kill") == 0) {
        helper->killed = true;
        if (helper->qemu)
            child_signal(helper->qemu, SIGKILL);
        monitor_answer(request, NULL);
    } else if (strcmp(name, "x-utm-quiesce") == 0) {
        helper_quiesce_command(helper, request, arguments);
    } else if (strcmp(name, "x-utm-snapshot") == 0) {
        helper_snapshot_command(helper, request, arguments);
    } else if (strcmp(name, "x-utm-layer") == 0) {
        helper_layer_command(helper, request, arguments);
    } else if (strcmp(name, "x-utm-layer-pivot") == 0) {
        helper_pivot_command(helper, request, arguments);
    } else if (strcmp(name, "x-utm-share") == 0) {
        helper_share_command(helper, request, arguments);
    } else if (strcmp(name, "x-utm-save") == 0) {
        start_saving(helper, request, arguments);
    } else if (!helper_forward_command(helper, request, name, arguments)) {
        g_autofree char *text = g_strdup_printf("The command %s has not been found", name);
        monitor_answer_error(request, "CommandNotFound", text);
    }
}
