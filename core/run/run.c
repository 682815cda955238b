/* SPDX-License-Identifier: Apache-2.0 */
/* A machine for one command: start it, do the work in its guest, take the results, end it. */
#include "core/run/run.h"

#include <signal.h>
#include <string.h>

#include "core/error.h"
#include "core/fork.h"
#include "core/guest/guest.h"
#include "core/machine.h"
#include "core/paths.h"
#include "core/run/run-artifacts.h"
#include "core/run/run-copy.h"
#include "core/run/run-pictures.h"
#include "core/vm/last-exit.h"
#include "core/vm/last-words.h"
#include "core/vm/time-text.h"
#include "qapi/json.h"

#define SERIAL_LINES 20

typedef struct {
    const RunOptions *options;
    RunResult *result;
    const Bundle *bundle; /* what runs; borrowed from one of the next two */
    const Bundle *original;
    char *folder;      /* for the picture of a time-out: a copy's own goes with it */
    Bundle *copy;      /* owned, or NULL */
    ForkResult forks;  /* holds the copy */
    int hold;          /* holds the machine itself; -1: none */
    QmpClient *client; /* to the guest */
    RunPictures *pictures;
    int64_t deadline_us; /* of the monotonic clock */
} Run;

void run_result_clear(RunResult *result)
{
    g_clear_pointer(&result->name, g_free);
}

/* ---- time and signals ---- */

static int64_t left_us(const Run *run)
{
    return run->options->timeout_us ? MAX(run->deadline_us - g_get_monotonic_time(), 1000) : 0;
}

static bool is_signalled(const Run *run)
{
    return run->options->signal(run->options->user) != 0;
}

static bool is_late(const Run *run)
{
    return run->options->timeout_us && g_get_monotonic_time() > run->deadline_us;
}

static bool is_over(void *user)
{
    return is_signalled(user) || is_late(user);
}

static bool exec_is_interrupted(void *user)
{
    return is_signalled(user);
}

static bool check_signal(const Run *run, GError **error)
{
    if (!is_signalled(run))
        return true;
    utm_error_set(error, UTM_ERROR_INTERRUPTED, NULL, "interrupted");
    return false;
}

/* ---- starting ---- */

static void pass_note(const char *text, void *user)
{
    const Run *run = user;
    run->options->note(text, run->options->user);
}

static void pass_warnings(Run *run, const GPtrArray *warnings)
{
    for (guint i = 0; warnings && i < warnings->len; i++)
        pass_note(warnings->pdata[i], run);
}

/* The name tells nothing and is nobody else's: several runs may begin at once. */
static bool start_copy(Run *run, GError **error)
{
    const char *name = run->original->config->information.name;
    g_autofree char *pattern = g_strdup_printf("%s-run-%08x", name, g_random_int());
    const ForkOptions how = {
        .count = 1, .pattern = pattern, .transient = run->options->remove, .hold = true
    };
    if (!fork_start(run->original, run->options->snapshot, &how, &run->forks, error))
        return false;
    pass_warnings(run, run->forks.warnings);
    if (run->forks.made_anew)
        pass_note("the warm image was not there or did not fit, and was made anew", run);
    run->copy = bundle_open(((Fork *) run->forks.forks->pdata[0])->path, error);
    run->bundle = run->copy;
    return run->copy != NULL;
}

static bool start_itself(Run *run, GError **error)
{
    VmStartOptions how = run->options->start;
    how.hold = true;
    how.disposable = run->options->remove;
    g_auto(VmStarted) started = { 0 };
    run->bundle = run->original;
    int report = vm_start_begin(run->original, &how, error);
    if (report < 0)
        return false;
    run->hold = vm_start_hold(run->original->config->information.name, report, left_us(run),
                              &started, error);
    pass_warnings(run, started.warnings);
    return run->hold >= 0;
}

static bool begin(Run *run, GError **error)
{
    const char *folder = run->options->artifacts;
    if (!check_signal(run, error) || (folder && !run_artifacts_begin(folder, error)) ||
        !(run->options->snapshot ? start_copy(run, error) : start_itself(run, error)))
        return false;
    run->result->started = g_get_real_time();
    run->result->name = g_strdup(run->bundle->config->information.name);
    if (folder)
        run->pictures = run_pictures_start(run->bundle, folder, run->options->picture_every_us);
    return check_signal(run, error);
}

/* ---- the work ---- */

