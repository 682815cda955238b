/* SPDX-License-Identifier: Apache-2.0 */
/* The table of commands. */
#include <stdio.h>

int main(void)
{
    puts(UTMCTL_VERSION);
    return 0;
}
