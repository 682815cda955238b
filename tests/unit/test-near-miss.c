/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of core/near-miss.c. */
#include "core/near-miss.h"

static char *const machines[] = { (char *) "q35",   (char *) "pc",      (char *) "pc-q35-7.2",
                                  (char *) "isapc", (char *) "microvm", NULL };

static void test_nearest_first(void)
{
    g_autofree char *near = near_miss("q53", (char **) machines);
    g_assert_null(near);
    g_autofree char *close = near_miss("Q3", (char **) machines);
    g_assert_cmpstr(close, ==, "\"q35\"");
    g_autofree char *prefix = near_miss("pc-q35-10.0", (char **) machines);
    g_assert_cmpstr(prefix, ==, "\"pc-q35-7.2\"");
}

static void test_at_most_three(void)
{
    char *names[] = { (char *) "web4", (char *) "web3", (char *) "web2", (char *) "web1", NULL };
    g_autofree char *near = near_miss("web", names);
    g_assert_cmpstr(near, ==, "\"web1\", \"web2\", \"web3\"");
}

static void test_nothing_near(void)
{
    g_assert_null(near_miss("alpine", (char **) machines));
    g_assert_null(near_miss("alpine", NULL));
    g_assert_null(near_miss_set("alpine", NULL));
    g_assert_null(near_miss("", (char **) machines));
}

static void test_set(void)
{
    g_autoptr(GHashTable) set = g_hash_table_new(g_str_hash, g_str_equal);
    g_hash_table_add(set, (char *) "virtio-vga");
    g_hash_table_add(set, (char *) "VGA");
    g_autofree char *near = near_miss_set("virtio-vgo", set);
    g_assert_cmpstr(near, ==, "\"virtio-vga\"");
}

static void test_long_words(void)
{
    g_autofree char *word = g_strnfill(1000, 'a');
    char *names[] = { word, NULL };
    g_autofree char *near = near_miss("b", names);
    g_assert_null(near);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/near-miss/nearest-first", test_nearest_first);
    g_test_add_func("/near-miss/at-most-three", test_at_most_three);
    g_test_add_func("/near-miss/nothing-near", test_nothing_near);
    g_test_add_func("/near-miss/set", test_set);
    g_test_add_func("/near-miss/long-words", test_long_words);
    return g_test_run();
}
