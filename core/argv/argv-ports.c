/* SPDX-License-Identifier: Apache-2.0 */
/* Empty slots for what is plugged in while the machine runs. */
#include "core/argv/argv-build.h"

/* How many devices can be plugged in, and numbers that no port of a user has. */
enum { PORTS = 4, FIRST_CHASSIS = 201 };

/* The root bus of PCI Express takes nothing while the machine runs; a port below it does. Older
 * buses take devices wherever there is room. */
static bool needs_ports(const ArgvBuild *b)
{
    bool q35 = b->pc && !b->i440fx && !g_str_equal(b->config->system.target, "isapc");
    bool arm = g_str_equal(b->arch->name, "aarch64") && b->virt;
    return b->on_linux && (q35 || arm) && argv_has_pci(b) && argv_has_device(b, "pcie-root-port");
}

/* They come last, so that every other device has the slot that it has without them. */
bool argv_ports(ArgvBuild *b, GError **error G_GNUC_UNUSED)
{
    for (int n = 0; needs_ports(b) && n < PORTS; n++)
        argv_add(b, NULL, "Linux: an empty slot for what is plugged in while the machine runs",
                 "-device", "pcie-root-port,id=" ARGV_PORT_PREFIX "%d,chassis=%d", n,
                 FIRST_CHASSIS + n);
    return true;
}
