/* SPDX-License-Identifier: Apache-2.0 */
/* A port of the host that leads to a port of a guest. */
#pragma once

#include <glib.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "bundles/config.h"

#define FORWARD_LOOPBACK "127.0.0.1"

typedef struct {
    unsigned network; /* index of the adapter */
    bool udp;
    char host_address[INET_ADDRSTRLEN];
    uint16_t host_port;
    char guest_address[INET_ADDRSTRLEN]; /* empty: the machine's own */
    uint16_t guest_port;
} Forward;

/**
 * forward_from_config() - A forward as the bundle has it; on loopback where it names no address
 */
Forward forward_from_config(unsigned network, const ConfigPortForward *config);

/**
 * forward_same_port() - Whether two forwards have the same port of the host
 *
 * An empty address stands for any.
 */
bool forward_same_port(const Forward *a, const Forward *b);

/**
 * forward_take_port() - See that the host's port is free
 * @forward: its host_port is set when it is 0
 * @error:   UTM_ERROR_LOCKED when somebody has it, UTM_ERROR_FAILED when this user may not, or there
 *           is no such address
 *
 * It is let go of again: who forwards it will bind it.
 */
bool forward_take_port(Forward *forward, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * forward_is_bound() - Whether somebody listens on the host's port
 */
bool forward_is_bound(const Forward *forward);

/**
 * forward_slirp() - A forward as QEMU's hostfwd_add takes it: "tcp:127.0.0.1:2222-:22"
 * @whole: otherwise the host's side only, as hostfwd_remove takes it
 *
 * Return: a new string
 */
char *forward_slirp(const Forward *forward, bool whole);

/**
 * forward_passt() - Arguments that have passt forward ports
 * @forwards: of Forward
 * @argv:     (owned) of char *, to add them to
 */
void forward_passt(const GArray *forwards, GPtrArray *argv);
