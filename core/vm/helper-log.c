/* SPDX-License-Identifier: Apache-2.0 */
/* Keeping the log that QEMU writes itself from growing without end. */
#include <sys/stat.h>

#include "core/vm/helper-private.h"

void helper_log_tidy(Helper *helper)
{
    struct stat now;
    int fd = log_file_fd(helper->qemu_log);
    if (fstat(fd, &now) < 0 || now.st_size == helper->reset_end)
        return;
    helper_reset_tidy(helper);
    off_t before = now.st_size;
    log_file_shorten(helper->qemu_log);
    if (fstat(fd, &now) == 0 && now.st_size < before)
        helper_reset_skip(helper);
}
