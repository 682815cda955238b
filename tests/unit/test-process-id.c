/* SPDX-License-Identifier: Apache-2.0 */
/* Names of processes that no later one has. */
#include <glib.h>
#include <string.h>

#include "core/process-id.h"

static void test_self(void)
{
    g_autofree char *id = process_id_self();
    g_autofree char *again = process_id_self();
    g_assert_cmpstr(id, ==, again);
    g_assert_true(process_id_lives(id));
}

/* The number is used again, but what has it now began at another time. */
static void test_later(void)
{
    g_autofree char *id = process_id_self();
    g_auto(GStrv) parts = g_strsplit(id, ":", 3);
    g_autofree char *later = g_strdup_printf("%s:1%s:%s", parts[0], parts[1], parts[2]);
    g_assert_false(process_id_lives(later));
}

/* Whoever it is, it must not be taken for dead. */
static void test_other_namespace(void)
{
    g_autofree char *id = process_id_self();
    g_autofree char *other = g_strconcat(id, "9", NULL);
    g_assert_true(process_id_lives(other));
    g_assert_true(process_id_lives("999999:1:1"));
}

static void test_no_name(void)
{
    static const char *const texts[] = { "", ":", "::", "nobody", "0:0:", "-1:5:5", "12", "12:3" };
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        g_assert_false(process_id_lives(texts[i]));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/process-id/self", test_self);
    g_test_add_func("/process-id/later", test_later);
    g_test_add_func("/process-id/other-namespace", test_other_namespace);
    g_test_add_func("/process-id/no-name", test_no_name);
    return g_test_run();
}
