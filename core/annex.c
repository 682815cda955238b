/* SPDX-License-Identifier: Apache-2.0 */
/* utmctl.plist in a bundle's root: what UTM does not know about a machine. */
#include "core/annex.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

#include "bundles/bundle.h"
#include "core/error.h"

PlistNode *annex_read(const char *bundle_path, GError **error)
{
    g_autofree char *path = g_build_filename(bundle_path, ANNEX_FILE, NULL);
    g_autoptr(GError) local = NULL;
    g_autoptr(PlistNode) root = plist_parse_file(path, NULL, &local);
    if (g_error_matches(local, BUNDLE_ERROR, BUNDLE_ERROR_NOT_FOUND))
        return plist_node_new_dict_take(plist_dict_new());
    if (!root) {
        g_propagate_error(error, g_steal_pointer(&local));
        return NULL;
    }
    if (root->type != PLIST_TYPE_DICT) {
        utm_error_set(error, UTM_ERROR_INVALID, NULL, "\"%s\" does not hold a dictionary", path);
        return NULL;
    }
    return g_steal_pointer(&root);
}

bool annex_write(const char *bundle_path, const PlistNode *annex, GError **error)
{
    g_autofree char *path = g_build_filename(bundle_path, ANNEX_FILE, NULL);
    if (plist_dict_size(annex->dict) == 0) {
        if (g_unlink(path) == 0 || errno == ENOENT)
            return true;
        utm_error_set(error, UTM_ERROR_FAILED, NULL, "cannot remove \"%s\": %s", path,
                      g_strerror(errno));
        return false;
    }
    g_autofree char *xml = plist_node_to_xml(annex);
    return g_file_set_contents_full(path, xml, (gssize) strlen(xml),
                                    G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE,
                                    0644, error);
}

bool annex_flag(const char *bundle_path, const char *key)
{
    g_autoptr(PlistNode) annex = annex_read(bundle_path, NULL);
    return annex && plist_dict_get_boolean(annex->dict, key, false);
}

bool annex_set_flag(const char *bundle_path, const char *key, bool value, GError **error)
{
    g_autoptr(PlistNode) annex = annex_read(bundle_path, error);
    if (!annex)
        return false;
    if (plist_dict_get_boolean(annex->dict, key, false) == value)
        return true;
    if (value)
        plist_dict_set_take(annex->dict, key, plist_node_new_boolean(true));
    else
        plist_dict_remove(annex->dict, key);
    return annex_write(bundle_path, annex, error);
}
