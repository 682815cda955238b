/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON parser: exact integers, strictness, limits, and replacing a member in a text. */
#include <string.h>

#include "qapi/json.h"
#include "qapi/qmp-client.h"

static cJSON *parse(const char *text)
{
    g_autoptr(GError) error = NULL;
    cJSON *value = json_parse(text, strlen(text), NULL, &error);
    g_assert_no_error(error);
    g_assert_nonnull(value);
    return value;
}

static void refuse(const char *text, const char *message)
{
    g_autoptr(GError) error = NULL;
    cJSON *value = json_parse(text, strlen(text), NULL, &error);
    g_assert_null(value);
    g_assert_error(error, QMP_ERROR, QMP_ERROR_PROTOCOL);
    if (!strstr(error->message, message))
        g_error("\"%s\": got \"%s\" instead of \"%s\"", text, error->message, message);
}

static void test_values(void)
{
    g_autoptr(cJSON) v =
        parse(" {\"a\": [1, -2.5, 1e3, true, false, null], \"b\": {\"c\": \"x\"}} ");
    const cJSON *a = cJSON_GetObjectItemCaseSensitive(v, "a");
    g_assert_cmpint(cJSON_GetArraySize(a), ==, 6);
    g_assert_cmpfloat(cJSON_GetArrayItem(a, 1)->valuedouble, ==, -2.5);
    g_assert_cmpint(cJSON_GetArrayItem(a, 2)->valueint, ==, 1000);
    g_assert_true(cJSON_IsTrue(cJSON_GetArrayItem(a, 3)));
    g_assert_true(cJSON_IsNull(cJSON_GetArrayItem(a, 5)));
    char *text = cJSON_PrintUnformatted(v);
    g_assert_cmpstr(text, ==, "{\"a\":[1,-2.5,1000,true,false,null],\"b\":{\"c\":\"x\"}}");
    cJSON_free(text);
}

static void check_int(const char *text, int64_t expected)
{
    g_autoptr(cJSON) v = parse(text);
    int64_t value = 0;
    g_assert_true(json_get_int64(v, &value));
    g_assert_cmpint(value, ==, expected);
    g_autoptr(cJSON) made = json_new_int64(expected);
    char *printed = cJSON_PrintUnformatted(made);
    g_assert_cmpstr(printed, ==, text);
    cJSON_free(printed);
    printed = cJSON_PrintUnformatted(v);
    g_assert_cmpstr(printed, ==, text);
    cJSON_free(printed);
}

static void test_integers(void)
{
    check_int("0", 0);
    check_int("-1", -1);
    check_int("2147483648", 2147483648);
    check_int("100000000000000", 100000000000000);
    check_int("999999999999999", 999999999999999);
    check_int("1000000000000000", 1000000000000000);
    check_int("9007199254740993", 9007199254740993);
    check_int("9223372036854775807", INT64_MAX);
    check_int("-9223372036854775808", INT64_MIN);

    g_autoptr(cJSON) big = parse("18446744073709551615");
    int64_t i = 7;
    uint64_t u = 0;
    g_assert_false(json_get_int64(big, &i));
    g_assert_cmpint(i, ==, 7);
    g_assert_true(json_get_uint64(big, &u));
    g_assert_cmpuint(u, ==, UINT64_MAX);
    g_autoptr(cJSON) made = json_new_uint64(UINT64_MAX);
    g_assert_cmpstr(made->valuestring, ==, "18446744073709551615");

    g_autoptr(cJSON) huge = parse("18446744073709551616");
    g_assert_false(json_get_uint64(huge, &u));
    g_autoptr(cJSON) negative = parse("-1");
    g_assert_false(json_get_uint64(negative, &u));
    g_autoptr(cJSON) fraction = parse("1.5");
    g_assert_false(json_get_int64(fraction, &i));
    g_autoptr(cJSON) string = parse("\"1\"");
    g_assert_false(json_get_int64(string, &i));
    g_assert_false(json_get_int64(NULL, &i));
}

static void test_doubles(void)
{
    const double values[] = { 0.1, -1.0 / 3, 1e300, 5e-324, 123456789.125 };
    for (size_t i = 0; i < G_N_ELEMENTS(values); i++) {
        g_autoptr(cJSON) made = json_new_double(values[i]);
        char *text = cJSON_PrintUnformatted(made);
        g_autoptr(cJSON) back = parse(text);
        double value = 0;
        g_assert_true(json_get_double(back, &value));
        g_assert_cmpfloat(value, ==, values[i]);
        cJSON_free(text);
    }
}

