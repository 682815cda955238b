/* SPDX-License-Identifier: Apache-2.0 */
/* Opening and saving bundles. */
#include "bundles/bundle.h"

#include <string.h>

#include "bundles/keys.h"
#include "bundles/legacy.h"
#include "bundles/plist.h"
#include "bundles/problem.h"

#define CURRENT_VERSION 4

G_DEFINE_QUARK(bundle - error - quark, bundle_error)

static char *config_path(const char *bundle_path)
{
    return g_build_filename(bundle_path, "config.plist", NULL);
}

static bool check_version(const PlistDict *root, GError **error)
{
    const PlistNode *node = plist_dict_get(root, "ConfigurationVersion");
    const char *backend = plist_dict_get_string(root, "Backend");
    unsigned unused;
    int64_t version = 0;
    /* What is not even readable is named by decoding. */
    if (!backend || !config_word_value(config_words_backend, backend, &unused) ||
        (node && !plist_node_integer(node, &version)) || version == CURRENT_VERSION)
        return true;
    g_set_error(error, BUNDLE_ERROR,
                version > CURRENT_VERSION ? BUNDLE_ERROR_TOO_NEW : BUNDLE_ERROR_INVALID,
                "config.plist: ConfigurationVersion is %" G_GINT64_FORMAT
                ", but only %d is supported%s",
                (gint64) version, CURRENT_VERSION,
                version > CURRENT_VERSION ? "; the bundle was made by a newer UTM" : "");
    return false;
}

/* The root dictionary of a bundle's config.plist. */
static PlistNode *read_root(const char *path, GPtrArray *problems, GError **error)
{
    g_autofree char *file = config_path(path);
    if (!g_file_test(path, G_FILE_TEST_IS_DIR)) {
        g_set_error(error, BUNDLE_ERROR, BUNDLE_ERROR_NOT_FOUND, "\"%s\" is not a bundle: %s", path,
                    g_file_test(path, G_FILE_TEST_EXISTS) ? "not a folder" : "not there");
        return NULL;
    }
    g_autoptr(PlistNode) root = plist_parse_file(file, problems, error);
    if (!root) {
        g_prefix_error(error, "config.plist: ");
        return NULL;
    }
    if (root->type != PLIST_TYPE_DICT) {
        g_set_error(error, BUNDLE_ERROR, BUNDLE_ERROR_INVALID,
                    "config.plist: %s where a dictionary is needed", plist_node_type_name(root));
        return NULL;
    }
    return g_steal_pointer(&root);
}

static bool read_legacy(Bundle *bundle, const PlistDict *root, GPtrArray *problems, GError **error)
{
    g_autofree char *title = g_path_get_basename(bundle->path);
    if (g_str_has_suffix(title, ".utm"))
        title[strlen(title) - strlen(".utm")] = '\0';
    g_autofree char *name = g_utf8_make_valid(title, -1);
    g_autoptr(Legacy) legacy = legacy_convert(root, name, bundle->path, problems, error);
    if (!legacy) {
        g_prefix_error(error, "config.plist: ");
        return false;
    }
    bundle->is_legacy = true;
    bundle->config = g_steal_pointer(&legacy->config);
    bundle->notes = g_steal_pointer(&legacy->notes);
    bundle->identifiers = g_steal_pointer(&legacy->identifiers);
    return true;
}

/* Reads and decodes as far as possible. NULL with @error when there is nothing to decode. */
static Bundle *read_bundle(const char *path, GPtrArray *problems, GError **error)
{
    g_autoptr(PlistNode) root = read_root(path, problems, error);
    if (!root)
        return NULL;
    g_autoptr(Bundle) bundle = bundle_new_take(path, NULL);
    if (legacy_is(root->dict)) {
        if (!read_legacy(bundle, root->dict, problems, error))
            return NULL;
    } else {
        if (!check_version(root->dict, error))
            return NULL;
        PlistDict *dict = g_steal_pointer(&root->dict);
        root->dict = plist_dict_new();
        bundle->config = utm_config_decode(dict, root->line, problems);
        if (!bundle->config) {
            (void) problems_to_error(problems, PROBLEM_FATAL, error);
            return NULL;
        }
    }
    utm_config_validate(bundle->config, problems);
    return g_steal_pointer(&bundle);
}

