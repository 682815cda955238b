/* SPDX-License-Identifier: Apache-2.0 */
/* Visitors: every kind of type, errors that name the path, what a schema does not have, and what
 * generated functions send. */
#include <glib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "qapi/json.h"
#include "tests/unit/generated/test-commands.h"
#include "tests/unit/generated/test-events.h"
#include "tests/unit/generated/test-schema.h"
#include "tests/unit/qapi-random.h"

static cJSON *parse(const char *text)
{
    g_autoptr(GError) error = NULL;
    cJSON *json = json_parse(text, strlen(text), NULL, &error);
    g_assert_no_error(error);
    return json;
}

static void test_round_trip(void)
{
    qapi_check_schema(&test_schema);
}

static void test_our_numbers(void)
{
    g_autoptr(cJSON) json = parse("{\"a\": -128, \"b\": 255, \"c\": -32768, \"d\": 65535,"
                                  "\"e\": -2147483648, \"f\": 4294967295,"
                                  "\"g\": -9223372036854775808, \"h\": 18446744073709551615,"
                                  "\"i\": 9007199254740993, \"j\": 1e300, \"k\": false}");
    g_autoptr(GError) error = NULL;
    g_autoptr(TestNumbers) numbers = test_numbers_from_json(json, &error);
    g_assert_no_error(error);
    g_assert_cmpint(numbers->a, ==, -128);
    g_assert_cmpuint(numbers->b, ==, 255);
    g_assert_cmpint(numbers->g, ==, INT64_MIN);
    g_assert_cmpuint(numbers->h, ==, UINT64_MAX);
    g_assert_cmpuint(numbers->i, ==, 9007199254740993u);
    g_assert_true(numbers->has_k);
    g_assert_false(numbers->k);
    g_assert_false(numbers->has_l);
}

typedef struct {
    const QapiType *type;
    const char *text;
    const char *message;
} Case;

/* What comes is refused with the path to where it is wrong. */
static void test_errors(void)
{
    static const Case cases[] = {
        { &test_point_type, "[]", "return: expected an object, got an array" },
        { &test_point_type, "{\"x\": 1}", "return.y: is missing" },
        { &test_point_type, "{\"x\": 1, \"y\": \"2\"}",
          "return.y: expected an integer, got a string" },
        { &test_point_type, "{\"x\": 1.5, \"y\": 2}",
          "return.x: expected an integer that fits in 64 bits" },
        { &test_point_type, "{\"x\": 9223372036854775808, \"y\": 2}",
          "return.x: expected an integer that fits in 64 bits" },
        { &test_point_type, "{\"x\": 1, \"y\": 2, \"note\": null}",
          "return.note: expected a string, got null" },
        { &test_numbers_type, "{\"a\": 128}", "return.a: 128 does not fit in 8 bits" },
        { &test_numbers_type, "{\"a\": -129}", "return.a: -129 does not fit in 8 bits" },
        { &test_numbers_type, "{\"a\": 1, \"b\": -1}",
          "return.b: expected an integer from 0 that fits in 8 bits" },
        { &test_numbers_type, "{\"a\": 1, \"b\": 256}", "return.b: 256 does not fit in 8 bits" },
        { &test_shape_type, "{\"color\": 3}", "return.color: expected a string, got a number" },
        { &test_shape_type, "{\"color\": \"red\", \"x\": 1}", "return.y: is missing" },
        { &test_tree_list_type,
          "[{\"value\": 1, \"children\": []},"
          " {\"value\": 1, \"children\": [{\"value\": 2, \"children\": [],"
          " \"left\": {\"value\": 3}}]}]",
          "return[1].children[0].left.children: is missing" },
        { &test_tree_type, "{\"value\": 1, \"children\": [], \"more\": 5}",
          "return.more: cannot be a number" },
        { &test_tree_type, "{\"value\": 1, \"children\": [], \"more\": [{\"color\": \"red\"}]}",
          "return.more[0].x: is missing" },
        { &test_tree_type, "{\"value\": 1, \"children\": [], \"bits\": [true, 0]}",
          "return.bits[1]: expected a boolean, got a number" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(cJSON) json = parse(cases[i].text);
        g_autoptr(GError) error = NULL;
        void *value = NULL;
        g_assert_false(qapi_from_json(cases[i].type, json, "return", &value, &error));
        g_assert_null(value);
        g_assert_error(error, QMP_ERROR, QMP_ERROR_TYPE);
        g_assert_cmpstr(error->message, ==, cases[i].message);
    }
}

static void test_newer_server(void)
{
    g_autoptr(cJSON) json = parse("{\"color\": \"ultraviolet\", \"name\": \"n\", \"lens\": {}}");
    g_autoptr(GError) error = NULL;
    g_autoptr(TestShape) shape = test_shape_from_json(json, &error);
    g_assert_no_error(error);
    g_assert_cmpint(shape->color, ==, TEST_COLOR__UNKNOWN);
    g_assert_null(test_color_name(shape->color));
    g_assert_null(test_shape_to_json(shape, &error));
    g_assert_error(error, QMP_ERROR, QMP_ERROR_TYPE);
    g_assert_cmpstr(error->message, ==, "Shape.color: -1 is no value of Color");
}

static void test_enums(void)
{
    TestColor color = TEST_COLOR_RED;
    g_assert_true(test_color_parse("dark-blue", &color));
    g_assert_cmpint(color, ==, TEST_COLOR_DARK_BLUE);
    g_assert_cmpstr(test_color_name(TEST_COLOR_3D), ==, "3d");
    g_assert_false(test_color_parse("green", &color));
    g_assert_cmpint(color, ==, TEST_COLOR_DARK_BLUE);
    g_assert_null(test_color_name((TestColor) TEST_COLOR__COUNT));
}

static void test_what_cannot_be_sent(void)
{
    g_autoptr(GError) error = NULL;
    TestShape shape = { .color = TEST_COLOR_RED };
    g_assert_null(test_shape_to_json(&shape, &error));
    g_assert_cmpstr(error->message, ==, "Shape: the branch of the union is missing");
    g_clear_error(&error);
    TestPoint point = { .note = (char *) "\xff" };
    g_assert_null(test_point_to_json(&point, &error));
    g_assert_cmpstr(error->message, ==, "Point.note: the text is not UTF-8");
    g_clear_error(&error);
    TestTree tree = { 0 };
    g_assert_null(test_tree_to_json(&tree, &error));
    g_assert_cmpstr(error->message, ==, "Tree.value: is missing");
}

static void test_depth(void)
{
    g_autoptr(GString) text = g_string_new(NULL);
    for (int i = 0; i < 450; i++)
        g_string_append(text, "{\"value\": 0, \"children\": [");
    g_string_append(text, "1");
    for (int i = 0; i < 450; i++)
        g_string_append(text, "]}");
    g_autoptr(cJSON) json = parse(text->str);
    g_autoptr(GError) error = NULL;
    g_assert_null(test_tree_from_json(json, &error));
    g_assert_nonnull(strstr(error->message, "…"));
}

/* ---- calls ---- */

/* The other end of a client: reads what the client sends, and answers. */
typedef struct {
    QmpClient *client;
    int fd;
} Server;

static Server start_server(void)
{
    int pair[2];
    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), ==, 0);
    return (Server){ .client = qmp_client_new(pair[0], NULL, NULL, NULL), .fd = pair[1] };
}

