/* SPDX-License-Identifier: Apache-2.0 */
/* The words of config.plist's enumerations, and finding keys in their tables. */
#include "bundles/keys.h"

#include <string.h>

const char *const config_words_backend[] = { "QEMU", "Apple", NULL };
const char *const config_words_usb_bus[] = { "Disabled", "2.0", "3.0", NULL };
const char *const config_words_share_mode[] = { "None", "WebDAV", "VirtFS", NULL };
const char *const config_words_filter[] = { "Linear", "Nearest", NULL };
const char *const config_words_image_type[] = { "None",        "Disk",        "CD",       "BIOS",
                                                "LinuxKernel", "LinuxInitrd", "LinuxDTB", NULL };
const char *const config_words_interface[] = { "None",   "IDE",    "SCSI", "SD",  "MTD", "Floppy",
                                               "PFlash", "VirtIO", "NVMe", "USB", NULL };
const char *const config_words_network_mode[] = { "Emulated", "Shared", "Host", "Bridged", NULL };
const char *const config_words_protocol[] = { "TCP", "UDP", NULL };
const char *const config_words_serial_mode[] = { "Terminal", "TcpClient", "TcpServer", "Ptty",
                                                 NULL };
const char *const config_words_serial_target[] = { "Auto", "Manual", "GDB", "Monitor", NULL };
const char *const config_words_apple_os[] = { "None", "Linux", "macOS", NULL };
const char *const config_words_apple_keyboard[] = { "Disabled", "Generic", "Mac", NULL };
const char *const config_words_apple_pointer[] = { "Disabled", "Mouse", "Trackpad", NULL };
const char *const config_words_apple_network_mode[] = { "Shared", "Bridged", NULL };
const char *const config_words_apple_serial_mode[] = { "Terminal", "Ptty", NULL };

const char *const config_architectures[] = {
    "alpha",       "arm",          "aarch64", "avr",    "hppa",     "i386",
    "loongarch64", "m68k",         "mips",    "mipsel", "mips64",   "mips64el",
    "microblaze",  "microblazeel", "or1k",    "ppc",    "ppc64",    "riscv32",
    "riscv64",     "rx",           "s390x",   "sh4",    "sh4eb",    "sparc",
    "sparc64",     "tricore",      "x86_64",  "xtensa", "xtensaeb", NULL
};

const char *config_word(const char *const *words, unsigned value)
{
    return value < g_strv_length((char **) words) ? words[value] : NULL;
}

bool config_word_value(const char *const *words, const char *word, unsigned *out_value)
{
    for (unsigned i = 0; words[i]; i++)
        if (strcmp(words[i], word) == 0) {
            *out_value = i;
            return true;
        }
    return false;
}

const ConfigKey *config_key_find(const ConfigTable *table, const char *name)
{
    for (guint i = 0; i < table->n_keys; i++)
        if (strcmp(table->keys[i].name, name) == 0)
            return &table->keys[i];
    return NULL;
}

const ConfigTable *config_table(const UtmConfig *config)
{
    return config->backend == CONFIG_BACKEND_APPLE ? &config_table_apple : &config_table_qemu;
}
