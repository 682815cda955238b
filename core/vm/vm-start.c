/* SPDX-License-Identifier: Apache-2.0 */
/* Starting a machine: a helper of its own that outlives this process, and its report. */
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/error.h"
#include "core/guard.h"
#include "core/paths.h"
#include "core/vm/report.h"
#include "core/vm/vm-private.h"
#include "core/vm/vm.h"

/* Where the helper's copy of the report socket is. */
#define REPORT_FD 3

void vm_started_clear(VmStarted *started)
{
    g_clear_pointer(&started->accelerator, g_free);
    g_clear_pointer(&started->accelerator_reason, g_free);
    g_clear_pointer(&started->warnings, g_ptr_array_unref);
}

/* In the child of a fork: become the helper, a session of its own that no terminal can hang up. */
static void become_helper(char *const *argv, int report_fd, const char *log_path)
{
    setsid();
    if (fork() != 0)
        _exit(0);
    int null = open("/dev/null", O_RDWR);
    int log = open(log_path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, 0600);
    dup2(null, 0);
    dup2(null, 1);
    dup2(log >= 0 ? log : null, 2);
    dup2(report_fd, REPORT_FD);
    (void) chdir("/");
    close_range(REPORT_FD + 1, ~0U, 0);
    execv("/proc/self/exe", argv);
    _exit(127);
}

static GPtrArray *helper_argv(const Bundle *bundle, const VmStartOptions *options)
{
    static const char *const accels[] = {
        [ACCEL_AUTO] = "auto", [ACCEL_TCG] = "tcg", [ACCEL_HYPERVISOR] = "kvm"
    };
    GPtrArray *argv = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(argv, g_strdup("utmctl"));
    g_ptr_array_add(argv, g_strdup("helper"));
    g_ptr_array_add(argv, g_strdup_printf("--accel=%s", accels[options->accel]));
    if (options->disposable)
        g_ptr_array_add(argv, g_strdup("--disposable"));
    if (options->load_tag)
        g_ptr_array_add(argv, g_strconcat("--load-snapshot=", options->load_tag, NULL));
    if (options->warm)
        g_ptr_array_add(argv, g_strconcat("--warm=", options->warm, NULL));
    if (options->warm_make)
        g_ptr_array_add(argv, g_strdup("--warm-make"));
    if (options->renew)
        g_ptr_array_add(argv, g_strdup("--renew"));
    if (options->paused)
        g_ptr_array_add(argv, g_strdup("--paused"));
    if (options->no_sandbox)
        g_ptr_array_add(argv, g_strdup("--no-sandbox"));
    if (options->discard_saved_state)
        g_ptr_array_add(argv, g_strdup("--discard-state"));
    if (options->hold)
        g_ptr_array_add(argv, g_strdup("--hold"));
    if (options->kernel)
        g_ptr_array_add(argv, g_strconcat("--kernel=", options->kernel, NULL));
    if (options->initrd)
        g_ptr_array_add(argv, g_strconcat("--initrd=", options->initrd, NULL));
    if (options->append)
        g_ptr_array_add(argv, g_strconcat("--append=", options->append, NULL));
    g_ptr_array_add(argv, g_strdup(bundle->path));
    g_ptr_array_add(argv, NULL);
    return argv;
}

/* A disposable run writes to nothing. */
static bool may_start(const Bundle *bundle, const VmStartOptions *options, GError **error)
{
    return options->force || options->disposable || guard_check_start(bundle, error);
}

/* Returns our end of the report socket, or -1. The fork in the middle is reaped here; the helper
 * itself belongs to init. */
static int spawn_helper(const Bundle *bundle, const VmStartOptions *options, GError **error)
{
    g_autofree char *state_dir = paths_state(bundle->config->information.uuid);
    g_autofree char *log_path = g_build_filename(state_dir, "helper.log", NULL);
    g_autoptr(GPtrArray) argv = helper_argv(bundle, options);
    int pair[2];
    if (!may_start(bundle, options, error) || !paths_make_private(state_dir, error))
        return -1;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0) {
        utm_error_set(error, UTM_ERROR_FAILED, NULL, "socketpair: %s", g_strerror(errno));
        return -1;
    }
    pid_t pid = fork();
    if (pid == 0)
        become_helper((char *const *) argv->pdata, pair[1], log_path);
    close(pair[1]);
    if (pid > 0) {
        waitpid(pid, NULL, 0);
        return pair[0];
    }
    utm_error_set(error, UTM_ERROR_FAILED, NULL, "fork: %s", g_strerror(errno));
    close(pair[0]);
    return -1;
}

bool vm_start(const Bundle *bundle, const VmStartOptions *options, int64_t timeout_us,
              VmStarted *out_started, GError **error)
{
    const ConfigInformation *info = &bundle->config->information;
    int report = spawn_helper(bundle, options, error);
    bool ok = report >= 0 && report_read(report, timeout_us, out_started, error);
    if (report >= 0)
        close(report);
    if (ok)
        return true;
    if (error && g_error_matches(*error, UTM_ERROR, UTM_ERROR_TIMEOUT))
        vm_add_evidence(info->uuid, error);
    g_prefix_error(error, "VM \"%s\": cannot start: ", info->name);
    return false;
}

int vm_start_begin(const Bundle *bundle, const VmStartOptions *options, GError **error)
{
    int report = spawn_helper(bundle, options, error);
    if (report < 0)
        g_prefix_error(error, "VM \"%s\": cannot start: ", bundle->config->information.name);
    return report;
}

bool vm_start_wait(const char *name, int report, VmStarted *out_started, GError **error)
{
    bool ok = report_read(report, 0, out_started, error);
    close(report);
    if (!ok)
        g_prefix_error(error, "VM \"%s\": cannot start: ", name);
    return ok;
}

int vm_start_hold(const char *name, int report, int64_t timeout_us, VmStarted *out_started,
                  GError **error)
{
    if (report_read(report, timeout_us, out_started, error))
        return report;
    close(report);
    g_prefix_error(error, "VM \"%s\": cannot start: ", name);
    return -1;
}

/* The helper closes its side last. */
void vm_release(int hold)
{
    char byte;
    if (hold < 0)
        return;
    shutdown(hold, SHUT_WR);
    while (read(hold, &byte, 1) > 0 || errno == EINTR)
        errno = 0;
    close(hold);
}
