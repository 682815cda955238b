/* SPDX-License-Identifier: Apache-2.0 */
/* Any JSON as a value of every type: refused with a path, or the same after it was written. */
#include <glib.h>

#include "qapi/generated/qmp-schema.h"
#include "qapi/json.h"
#include "tests/fuzz/fuzz.h"

static void check_type(const QapiType *type, const cJSON *json)
{
    uint64_t value = 0, again = 0;
    g_autoptr(GError) error = NULL;
    if (!qapi_from_json(type, json, "return", &value, &error)) {
        g_assert(g_str_has_prefix(error->message, "return"));
        return;
    }
    /* An enum value that the schema does not have cannot be written. */
    g_autoptr(cJSON) written = qapi_to_json(type, &value, "return", &error);
    if (written) {
        g_assert(qapi_from_json(type, written, "return", &again, &error));
        g_autoptr(cJSON) twice = qapi_to_json(type, &again, "return", &error);
        char *first = cJSON_PrintUnformatted(written);
        char *second = cJSON_PrintUnformatted(twice);
        g_assert_cmpstr(first, ==, second);
        cJSON_free(first);
        cJSON_free(second);
        qapi_clear(type, &again);
    }
    qapi_clear(type, &value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(cJSON) json = json_parse((const char *) data, size, NULL, NULL);
    for (size_t i = 0; json && i < qmp_schema.n_types; i++)
        check_type(qmp_schema.types[i], json);
    return 0;
}
