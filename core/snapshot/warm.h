/* SPDX-License-Identifier: Apache-2.0 */
/* Warm images: the memory of a snapshot as a file that new QEMUs map instead of reading it.
 *
 * A warm image is a folder in the cache, below warm/UUID/, that looks like a bundle: configuration
 * and disks as they were at that instant, and beside them "ram", "state" (the devices) and
 * "index.json". It is put there as a whole. Losing it costs time only, because the snapshot in the
 * machine's images has all that it was made of. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "bundles/bundle.h"
#include "core/vm/launch-plan.h"

#define WARM_RAM "ram"
#define WARM_STATE "state"
/* While it is made: the snapshot's own stream of memory and devices. */
#define WARM_STREAM "stream"

/* What has to be known of a warm image before it is used. Strings owned. */
typedef struct {
    char *ram_id;      /* what QEMU calls the machine's main memory */
    char *accelerator; /* "tcg", "kvm" */
    char *fingerprint; /* of QEMU and everything it was told; NULL while it is made */
} WarmIndex;

void warm_index_clear(WarmIndex *index);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(WarmIndex, warm_index_clear)

/**
 * warm_accel() - What a warm image has to run on
 */
AccelChoice warm_accel(const WarmIndex *index);

/**
 * warm_folder() - Where the warm image of a snapshot is, or would be
 * @uuid: the machine's
 * @tag:  the snapshot's; NULL for the folder of all of the machine's
 *
 * Return: a new string
 */
char *warm_folder(const char *uuid, const char *tag);

/**
 * warm_find() - The warm image of a snapshot
 *
 * Return: its folder, a new string; NULL when there is none
 */
char *warm_find(const char *uuid, const char *tag);

/**
 * warm_index_read() - What is known of a warm image
 * @folder: its folder
 * @error:  UTM_ERROR_INVALID
 */
bool warm_index_read(const char *folder, WarmIndex *out_index,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * warm_index_write() - Write it down
 */
bool warm_index_write(const char *folder, const WarmIndex *index,
                      GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * warm_fingerprint() - What must be the same for a warm image to be used
 * @plan:   before warm_amend_plan()
 * @bundle: whose plan it is
 *
 * The QEMU program itself and its arguments, without what may differ: names, paths of this bundle,
 * addresses of network adapters.
 *
 * Return: a new string
 */
char *warm_fingerprint(const LaunchPlan *plan, const Bundle *bundle);

/**
 * warm_maps_read_only() - Whether QEMU can map a file privately that it may only read
 *
 * Older ones open it for writing, and do not write to it.
 */
bool warm_maps_read_only(const LaunchPlan *plan);

/**
 * warm_amend_plan() - Have QEMU take its memory from a file, and wait for its devices
 * @ram_path: the file
 * @ram_id:   as in the index
 * @share:    write through to the file; else what is written stays private
 * @error:    UTM_ERROR_UNSUPPORTED when the machine's own arguments set up its memory
 */
bool warm_amend_plan(LaunchPlan *plan, int64_t memory_mib, const char *ram_path, const char *ram_id,
                     bool share, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * warm_fits() - Whether a warm image can be used with the QEMU that is there now
 */
bool warm_fits(const char *folder);

/**
 * warm_forget() - Remove the warm image of a snapshot; fine when there is none
 * @tag: NULL: of all snapshots of the machine
 */
void warm_forget(const char *uuid, const char *tag);
