/* SPDX-License-Identifier: Apache-2.0 */
/* Having a drive go on with the layer that its image has been written into. */
#include "core/error.h"
#include "core/snapshot/layer-tree.h"
#include "core/vm/helper-private.h"
#include "qapi/generated/qmp-commands.h"

/* A request that runs from the main loop and pumps it, so that the client that asked is not on the
 * stack. */
typedef struct {
    Helper *helper;
    MonitorRequest *request;
    char *job;
    char *image;
    char *layer;
} Pivot;

static void pivot_free(Pivot *pivot)
{
    g_free(pivot->job);
    g_free(pivot->image);
    g_free(pivot->layer);
    g_free(pivot);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Pivot, pivot_free)

/* While the guest stands still, both images say the same: killed in between, it does not matter which
 * of them the configuration means. It must not go on before that is the one that QEMU writes to. */
static bool switch_over(const Pivot *pivot, GError **error)
{
    Helper *helper = pivot->helper;
    QmpClient *self = job_client_qmp(helper->self);
    g_autofree char *image = bundle_data_path(helper->bundle, pivot->image);
    return layer_prepare_place(helper->bundle, pivot->layer, error) && qmp_stop(self, error) &&
           job_complete(helper->self, pivot->job, error) &&
           layer_take_place(helper->bundle, image, error);
}

static gboolean run_pivot(gpointer user)
{
    g_autoptr(Pivot) pivot = user;
    Helper *helper = pivot->helper;
    g_autoptr(GError) error = NULL;
    bool ok = switch_over(pivot, &error);
    bool goes_on = ok && helper->state_before == VM_STATE_STARTED;
    if (goes_on)
        utm_ignore(qmp_cont(job_client_qmp(helper->self), NULL));
    if (!helper->qemu_ended)
        helper_set_state(helper, ok ? helper->state_before : VM_STATE_PAUSED);
    helper_answer(pivot->request, error);
    return G_SOURCE_REMOVE;
}

void helper_pivot_command(Helper *helper, MonitorRequest *request, const cJSON *arguments)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(QmpXUtmLayerPivotArgs) wanted = NULL;
    bool ok = qapi_read_arguments(&qmp_x_utm_layer_pivot_args_type, arguments, &wanted, &error);
    if (!ok || !bundle_name_is_safe(wanted->image) || !bundle_name_is_safe(wanted->layer)) {
        monitor_answer_error(request, utm_error_word(UTM_ERROR_USAGE),
                             ok ? "names of files are needed" : error->message);
        return;
    }
    if (!helper_check_up(helper, request))
        return;
    Pivot *pivot = g_new0(Pivot, 1);
    pivot->helper = helper;
    pivot->request = request;
    pivot->job = g_steal_pointer(&wanted->job);
    pivot->image = g_steal_pointer(&wanted->image);
    pivot->layer = g_steal_pointer(&wanted->layer);
    helper->state_before = helper->state;
    helper_set_state(helper, VM_STATE_SAVING);
    g_idle_add(run_pivot, pivot);
}
