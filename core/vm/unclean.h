/* SPDX-License-Identifier: Apache-2.0 */
/* Images of a QEMU that did not close them: noticing, and giving back what they lost track of. */
#pragma once

#include "bundles/bundle.h"

/**
 * unclean_mark() - Note that QEMU is about to open a machine's images
 * @uuid: machine's UUID
 *
 * A file in its state folder, which stays when nobody is left to remove it.
 */
void unclean_mark(const char *uuid);

/**
 * unclean_clear() - Note that they are closed
 */
void unclean_clear(const char *uuid);

/**
 * unclean_repair() - Repair the images of a machine whose QEMU did not close them; else do nothing
 * @bundle:      the machine, which the caller keeps from being started
 * @quick:       leave what may take long to the next one
 * @out_damaged: a new string with images that are damaged beyond clusters that were lost track of;
 *               nothing was done to them. NULL when there are none
 * @error:       UTM_ERROR_LOCKED, UTM_ERROR_FAILED
 *
 * A QEMU that is killed leaves clusters that are counted and not used; "qemu-img check" takes that
 * for an error, and the room is lost. So is that behind the end of an image. One that still ends has
 * the images locked: it is waited for. Layers of external snapshots are images as well, since merging
 * writes to them; those that somebody else reads are left as they are.
 *
 * Source: QEMU qemu-img.c, img_check: exit status 2 is damage, 3 is leaks
 */
bool unclean_repair(const Bundle *bundle, bool quick, char **out_damaged,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;
