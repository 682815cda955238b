/* SPDX-License-Identifier: Apache-2.0 */
/* What works on this host and what does not, each with the way out. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "bundles/bundle.h"

typedef enum {
    CHECK_OK,
    CHECK_WARN, /* something that a machine may want does not work */
    CHECK_FAIL, /* machines cannot run */
} CheckStatus;

typedef struct {
    CheckStatus status;
    char *name;    /* what was looked at: "kvm", "qemu-system-x86_64", "swtpm"… */
    char *message; /* what was found */
    char *hint;    /* a command to paste or what to do; NULL for none */
} Check;

/**
 * check_free() - Free a check; NULL is ignored
 */
void check_free(Check *check);

/**
 * doctor_host() - Look at everything that machines need
 *
 * Nothing is changed but the cache of capabilities.
 *
 * Return: (owned) of Check, in the order in which a reader wants them
 */
GPtrArray *doctor_host(void);

/**
 * doctor_machine() - Look at what one machine needs
 * @bundle: the machine
 *
 * Return: (owned) of Check
 */
GPtrArray *doctor_machine(const Bundle *bundle);

/**
 * doctor_works() - Whether no check failed
 * @checks: of doctor_host() or doctor_machine()
 */
bool doctor_works(const GPtrArray *checks);

/**
 * check_status_word() - "ok", "warn" or "fail"
 */
const char *check_status_word(CheckStatus status);
