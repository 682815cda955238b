/* SPDX-License-Identifier: Apache-2.0 */
/* Writing property lists exactly as Apple's frameworks do. */
#include "bundles/plist.h"

#include <string.h>

/* Base64 lines end here, a tab counting as 8; deeper than 8 tabs Apple indents no further. */
#define DATA_COLUMNS 76
#define DATA_MAX_INDENT 8

static void write_node(GString *out, const PlistNode *node, guint indent);

static void write_indent(GString *out, guint indent)
{
    for (guint i = 0; i < indent; i++)
        g_string_append_c(out, '\t');
}

static void write_escaped(GString *out, const char *text)
{
    for (;;) {
        size_t plain = strcspn(text, "&<>");
        g_string_append_len(out, text, (gssize) plain);
        text += plain;
        if (!*text)
            return;
        g_string_append(out, *text == '&' ? "&amp;" : *text == '<' ? "&lt;" : "&gt;");
        text++;
    }
}

static void write_element(GString *out, const char *name, const char *text)
{
    g_string_append_printf(out, "<%s>", name);
    write_escaped(out, text);
    g_string_append_printf(out, "</%s>\n", name);
}

static int compare_keys(const void *a, const void *b)
{
    return strcmp(*(const char *const *) a, *(const char *const *) b);
}

static void write_dict(GString *out, const PlistDict *dict, guint indent)
{
    guint size = plist_dict_size(dict);
    if (size == 0) {
        g_string_append(out, "<dict/>\n");
        return;
    }
    g_autofree const char **keys = g_new(const char *, size);
    for (guint i = 0; i < size; i++)
        keys[i] = plist_dict_key_at(dict, i, NULL);
    qsort(keys, size, sizeof *keys, compare_keys);
    g_string_append(out, "<dict>\n");
    for (guint i = 0; i < size; i++) {
        write_indent(out, indent + 1);
        write_element(out, "key", keys[i]);
        write_node(out, plist_dict_get(dict, keys[i]), indent + 1);
    }
    write_indent(out, indent);
    g_string_append(out, "</dict>\n");
}

static void write_array(GString *out, const GPtrArray *array, guint indent)
{
    if (array->len == 0) {
        g_string_append(out, "<array/>\n");
        return;
    }
    g_string_append(out, "<array>\n");
    for (guint i = 0; i < array->len; i++)
        write_node(out, array->pdata[i], indent + 1);
    write_indent(out, indent);
    g_string_append(out, "</array>\n");
}

static void write_data(GString *out, const PlistNode *node, guint indent)
{
    g_autofree char *text = plist_node_text(node);
    size_t length = strlen(text);
    size_t width = DATA_COLUMNS - 8 * MIN(indent, DATA_MAX_INDENT);
    g_string_append(out, "<data>\n");
    for (size_t at = 0; at < length; at += width) {
        write_indent(out, MIN(indent, DATA_MAX_INDENT));
        g_string_append_len(out, text + at, (gssize) MIN(width, length - at));
        g_string_append_c(out, '\n');
    }
    write_indent(out, indent);
    g_string_append(out, "</data>\n");
}

static void write_node(GString *out, const PlistNode *node, guint indent)
{
    write_indent(out, indent);
    switch (node->type) {
    case PLIST_TYPE_DICT:
        write_dict(out, node->dict, indent);
        return;
    case PLIST_TYPE_ARRAY:
        write_array(out, node->array, indent);
        return;
    case PLIST_TYPE_DATA:
        write_data(out, node, indent);
        return;
    case PLIST_TYPE_BOOLEAN:
        g_string_append(out, node->boolean ? "<true/>\n" : "<false/>\n");
        return;
    case PLIST_TYPE_INTEGER: {
        g_autofree char *text = plist_node_text(node);
        write_element(out, "integer", text);
        return;
    }
    case PLIST_TYPE_REAL:
        write_element(out, "real", node->text);
        return;
    case PLIST_TYPE_DATE:
        write_element(out, "date", node->text);
        return;
    case PLIST_TYPE_STRING:
        write_element(out, "string", node->text);
        return;
    case PLIST_TYPE_MALFORMED:
        g_assert_not_reached();
    }
}

char *plist_node_to_xml(const PlistNode *root)
{
    GString *out = g_string_new("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                                "<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" "
                                "\"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n"
                                "<plist version=\"1.0\">\n");
    write_node(out, root, 0);
    g_string_append(out, "</plist>\n");
    return g_string_free(out, FALSE);
}
