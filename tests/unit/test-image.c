/* SPDX-License-Identifier: Apache-2.0 */
/* Disk images: what qemu-img makes is recognised, and what we make satisfies qemu-img. */
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "bundles/bundle.h"
#include "bundles/image.h"

typedef struct {
    char *dir;
} Fixture;

static void set_up(Fixture *f, gconstpointer data)
{
    (void) data;
    f->dir = g_dir_make_tmp("image-XXXXXX", NULL);
}

static void tear_down(Fixture *f, gconstpointer data)
{
    (void) data;
    g_autoptr(GDir) dir = g_dir_open(f->dir, 0, NULL);
    for (const char *name; (name = g_dir_read_name(dir));) {
        g_autofree char *path = g_build_filename(f->dir, name, NULL);
        g_unlink(path);
    }
    g_rmdir(f->dir);
    g_free(f->dir);
}

/* Runs qemu-img in the fixture's folder; false (and the test is skipped) where there is none. */
static bool qemu_img(Fixture *f, const char *arguments, char **out_text)
{
    g_autofree char *program = g_find_program_in_path("qemu-img");
    if (!program) {
        g_test_skip("qemu-img is not here");
        return false;
    }
    g_autofree char *line = g_strconcat(program, " ", arguments, NULL);
    g_auto(GStrv) argv = NULL;
    g_autoptr(GError) error = NULL;
    int status;
    g_assert_true(g_shell_parse_argv(line, NULL, &argv, &error));
    g_assert_true(g_spawn_sync(f->dir, argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, out_text, NULL,
                               &status, &error));
    g_assert_no_error(error);
    g_assert_cmpint(status, ==, 0);
    return true;
}

static char *in_dir(Fixture *f, const char *name)
{
    return g_build_filename(f->dir, name, NULL);
}

static void test_formats(Fixture *f, gconstpointer data)
{
    (void) data;
    static const struct {
        const char *format, *options;
        ImageFormat expected;
    } rows[] = {
        { "raw", "", IMAGE_RAW },
        { "qcow2", "", IMAGE_QCOW2 },
        { "qcow2", "-o compat=0.10", IMAGE_QCOW2 },
        { "qcow", "", IMAGE_QCOW },
        { "qed", "", IMAGE_QED },
        { "vmdk", "", IMAGE_VMDK },
        { "vmdk", "-o subformat=twoGbMaxExtentSparse", IMAGE_VMDK },
        { "vhdx", "", IMAGE_VHDX },
        { "vdi", "", IMAGE_VDI },
        { "vpc", "-o force_size=on", IMAGE_VPC },
        { "vpc", "-o force_size=on,subformat=fixed", IMAGE_VPC },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_test_message("%s %s", rows[i].format, rows[i].options);
        g_autofree char *arguments = g_strdup_printf("create -q -f %s %s disk%zu.img 80M",
                                                     rows[i].format, rows[i].options, i);
        if (!qemu_img(f, arguments, NULL))
            return;
        g_autofree char *name = g_strdup_printf("disk%zu.img", i);
        g_autofree char *path = in_dir(f, name);
        g_autoptr(ImageInfo) info = NULL;
        g_autoptr(GError) error = NULL;
        g_assert_true(image_probe(path, &info, &error));
        g_assert_no_error(error);
        g_assert_cmpstr(image_format_name(info->format), ==, image_format_name(rows[i].expected));
        g_assert_cmpuint(info->virtual_size, ==, 80 << 20);
        g_assert_cmpuint(info->extents->len, ==, strstr(rows[i].options, "twoGb") ? 1 : 0);
    }
}

