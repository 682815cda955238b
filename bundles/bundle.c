/* SPDX-License-Identifier: Apache-2.0 */
/* Opening and saving bundles. */
#include "bundles/bundle.h"

#include <string.h>
#include <sys/stat.h>

#include "bundles/keys.h"
#include "bundles/plist.h"
#include "bundles/problem.h"

#define CURRENT_VERSION 4

G_DEFINE_QUARK(bundle - error - quark, bundle_error)

static char *config_path(const char *bundle_path)
{
    return g_build_filename(bundle_path, "config.plist", NULL);
}

/* A legacy file is one without a backend, whatever version it says. */
static bool refuse_legacy(const PlistDict *root, GError **error)
{
    const char *backend = plist_dict_get_string(root, "Backend");
    if (plist_dict_get(root, "Backend") && g_strcmp0(backend, "Unknown") != 0)
        return true;
    int64_t apple = plist_dict_get_integer(root, "version", 0);
    int64_t version = plist_dict_get_integer(root, "ConfigurationVersion", 0);
    if (apple > 3 || version > 2)
        g_set_error(error, BUNDLE_ERROR, BUNDLE_ERROR_INVALID,
                    "config.plist: version %" G_GINT64_FORMAT " without a backend",
                    (gint64) MAX(apple, version));
    else
        g_set_error(error, BUNDLE_ERROR, BUNDLE_ERROR_LEGACY, "config.plist is of UTM 3 or older");
    return false;
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

/* Reads and decodes as far as possible. NULL with @error when there is nothing to decode. */
static UtmConfig *read_config(const char *path, GPtrArray *problems, GError **error)
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
    if (!refuse_legacy(root->dict, error) || !check_version(root->dict, error))
        return NULL;
    PlistDict *dict = g_steal_pointer(&root->dict);
    root->dict = plist_dict_new();
    UtmConfig *config = utm_config_decode(dict, root->line, problems);
    if (!config)
        (void) problems_to_error(problems, PROBLEM_FATAL, error);
    return config;
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
    g_autoptr(UtmConfig) config = read_config(path, problems, error);
    if (!config)
        return NULL;
    utm_config_validate(config, problems);
    if (!problems_to_error(problems, PROBLEM_FATAL, error))
        return NULL;
    return bundle_new_take(path, g_steal_pointer(&config));
}

bool bundle_problems(const char *path, GPtrArray *problems, GError **error)
{
    g_autoptr(UtmConfig) config = read_config(path, problems, error);
    if (config)
        utm_config_validate(config, problems);
    return config != NULL;
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
    g_free(bundle);
}

char *bundle_data_path(const Bundle *bundle, const char *name)
{
    return g_build_filename(bundle->path, "Data", name, NULL);
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
