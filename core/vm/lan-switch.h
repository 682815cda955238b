/* SPDX-License-Identifier: Apache-2.0 */
/* The switch beside a machine on a Host network: its frames go to the other machines and the host. */
#pragma once

#include <stdint.h>

/* Descriptors that a switch is started with: QEMU's sockets of the guest and of the host. */
#define LAN_SWITCH_GUEST_FD 3
#define LAN_SWITCH_HOST_FD 4

/**
 * lan_switch_run() - Pass frames on until the guest's socket closes
 * @host: the host's address on the network, in host byte order
 * @name: name of its own socket in the working directory, where those of the others are; NULL for a
 *        machine that meets nobody
 *
 * There is no hub: each switch sends to the sockets in the folder, so that machines may come and go
 * in any order and by any way.
 *
 * Return: exit status; what went wrong is on standard error
 */
int lan_switch_run(uint32_t host, const char *name);
