/* SPDX-License-Identifier: Apache-2.0 */
/* Which process has a file open, to name it when QEMU only says that the file is locked. */
#pragma once

/**
 * lock_owner() - Who has a file open for writing
 * @path: a disk image
 *
 * Looks through the open files of this user's processes, because the locks that QEMU takes belong
 * to an open file and name no process.
 *
 * Source: proc(5), /proc/PID/fd and fdinfo
 * Return: "pid 4121 (qemu-system-x86, since 10:02)", a new string; NULL when nobody is found
 */
char *lock_owner(const char *path);
