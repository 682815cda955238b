/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a disk image. */
#include <glib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bundles/image.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int fd = memfd_create("image", MFD_CLOEXEC);
    g_assert_cmpint(fd, >=, 0);
    g_assert_cmpint(write(fd, data, size), ==, (gssize) size);
    g_autofree char *path = g_strdup_printf("/proc/self/fd/%d", fd);
    g_autoptr(ImageInfo) info = NULL;
    g_autoptr(GError) error = NULL;
    bool ok = image_probe(path, &info, &error);
    g_assert_true(ok == (info != NULL));
    g_assert_true(ok == (error == NULL));
    close(fd);
    return 0;
}
