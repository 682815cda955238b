/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the schema that this program was built with fits the QEMU that is really there. */
#pragma once

#include "qapi/call.h"
#include "qapi/generated/qmp-types.h"

/* One difference. */
typedef struct {
    char *where;  /* "query-block: return[].inserted.image.virtual-size" */
    char *what;   /* "is missing" */
    bool matters; /* a call of ours may fail or be misread because of it */
} Difference;

void difference_free(Difference *difference);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Difference, difference_free)

/**
 * conformance_compare() - Compare our schema with what a QEMU says of itself
 * @schema: ours; "guest-…" and "x-utm-…" are not QEMU's and are left out
 * @live:   answer of query-qmp-schema
 *
 * By structure, since the answer hides names of types. What we send must be understood: each
 * argument and value must be there, and no other may be mandatory. What we receive must be there:
 * each mandatory member, with its type. What the schema has under an "if", and a value of an enum
 * that only another version has, does not matter but is told.
 *
 * Source: QEMU docs/devel/qapi-code-gen.rst, "Client JSON Protocol introspection"
 * Return: (owned) of Difference, those that matter first
 */
GPtrArray *conformance_compare(const QapiSchema *schema, const QmpSchemaInfoList *live);
