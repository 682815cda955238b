/* SPDX-License-Identifier: Apache-2.0 */
/* Counting processors in folders that look like sysfs. */
#include <glib.h>
#include <glib/gstdio.h>

#include "core/host/cpus.h"

typedef struct {
    char *root;
    GPtrArray *made; /* (owned) of char *, in the order in which they were made */
} Fixture;

static void set_up(Fixture *f, gconstpointer data)
{
    (void) data;
    f->root = g_dir_make_tmp("utmctl-cpus-XXXXXX", NULL);
    f->made = g_ptr_array_new_with_free_func(g_free);
}

static void tear_down(Fixture *f, gconstpointer data)
{
    (void) data;
    for (guint i = f->made->len; i > 0; i--)
        g_remove(g_ptr_array_index(f->made, i - 1));
    g_remove(f->root);
    g_ptr_array_unref(f->made);
    g_free(f->root);
}

static void make_folders(Fixture *f, const char *path)
{
    g_autofree char *parent = g_path_get_dirname(path);

    if (g_file_test(path, G_FILE_TEST_IS_DIR))
        return;
    make_folders(f, parent);
    g_assert_cmpint(g_mkdir(path, 0700), ==, 0);
    g_ptr_array_add(f->made, g_strdup(path));
}

static void put(Fixture *f, const char *name, const char *text)
{
    char *path = g_build_filename(f->root, name, NULL);
    g_autofree char *parent = g_path_get_dirname(path);
    g_autofree char *line = g_strconcat(text, "\n", NULL);

    make_folders(f, parent);
    g_assert_true(g_file_set_contents(path, line, -1, NULL));
    g_ptr_array_add(f->made, path);
}

static void put_cpu(Fixture *f, int cpu, const char *name, const char *text)
{
    g_autofree char *path = g_strdup_printf("system/cpu/cpu%d/%s", cpu, name);

    put(f, path, text);
}

static void check(Fixture *f, int logical, int physical, int fast_logical, int fast_physical)
{
    CpuCounts counts = cpus_count(f->root);

    g_assert_cmpint(counts.logical, ==, logical);
    g_assert_cmpint(counts.physical, ==, physical);
    g_assert_cmpint(counts.performance_logical, ==, fast_logical);
    g_assert_cmpint(counts.performance_physical, ==, fast_physical);
}

static void test_one_thread(Fixture *f, gconstpointer data)
{
    (void) data;
    put(f, "system/cpu/online", "0-3,8");
    put(f, "system/cpu/smt/active", "0");
    check(f, 5, 5, 0, 0);
}

static void test_two_threads(Fixture *f, gconstpointer data)
{
    (void) data;
    put(f, "system/cpu/online", "0-3");
    put(f, "system/cpu/smt/active", "1");
    put_cpu(f, 0, "topology/core_cpus_list", "0,2");
    put_cpu(f, 1, "topology/thread_siblings_list", "1,3");
    check(f, 4, 2, 0, 0);
}

/* Two fast cores of two threads and four slow ones, one of them offline. */
static void test_intel_hybrid(Fixture *f, gconstpointer data)
{
    (void) data;
    put(f, "system/cpu/online", "0-6");
    put(f, "system/cpu/smt/active", "1");
    put(f, "cpu_core/cpus", "0-3");
    put(f, "cpu_atom/cpus", "4-7");
    put_cpu(f, 0, "topology/core_cpus_list", "0-1");
    put_cpu(f, 2, "topology/core_cpus_list", "2-3");
    check(f, 7, 5, 4, 2);
}

static void test_big_and_little(Fixture *f, gconstpointer data)
{
    static const char *const capacity[] = { "250", "250", "760", "1024" };

    (void) data;
    put(f, "system/cpu/online", "0-3");
    put(f, "system/cpu/smt/active", "0");
    for (int cpu = 0; cpu < 4; cpu++)
        put_cpu(f, cpu, "cpu_capacity", capacity[cpu]);
    check(f, 4, 4, 2, 2);
}

static void test_all_alike(Fixture *f, gconstpointer data)
{
    (void) data;
    put(f, "system/cpu/online", "0-1");
    put(f, "system/cpu/smt/active", "0");
    put_cpu(f, 0, "cpu_capacity", "1024");
    put_cpu(f, 1, "cpu_capacity", "1024");
    check(f, 2, 2, 0, 0);
}

static void test_odd_files(Fixture *f, gconstpointer data)
{
    (void) data;
    put(f, "system/cpu/online", "1-0,3,99999999999999999999,x");
    put_cpu(f, 3, "topology/core_cpus_list", "");
    check(f, 1, 1, 0, 0);
}

static void test_no_sysfs(Fixture *f, gconstpointer data)
{
    (void) data;
    CpuCounts counts = cpus_count(f->root);

    g_assert_cmpint(counts.logical, >=, 1);
    g_assert_cmpint(counts.physical, ==, counts.logical);
    g_assert_cmpint(counts.performance_logical, ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name, function) g_test_add(name, Fixture, NULL, set_up, function, tear_down)
    ADD("/host/cpus/one-thread", test_one_thread);
    ADD("/host/cpus/two-threads", test_two_threads);
    ADD("/host/cpus/intel-hybrid", test_intel_hybrid);
    ADD("/host/cpus/big-and-little", test_big_and_little);
    ADD("/host/cpus/all-alike", test_all_alike);
    ADD("/host/cpus/odd-files", test_odd_files);
    ADD("/host/cpus/no-sysfs", test_no_sysfs);
    return g_test_run();
}
