/* SPDX-License-Identifier: Apache-2.0 */
/* The memory in a snapshot is read out of an image, and overlays are what qemu-img expects. */
#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "bundles/bundle.h"
#include "bundles/image.h"

#define CLUSTER 65536

static void put(uint8_t *at, uint64_t value, int size)
{
    for (int i = size; i-- > 0; value >>= 8)
        at[i] = (uint8_t) value;
}

static void write_at(int fd, const void *data, size_t size, off_t at)
{
    g_assert_cmpint(pwrite(fd, data, size, at), ==, (ssize_t) size);
}

/* An image of 1 MiB whose snapshot "s" has three clusters of state: data, a hole, 10 bytes of data.
 * The clusters 10 to 14 of the file are the snapshots' table, tables of two levels and data. */
static char *make_image(const char *dir, uint64_t second_entry)
{
    char *path = g_build_filename(dir, "disk.qcow2", NULL);
    g_assert_true(image_create_qcow2(path, 1 << 20, NULL));
    int fd = open(path, O_RDWR | O_CLOEXEC);
    uint8_t field[8], snapshot[40 + 16 + 2] = { 0 }, cluster[CLUSTER];

    put(field, 1, 4);
    write_at(fd, field, 4, 60);
    put(field, 10 * CLUSTER, 8);
    write_at(fd, field, 8, 64);
    put(snapshot, 11 * CLUSTER, 8); /* first level */
    put(snapshot + 8, 2, 4);
    put(snapshot + 12, 1, 2); /* lengths of id and tag */
    put(snapshot + 14, 1, 2);
    put(snapshot + 36, 16, 4);
    put(snapshot + 40, 2 * CLUSTER + 10, 8); /* size of the state */
    put(snapshot + 48, 1 << 20, 8);
    memcpy(snapshot + 56, "1s", 2);
    write_at(fd, snapshot, sizeof snapshot, 10 * CLUSTER);

    put(field, 12 * CLUSTER, 8); /* the state begins with the second table */
    write_at(fd, field, 8, 11 * CLUSTER + 8);
    put(field, 13 * CLUSTER | 1ULL << 63, 8);
    write_at(fd, field, 8, 12 * CLUSTER);
    put(field, second_entry, 8);
    write_at(fd, field, 8, 12 * CLUSTER + 8);
    put(field, 14 * CLUSTER, 8);
    write_at(fd, field, 8, 12 * CLUSTER + 16);
    memset(cluster, 'a', sizeof cluster);
    write_at(fd, cluster, sizeof cluster, 13 * CLUSTER);
    memset(cluster, 'b', sizeof cluster);
    write_at(fd, cluster, sizeof cluster, 14 * CLUSTER);
    close(fd);
    return path;
}

static bool read_state(const char *image, const char *tag, char **out_data, gsize *out_size,
                       GError **error)
{
    g_autofree char *path = g_strconcat(image, ".state", NULL);
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool ok = image_read_vm_state(image, tag, fd, error);
    close(fd);
    g_assert_true(g_file_get_contents(path, out_data, out_size, NULL));
    g_unlink(path);
    return ok;
}

static void clean(const char *dir, const char *path)
{
    g_unlink(path);
    g_rmdir(dir);
}

static void test_state(void)
{
    g_autofree char *dir = g_dir_make_tmp("vm-state-XXXXXX", NULL);
    g_autofree char *path = make_image(dir, 0);
    g_autofree char *data = NULL;
    gsize size = 0;
    g_autoptr(GError) error = NULL;
    g_assert_true(read_state(path, "s", &data, &size, &error));
    g_assert_no_error(error);
    g_assert_cmpuint(size, ==, 2 * CLUSTER + 10);
    g_assert_true(data[0] == 'a' && data[CLUSTER - 1] == 'a');
    g_assert_true(data[CLUSTER] == 0 && data[2 * CLUSTER - 1] == 0);
    g_assert_cmpmem(data + 2 * CLUSTER, 10, "bbbbbbbbbb", 10);
    clean(dir, path);
}

