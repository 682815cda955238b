/* SPDX-License-Identifier: Apache-2.0 */
/* What of a machine is not in its bundle, and so not in an export. */
#include <string.h>

#include "bundles/image.h"
#include "core/export-private.h"
#include "core/host-facts.h"
#include "core/vm/saved-state.h"

static void note_facts(const Bundle *bundle, GPtrArray *left)
{
    const UtmConfig *config = bundle->config;
    g_autoptr(HostFacts) facts = host_facts_load(config->information.uuid, NULL);
    for (guint i = 0; facts && i < config->drives->len; i++) {
        const ConfigDrive *drive = config->drives->pdata[i];
        const char *medium = g_hash_table_lookup(facts->media, drive->identifier);
        if (medium)
            g_ptr_array_add(
                left, g_strdup_printf("the medium \"%s\" in Drive[%u] is not carried", medium, i));
    }
    for (guint i = 0; facts && i < facts->shares->len; i++)
        g_ptr_array_add(left, g_strdup_printf("the shared folder \"%s\" is not carried",
                                              ((const HostShare *) facts->shares->pdata[i])->path));
}

static void note_image(const Bundle *bundle, const char *name, GPtrArray *left)
{
    g_autofree char *path = bundle_data_path(bundle, name);
    g_autoptr(ImageInfo) info = NULL;
    if (!g_file_test(path, G_FILE_TEST_EXISTS)) {
        g_ptr_array_add(left, g_strdup_printf("the image \"%s\" is missing", name));
        return;
    }
    if (!image_probe(path, &info, NULL))
        return;
    const char *other = info->backing_file ? info->backing_file : info->data_file;
    if (other)
        g_ptr_array_add(left, g_strdup_printf("the image \"%s\" needs \"%s\", which is not carried",
                                              name, other));
}

void export_note_left(const Bundle *bundle, GPtrArray *left)
{
    const UtmConfig *config = bundle->config;
    for (guint i = 0; i < config->drives->len; i++) {
        const ConfigDrive *drive = config->drives->pdata[i];
        if (drive->image_name)
            note_image(bundle, drive->image_name, left);
    }
    note_facts(bundle, left);
    if (saved_state_exists(bundle))
        g_ptr_array_add(left, g_strdup("the saved state is carried, but only utmctl with the same "
                                       "QEMU goes on from it"));
}
