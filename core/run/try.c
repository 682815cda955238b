/* SPDX-License-Identifier: Apache-2.0 */
/* A command in a running guest that can be taken back: checkpoint, run, keep or roll back. */
#include "core/run/try.h"

#include <string.h>

#include "core/error.h"
#include "core/guest/guest.h"
#include "core/run/run-pictures.h"
#include "core/snapshot/snapshot.h"
#include "core/wait/wait.h"

/* A description stays readable in a list. */
#define BEFORE_BYTES 200

/* How long the agent is waited for after going back; it was there when the checkpoint was made. */
#define AGENT_LIMIT_US (5 * G_USEC_PER_SEC)

void try_result_clear(TryResult *result)
{
    g_clear_pointer(&result->checkpoint, g_free);
}

static bool is_automatic(const Snapshot *snapshot)
{
    return g_str_has_prefix(snapshot->name, TRY_PREFIX);
}

/* Only what this made, and never the one that was made last. */
static void forget_old(const Bundle *bundle)
{
    g_autoptr(GPtrArray) all = snapshot_list(bundle, NULL);
    guint keep = TRY_KEEP;
    for (guint i = all ? all->len : 0; i-- > 0;) {
        const Snapshot *snapshot = all->pdata[i];
        if (!is_automatic(snapshot))
            continue;
        if (keep)
            keep--;
        else
            utm_ignore(snapshot_delete(bundle, snapshot->name, false, NULL, NULL));
    }
}

static bool make_checkpoint(const Bundle *bundle, const TryOptions *options, TryResult *result,
                            GError **error)
{
    g_autofree char *words = g_strjoinv(" ", (char **) options->exec.words);
    g_autofree char *before = g_utf8_make_valid(words, (gssize) MIN(strlen(words), BEFORE_BYTES));
    g_autofree char *name = run_pictures_name(g_get_real_time(), "");
    name[strlen(name) - 1] = '\0';
    g_autofree char *checkpoint = g_strconcat(TRY_PREFIX, name, NULL);
    const SnapshotCreate how = { .description = before };
    if (!snapshot_create(bundle, checkpoint, &how, error))
        return false;
    result->checkpoint = g_steal_pointer(&checkpoint);
    return true;
}

static bool is_kept(const TryOptions *options, int status)
{
    if (options->always_rollback)
        return false;
    for (size_t i = 0; i < options->n_keep_on; i++)
        if (options->keep_on[i] == status)
            return true;
    return status == 0;
}

bool try_undo(const Bundle *bundle, const char *checkpoint, GError **error)
{
    const SnapshotRestore how = { .then = SNAPSHOT_THEN_AS_KEPT };
    if (!snapshot_restore(bundle, checkpoint, &how, NULL, error) ||
        !snapshot_delete(bundle, checkpoint, false, NULL, error))
        return false;
    /* QEMU tells of the agent's port a moment after the guest goes on: until then nobody reaches
     * it. */
    wait_for_word(bundle, "agent", AGENT_LIMIT_US);
    return true;
}

/* @cause: why the command did not run to its end, or NULL */
static bool roll_back(const Bundle *bundle, const TryOptions *options, const GError *cause,
                      TryResult *result, GError **error)
{
    /* Only a machine that has ended is restored whole. */
    if (g_error_matches(cause, UTM_ERROR, UTM_ERROR_GUEST_UNREACHABLE))
        wait_for_end(bundle);
    if (!try_undo(bundle, result->checkpoint, error)) {
        g_prefix_error(error, "cannot roll back: ");
        return false;
    }
    g_clear_pointer(&result->checkpoint, g_free);
    result->rolled_back = true;
    options->note("rolled back to what was before", options->user);
    return true;
}

/* Connected to before the checkpoint is made: without an agent there is nothing to try. */
static bool check_agent(const Bundle *bundle, QmpClient **out_client, GError **error)
{
    g_autoptr(QmpClient) client = guest_connect(bundle, error);
    if (!client || !guest_ping(client, error))
        return false;
    *out_client = g_steal_pointer(&client);
    return true;
}

bool try_run(const Bundle *bundle, const TryOptions *options, TryResult *out_result, GError **error)
{
    *out_result = (TryResult){ 0 };
    g_autoptr(QmpClient) client = NULL;
    g_autoptr(GError) local = NULL;
    if (!check_agent(bundle, &client, error) ||
        !make_checkpoint(bundle, options, out_result, error))
        return false;
    bool ran = guest_exec(client, &options->exec, &out_result->status, &local);
    if (ran && is_kept(options, out_result->status)) {
        forget_old(bundle);
        return true;
    }
    g_autoptr(GError) failure = NULL;
    bool rolled_back = roll_back(bundle, options, local, out_result, &failure);
    if (!ran && rolled_back)
        g_propagate_error(error, g_steal_pointer(&local));
    else if (!rolled_back)
        g_propagate_error(error, g_steal_pointer(&failure));
    if (!ran && !rolled_back)
        g_prefix_error(error, "after \"%s\": ", local->message);
    return ran && rolled_back;
}

char *try_last(const Bundle *bundle, char **out_before, GError **error)
{
    g_autoptr(GPtrArray) all = snapshot_list(bundle, error);
    for (guint i = all ? all->len : 0; i-- > 0;) {
        const Snapshot *snapshot = all->pdata[i];
        if (!is_automatic(snapshot))
            continue;
        *out_before = g_strdup(snapshot->description ? snapshot->description : "");
        return g_strdup(snapshot->name);
    }
    if (all)
        utm_error_set(error, UTM_ERROR_NOT_FOUND, "utmctl try VM -- COMMAND makes one",
                      "there is no automatic checkpoint to go back to");
    return NULL;
}
