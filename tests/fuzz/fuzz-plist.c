/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as config.plist: read, decoded or converted, checked, written, and read again. */
#include <glib.h>
#include <string.h>

#include "bundles/config.h"
#include "bundles/legacy.h"
#include "bundles/plist.h"
#include "bundles/problem.h"
#include "bundles/value.h"
#include "tests/fuzz/fuzz.h"

static PlistNode *encode(const UtmConfig *config)
{
    return plist_node_new_dict_take(utm_config_encode(config));
}

/* What is written can be read, and says the same. */
static void check_round_trip(const UtmConfig *config)
{
    g_autoptr(GPtrArray) problems = problems_new();
    utm_config_validate(config, problems);
    for (guint i = 0; i < problems->len; i++) {
        g_autofree char *text = problem_text(problems->pdata[i]);
        g_assert_nonnull(text);
        if (((const Problem *) problems->pdata[i])->kind == PROBLEM_FATAL)
            return;
    }
    g_autoptr(PlistNode) root = encode(config);
    g_autofree char *xml = plist_node_to_xml(root);
    g_autoptr(PlistNode) read = plist_parse(xml, strlen(xml), NULL, NULL);
    g_assert_nonnull(read);
    g_assert_true(plist_node_equal(root, read));
    PlistDict *dict = g_steal_pointer(&read->dict);
    read->dict = plist_dict_new();
    g_autoptr(UtmConfig) again = utm_config_decode(dict, 1, problems);
    g_assert_nonnull(again);
    g_autoptr(PlistNode) twin = encode(again);
    g_assert_true(plist_node_equal(root, twin));
    g_autoptr(UtmConfig) copy = utm_config_copy(again);
    g_autoptr(PlistNode) third = encode(copy);
    g_assert_true(plist_node_equal(root, third));
    g_autoptr(GPtrArray) values = config_values(copy);
    g_assert_cmpuint(values->len, >, 0);
}

static void check_tree(PlistNode *node)
{
    g_autofree char *xml = plist_node_to_xml(node);
    g_autoptr(PlistNode) read = plist_parse(xml, strlen(xml), NULL, NULL);
    g_assert_nonnull(read);
    g_assert_true(plist_node_equal(node, read));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GPtrArray) problems = problems_new();
    g_autoptr(PlistNode) strict = plist_parse((const char *) data, size, NULL, NULL);
    g_autoptr(PlistNode) node = plist_parse((const char *) data, size, problems, NULL);
    if (strict)
        check_tree(strict);
    if (!node || node->type != PLIST_TYPE_DICT)
        return 0;
    if (legacy_is(node->dict)) {
        g_autoptr(Legacy) legacy = legacy_convert(node->dict, "x", "x", problems, NULL);
        if (legacy)
            check_round_trip(legacy->config);
        return 0;
    }
    PlistDict *dict = g_steal_pointer(&node->dict);
    node->dict = plist_dict_new();
    g_autoptr(UtmConfig) config = utm_config_decode(dict, 1, problems);
    bool is_whole = config && problems_to_error(problems, PROBLEM_FATAL, NULL);
    if (is_whole)
        check_round_trip(config);
    return 0;
}
