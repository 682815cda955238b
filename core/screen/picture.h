/* SPDX-License-Identifier: Apache-2.0 */
/* A picture: pixels, and the two kinds of file that hold them. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* Larger than any screen that QEMU makes, small enough that sizes cannot overflow. */
#define PICTURE_MAXIMUM_SIDE 16384

typedef struct {
    unsigned width;
    unsigned height;
    uint8_t *rgb; /* rows from the top, three bytes a pixel; owned */
} Picture;

/**
 * picture_new() - A black picture
 */
Picture *picture_new(unsigned width, unsigned height);

/**
 * picture_free() - Free a picture; NULL is ignored
 */
void picture_free(Picture *picture);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Picture, picture_free)

/**
 * picture_from_ppm() - Read a binary PPM with 8 bits a colour
 * @error: UTM_ERROR_INVALID
 *
 * Source: ppm(5) of netpbm
 */
Picture *picture_from_ppm(const void *file, size_t length,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * picture_to_ppm() - The file for picture_from_ppm()
 */
GBytes *picture_to_ppm(const Picture *picture);

/**
 * picture_to_png() - A PNG file, true colour without alpha
 *
 * Source: PNG specification, second edition, sections 5, 9 and 11
 */
GBytes *picture_to_png(const Picture *picture);

/**
 * picture_from_png() - Read a PNG file of any colour type and depth, interlaced or not
 * @error: UTM_ERROR_INVALID saying what is wrong with it
 *
 * Screens are opaque: transparency is left out. Of 16 bits a colour the upper 8 are kept.
 *
 * Source: PNG specification, second edition, sections 5, 7, 8, 9 and 11
 */
Picture *picture_from_png(const void *file, size_t length,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * picture_read() - Read a file that is a PNG or a PPM
 * @error: UTM_ERROR_NOT_FOUND, UTM_ERROR_INVALID; both name the file
 */
Picture *picture_read(const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
