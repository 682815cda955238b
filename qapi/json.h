/* SPDX-License-Identifier: Apache-2.0 */
/* A strict JSON parser with limits that makes cJSON values, and exact integers in them. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "qapi/json-auto.h"

/* What one JSON text may cost. Parsing recurses, so max_depth bounds the stack as well. */
typedef struct {
    size_t max_bytes;   /* length of one text */
    unsigned max_depth; /* arrays and objects inside each other */
    size_t max_values;  /* scalars, arrays and objects together: each costs about 100 bytes */
} JsonLimits;

/* 64 MiB, 1,000 levels, 1,048,576 values. */
extern const JsonLimits json_default_limits;

/**
 * json_parse() - Parse one JSON text
 * @text:   need not end in NUL
 * @length: in bytes
 * @limits: NULL for json_default_limits
 * @error:  QMP_ERROR_PROTOCOL; the message names the byte where it is wrong
 *
 * Strict: UTF-8 only, no duplicate member names, nothing after the value. An integer of 16 or more
 * digits becomes a cJSON_Raw with its own text, because a double does not hold it and cJSON would
 * print it in exponent form; read numbers with json_get_int64() and its siblings. An escaped NUL
 * becomes U+FFFD, since a C string cannot hold it.
 *
 * Source: RFC 8259
 * Return: the value; free with cJSON_Delete()
 */
cJSON *json_parse(const char *text, size_t length, const JsonLimits *limits,
                  GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * json_get_int64() - Integer value, exactly
 * @value:   a number, or a cJSON_Raw that json_parse() or json_new_int64() made; may be NULL
 * @out_int: untouched on failure
 *
 * Return: false when @value is no integer or does not fit
 */
bool json_get_int64(const cJSON *value, int64_t *out_int) G_GNUC_WARN_UNUSED_RESULT;

/**
 * json_get_uint64() - json_get_int64() for unsigned integers; a negative number does not fit
 */
bool json_get_uint64(const cJSON *value, uint64_t *out_int) G_GNUC_WARN_UNUSED_RESULT;

/**
 * json_get_double() - Any number as a double; rounds a large integer
 */
bool json_get_double(const cJSON *value, double *out_double) G_GNUC_WARN_UNUSED_RESULT;

/**
 * json_new_int64() - A value that prints as exactly this integer
 */
cJSON *json_new_int64(int64_t value);

/**
 * json_new_uint64() - A value that prints as exactly this integer
 */
cJSON *json_new_uint64(uint64_t value);

/**
 * json_new_double() - A value that prints so that it reads back as this double
 * @value: must be finite
 */
cJSON *json_new_double(double value);

/**
 * json_is_number() - Whether a value is a number, an exact integer included
 */
bool json_is_number(const cJSON *value);
