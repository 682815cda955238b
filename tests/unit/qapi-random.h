/* SPDX-License-Identifier: Apache-2.0 */
/* Random values of any QAPI type, and a check that they survive JSON. */
#pragma once

#include "qapi/call.h"

/**
 * qapi_random() - Make a value of a type
 * @out_value: address of the scalar or of the pointer; free with qapi_clear()
 */
void qapi_random(const QapiType *type, GRand *rand, void *out_value);

/**
 * qapi_check_round_trip() - Assert that a value is the same after it was JSON text
 */
void qapi_check_round_trip(const QapiType *type, const void *value);

/**
 * qapi_check_schema() - qapi_check_round_trip() of values of every type of a schema
 */
void qapi_check_schema(const QapiSchema *schema);