static void test_strings(void)
{
    g_autoptr(cJSON) v = parse("\"a\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e4\\ud83d\\ude00\xc3\xa4\"");
    g_assert_cmpstr(v->valuestring, ==, "a\"\\/\b\f\n\r\t\xc3\xa4\xf0\x9f\x98\x80\xc3\xa4");
    g_autoptr(cJSON) nul = parse("\"a\\u0000b\"");
    g_assert_cmpstr(nul->valuestring, ==,
                    "a\xef\xbf\xbd"
                    "b");
}

static void test_refused(void)
{
    refuse("", "value expected");
    refuse("{", "member name expected");
    refuse("[1", "array does not end");
    refuse("{\"a\":1", "object does not end");
    refuse("{\"a\" 1}", "\":\" expected");
    refuse("{\"a\":1,}", "member name expected");
    refuse("[1,]", "value expected");
    refuse("[1 2]", "\",\" or \"]\" expected");
    refuse("[1}", "\",\" or \"]\" expected");
    refuse("1 2", "something follows");
    refuse("01", "begins with 0");
    refuse("-", "digit expected");
    refuse("1.", "decimal point");
    refuse("1e", "exponent");
    refuse("1e999", "too large");
    refuse("tru", "value expected");
    refuse("\"a", "does not end");
    refuse("\"a\nb\"", "control character 0x0a");
    refuse("\"\\x\"", "unknown escape");
    refuse("\"\\u12g4\"", "four hexadecimal");
    refuse("\"\\ud800\"", "surrogate");
    refuse("\"\\udc00\"", "surrogate");
    refuse("\"\\ud800\\u0041\"", "surrogate");
    refuse("\"\xff\"", "not UTF-8");
    refuse("\"\xc3\"", "not UTF-8");
    refuse("\"\xed\xa0\x80\"", "not UTF-8");
    refuse("{\"a\":1,\"b\":2,\"a\":3}", "\"a\" is there twice");
    refuse("{\"a\":1,\"\\u0061\":3}", "\"a\" is there twice");
    refuse("[1, x]", "byte 4");
}

static void test_many_duplicates(void)
{
    g_autoptr(GString) text = g_string_new("{");
    for (int i = 0; i < 1000; i++)
        g_string_append_printf(text, "\"m%d\":%d,", i, i);
    g_autofree char *good = g_strconcat(text->str, "\"last\":0}", NULL);
    cJSON_Delete(parse(good));
    g_autofree char *bad = g_strconcat(text->str, "\"m500\":0}", NULL);
    refuse(bad, "\"m500\" is there twice");
}

static char *nested(int depth, bool closed)
{
    GString *text = g_string_new(NULL);
    for (int i = 0; i < depth; i++)
        g_string_append_c(text, '[');
    for (int i = 0; closed && i < depth; i++)
        g_string_append_c(text, ']');
    return g_string_free(text, FALSE);
}

static void test_limits(void)
{
    g_autofree char *deepest = nested(1000, true);
    cJSON_Delete(parse(deepest));
    g_autofree char *deeper = nested(1001, true);
    refuse(deeper, "nested deeper than 1000");
    g_autofree char *deep = nested(100000, false);
    refuse(deep, "nested deeper than 1000");

    JsonLimits limits = { .max_bytes = 20, .max_depth = 4, .max_values = 5 };
    g_autoptr(GError) error = NULL;
    g_assert_null(json_parse("[1,2,3,4,5]", 11, &limits, &error));
    g_assert_error(error, QMP_ERROR, QMP_ERROR_PROTOCOL);
    g_clear_error(&error);
    g_assert_null(json_parse("\"123456789012345678901\"", 23, &limits, &error));
    g_assert_error(error, QMP_ERROR, QMP_ERROR_PROTOCOL);
}

/* Every prefix of a good text is refused or good, and read nothing behind its end. */
static void test_truncated(void)
{
    const char *text = "{\"a\": [1, -2.5e-1, \"\\u00e4\\ud83d\\ude00\", true, null], \"b\": {}}";
    size_t length = strlen(text);
    for (size_t n = 0; n < length; n++) {
        g_autofree char *part = g_memdup2(text, n + !n);
        g_autoptr(GError) error = NULL;
        g_assert_null(json_parse(part, n, NULL, &error));
        g_assert_error(error, QMP_ERROR, QMP_ERROR_PROTOCOL);
    }
    g_autofree char *all = g_memdup2(text, length);
    cJSON_Delete(json_parse(all, length, NULL, NULL));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/json/values", test_values);
    g_test_add_func("/json/integers", test_integers);
    g_test_add_func("/json/doubles", test_doubles);
    g_test_add_func("/json/strings", test_strings);
    g_test_add_func("/json/refused", test_refused);
    g_test_add_func("/json/many-duplicates", test_many_duplicates);
    g_test_add_func("/json/limits", test_limits);
    g_test_add_func("/json/truncated", test_truncated);
    return g_test_run();
}
