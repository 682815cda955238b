/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a PNG or a PPM: as they are, and with the checksums put right, without which little
 * that is damaged would get far. */
#include <string.h>

#include "core/screen/picture.h"
#include "core/screen/png-private.h"
#include "tests/fuzz/fuzz.h"

static void read_both(const uint8_t *data, size_t size)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Picture) ppm = picture_from_ppm(data, size, &error);
    g_assert_true((ppm != NULL) == (error == NULL));
    g_clear_error(&error);
    g_autoptr(Picture) png = picture_from_png(data, size, &error);
    g_assert_true((png != NULL) == (error == NULL));
}

static uint32_t number_at(const uint8_t *at)
{
    uint32_t big;
    memcpy(&big, at, sizeof big);
    return GUINT32_FROM_BE(big);
}

static void repair(uint8_t *data, size_t size)
{
    for (size_t at = PNG_SIGNATURE_BYTES; at + 12 <= size;) {
        size_t length = number_at(data + at);
        if (length > size - at - 12)
            return;
        uint32_t crc = GUINT32_TO_BE(png_crc(data + at + 4, length + 4));
        memcpy(data + at + 8 + length, &crc, sizeof crc);
        at += length + 12;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    read_both(data, size);
    g_autofree uint8_t *copy = g_memdup2(data, size);
    repair(copy, size);
    if (copy)
        read_both(copy, size);
    return 0;
}
