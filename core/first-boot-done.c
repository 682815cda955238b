/* SPDX-License-Identifier: Apache-2.0 */
/* Taking out the seed when the guest has read it. */
#include <glib/gstdio.h>
#include <string.h>

#include "bundles/bundle.h"
#include "bundles/sidecar.h"
#include "core/first-boot.h"

/* A state of the memory is loaded only into the hardware that it was saved with. */
static bool has_memory_states(const Sidecar *sidecar)
{
    g_autoptr(SidecarSuspended) suspended = sidecar_suspended(sidecar);
    g_auto(GStrv) tags = sidecar_snapshot_tags(sidecar);
    bool any = suspended != NULL;
    for (char **tag = tags; !any && *tag; tag++) {
        g_autoptr(SidecarSnapshot) snapshot = sidecar_snapshot(sidecar, *tag);
        any = snapshot && (snapshot->fingerprint || snapshot->warm_ram);
    }
    return any;
}

/* Returns the path of its image, NULL when the configuration has no such drive any more. */
static char *remove_drive(Bundle *bundle, const char *identifier)
{
    GPtrArray *drives = bundle->config->drives;
    for (unsigned i = 0; i < drives->len; i++) {
        const ConfigDrive *drive = g_ptr_array_index(drives, i);
        if (g_strcmp0(drive->identifier, identifier) != 0)
            continue;
        char *path = drive->image_name ? bundle_data_path(bundle, drive->image_name) : NULL;
        g_ptr_array_remove_index(drives, i);
        return path;
    }
    return NULL;
}

bool first_boot_done(const char *bundle_path, GError **error)
{
    g_autoptr(Sidecar) sidecar = sidecar_open(bundle_path, error);
    if (!sidecar)
        return false;
    const char *identifier = sidecar_text(sidecar, FIRST_BOOT_DRIVE_KEY);
    if (!identifier || has_memory_states(sidecar))
        return true;
    g_autoptr(Bundle) bundle = bundle_open(bundle_path, error);
    if (!bundle)
        return false;
    g_autofree char *image = remove_drive(bundle, identifier);
    /* In this order a crash leaves at worst a file that nobody speaks of. */
    if (image && !bundle_save(bundle, error))
        return false;
    sidecar_set_text(sidecar, FIRST_BOOT_DRIVE_KEY, NULL);
    if (!sidecar_save(sidecar, error))
        return false;
    if (image)
        (void) g_unlink(image);
    return true;
}