static void test_references(Fixture *f, gconstpointer data)
{
    (void) data;
    if (!qemu_img(f, "create -q -f qcow2 base.qcow2 8M", NULL) ||
        !qemu_img(f, "create -q -f qcow2 -b base.qcow2 -F qcow2 top.qcow2", NULL) ||
        !qemu_img(f, "create -q -f qcow2 -o data_file=outside.raw data.qcow2 8M", NULL))
        return;
    g_autofree char *top = in_dir(f, "top.qcow2");
    g_autofree char *data_file = in_dir(f, "data.qcow2");
    g_autoptr(ImageInfo) a = NULL;
    g_autoptr(ImageInfo) b = NULL;
    g_assert_true(image_probe(top, &a, NULL));
    g_assert_cmpstr(a->backing_file, ==, "base.qcow2");
    g_assert_cmpstr(a->backing_format, ==, "qcow2");
    g_assert_null(a->data_file);
    g_assert_true(image_probe(data_file, &b, NULL));
    g_assert_cmpstr(b->data_file, ==, "outside.raw");
    g_assert_null(b->backing_file);
}

static void test_snapshots(Fixture *f, gconstpointer data)
{
    (void) data;
    if (!qemu_img(f, "create -q -f qcow2 d.qcow2 8M", NULL) ||
        !qemu_img(f, "snapshot -c suspend d.qcow2", NULL) ||
        !qemu_img(f, "snapshot -c 'before the upgrade' d.qcow2", NULL))
        return;
    g_autofree char *path = in_dir(f, "d.qcow2");
    g_autoptr(ImageInfo) info = NULL;
    g_assert_true(image_probe(path, &info, NULL));
    g_assert_cmpuint(info->snapshots->len, ==, 2);
    const ImageSnapshot *first = info->snapshots->pdata[0];
    const ImageSnapshot *second = info->snapshots->pdata[1];
    g_assert_cmpstr(first->tag, ==, "suspend");
    g_assert_cmpstr(first->id, ==, "1");
    g_assert_cmpstr(second->tag, ==, "before the upgrade");
    g_assert_cmpuint(first->vm_state_size, ==, 0);
    g_assert_cmpuint(first->disk_size, ==, 8 << 20);
    g_assert_cmpint(ABS(first->time - g_get_real_time() / G_USEC_PER_SEC), <, 600);
    g_assert_true(image_has_snapshot(path, "suspend"));
    g_assert_false(image_has_snapshot(path, "susp"));
    g_assert_false(image_has_snapshot("/nonexistent", "suspend"));
}

static void test_create(Fixture *f, gconstpointer data)
{
    (void) data;
    static const guint64 sizes[] = { 1, 10 << 20, 64ULL << 30, 5ULL << 40 };
    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
        g_autofree char *name = g_strdup_printf("new%zu.qcow2", i);
        g_autofree char *path = in_dir(f, name);
        g_autoptr(GError) error = NULL;
        g_assert_true(image_create_qcow2(path, sizes[i], &error));
        g_assert_no_error(error);
        g_autoptr(ImageInfo) info = NULL;
        g_assert_true(image_probe(path, &info, &error));
        guint64 rounded = (sizes[i] + 511) / 512 * 512;
        g_assert_cmpuint(info->virtual_size, ==, rounded);
        g_assert_cmpuint(info->file_size, ==,
                         0x30000 + 8 * ((rounded + (512 << 20) - 1) / (512 << 20)));
        g_autofree char *check = g_strconcat("check ", name, NULL);
        g_autofree char *show = g_strconcat("info --output=json ", name, NULL);
        g_autofree char *text = NULL;
        g_autofree char *json = NULL;
        if (!qemu_img(f, check, &text) || !qemu_img(f, show, &json))
            return;
        g_assert_nonnull(strstr(text, "No errors were found"));
        g_autofree char *line = g_strdup_printf("\"virtual-size\": %" G_GUINT64_FORMAT, rounded);
        g_assert_nonnull(strstr(json, line));
        g_assert_nonnull(strstr(json, "\"compat\": \"1.1\""));
        g_assert_nonnull(strstr(json, "\"cluster-size\": 65536"));
        g_assert_false(image_create_qcow2(path, sizes[i], &error));
        g_assert_error(error, BUNDLE_ERROR, BUNDLE_ERROR_EXISTS);
    }
    g_autofree char *path = in_dir(f, "none.qcow2");
    g_assert_false(image_create_qcow2(path, 0, NULL));
    g_assert_false(image_create_qcow2(path, G_MAXUINT64, NULL));
    g_assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
}

