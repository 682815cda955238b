/* SPDX-License-Identifier: Apache-2.0 */
/* Keeping a stopped machine stopped while its files are worked on. */
#include "core/vm/keep-stopped.h"

#include <unistd.h>

#include "core/vm/bundle-lock.h"
#include "core/vm/run-dir.h"

struct KeepStopped {
    RunDir *claim;
    int lock;
};

void keep_stopped_free(KeepStopped *stopped)
{
    if (!stopped)
        return;
    run_dir_release(stopped->claim);
    if (stopped->lock >= 0)
        close(stopped->lock);
    g_free(stopped);
}

KeepStopped *keep_stopped(const Bundle *bundle, GError **error)
{
    const ConfigInformation *info = &bundle->config->information;
    g_autoptr(KeepStopped) stopped = g_new0(KeepStopped, 1);
    stopped->lock = -1;
    stopped->claim = run_dir_claim(info->uuid, bundle->path, info->name, error);
    if (stopped->claim)
        stopped->lock = bundle_lock(bundle->path, BUNDLE_LOCK_RUN, error);
    return stopped->lock >= 0 ? g_steal_pointer(&stopped) : NULL;
}
