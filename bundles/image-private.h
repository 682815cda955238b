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

/**
 * image_read_qcow2() - Read the header and the snapshots of a qcow2 image
 * @info: its format is there; what the header says is filled in
 *
 * Return: false with the file's error set
 */
bool image_read_qcow2(const ImageFile *file, ImageInfo *info);

/**
 * image_read_vmdk() - Read the header of a VMDK image
 * @info: its format is there; what the header says is filled in
 *
 * Return: false with the file's error set
 */
bool image_read_vmdk(const ImageFile *file, ImageInfo *info);

/**
 * image_read_vmdk_text() - Read the text that describes a VMDK image in several files
 * @info: its format is there; what the header says is filled in
 *
 * Return: false with the file's error set
 */
bool image_read_vmdk_text(const ImageFile *file, ImageInfo *info);

/**
 * image_read_vhdx() - Read the header of a VHDX image
 * @info: its format is there; what the header says is filled in
 *
 * Return: false with the file's error set
 */
bool image_read_vhdx(const ImageFile *file, ImageInfo *info);

/**
 * image_be() - A big-endian number of 1 to 8 bytes
 */
uint64_t image_be(const uint8_t *bytes, int size);

/**
 * image_le() - A little-endian number of 1 to 8 bytes
 */
uint64_t image_le(const uint8_t *bytes, int size);
