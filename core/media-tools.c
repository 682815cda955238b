/* SPDX-License-Identifier: Apache-2.0 */
/* Guest tools: which image has them, and which drive they go into. */
#include <string.h>

#include "core/error.h"
#include "core/media.h"

/* The first of the two names that is in a folder of data. */
static char *find_in(const char *data, const char *own_name)
{
    const char *const names[] = { own_name, "tools.iso" };
    for (size_t i = 0; data && i < G_N_ELEMENTS(names); i++) {
        char *path = g_build_filename(data, "utmctl", "tools", names[i], NULL);
        if (g_file_test(path, G_FILE_TEST_EXISTS))
            return path;
        g_free(path);
    }
    return NULL;
}

char *media_tools_image(const Bundle *bundle, GError **error)
{
    const char *named = g_getenv("UTMCTL_TOOLS");
    g_autofree char *name = g_strconcat(bundle->config->system.architecture, ".iso", NULL);
    if (named && *named)
        return g_strdup(named);
    char *path = find_in(g_get_user_data_dir(), name);
    for (const char *const *data = g_get_system_data_dirs(); !path && *data; data++)
        path = find_in(*data, name);
    if (path)
        return path;
    g_autofree char *hint = g_build_filename(g_get_user_data_dir(), "utmctl", "tools", name, NULL);
    g_autofree char *text = g_strconcat("put an image there: ", hint, NULL);
    utm_error_set(error, UTM_ERROR_NOT_FOUND, text,
                  "VM \"%s\": no guest tools are configured: UTMCTL_TOOLS is not set, and there is "
                  "no utmctl/tools/%s",
                  bundle->config->information.name, name);
    return NULL;
}

char *media_tools_drive(const Bundle *bundle, GError **error)
{
    g_autoptr(GPtrArray) list = media_list(bundle, error);
    const MediaDrive *chosen = NULL;
    for (guint i = 0; list && i < list->len; i++) {
        const MediaDrive *drive = list->pdata[i];
        bool better = !chosen || (chosen->image && !drive->image);
        if (strcmp(drive->kind, "cd") == 0 && better)
            chosen = drive;
    }
    return list ? g_strdup(chosen ? chosen->identifier : "cd") : NULL;
}
