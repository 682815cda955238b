/* SPDX-License-Identifier: Apache-2.0 */
/* What is different between two configurations, key by key. */
#pragma once

#include "bundles/config.h"

typedef struct {
    char *key;    /* owned: path such as "Drive[0].Interface" */
    char *before; /* owned: as config_get() gives it; NULL: not there */
    char *after;  /* owned: likewise */
} ConfigChange;

/**
 * config_changes() - Every key whose value is different
 * @before: a configuration
 * @after:  another one
 *
 * Keys that this version does not know are not compared; see config_is_same().
 *
 * Return: (owned) of ConfigChange, in the order of the key tables; what only @after has comes last
 */
GPtrArray *config_changes(const UtmConfig *before, const UtmConfig *after);

/**
 * config_is_same() - Whether two configurations are written the same way, unknown keys included
 */
bool config_is_same(const UtmConfig *a, const UtmConfig *b);
