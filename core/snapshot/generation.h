/* SPDX-License-Identifier: Apache-2.0 */
/* The generation ID of a machine that has one: by it a guest sees that it is a copy. */
#pragma once

#include "bundles/config.h"

/**
 * generation_replace() - Give every generation ID in an argument another value
 * @argument: such as "vmgenid,guid=UUID"; borrowed
 *
 * Source: QEMU docs/specs/vmgenid.txt; the guest is told of the value that QEMU was started with,
 * also when it goes on from a saved state
 * Return: a new string
 */
char *generation_replace(const char *argument, const char *guid);

/**
 * generation_renew() - Give a machine a new generation ID, if it has one
 */
void generation_renew(UtmConfig *config);
