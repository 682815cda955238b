/* SPDX-License-Identifier: Apache-2.0 */
/* Going on from a warm image, and making one. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/error.h"
#include "core/fd.h"
#include "core/snapshot/warm.h"
#include "core/vm/helper-private.h"
#include "qapi/generated/qmp-commands.h"
#include "qapi/generated/qmp-events.h"

/* QEMU releases what it was given by this name when it has used it. */
#define FD_NAME "warm"

static char *file_of(const Helper *helper, const char *name)
{
    return g_build_filename(helper->options.warm, name, NULL);
}

/* An image that does not fit is left out where the snapshot that it was made of can be loaded. */
static bool leave_out(Helper *helper, GError **error)
{
    static const char why[] = "the warm image was made with another QEMU or other settings";
    if (!helper->options.load_tag) {
        utm_error_set(error, UTM_ERROR_UNSUPPORTED, NULL, "%s", why);
        return false;
    }
    helper->options.warm = NULL;
    g_ptr_array_add(helper->plan->argv->warnings,
                    g_strdup_printf("%s: its snapshot is loaded instead", why));
    return true;
}

/* Memory that is not there yet is all zero, and takes no room. */
static bool make_ram(const Helper *helper, const char *path, GError **error)
{
    off_t size = (off_t) helper->bundle->config->system.memory_mib * 1024 * 1024;
    g_auto(Fd) fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd >= 0 && ftruncate(fd, size) == 0)
        return true;
    utm_error_set(error, UTM_ERROR_FAILED, NULL, "cannot create \"%s\": %s", path,
                  g_strerror(errno));
    return false;
}

bool helper_warm_plan(Helper *helper, GError **error)
{
    if (!helper->options.warm)
        return true;
    g_auto(WarmIndex) index = { 0 };
    if (!warm_index_read(helper->options.warm, &index, error))
        return false;
    bool make = helper->options.warm_make;
    g_autofree char *print = warm_fingerprint(helper->plan, helper->bundle);
    g_autofree char *ram = file_of(helper, WARM_RAM);
    if (!make && g_strcmp0(print, index.fingerprint) != 0)
        return leave_out(helper, error);
    if (make && !make_ram(helper, ram, error))
        return false;
    if (!make && !helper_network_take_macs(helper, error))
        return false;
    return warm_amend_plan(helper->plan, helper->bundle->config->system.memory_mib, ram,
                           index.ram_id, make, error);
}

void helper_warm_allow(const Helper *helper, const Sandbox *sandbox)
{
    if (!helper->options.warm)
        return;
    g_autofree char *ram = file_of(helper, WARM_RAM);
    bool read = !helper->options.warm_make && warm_maps_read_only(helper->plan);
    sandbox_allow(sandbox, ram, read ? SANDBOX_READ : SANDBOX_READ | SANDBOX_WRITE);
}

/* ---- migration ---- */

void helper_warm_event(Helper *helper, const cJSON *data)
{
    g_autoptr(QmpMigrationEvent) event = qmp_migration_event_from_json(data, NULL);
    g_free(helper->migration);
    helper->migration = g_strdup(event ? qmp_migration_status_name(event->status) : NULL);
}

static bool is_over(void *user)
{
    const Helper *helper = user;
    return g_strcmp0(helper->migration, "completed") == 0 ||
           g_strcmp0(helper->migration, "failed") == 0 || helper->qemu_ended;
}

static bool set_capabilities(Helper *helper, bool ignore_shared, GError **error)
{
    QmpMigrationCapabilityStatus events = { .capability = QMP_MIGRATION_CAPABILITY_EVENTS,
                                            .state = true };
    QmpMigrationCapabilityStatus ignore = { .capability = QMP_MIGRATION_CAPABILITY_X_IGNORE_SHARED,
                                            .state = ignore_shared };
    QmpMigrationCapabilityStatus *items[] = { &events, &ignore };
    const QmpMigrationCapabilityStatusList list = { G_N_ELEMENTS(items), items };
    return qmp_migrate_set_capabilities(job_client_qmp(helper->self), &list, error);
}

/* @flags are those of open(2). QEMU gets the descriptor: it may not open the file itself. */
static bool pass_file(Helper *helper, const char *name, int flags, GError **error)
{
    QmpClient *self = job_client_qmp(helper->self);
    g_autofree char *path = file_of(helper, name);
    g_auto(Fd) fd = open(path, flags | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        utm_error_set(error, UTM_ERROR_FAILED, NULL, "cannot open \"%s\": %s", path,
                      g_strerror(errno));
        return false;
    }
    qmp_client_pass_fd(self, fd);
    return qmp_getfd(self, FD_NAME, error);
}

static bool wait_over(Helper *helper, GError **error)
{
    QmpClient *self = job_client_qmp(helper->self);
    g_autoptr(GError) local = NULL;
    if (qmp_client_pump(self, is_over, helper, 0, &local) &&
        g_strcmp0(helper->migration, "completed") == 0)
        return true;
    if (helper->qemu_ended ||
        (local && g_error_matches(local, QMP_ERROR, QMP_ERROR_DISCONNECTED))) {
        helper_wait_qemu(helper, 0);
        helper_start_error(helper, error);
    } else {
        utm_error_set(error, UTM_ERROR_FAILED, NULL, "QEMU could not go through its state");
    }
    g_prefix_error(error, "the warm image \"%s\" is not usable: ", helper->options.warm);
    return false;
}

static bool receive(Helper *helper, const char *name, bool ignore_shared, GError **error)
{
    g_clear_pointer(&helper->migration, g_free);
    return set_capabilities(helper, ignore_shared, error) &&
           pass_file(helper, name, O_RDONLY, error) &&
           qmp_migrate_incoming(job_client_qmp(helper->self), "fd:" FD_NAME, error) &&
           wait_over(helper, error);
}

static bool send_state(Helper *helper, GError **error)
{
    g_clear_pointer(&helper->migration, g_free);
    return set_capabilities(helper, true, error) &&
           pass_file(helper, WARM_STATE, O_RDWR | O_CREAT | O_EXCL, error) &&
           qmp_migrate(job_client_qmp(helper->self), "fd:" FD_NAME, false, false, false, false,
                       error) &&
           wait_over(helper, error);
}

static bool write_index(Helper *helper, GError **error)
{
    g_auto(WarmIndex) index = { 0 };
    g_autoptr(LaunchPlan) plain = launch_plan_new(helper->bundle, &helper->options, error);
    if (!plain || !warm_index_read(helper->options.warm, &index, error))
        return false;
    g_free(index.fingerprint);
    index.fingerprint = warm_fingerprint(plain, helper->bundle);
    return warm_index_write(helper->options.warm, &index, error);
}

static bool make(Helper *helper, GError **error)
{
    return receive(helper, WARM_STREAM, false, error) && send_state(helper, error) &&
           write_index(helper, error) && qmp_quit(job_client_qmp(helper->self), error);
}

bool helper_warm_enter(Helper *helper, GError **error)
{
    helper_set_state(helper, VM_STATE_RESTORING);
    return helper->options.warm_make ? make(helper, error)
                                     : receive(helper, WARM_STATE, true, error);
}
