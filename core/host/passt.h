/* SPDX-License-Identifier: Apache-2.0 */
/* Whether passt works on this host. */
#pragma once

#include <glib.h>

/* What passt gives a guest: the same as slirp does, so that a guest whose state was saved with one
 * of them finds its network again with the other.
 * Source: QEMU docs/system/devices/net.rst, "Using the user mode network stack" */
#define PASST_GUEST "10.0.2.15"
#define PASST_MASK "24"
#define PASST_HOST "10.0.2.2"
#define PASST_HOST_MAC "52:55:0a:00:02:02"
#define PASST_DNS "10.0.2.3"
#define PASST_GUEST_IPV6 "fec0::15"
#define PASST_HOST_IPV6 "fe80::2"

/**
 * passt_find() - A passt that works here
 * @out_reason: why there is none, one clause; a new string; untouched otherwise
 *
 * It is started once and asked for the host's address, as a guest would. The answer is kept in the
 * cache folder until the program changes or the host starts anew: passt needs user namespaces, which
 * some hosts forbid.
 *
 * Return: its path, a new string; NULL when there is none
 */
char *passt_find(char **out_reason);

/**
 * passt_arguments() - How to start a passt that is given a connected socket
 * @program: path
 * @fd:      number that the socket has in passt
 *
 * Without a default route of the host there is nothing that passt could take over, and the guest
 * reaches the host alone.
 *
 * Return: (owned) of char *, without a NULL at the end, so that forwards can be added
 */
GPtrArray *passt_arguments(const char *program, int fd);
