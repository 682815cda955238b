/* SPDX-License-Identifier: Apache-2.0 */
/* utmctl.plist: empty when absent, everything comes back, unknown keys stay. */
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>

#include "bundles/bundle.h"
#include "bundles/sidecar.h"

typedef struct {
    char *dir;
    char *file;
} Fixture;

static void set_up(Fixture *f, gconstpointer data)
{
    (void) data;
    f->dir = g_dir_make_tmp("sidecar-XXXXXX", NULL);
    f->file = g_build_filename(f->dir, "utmctl.plist", NULL);
}

static void tear_down(Fixture *f, gconstpointer data)
{
    (void) data;
    g_unlink(f->file);
    g_assert_cmpint(g_rmdir(f->dir), ==, 0);
    g_free(f->file);
    g_free(f->dir);
}

static Sidecar *reopen(Fixture *f, Sidecar *sidecar)
{
    g_autoptr(GError) error = NULL;
    if (sidecar) {
        g_assert_true(sidecar_save(sidecar, &error));
        sidecar_free(sidecar);
    }
    Sidecar *again = sidecar_open(f->dir, &error);
    g_assert_no_error(error);
    return again;
}

static void test_round_trip(Fixture *f, gconstpointer data)
{
    (void) data;
    g_autoptr(Sidecar) sidecar = reopen(f, NULL);
    g_assert_false(sidecar_is_protected(sidecar));
    g_assert_null(sidecar_suspended(sidecar));
    g_assert_null(sidecar_snapshot(sidecar, "a"));
    sidecar = reopen(f, g_steal_pointer(&sidecar));
    g_assert_false(g_file_test(f->file, G_FILE_TEST_EXISTS)); /* nothing in it, no file */

    SidecarSuspended suspended = { .time = 1700000000,
                                   .tag = (char *) "suspend",
                                   .machine = (char *) "pc-q35-7.2" };
    sidecar_set_protected(sidecar, true);
    g_autoptr(GHashTable) layers = g_hash_table_new(g_str_hash, g_str_equal);
    g_hash_table_insert(layers, (char *) "drive-1", (char *) "disk.qcow2");
    g_hash_table_insert(layers, (char *) "drive-2", (char *) "../escape");
    const SidecarSnapshot made = { .created = 1700000000,
                                   .parent = (char *) "root",
                                   .description = (char *) "before <it> broke",
                                   .layers = layers };
    sidecar_set_snapshot(sidecar, "a", &made);
    sidecar_set_snapshot(sidecar, "b", &made);
    sidecar_set_snapshot(sidecar, "b", NULL);
    sidecar_set_text(sidecar, "Current", "a");
    sidecar_set_clone(sidecar, "UUID-1", "/one.utm");
    sidecar_set_clone(sidecar, "UUID-2", "/two.utm");
    sidecar_set_clone(sidecar, "UUID-1", NULL);
    sidecar_set_suspended(sidecar, &suspended);
    sidecar = reopen(f, g_steal_pointer(&sidecar));
    g_assert_true(sidecar_is_protected(sidecar));
    g_autoptr(SidecarSnapshot) found = sidecar_snapshot(sidecar, "a");
    g_assert_cmpstr(found->description, ==, "before <it> broke");
    g_assert_cmpstr(found->parent, ==, "root");
    g_assert_cmpint(found->created, ==, 1700000000);
    g_assert_null(found->label);
    g_assert_cmpstr(g_hash_table_lookup(found->layers, "drive-1"), ==, "disk.qcow2");
    g_assert_cmpuint(g_hash_table_size(found->layers), ==, 1); /* nothing outside of the bundle */
    g_assert_null(sidecar_snapshot(sidecar, "b"));
    g_auto(GStrv) tags = sidecar_snapshot_tags(sidecar);
    g_assert_cmpuint(g_strv_length(tags), ==, 1);
    g_assert_cmpstr(sidecar_text(sidecar, "Current"), ==, "a");
    g_autoptr(GHashTable) clones = sidecar_clones(sidecar);
    g_assert_cmpuint(g_hash_table_size(clones), ==, 1);
    g_assert_cmpstr(g_hash_table_lookup(clones, "UUID-2"), ==, "/two.utm");
    g_autoptr(SidecarSuspended) back = sidecar_suspended(sidecar);
    g_assert_cmpint(back->time, ==, suspended.time);
    g_assert_cmpstr(back->tag, ==, "suspend");
    g_assert_cmpstr(back->machine, ==, "pc-q35-7.2");
    g_assert_null(back->cpu);

    sidecar_set_protected(sidecar, false);
    sidecar_set_snapshot(sidecar, "a", NULL);
    sidecar_set_text(sidecar, "Current", NULL);
    sidecar_set_clone(sidecar, "UUID-2", NULL);
    sidecar_set_suspended(sidecar, NULL);
    sidecar = reopen(f, g_steal_pointer(&sidecar));
    g_assert_false(g_file_test(f->file, G_FILE_TEST_EXISTS));
}

static void test_unknown_keys(Fixture *f, gconstpointer data)
{
    (void) data;
    g_assert_true(g_file_set_contents(
        f->file, "<plist><dict><key>Later</key><string>x</string></dict></plist>", -1, NULL));
    g_autoptr(Sidecar) sidecar = reopen(f, NULL);
    sidecar_set_protected(sidecar, true);
    sidecar = reopen(f, g_steal_pointer(&sidecar));
    g_autofree char *text = NULL;
    g_assert_true(g_file_get_contents(f->file, &text, NULL, NULL));
    g_assert_nonnull(strstr(text, "<key>Later</key>\n\t<string>x</string>"));
}

static void test_damaged(Fixture *f, gconstpointer data)
{
    (void) data;
    static const char *const texts[] = { "", "<plist><array/></plist>", "<plist><dict>" };
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_true(g_file_set_contents(f->file, texts[i], -1, NULL));
        g_assert_null(sidecar_open(f->dir, &error));
        g_assert_error(error, BUNDLE_ERROR, BUNDLE_ERROR_INVALID);
        g_assert_true(g_str_has_prefix(error->message, "utmctl.plist: "));
    }
}

#define ADD(path, func) g_test_add(path, Fixture, NULL, set_up, func, tear_down)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("/sidecar/round-trip", test_round_trip);
    ADD("/sidecar/unknown-keys", test_unknown_keys);
    ADD("/sidecar/damaged", test_damaged);
    return g_test_run();
}