static void say(const Server *server, const char *text)
{
    g_assert_cmpint(write(server->fd, text, strlen(text)), ==, (ssize_t) strlen(text));
}

static void heard(const Server *server, const char *text)
{
    char buffer[4096] = { 0 };
    ssize_t n = recv(server->fd, buffer, sizeof buffer - 1, MSG_DONTWAIT);
    g_assert_cmpint(n, >, 0);
    g_assert_cmpstr(g_strchomp(buffer), ==, text);
}

static void stop_server(Server *server)
{
    qmp_client_free(server->client);
    close(server->fd);
}

static void test_calls(void)
{
    Server server = start_server();
    g_autoptr(GError) error = NULL;
    say(&server, "{\"return\": {}, \"id\": 1}");
    g_assert_true(test_nop(server.client, &error));
    heard(&server, "{\"execute\":\"nop\",\"id\":1}");
    say(&server, "{\"return\": 9007199254740993, \"id\": 1}");
    int64_t number = 0;
    g_assert_true(test_get_number(server.client, &number, &error));
    g_assert_cmpint(number, ==, 9007199254740993);
    heard(&server, "{\"execute\":\"get-number\",\"id\":1}");
    say(&server, "{\"return\": [\"a\", \"b\"], \"id\": 1}");
    g_autoptr(QapiStrList) texts = NULL;
    g_assert_true(test_get_texts(server.client, NULL, true, -1, false, &texts, &error));
    g_assert_cmpuint(texts->len, ==, 2);
    g_assert_cmpstr(texts->items[1], ==, "b");
    heard(&server,
          "{\"execute\":\"get-texts\",\"arguments\":{\"limit\":-1,\"error\":false},\"id\":1}");
    say(&server, "{\"return\": {\"x\": 1}, \"id\": 1}");
    g_autoptr(TestPoint) point = NULL;
    g_assert_false(test_move_to(server.client, 1, 2, NULL, &point, &error));
    g_assert_null(point);
    g_assert_cmpstr(error->message, ==, "move-to: return.y: is missing");
    heard(&server, "{\"execute\":\"move-to\",\"arguments\":{\"x\":1,\"y\":2},\"id\":1}");
    stop_server(&server);
}

