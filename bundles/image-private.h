/* SPDX-License-Identifier: Apache-2.0 */
/* What the readers of image formats share. */
#pragma once

#include "bundles/image.h"

typedef struct {
    int fd;
    const char *path;
    uint64_t size; /* of the file */
    GError **error;
} ImageFile;

/**
 * image_read() - Read exactly @size bytes at @offset; false with an error when they are not there
 */
bool image_read(const ImageFile *file, uint64_t offset, void *buffer, size_t size);

/**
 * image_invalid() - Set the error for a damaged header; returns false
 */
bool image_invalid(const ImageFile *file, const char *what);

bool image_read_qcow2(const ImageFile *file, ImageInfo *info);
bool image_read_vmdk(const ImageFile *file, ImageInfo *info);
bool image_read_vmdk_text(const ImageFile *file, ImageInfo *info);
bool image_read_vhdx(const ImageFile *file, ImageInfo *info);

uint64_t image_be(const uint8_t *bytes, int size);
uint64_t image_le(const uint8_t *bytes, int size);
