/* SPDX-License-Identifier: Apache-2.0 */
/* utmctl-copy: packs and unpacks what utmctl copies between this host and a guest. */
#include "transfer/copy.h"

#include <locale.h>
#include <stdio.h>
#include <string.h>

static int usage(void)
{
    fputs("usage: utmctl-copy send PATH NAME plain|holes\n"
          "       utmctl-copy receive FOLDER FROM NAME\n",
          stderr);
    return 2;
}

int main(int argc, char **argv)
{
    /* Names in archives are UTF-8 whatever the user's locale is. */
    if (!setlocale(LC_CTYPE, "C.UTF-8"))
        (void) setlocale(LC_CTYPE, "en_US.UTF-8");
    if (argc == 5 && strcmp(argv[1], "send") == 0)
        return send_tree(argv[2], argv[3], strcmp(argv[4], "holes") == 0) ? 0 : 1;
    if (argc == 5 && strcmp(argv[1], "receive") == 0)
        return receive_tree(argv[2], argv[3], argv[4]) ? 0 : 1;
    return usage();
}
