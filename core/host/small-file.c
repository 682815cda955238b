/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the one-line files of sysfs and procfs without an allocation. */
#include "core/host/small-file.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

bool small_file_read(const char *path, char *buffer, size_t size)
{
    buffer[0] = '\0';
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t got = read(fd, buffer, size - 1);
    close(fd);
    if (got < 0)
        return false;
    if (got > 0 && buffer[got - 1] == '\n')
        got--;
    buffer[got] = '\0';
    return true;
}

long small_file_number(const char *path, long fallback)
{
    char text[32];
    char *end;

    if (!small_file_read(path, text, sizeof(text)))
        return fallback;
    long value = strtol(text, &end, 10);
    return end == text ? fallback : value;
}
