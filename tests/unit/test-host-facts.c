/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of core/host-facts.c. */
#include "core/host-facts.h"

#include <glib/gstdio.h>

#include "core/error.h"
#include "core/paths.h"
#include "core/tree.h"

#define UUID "11111111-2222-4333-8444-555555555501"

static void test_nothing_known(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(HostFacts) facts = host_facts_load(UUID, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(g_hash_table_size(facts->media), ==, 0);
    g_assert_cmpuint(facts->shares->len, ==, 0);
}

static void test_round_trip(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(HostFacts) facts = host_facts_new();
    g_hash_table_insert(facts->media, g_strdup("A"), g_strdup("/iso/a \"b\".iso"));
    host_facts_add_share(facts, "/home/ü", NULL)->read_only = true;
    host_facts_add_share(facts, "/srv", NULL)->virtiofs = true;
    host_facts_add_share(facts, "/opt", "own");
    g_ptr_array_add(facts->usb, g_strdup("046d:c52b"));
    g_assert_true(host_facts_save(facts, UUID, &error));
    g_assert_no_error(error);

    g_autoptr(HostFacts) read = host_facts_load(UUID, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(g_hash_table_lookup(read->media, "A"), ==, "/iso/a \"b\".iso");
    g_assert_cmpuint(read->shares->len, ==, 3);
    g_assert_cmpstr(host_facts_share(read, "share")->path, ==, "/home/ü");
    g_assert_true(host_facts_share(read, "share")->read_only);
    g_assert_false(host_facts_share(read, "share")->virtiofs);
    g_assert_cmpstr(host_facts_share(read, "share2")->path, ==, "/srv");
    g_assert_true(host_facts_share(read, "share2")->virtiofs);
    g_assert_cmpstr(host_facts_share(read, "own")->path, ==, "/opt");
    g_assert_null(host_facts_share(read, "share3"));
    g_assert_cmpuint(read->usb->len, ==, 1);
    g_assert_cmpstr(read->usb->pdata[0], ==, "046d:c52b");

    g_hash_table_remove_all(read->media);
    g_ptr_array_set_size(read->shares, 0);
    g_assert_true(host_facts_save(read, UUID, &error));
    g_autofree char *folder = paths_state(UUID);
    g_autofree char *media = g_build_filename(folder, "media.json", NULL);
    g_assert_false(g_file_test(media, G_FILE_TEST_EXISTS));
}

static void test_damaged(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *folder = paths_state(UUID);
    g_autofree char *share = g_build_filename(folder, "share.json", NULL);
    g_assert_true(paths_make_private(folder, NULL));
    g_assert_true(g_file_set_contents(share, "{\"path\":", -1, NULL));
    g_autoptr(HostFacts) facts = host_facts_load(UUID, &error);
    g_assert_null(facts);
    g_assert_error(error, UTM_ERROR, UTM_ERROR_INVALID);
    g_assert_cmpint(g_unlink(share), ==, 0);
}

int main(int argc, char **argv)
{
    g_autofree char *folder = g_dir_make_tmp("utmctl-facts-XXXXXX", NULL);
    g_assert_nonnull(folder);
    g_setenv("XDG_STATE_HOME", folder, TRUE);
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/host-facts/nothing-known", test_nothing_known);
    g_test_add_func("/host-facts/round-trip", test_round_trip);
    g_test_add_func("/host-facts/damaged", test_damaged);
    int status = g_test_run();
    g_assert_true(tree_remove(folder, NULL));
    return status;
}
