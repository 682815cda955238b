/* SPDX-License-Identifier: Apache-2.0 */
/* Who is on the other side of a unix socket, for the journal. */
#pragma once

#include <cjson/cJSON.h>

/**
 * client_name() - pid and program of a socket's peer: {pid, program}
 * @fd: connected unix socket
 *
 * Source: unix(7), SO_PEERCRED
 * Return: a new object; empty when the peer is not known
 */
cJSON *client_name(int fd);
