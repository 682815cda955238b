/* SPDX-License-Identifier: Apache-2.0 */
/* The expressions of a schema as they stand in the file: objects, lists, strings and booleans. */
#include "qapi/gen/node.h"

#include <string.h>

Node *node_new(Arena *arena, NodeKind kind, const Place *place)
{
    Node *node = arena_new0(arena, Node);
    node->kind = kind;
    node->place = *place;
    if (kind == NODE_OBJECT)
        node->keys = arena_array(arena);
    if (kind == NODE_OBJECT || kind == NODE_LIST)
        node->items = arena_array(arena);
    return node;
}

bool node_is(const Node *node, NodeKind kind)
{
    return node && node->kind == kind;
}

static int find(const Node *node, const char *key)
{
    if (!node_is(node, NODE_OBJECT))
        return -1;
    for (guint i = 0; i < node->keys->len; i++)
        if (strcmp(((Node *) node->keys->pdata[i])->text, key) == 0)
            return (int) i;
    return -1;
}

Node *node_get(const Node *node, const char *key)
{
    int i = find(node, key);
    return i < 0 ? NULL : node->items->pdata[i];
}

const Node *node_key(const Node *node, const char *key)
{
    int i = find(node, key);
    return i < 0 ? NULL : node->keys->pdata[i];
}
