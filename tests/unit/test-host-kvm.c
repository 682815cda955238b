/* SPDX-License-Identifier: Apache-2.0 */
/* Whether KVM is believed: flags before devices, and a reason for each way to say no. */
#include <fcntl.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <unistd.h>

#include "core/host/host.h"
#include "core/host/kvm.h"

typedef struct {
    char *folder;
    char *cpuinfo;
    char *device;
} Fixture;

static void set_up(Fixture *f, gconstpointer data)
{
    (void) data;
    f->folder = g_dir_make_tmp("utmctl-kvm-XXXXXX", NULL);
    f->cpuinfo = g_build_filename(f->folder, "cpuinfo", NULL);
    f->device = g_build_filename(f->folder, "kvm", NULL);
}

static void tear_down(Fixture *f, gconstpointer data)
{
    (void) data;
    g_unlink(f->cpuinfo);
    g_unlink(f->device);
    g_rmdir(f->folder);
    g_free(f->folder);
    g_free(f->cpuinfo);
    g_free(f->device);
}

static void write_flags(Fixture *f, const char *flags)
{
    g_autofree char *text = g_strdup_printf("processor\t: 0\nvendor_id\t: AuthenticAMD\n"
                                            "flags\t\t: %s\nbugs\t\t: svm\n\n"
                                            "processor\t: 1\nflags\t\t: svm\n",
                                            flags);

    g_assert_true(g_file_set_contents(f->cpuinfo, text, -1, NULL));
}

static void check(Fixture *f, const char *architecture, const char *expected)
{
    g_autofree char *reason = kvm_reason(architecture, f->cpuinfo, f->device);

    g_assert_nonnull(reason);
    g_assert_nonnull(strstr(reason, expected));
}

/* The device is there, but its guests would hang. */
static void test_no_flags(Fixture *f, gconstpointer data)
{
    (void) data;
    g_assert_true(g_file_set_contents(f->device, "", 0, NULL));
    write_flags(f, "fpu vme hypervisor vmmcall svm_lock xsvm");
    check(f, "x86_64", "this CPU has no vmx or svm");
    check(f, "i386", "this CPU has no vmx or svm");
}

static void test_no_cpuinfo(Fixture *f, gconstpointer data)
{
    (void) data;
    check(f, "x86_64", "this CPU has no vmx or svm");
    g_assert_true(g_file_set_contents(f->cpuinfo, "processor\t: 0\n", -1, NULL));
    check(f, "x86_64", "this CPU has no vmx or svm");
}

static void test_no_device(Fixture *f, gconstpointer data)
{
    (void) data;
    write_flags(f, "fpu vmx");
    check(f, "x86_64", "there is no /");
    write_flags(f, "svm");
    check(f, "i386", "there is no /");
    check(f, "aarch64", "there is no /");
}

static void test_other_device(Fixture *f, gconstpointer data)
{
    (void) data;
    g_assert_true(g_file_set_contents(f->device, "", 0, NULL));
    write_flags(f, "fpu vmx");
    check(f, "x86_64", "does not answer as KVM does");
    check(f, "aarch64", "does not answer as KVM does");
}

static void test_forbidden_device(Fixture *f, gconstpointer data)
{
    (void) data;
    if (geteuid() == 0) {
        g_test_skip("root may open everything");
        return;
    }
    g_assert_true(g_file_set_contents(f->device, "", 0, NULL));
    g_assert_cmpint(g_chmod(f->device, 0), ==, 0);
    check(f, "aarch64", "this user may not open");
}

/* Whatever this host is, the answer and the reason belong together. */
static void test_this_host(void)
{
    char *reason = NULL;
    bool works = host_hypervisor_works(&reason);

    g_assert_cmpint(works, ==, reason == NULL);
    g_assert_cmpint(works, ==, host_hypervisor_works(NULL));
    g_free(reason);
    g_assert_cmpstr(host_architecture(), !=, "unknown");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name, function) g_test_add(name, Fixture, NULL, set_up, function, tear_down)
    ADD("/host/kvm/no-flags", test_no_flags);
    ADD("/host/kvm/no-cpuinfo", test_no_cpuinfo);
    ADD("/host/kvm/no-device", test_no_device);
    ADD("/host/kvm/other-device", test_other_device);
    ADD("/host/kvm/forbidden-device", test_forbidden_device);
    g_test_add_func("/host/kvm/this-host", test_this_host);
    return g_test_run();
}