static void write_bytes(const char *path, const void *bytes, size_t size)
{
    g_autoptr(GError) error = NULL;
    g_file_set_contents(path, bytes, (gssize) size, &error);
    g_assert_no_error(error);
}

/* Every byte of a good header is damaged in turn, and the file cut short at every length. */
static void test_damaged(Fixture *f, gconstpointer data)
{
    (void) data;
    g_autofree char *path = in_dir(f, "good.qcow2");
    g_autofree char *bad = in_dir(f, "bad.qcow2");
    g_autofree char *text = NULL;
    gsize size;
    g_assert_true(image_create_qcow2(path, 1 << 20, NULL));
    g_assert_true(g_file_get_contents(path, &text, &size, NULL));
    for (size_t i = 4; i < 120; i++) {
        for (int value = 0; value < 256; value += 85) {
            char old = text[i];
            text[i] = (char) value;
            write_bytes(bad, text, 1024);
            text[i] = old;
            g_autoptr(ImageInfo) info = NULL;
            g_autoptr(GError) error = NULL;
            if (!image_probe(bad, &info, &error))
                g_assert_error(error, BUNDLE_ERROR, BUNDLE_ERROR_INVALID);
        }
    }
    for (size_t i = 0; i < 600; i += 7) {
        write_bytes(bad, text, i);
        g_autoptr(ImageInfo) info = NULL;
        g_autoptr(GError) error = NULL;
        if (!image_probe(bad, &info, &error))
            g_assert_error(error, BUNDLE_ERROR, BUNDLE_ERROR_INVALID);
    }
}

static void test_magic(Fixture *f, gconstpointer data)
{
    (void) data;
    g_autofree char *path = in_dir(f, "image");
    g_autofree char *bytes = g_malloc0(0x9000);
    g_autoptr(ImageInfo) iso = NULL;
    g_autoptr(ImageInfo) asif = NULL;
    g_autoptr(ImageInfo) empty = NULL;
    memcpy(bytes + 0x8001, "CD001", 5);
    write_bytes(path, bytes, 0x9000);
    g_assert_true(image_probe(path, &iso, NULL));
    g_assert_cmpint(iso->format, ==, IMAGE_ISO9660);
    g_assert_cmpstr(image_format_driver(iso->format), ==, "raw");
    g_assert_cmpuint(iso->virtual_size, ==, 0x9000);
    memcpy(bytes, "shdw", 4);
    bytes[48 + 6] = 8; /* 2048 sectors */
    bytes[68] = 2;     /* of 512 bytes */
    write_bytes(path, bytes, 0x9000);
    g_assert_true(image_probe(path, &asif, NULL));
    g_assert_cmpint(asif->format, ==, IMAGE_ASIF);
    g_assert_cmpuint(asif->virtual_size, ==, 1 << 20);
    g_assert_null(image_format_driver(asif->format));
    write_bytes(path, "", 0);
    g_assert_true(image_probe(path, &empty, NULL));
    g_assert_cmpint(empty->format, ==, IMAGE_RAW);
    g_assert_cmpuint(empty->virtual_size, ==, 0);

    g_autoptr(ImageInfo) none = NULL;
    g_autoptr(GError) error = NULL;
    g_assert_false(image_probe(f->dir, &none, &error));
    g_assert_error(error, BUNDLE_ERROR, BUNDLE_ERROR_INVALID);
    g_clear_error(&error);
    g_assert_false(image_probe("/nonexistent", &none, &error));
    g_assert_error(error, BUNDLE_ERROR, BUNDLE_ERROR_NOT_FOUND);
}

#define ADD(path, func) g_test_add(path, Fixture, NULL, set_up, func, tear_down)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("/image/formats", test_formats);
    ADD("/image/references", test_references);
    ADD("/image/snapshots", test_snapshots);
    ADD("/image/create", test_create);
    ADD("/image/damaged", test_damaged);
    ADD("/image/magic", test_magic);
    return g_test_run();
}
