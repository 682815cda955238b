/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures of a machine's screen, taken again and again while something else is done. */
#pragma once

#include <glib.h>
#include <stdint.h>

#include "bundles/bundle.h"

typedef struct RunPictures RunPictures;

/**
 * run_pictures_start() - Begin to take pictures
 * @bundle:   a machine that runs; borrowed, must outlive this
 * @folder:   where they go, named by run_pictures_name()
 * @every_us: 0: none but those of run_pictures_take()
 *
 * A picture that shows what the one before showed is left out. A machine without a display has none.
 */
RunPictures *run_pictures_start(const Bundle *bundle, const char *folder, int64_t every_us);

/**
 * run_pictures_take() - Take one now
 */
void run_pictures_take(RunPictures *pictures);

/**
 * run_pictures_free() - Take no more; NULL is ignored
 */
void run_pictures_free(RunPictures *pictures);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RunPictures, run_pictures_free)

/**
 * run_pictures_name() - A file's name that sorts by time: "20260131T235959.123Z-WHAT"
 * @time_us: microseconds since the epoch
 *
 * Without colons, which archives and other systems do not take.
 *
 * Return: a new string
 */
char *run_pictures_name(int64_t time_us, const char *what);
