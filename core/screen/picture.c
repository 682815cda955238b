/* SPDX-License-Identifier: Apache-2.0 */
/* A picture: pixels, and PPM files. */
#include "core/screen/picture.h"

#include <stdio.h>
#include <string.h>

#include "core/error.h"

Picture *picture_new(unsigned width, unsigned height)
{
    Picture *picture = g_new0(Picture, 1);
    picture->width = width;
    picture->height = height;
    picture->rgb = g_malloc0_n((size_t) width * height, 3);
    return picture;
}

void picture_free(Picture *picture)
{
    if (!picture)
        return;
    g_free(picture->rgb);
    g_free(picture);
}

static Picture *not_ppm(const char *why, GError **error)
{
    utm_error_set(error, UTM_ERROR_INVALID, NULL, "not a picture: %s", why);
    return NULL;
}

Picture *picture_from_ppm(const void *file, size_t length, GError **error)
{
    g_autofree char *head = g_strndup(length ? file : "", MIN(length, 64));
    unsigned width = 0, height = 0, most = 0;
    int end = 0;
    if (sscanf(head, "P6 %9u %9u %9u%n", &width, &height, &most, &end) != 3 || most != 255)
        return not_ppm("no PPM with 8 bits a colour", error);
    if (!width || !height || width > PICTURE_MAXIMUM_SIDE || height > PICTURE_MAXIMUM_SIDE)
        return not_ppm("impossible size", error);
    size_t begin = (size_t) end + 1; /* one blank ends the head */
    size_t size = (size_t) width * height * 3;
    if (length < begin || length - begin < size)
        return not_ppm("it ends early", error);
    Picture *picture = picture_new(width, height);
    memcpy(picture->rgb, (const uint8_t *) file + begin, size);
    return picture;
}

GBytes *picture_to_ppm(const Picture *picture)
{
    size_t size = (size_t) picture->width * picture->height * 3;
    g_autofree char *head = g_strdup_printf("P6\n%u %u\n255\n", picture->width, picture->height);
    GByteArray *file = g_byte_array_sized_new((guint) (size + strlen(head)));
    g_byte_array_append(file, (const guint8 *) head, (guint) strlen(head));
    g_byte_array_append(file, picture->rgb, (guint) size);
    return g_byte_array_free_to_bytes(file);
}

Picture *picture_read(const char *path, GError **error)
{
    g_autofree char *file = NULL;
    gsize length;
    if (!g_file_get_contents(path, &file, &length, error))
        return NULL;
    bool is_ppm = length > 1 && file[0] == 'P' && file[1] == '6';
    Picture *picture =
        is_ppm ? picture_from_ppm(file, length, error) : picture_from_png(file, length, error);
    if (!picture)
        g_prefix_error(error, "\"%s\": ", path);
    return picture;
}
