/* SPDX-License-Identifier: Apache-2.0 */
/* The variable store of a UEFI machine. */
#include "core/efi-vars.h"

#include <errno.h>
#include <glib/gstdio.h>

#include "core/error.h"

static bool run_qemu_img(const char *const *argv, GError **error)
{
    g_autofree char *words = NULL;
    g_autoptr(GError) spawn_error = NULL;
    int status = 0;
    if (!g_spawn_sync(NULL, (char **) argv, NULL,
                      G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL |
                          G_SPAWN_STDIN_FROM_DEV_NULL,
                      NULL, NULL, NULL, &words, &status, &spawn_error)) {
        utm_error_set(error, UTM_ERROR_UNSUPPORTED, "apt install qemu-utils",
                      "cannot run qemu-img: %s", spawn_error->message);
        return false;
    }
    if (g_spawn_check_wait_status(status, NULL))
        return true;
    utm_error_set(error, UTM_ERROR_FAILED, NULL, "%s", g_strchomp(words));
    return false;
}

bool efi_vars_create(const char *template_path, const char *path, GError **error)
{
    g_autofree char *building = g_strdup_printf("%s.new", path);
    const char *argv[] = { "qemu-img", "convert", "-O", "qcow2", template_path, building, NULL };
    if (!run_qemu_img(argv, error)) {
        g_prefix_error(error, "cannot create \"%s\": ", path);
        (void) g_unlink(building);
        return false;
    }
    if (g_rename(building, path) < 0) {
        utm_error_set(error, UTM_ERROR_FAILED, NULL, "cannot create \"%s\": %s", path,
                      g_strerror(errno));
        (void) g_unlink(building);
        return false;
    }
    return true;
}
