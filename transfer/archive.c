/* SPDX-License-Identifier: Apache-2.0 */
/* utmctl-archive: packs and unpacks for utmctl, which is faster without libarchive. */
#include <glib.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "transfer/archive.h"
#include "transfer/report.h"

/* What an archive may make a decompressor allocate; xz -9 takes 65 MiB. */
#define MAX_MEMORY ((rlim_t) 512 * 1024 * 1024)

static void limit_memory(void)
{
#ifndef __SANITIZE_ADDRESS__
    const struct rlimit limit = { MAX_MEMORY, MAX_MEMORY };
    (void) setrlimit(RLIMIT_DATA, &limit);
#endif
}

static int usage(void)
{
    fputs("usage: utmctl-archive unpack FILE FOLDER MAX_BYTES\n"
          "       utmctl-archive pack FOLDER NAME FILE FORMAT\n"
          "       utmctl-archive seed FOLDER FILE\n",
          stderr);
    return 2;
}

int main(int argc, char **argv)
{
    /* Names in archives are UTF-8 whatever the user's locale is. */
    if (!setlocale(LC_CTYPE, "C.UTF-8"))
        (void) setlocale(LC_CTYPE, "en_US.UTF-8");
    limit_memory();
    if (argc == 5 && strcmp(argv[1], "unpack") == 0)
        return unpack_archive(argv[2], argv[3], g_ascii_strtoull(argv[4], NULL, 10)) ? 0 : 1;
    if (argc == 6 && strcmp(argv[1], "pack") == 0)
        return pack_archive(argv[2], argv[3], argv[4], argv[5]) ? 0 : 1;
    if (argc == 4 && strcmp(argv[1], "seed") == 0)
        return seed_write(argv[2], argv[3]) ? 0 : 1;
    return usage();
}
