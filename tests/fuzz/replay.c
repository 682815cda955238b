/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a fuzzer without libFuzzer: over each file of a folder, and over copies of it that are cut,
 * flipped and spliced, always the same ones. */
#include <glib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"

#define COPIES 300

/* A copy with up to eight small damages. Free with g_free(). */
static uint8_t *damage(GRand *rand, const uint8_t *data, size_t size, size_t *out_size)
{
    uint8_t *copy = g_malloc(size + 1);
    memcpy(copy, data, size);
    *out_size = size;
    int changes = g_rand_int_range(rand, 1, 9);
    for (int i = 0; size && i < changes; i++) {
        size_t at = (size_t) g_rand_int_range(rand, 0, (gint32) size);
        size_t from = (size_t) g_rand_int_range(rand, 0, (gint32) size);
        size_t length = (size_t) g_rand_int_range(rand, 0, 64);
        switch (g_rand_int_range(rand, 0, 4)) {
        case 0:
            copy[at] ^= (uint8_t) (1 << g_rand_int_range(rand, 0, 8));
            break;
        case 1:
            copy[at] = (uint8_t) g_rand_int_range(rand, 0, 256);
            break;
        case 2:
            length = MIN(length, size - MAX(at, from));
            memmove(copy + at, copy + from, length);
            break;
        default:
            if (g_rand_int_range(rand, 0, 8) == 0)
                *out_size = at;
        }
    }
    return copy;
}

static void replay(const char *path)
{
    g_autofree char *text = NULL;
    gsize size;
    g_autoptr(GError) error = NULL;
    if (!g_file_get_contents(path, &text, &size, &error))
        g_error("%s", error->message);
    LLVMFuzzerTestOneInput((const uint8_t *) text, size);
    GRand *rand = g_rand_new_with_seed(g_str_hash(path) ^ (guint32) size);
    for (int i = 0; i < COPIES; i++) {
        size_t damaged_size;
        g_autofree uint8_t *damaged = damage(rand, (uint8_t *) text, size, &damaged_size);
        /* A block of its own, so that reading past the end is seen. */
        g_autofree uint8_t *exact = g_memdup2(damaged, damaged_size);
        LLVMFuzzerTestOneInput(exact, damaged_size);
    }
    g_rand_free(rand);
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        g_autoptr(GDir) dir = g_dir_open(argv[i], 0, NULL);
        if (!dir) {
            replay(argv[i]);
            continue;
        }
        for (const char *name; (name = g_dir_read_name(dir));) {
            g_autofree char *path = g_build_filename(argv[i], name, NULL);
            replay(path);
        }
    }
    return 0;
}