static void test_refused(void)
{
    g_autofree char *dir = g_dir_make_tmp("vm-state-XXXXXX", NULL);
    g_autofree char *path = make_image(dir, 1ULL << 62);
    g_autofree char *data = NULL, *none = NULL;
    gsize size = 0;
    g_autoptr(GError) error = NULL;
    g_assert_false(read_state(path, "s", &data, &size, &error));
    g_assert_error(error, BUNDLE_ERROR, BUNDLE_ERROR_INVALID);
    g_clear_error(&error);
    g_assert_false(read_state(path, "1", &none, &size, &error));
    g_assert_error(error, BUNDLE_ERROR, BUNDLE_ERROR_NOT_FOUND);
    clean(dir, path);
}

static void test_beyond(void)
{
    g_autofree char *dir = g_dir_make_tmp("vm-state-XXXXXX", NULL);
    g_autofree char *path = make_image(dir, 1ULL << 40);
    g_autofree char *data = NULL;
    gsize size = 0;
    g_autoptr(GError) error = NULL;
    g_assert_false(read_state(path, "s", &data, &size, &error));
    g_assert_error(error, BUNDLE_ERROR, BUNDLE_ERROR_INVALID);
    clean(dir, path);
}

/* The first entry of the first table is the disk's, what follows is state that no snapshot has. */
static void test_drop(void)
{
    g_autofree char *dir = g_dir_make_tmp("vm-state-XXXXXX", NULL);
    g_autofree char *path = make_image(dir, 0);
    g_autoptr(GError) error = NULL;
    bool dropped = true;
    uint8_t field[8], entries[24];
    g_assert_true(image_drop_vm_state(path, &dropped, &error));
    g_assert_no_error(error);
    g_assert_false(dropped);

    int fd = open(path, O_RDWR | O_CLOEXEC);
    put(field, 3, 4);
    write_at(fd, field, 4, 36);
    put(field, 20 * CLUSTER, 8);
    write_at(fd, field, 8, 40);
    memset(entries, 7, sizeof entries);
    write_at(fd, entries, sizeof entries, 20 * CLUSTER);
    g_assert_true(image_drop_vm_state(path, &dropped, &error));
    g_assert_no_error(error);
    g_assert_true(dropped);
    g_assert_cmpint(pread(fd, entries, sizeof entries, 20 * CLUSTER), ==, sizeof entries);
    close(fd);
    for (size_t i = 0; i < sizeof entries; i++)
        g_assert_cmpint(entries[i], ==, i < 8 ? 7 : 0);
    clean(dir, path);
}

static void test_overlay(void)
{
    g_autofree char *dir = g_dir_make_tmp("vm-state-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(dir, "over.qcow2", NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(ImageInfo) info = NULL;
    g_assert_true(image_create_overlay(path, "../Base/disk.qcow2", IMAGE_QCOW2, 3 << 20, &error));
    g_assert_no_error(error);
    g_assert_true(image_probe(path, &info, &error));
    g_assert_cmpstr(info->backing_file, ==, "../Base/disk.qcow2");
    g_assert_cmpstr(info->backing_format, ==, "qcow2");
    g_assert_cmpuint(info->virtual_size, ==, 3 << 20);
    g_assert_false(image_create_overlay(path, "x", IMAGE_RAW, 512, &error));
    g_assert_error(error, BUNDLE_ERROR, BUNDLE_ERROR_EXISTS);

    g_autofree char *raw = g_build_filename(dir, "over-raw.qcow2", NULL);
    g_autoptr(ImageInfo) over_raw = NULL;
    g_clear_error(&error);
    g_assert_true(image_create_overlay(raw, "x", IMAGE_RAW, 512, &error));
    g_assert_true(image_probe(raw, &over_raw, &error));
    g_assert_cmpstr(over_raw->backing_file, ==, "x");
    g_assert_cmpstr(over_raw->backing_format, ==, "raw");
    g_unlink(raw);
    g_autofree char *name = g_strnfill(1024, 'n');
    g_assert_false(image_create_overlay(raw, name, IMAGE_RAW, 512, &error));
    g_assert_error(error, BUNDLE_ERROR, BUNDLE_ERROR_INVALID);
    clean(dir, path);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/image-vm-state/read", test_state);
    g_test_add_func("/image-vm-state/refused", test_refused);
    g_test_add_func("/image-vm-state/beyond-the-end", test_beyond);
    g_test_add_func("/image-vm-state/drop", test_drop);
    g_test_add_func("/image-vm-state/overlay", test_overlay);
    return g_test_run();
}
