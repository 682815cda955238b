/* SPDX-License-Identifier: Apache-2.0 */
/* The expressions of a schema as they stand in the file: objects, lists, strings and booleans. */
#pragma once

#include "qapi/gen/arena.h"
#include "qapi/gen/place.h"

typedef enum { NODE_OBJECT, NODE_LIST, NODE_STRING, NODE_BOOL } NodeKind;

typedef struct Node {
    NodeKind kind;
    Place place;
    const char *text; /* of a string */
    bool boolean;
    GPtrArray *items; /* of Node: elements of a list, values of an object */
    GPtrArray *keys;  /* of Node: strings, one for each value of an object */
} Node;

/**
 * node_new() - An empty node, which lives as long as the arena
 * @place: where it stands; copied
 */
Node *node_new(Arena *arena, NodeKind kind, const Place *place);

/**
 * node_get() - Value of a member of an object, or NULL
 * @node: may be NULL or no object
 */
Node *node_get(const Node *node, const char *key);

/**
 * node_key() - The node that is a member's name, for its place
 */
const Node *node_key(const Node *node, const char *key);

/**
 * node_is() - Whether a node is there and of a kind
 * @node: may be NULL
 */
bool node_is(const Node *node, NodeKind kind);
