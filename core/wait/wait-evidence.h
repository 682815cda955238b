/* SPDX-License-Identifier: Apache-2.0 */
/* What helps to find out why a guest has not got where it should have. */
#pragma once

#include <glib.h>

#include "bundles/bundle.h"

/* Members are owned, NULL where there is nothing. */
typedef struct {
    char *serial;     /* last lines of the console */
    char *address;    /* the guest's */
    char *screenshot; /* file with what it shows */
    char *resets;     /* how often the guest has reset it since its start */
} WaitEvidence;

void wait_evidence_clear(WaitEvidence *evidence);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(WaitEvidence, wait_evidence_clear)

/**
 * wait_evidence_collect() - Look at a machine that has run out of time
 * @folder: where the picture goes, replacing an earlier one; NULL: the machine's state folder
 *
 * Takes two seconds at most.
 */
void wait_evidence_collect(const Bundle *bundle, const char *folder, WaitEvidence *out_evidence);

/**
 * wait_evidence_add() - Say it at the end of an error's message
 */
void wait_evidence_add(const WaitEvidence *evidence, GError *error);