static bool get_ready(Run *run, GError **error)
{
    const RunOptions *options = run->options;
    int64_t left = left_us(run), limit = options->wait_timeout_us;
    const WaitRequest request = { .conditions = options->conditions,
                                  .timeout_us = left && limit ? MIN(left, limit) : MAX(left, limit),
                                  .interrupt_fd = options->interrupt_fd,
                                  .folder = run->folder,
                                  .reached = options->reached,
                                  .user = options->user,
                                  .evidence = options->evidence };
    if (options->conditions->len && !wait_for(run->bundle, &request, error))
        return false;
    run->result->ready = g_get_real_time();
    return true;
}

static bool copy(Run *run, bool in, GError **error)
{
    char *const *words = in ? run->options->copy_in : run->options->copy_out;
    const RunCopy how = { .interrupted = is_over, .note = pass_note, .user = run };
    if (!words)
        return true;
    if (run_copy_all(run->client, words, in, &how, error))
        return true;
    if (is_late(run) && !is_signalled(run)) {
        g_clear_error(error);
        utm_error_set(error, UTM_ERROR_TIMEOUT, NULL, "copying has not ended in time");
    }
    return false;
}

static bool execute(Run *run, GError **error)
{
    GuestExec exec = run->options->exec;
    exec.timeout_us = left_us(run);
    exec.interrupted = exec_is_interrupted;
    exec.user = run;
    if (!guest_exec(run->client, &exec, &run->result->status, error)) {
        g_prefix_error(error, "cannot run \"%s\": ", exec.words[0]);
        return false;
    }
    run->result->executed = g_get_real_time();
    return true;
}

static bool needs_guest(const RunOptions *options)
{
    return options->exec.words || options->copy_in || options->copy_out;
}

/* Results are of interest above all when the command has failed. */
static bool work(Run *run, GError **error)
{
    if (!needs_guest(run->options))
        return true;
    run->client = guest_connect(run->bundle, error);
    if (!run->client || !copy(run, true, error))
        return false;
    bool ok = !run->options->exec.words || execute(run, error);
    if (is_signalled(run))
        return ok && check_signal(run, error);
    if (is_late(run))
        run->deadline_us = g_get_monotonic_time() + run->options->stop_timeout_us;
    g_autoptr(GError) local = NULL;
    if (copy(run, false, &local))
        return ok;
    if (ok)
        g_propagate_error(error, g_steal_pointer(&local));
    else
        pass_note(local->message, run);
    return false;
}

/* ---- why it failed ---- */

static void explain_end(Run *run, const VmStatus *status, GError **error)
{
    g_autofree char *why = last_exit_text(status->last_exit);
    g_autofree char *lines = vm_last_lines(run->bundle->config->information.uuid, SERIAL_LINES);
    g_autofree char *before = g_strdup((*error)->message);
    g_clear_error(error);
    utm_error_set(error, UTM_ERROR_WRONG_STATE, NULL, "the machine has ended: %s (%s)%s%s",
                  why ? why : "nobody knows why", before,
                  *lines ? "; its last serial lines:\n" : "", lines);
}

/* A guest that panics starts again, or stands still. */
static void explain_panic(Run *run, GError **error)
{
    g_auto(LastWords) words = { 0 };
    last_words_read(run->bundle->config->information.uuid, 0, SERIAL_LINES, &words);
    if (!words.panic)
        return;
    g_autofree char *before = g_strdup((*error)->message);
    g_clear_error(error);
    utm_error_set(error, UTM_ERROR_GUEST_UNREACHABLE, NULL,
                  "the guest has panicked: %s (%s); its last serial lines:\n%s", words.panic,
                  before, words.console);
}

static void explain(Run *run, GError **error)
{
    g_auto(VmStatus) status = { 0 };
    if (g_error_matches(*error, UTM_ERROR, UTM_ERROR_GUEST_UNREACHABLE) && run->result->started)
        wait_for_end(run->bundle);
    bool late = g_error_matches(*error, UTM_ERROR, UTM_ERROR_TIMEOUT);
    if (g_error_matches(*error, UTM_ERROR, UTM_ERROR_INTERRUPTED) || !run->result->started ||
        !vm_status(run->bundle, &status, NULL))
        return;
    if (status.state == VM_STATE_STOPPED) {
        explain_end(run, &status, error);
    } else if (g_error_matches(*error, UTM_ERROR, UTM_ERROR_GUEST_UNREACHABLE)) {
        explain_panic(run, error);
    } else if (late && run->result->ready) {
        /* What waiting ran out of, it has evidence of already. */
        wait_evidence_collect(run->bundle, run->folder, run->options->evidence);
        wait_evidence_add(run->options->evidence, *error);
    }
}