Bundle *bundle_new_take(const char *path, UtmConfig *config)
{
    Bundle *bundle = g_new0(Bundle, 1);
    bundle->path = g_canonicalize_filename(path, NULL);
    bundle->config = config;
    return bundle;
}

Bundle *bundle_open(const char *path, GError **error)
{
    g_autoptr(GPtrArray) problems = problems_new();
    g_autoptr(Bundle) bundle = read_bundle(path, problems, error);
    if (!bundle || !problems_to_error(problems, PROBLEM_FATAL, error))
        return NULL;
    return g_steal_pointer(&bundle);
}

Bundle *bundle_open_damaged(const char *path, GPtrArray *problems, GError **error)
{
    return read_bundle(path, problems, error);
}

bool bundle_problems(const char *path, GPtrArray *problems, GError **error)
{
    g_autoptr(Bundle) bundle = read_bundle(path, problems, error);
    return bundle != NULL;
}

/* Whether the file on disk holds the same values, so that it need not be written. */
static bool is_on_disk(const char *file, const PlistNode *root)
{
    g_autoptr(PlistNode) current = plist_parse_file(file, NULL, NULL);
    return current && plist_node_equal(current, root);
}

bool bundle_save(Bundle *bundle, GError **error)
{
    g_autoptr(GPtrArray) problems = problems_new();
    if (bundle->is_legacy) {
        g_set_error(error, BUNDLE_ERROR, BUNDLE_ERROR_LEGACY,
                    "config.plist is of UTM 3 or older and has to be migrated first");
        return false;
    }
    utm_config_validate(bundle->config, problems);
    if (!problems_to_error(problems, PROBLEM_FATAL, error))
        return false;
    g_autofree char *file = config_path(bundle->path);
    g_autoptr(PlistNode) root = plist_node_new_dict_take(utm_config_encode(bundle->config));
    if (is_on_disk(file, root))
        return true;
    g_autofree char *text = plist_node_to_xml(root);
    return bundle_write_atomically(file, text, error);
}

void bundle_free(Bundle *bundle)
{
    if (!bundle)
        return;
    g_free(bundle->path);
    utm_config_free(bundle->config);
    g_clear_pointer(&bundle->notes, g_ptr_array_unref);
    g_clear_pointer(&bundle->identifiers, g_hash_table_unref);
    g_free(bundle);
}

char *bundle_data_path(const Bundle *bundle, const char *name)
{
    g_autofree char *images =
        bundle->is_legacy ? g_build_filename(bundle->path, "Images", NULL) : NULL;
    bool has_images = images && g_file_test(images, G_FILE_TEST_IS_DIR);
    return g_build_filename(bundle->path, has_images ? "Images" : "Data", name, NULL);
}

char *bundle_efi_vars_path(const Bundle *bundle)
{
    if (bundle->config->backend == CONFIG_BACKEND_APPLE)
        return g_build_filename(bundle->path, "efi_vars.qemu.fd", NULL);
    return bundle_data_path(bundle, "efi_vars.fd");
}

bool bundle_name_is_safe(const char *name)
{
    if (!*name || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return false;
    for (const char *c = name; *c; c++)
        if (*c == '/' || (unsigned char) *c < 0x20 || *c == 0x7f)
            return false;
    return strlen(name) <= 255;
}

char *bundle_folder_name(const char *name)
{
    char *folder = g_strconcat(name, ".utm", NULL);
    return g_strdelimit(folder, ",/:\\?%*|\"<>", '-');
}
