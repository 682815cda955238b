/* SPDX-License-Identifier: Apache-2.0 */
/* Edit distance and the three best candidates. */
#include "core/near-miss.h"

#include <string.h>

enum { MAX_NAMED = 3, MAX_LENGTH = 200 };

typedef struct {
    const char *word; /* borrowed */
    size_t distance;
} Candidate;

/* Levenshtein's distance, one row at a time. */
static size_t edit_distance(const char *a, const char *b)
{
    size_t rows = strlen(a), columns = strlen(b);
    size_t row[MAX_LENGTH + 1];
    if (rows > MAX_LENGTH || columns > MAX_LENGTH)
        return G_MAXSIZE;
    for (size_t j = 0; j <= columns; j++)
        row[j] = j;
    for (size_t i = 1; i <= rows; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= columns; j++) {
            size_t replaced = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            row[j] = MIN(replaced, MIN(row[j], row[j - 1]) + 1);
        }
    }
    return row[columns];
}

/* G_MAXSIZE when the two are not near each other. */
static size_t nearness(const char *word, const char *candidate)
{
    g_autofree char *a = g_utf8_casefold(word, -1);
    g_autofree char *b = g_utf8_casefold(candidate, -1);
    size_t longest = MAX(strlen(a), strlen(b));
    size_t distance = edit_distance(a, b);
    if (distance <= MAX(longest / 3, 1))
        return distance;
    if (strlen(a) >= 2 && strlen(b) >= 2 && (g_str_has_prefix(a, b) || g_str_has_prefix(b, a)))
        return distance;
    return G_MAXSIZE;
}

static int compare_candidates(const void *a, const void *b)
{
    const Candidate *first = a, *second = b;
    if (first->distance != second->distance)
        return first->distance < second->distance ? -1 : 1;
    return strcmp(first->word, second->word);
}

char *near_miss(const char *word, char **candidates)
{
    g_autoptr(GArray) near = g_array_new(FALSE, FALSE, sizeof(Candidate));
    for (char **c = candidates; c && *c; c++) {
        Candidate candidate = { *c, nearness(word, *c) };
        if (candidate.distance != G_MAXSIZE)
            g_array_append_val(near, candidate);
    }
    if (near->len == 0)
        return NULL;
    g_array_sort(near, compare_candidates);
    GString *text = g_string_new(NULL);
    size_t best = g_array_index(near, Candidate, 0).distance;
    for (unsigned i = 0; i < MIN(near->len, MAX_NAMED); i++) {
        const Candidate *candidate = &g_array_index(near, Candidate, i);
        if (candidate->distance <= best + 1)
            g_string_append_printf(text, "%s\"%s\"", i ? ", " : "", candidate->word);
    }
    return g_string_free(text, FALSE);
}

char *near_miss_set(const char *word, GHashTable *set)
{
    if (!set)
        return NULL;
    g_autofree char **names = (char **) g_hash_table_get_keys_as_array(set, NULL);
    return near_miss(word, names);
}
