/* SPDX-License-Identifier: Apache-2.0 */
/* What writing and reading PNG files share. */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { PNG_SIGNATURE_BYTES = 8 };
extern const uint8_t png_signature[PNG_SIGNATURE_BYTES];

/* Each row begins with the number of its filter. */
enum { PNG_FILTER_NONE, PNG_FILTER_SUB, PNG_FILTER_UP, PNG_FILTER_AVERAGE, PNG_FILTER_PAETH };

/**
 * png_crc() - Checksum of a chunk
 * @data:   type and content of the chunk, without its length
 *
 * Source: PNG specification, "Sample Cyclic Redundancy Code implementation": the polynomial
 */
uint32_t png_crc(const uint8_t *data, size_t length);
