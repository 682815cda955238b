/* SPDX-License-Identifier: Apache-2.0 */
/* Generated values of every type of a schema survive JSON. */
#include "tests/unit/qapi-random.h"

extern const QapiSchema ROUND_TRIP_SCHEMA;

static void test_round_trip(void)
{
    g_assert_cmpuint(ROUND_TRIP_SCHEMA.n_types, >, 0);
    qapi_check_schema(&ROUND_TRIP_SCHEMA);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/qapi-round-trip", test_round_trip);
    return g_test_run();
}
