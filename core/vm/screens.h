/* SPDX-License-Identifier: Apache-2.0 */
/* The last pictures of a machine's screen, kept for the case that it crashes. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* No more pictures of one run are kept, and no more bytes. */
#define SCREENS_KEEP 4
#define SCREENS_BYTES (16 * 1024 * 1024)

/**
 * screens_begin() - A run begins: those of the runs before get older, as their logs do
 * @dir: the machine's state folder
 */
void screens_begin(const char *dir);

/**
 * screens_add() - Keep a picture
 * @dir:     the machine's state folder
 * @time_us: when it was taken, microseconds since the epoch
 * @what:    end of its name: "screen.png", "panic.png"
 * @png:     borrowed
 *
 * The oldest go when there are too many. Named as the pictures of run --artifacts are.
 */
bool screens_add(const char *dir, int64_t time_us, const char *what, GBytes *png);

/**
 * screens_forget() - The run has ended as it should: nobody will ask what was on the screen
 */
void screens_forget(const char *dir);

/**
 * screens_list() - Paths of what is kept, the oldest first
 * @run_back: 0: of the last run, 1: of the one before it
 *
 * Return: (owned) of char *
 */
GPtrArray *screens_list(const char *dir, unsigned run_back);

/**
 * screens_time() - When a picture was taken, microseconds since the epoch; 0: not known
 */
int64_t screens_time(const char *path);
