/* SPDX-License-Identifier: Apache-2.0 */
/* The yardstick: a program that is linked with GLib and GIO, starts them, and ends. */
#include <gio/gio.h>

int main(void)
{
    g_autoptr(GFile) file = g_file_new_for_path("/");

    return file ? 0 : 1;
}
