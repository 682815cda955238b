/* SPDX-License-Identifier: Apache-2.0 */
/* The variable store of a UEFI machine. */
#include "core/efi-vars.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>

#include "core/error.h"
#include "core/fd.h"
#include "core/qemu-img.h"

bool efi_vars_create(const char *template_path, const char *path, GError **error)
{
    g_autofree char *building = g_strdup_printf("%s.new", path);
    const char *argv[] = { "qemu-img", "convert", "-O", "qcow2", template_path, building, NULL };
    if (!qemu_img_run(argv, error)) {
        g_prefix_error(error, "cannot create \"%s\": ", path);
        (void) g_unlink(building);
        return false;
    }
    g_auto(Fd) fd = open(building, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fsync(fd) < 0 || g_rename(building, path) < 0) {
        utm_error_set(error, UTM_ERROR_FAILED, NULL, "cannot create \"%s\": %s", path,
                      g_strerror(errno));
        (void) g_unlink(building);
        return false;
    }
    return true;
}
