/* SPDX-License-Identifier: Apache-2.0 */
/* Running qemu-img. */
#include "core/qemu-img.h"

#include <string.h>

#include "core/error.h"

bool qemu_img_run(const char *const *argv, GError **error)
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
    bool locked = strstr(words, "\" lock") != NULL;
    utm_error_set(error, locked ? UTM_ERROR_LOCKED : UTM_ERROR_FAILED, NULL, "%s",
                  g_strchomp(words));
    return false;
}