/* ---- the end ---- */

/* Who is asked to end lets the guest do so too, but not for ever. */
static bool stop(Run *run, GError **error)
{
    g_autoptr(GError) local = NULL;
    bool asked = run->options->signal(run->options->user) == SIGTERM;
    if (run->options->remove && !asked)
        return vm_stop(run->bundle, VM_STOP_FORCE, 0, error);
    if (vm_stop(run->bundle, VM_STOP_REQUEST, run->options->stop_timeout_us, &local))
        return true;
    pass_note("the guest has not powered off in time, and is switched off", run);
    return vm_stop(run->bundle, VM_STOP_FORCE, 0, error);
}

static void note_run(const Run *run, const GError *error)
{
    const RunResult *result = run->result;
    const struct {
        const char *name;
        int64_t time_us;
    } times[] = { { "begun", result->begun },
                  { "started", result->started },
                  { "ready", result->ready },
                  { "executed", result->executed },
                  { "ended", result->ended } };
    g_autoptr(cJSON) json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "vm", run->original->config->information.name);
    if (result->name)
        cJSON_AddStringToObject(json, "name", result->name);
    for (size_t i = 0; i < G_N_ELEMENTS(times); i++) {
        g_autofree char *text = times[i].time_us ? time_text(times[i].time_us) : NULL;
        cJSON_AddItemToObject(json, times[i].name,
                              text ? cJSON_CreateString(text) : cJSON_CreateNull());
    }
    cJSON *command = cJSON_AddArrayToObject(json, "command");
    for (char *const *word = run->options->exec.words; word && *word; word++)
        cJSON_AddItemToArray(command, cJSON_CreateString(*word));
    if (result->executed)
        cJSON_AddNumberToObject(json, "status", result->status);
    if (error)
        cJSON_AddStringToObject(json, "error", error->message);
    g_autofree char *text = cJSON_Print(json);
    run_artifacts_note(run->options->artifacts, result->begun, "run.json", text);
}

/* A copy whose helper was killed is left to us. */
static void let_go(Run *run)
{
    g_autofree char *path = run->copy ? g_strdup(run->copy->path) : NULL;
    g_autofree char *uuid = path ? g_strdup(run->copy->config->information.uuid) : NULL;
    g_clear_pointer(&run->client, qmp_client_free);
    vm_release(run->hold);
    fork_result_clear(&run->forks);
    g_clear_pointer(&run->copy, bundle_free);
    if (path && run->options->remove && g_file_test(path, G_FILE_TEST_EXISTS))
        utm_ignore(machine_delete(path, uuid, NULL));
}

static bool finish(Run *run, bool ok, GError **error)
{
    const char *folder = run->options->artifacts;
    if (!ok)
        explain(run, error);
    if (run->pictures && (!ok || run->result->status))
        run_pictures_take(run->pictures);
    g_clear_pointer(&run->pictures, run_pictures_free);
    if (run->result->started && !stop(run, ok ? error : NULL))
        ok = false;
    run->result->ended = g_get_real_time();
    if (folder) {
        if (run->bundle)
            run_artifacts_keep(run->bundle, folder, run->result->begun);
        note_run(run, ok ? NULL : *error);
    }
    let_go(run);
    return ok;
}

bool run_machine(const Bundle *bundle, const RunOptions *options, RunResult *out_result,
                 GError **error)
{
    *out_result = (RunResult){ .begun = g_get_real_time() };
    Run run = { .options = options,
                .result = out_result,
                .original = bundle,
                .hold = -1,
                .deadline_us = g_get_monotonic_time() + options->timeout_us };
    run.folder = options->artifacts ? g_strdup(options->artifacts)
                                    : paths_state(bundle->config->information.uuid);
    g_autofree char *folder = run.folder;
    g_autoptr(GError) local = NULL;
    bool ok = run_copy_check(options->copy_in, true, error) &&
              run_copy_check(options->copy_out, false, error);
    if (!ok)
        return false;
    ok = begin(&run, &local) && get_ready(&run, &local) && work(&run, &local);
    if (finish(&run, ok, &local))
        return true;
    g_propagate_error(error, g_steal_pointer(&local));
    return false;
}
