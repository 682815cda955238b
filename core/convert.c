/* SPDX-License-Identifier: Apache-2.0 */
/* Converting disk images with qemu-img, watched. */
#include "core/convert.h"

#include <string.h>

#include "core/error.h"
#include "core/qemu-img.h"

bool convert_image(const char *from, const char *driver, const char *to, const LibexecWatch *watch,
                   GError **error)
{
    /* What a name such as "json:…" means to qemu-img must not depend on the name. */
    g_autofree char *source = g_strconcat("file:", from, NULL);
    g_autofree char *target = g_strconcat("file:", to, NULL);
    const char *argv[] = { "qemu-img", "convert", "-p",   "-f",   driver,
                           "-O",       "qcow2",   source, target, NULL };
    g_autoptr(GError) cause = NULL;
    if (qemu_img_watch(argv, tree_size(from), watch, &cause))
        return true;
    if (utm_error_code(cause) != UTM_ERROR_FAILED) {
        g_propagate_error(error, g_steal_pointer(&cause));
        return false;
    }
    bool full = strstr(cause->message, "No space") != NULL;
    utm_error_set(error, full ? UTM_ERROR_FAILED : UTM_ERROR_INVALID, NULL,
                  "cannot convert \"%s\": %s", from, cause->message);
    return false;
}