static void test_call_boxed_and_free_form(void)
{
    Server server = start_server();
    g_autoptr(GError) error = NULL;
    say(&server, "{\"return\": [], \"id\": 1}");
    TestPoint point = { .x = 1, .y = 2 };
    TestShape shape = { .color = TEST_COLOR_RED, .u.red = &point };
    g_assert_true(test_draw(server.client, &shape, NULL, &error));
    heard(&server, "{\"execute\":\"draw\",\"arguments\":{\"color\":\"red\",\"x\":1,\"y\":2},"
                   "\"id\":1}");
    say(&server, "{\"return\": {}, \"id\": 1}");
    g_autoptr(cJSON) arguments = parse("{\"driver\": \"d\", \"other\": [1]}");
    g_assert_true(test_device_add(server.client, arguments, &error));
    heard(&server, "{\"execute\":\"device-add\",\"arguments\":{\"driver\":\"d\",\"other\":[1]},"
                   "\"id\":1}");
    shape.u.red = NULL;
    g_assert_false(test_draw(server.client, &shape, NULL, &error));
    g_assert_cmpstr(error->message, ==, "draw: arguments: the branch of the union is missing");
    stop_server(&server);
}

/* ---- events ---- */

typedef struct {
    int drawn, erased, unknown;
} Seen;

static void on_drawn(const TestDrawnEvent *data, int64_t time_us, void *user)
{
    Seen *seen = user;
    seen->drawn++;
    g_assert_cmpint(time_us, ==, 7);
    g_assert_cmpint(data->shape->color, ==, TEST_COLOR_DARK_BLUE);
    g_assert_null(data->at);
}

static void on_erased(int64_t time_us, void *user)
{
    (void) time_us;
    ((Seen *) user)->erased++;
}

static void on_unknown(const char *name, const cJSON *data, int64_t time_us, void *user)
{
    (void) data;
    (void) time_us;
    g_assert_cmpstr(name, ==, "PAINTED");
    ((Seen *) user)->unknown++;
}

static void test_events(void)
{
    static const TestEventHandlers handlers = { .drawn = on_drawn,
                                                .erased = on_erased,
                                                .unknown_event = on_unknown };
    g_autoptr(GError) error = NULL;
    g_autoptr(cJSON) data = parse("{\"shape\": {\"color\": \"dark-blue\"}}");
    Seen seen = { 0 };
    g_assert_true(test_event_dispatch(&handlers, "DRAWN", data, 7, &seen, &error));
    g_assert_true(test_event_dispatch(&handlers, "ERASED", NULL, 8, &seen, &error));
    g_assert_true(test_event_dispatch(&handlers, "PAINTED", NULL, 9, &seen, &error));
    g_assert_cmpint(seen.drawn * 100 + seen.erased * 10 + seen.unknown, ==, 111);
    g_assert_false(test_event_dispatch(&handlers, "DRAWN", NULL, 7, &seen, &error));
    g_assert_cmpstr(error->message, ==, "DRAWN: data: is missing");
    g_clear_error(&error);
    g_auto(TestEvent) event = { .kind = TEST_EVENT__UNKNOWN };
    g_assert_true(test_event_from_json("DRAWN", data, 7, &event, &error));
    g_assert_cmpint(event.kind, ==, TEST_EVENT_DRAWN);
    g_assert_cmpint(event.u.drawn->shape->color, ==, TEST_COLOR_DARK_BLUE);
}

static void test_tables(void)
{
    g_assert_null(qapi_find_event(&test_schema, "ERASED")->data);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/qapi-visit/round-trip", test_round_trip);
    g_test_add_func("/qapi-visit/numbers", test_our_numbers);
    g_test_add_func("/qapi-visit/errors", test_errors);
    g_test_add_func("/qapi-visit/newer-server", test_newer_server);
    g_test_add_func("/qapi-visit/enums", test_enums);
    g_test_add_func("/qapi-visit/what-cannot-be-sent", test_what_cannot_be_sent);
    g_test_add_func("/qapi-visit/depth", test_depth);
    g_test_add_func("/qapi-visit/calls", test_calls);
    g_test_add_func("/qapi-visit/boxed-and-free-form", test_call_boxed_and_free_form);
    g_test_add_func("/qapi-visit/events", test_events);
    g_test_add_func("/qapi-visit/tables", test_tables);
    return g_test_run();
}
