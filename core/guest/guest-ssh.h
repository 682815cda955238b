/* SPDX-License-Identifier: Apache-2.0 */
/* How a guest's SSH server is reached from this host. */
#pragma once

#include "bundles/bundle.h"
#include "qapi/qmp-client.h"

/* Strings are owned. */
typedef struct {
    char *host;
    uint16_t port;
    char *user;        /* that was made at the first boot, or NULL */
    char *key;         /* path of the private key for it, or NULL */
    char *known_hosts; /* file with the guest's host keys, this machine's alone */
    char *alias;       /* name of the host key in it: addresses are used again by other guests */
    bool made;         /* the port is forwarded since now */
} GuestSsh;

void guest_ssh_clear(GuestSsh *ssh);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(GuestSsh, guest_ssh_clear)

/**
 * guest_ssh_find() - Find the way to a guest's port 22, or make one
 * @bundle: a running machine
 * @client: its monitor
 * @out:    filled on success
 * @error:  UTM_ERROR_UNSUPPORTED when no network leads to the guest
 *
 * A port that is forwarded already; else one that is from now on until the machine stops; else, where
 * nothing can be forwarded, an address of the guest's own.
 */
bool guest_ssh_find(const Bundle *bundle, QmpClient *client, GuestSsh *out,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * guest_ssh_argv() - The command line of OpenSSH's client
 * @words: program of the guest and its arguments; NULL for a login
 *
 * Source: ssh_config(5); ssh(1) has the words go through the guest's shell, so each is quoted
 * Return: (owned) of char *, NULL-terminated
 */
GPtrArray *guest_ssh_argv(const GuestSsh *ssh, char *const *words);

/**
 * guest_ssh_config() - A block for ~/.ssh/config
 * @name: what it is to be called there
 *
 * Return: a new string
 */
char *guest_ssh_config(const GuestSsh *ssh, const char *name);
