/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of machine types, by architecture and by versioned family. */
#include "bundles/target.h"

#include <glib.h>
#include <string.h>

/* All names of an architecture but those of versioned families; each also knows "none". */
static const struct {
    const char *architecture;
    const char *names;
} known[] = {
    { "i386", "pc q35 isapc microvm" },
    { "x86_64", "pc q35 isapc microvm" },
    { "alpha", "clipper" },
    { "hppa", "B160L C3700" },
    { "loongarch64", "virt" },
    { "m68k", "virt q800 mcf5208evb an5206 next-cube" },
    { "mips", "malta mipssim" },
    { "mipsel", "malta mipssim" },
    { "mips64", "malta mipssim magnum pica61" },
    { "mips64el", "malta mipssim magnum pica61 boston fuloong2e loongson3-virt" },
    { "or1k", "or1k-sim virt" },
    { "ppc", "mac99 g3beige 40p amigaone bamboo mpc8544ds pegasos2 ppce500 sam460ex virtex-ml507" },
    { "ppc64", "mac99 g3beige 40p amigaone bamboo mpc8544ds pegasos2 ppce500 sam460ex virtex-ml507 "
               "pseries powernv powernv8 powernv9 powernv10 powernv10-rainier" },
    { "riscv32", "virt spike sifive_e sifive_u amd-microblaze-v-generic opentitan" },
    { "riscv64", "virt spike sifive_e sifive_u amd-microblaze-v-generic microchip-icicle-kit "
                 "shakti_c" },
    { "s390x", "s390-ccw-virtio" },
    { "sh4", "r2d" },
    { "sh4eb", "r2d" },
    { "sparc", "SS-4 SS-5 SS-10 SS-20 SS-600MP LX SPARCClassic SPARCbook Voyager leon3_generic" },
    { "sparc64", "sun4u sun4v niagara" },
};

/* Boards that QEMU removed before 10.0. */
static const char *const removed[] = { "akita",  "borzoi", "cheetah", "connex",  "mainstone",
                                       "n800",   "n810",   "spitz",   "terrier", "tosa",
                                       "verdex", "z2",     NULL };

/* Families of versions: oldest that is left, as major * 100 + minor. */
static const struct {
    const char *architectures;
    const char *prefix;
    int oldest;
} families[] = {
    { "i386 x86_64", "pc-i440fx-", 204 }, { "i386 x86_64", "pc-q35-", 204 },
    { "arm aarch64", "virt-", 206 },      { "m68k", "virt-", 600 },
    { "ppc64", "pseries-", 300 },         { "s390x", "s390-ccw-virtio-", 209 },
};

/* The last minor version of each major one that had machine types. */
static const int last_minor[] = {
    [2] = 12, [3] = 1, [4] = 2, [5] = 2, [6] = 2, [7] = 2, [8] = 2, [9] = 2, [10] = 0
};

static bool has_word(const char *words, const char *word)
{
    g_auto(GStrv) list = g_strsplit(words, " ", -1);
    return g_strv_contains((const char *const *) list, word);
}

static bool is_version(const char *text, int oldest)
{
    g_auto(GStrv) parts = g_strsplit(text, ".", -1);
    guint64 major, minor;
    if (strcmp(text, "4.0.1") == 0)
        return true;
    return g_strv_length(parts) == 2 &&
           g_ascii_string_to_unsigned(parts[0], 10, 2, 10, &major, NULL) &&
           g_ascii_string_to_unsigned(parts[1], 10, 0, (guint64) last_minor[major], &minor, NULL) &&
           (int) (major * 100 + minor) >= oldest;
}

bool guest_target_is_known(const char *architecture, const char *target)
{
    if (strcmp(target, "none") == 0)
        return true;
    for (size_t i = 0; i < G_N_ELEMENTS(families); i++)
        if (has_word(families[i].architectures, architecture) &&
            g_str_has_prefix(target, families[i].prefix))
            return is_version(target + strlen(families[i].prefix), families[i].oldest);
    for (size_t i = 0; i < G_N_ELEMENTS(known); i++)
        if (strcmp(known[i].architecture, architecture) == 0)
            return has_word(known[i].names, target);
    return *target && !g_strv_contains(removed, target);
}
