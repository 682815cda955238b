/* SPDX-License-Identifier: Apache-2.0 */
/* Console output without escape sequences. */
#include "core/vm/plain-text.h"

#include <glib.h>

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    static const struct {
        const char *raw, *plain;
    } rows[] = {
        { "", "" },
        { "plain", "plain" },
        { "a\r\n\r\n\nb\r\n", "a\nb" },
        { "\033c\033[?7l\033[2J\033[0mSeaBIOS\033[6n", "SeaBIOS" },
        { "cut \033[3", "cut" },
        { "cut \033", "cut" },
        { "bell\a tab\t.", "bell tab\t." },
        { "\xff", "\357\277\275" },
    };
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *plain = plain_text(rows[i].raw);
        g_assert_cmpstr(plain, ==, rows[i].plain);
    }
    return 0;
}
