/* SPDX-License-Identifier: Apache-2.0 */
/* Whose turn it is: the one lock between the two threads, which keeps pictures from being copied twice.
 *
 * spice-glib draws into surfaces of its own, in its thread, while this dispatches. So that thread
 * has the turn for as long as it is awake, and gives it only while it sleeps in poll(). Whoever has
 * the turn may read spice-glib's surfaces and everything in screen.h where they are: the window's
 * thread copies damage from the surface to the window without a picture in between.
 *
 * Turns come in the order in which they were asked for, so that a busy server cannot keep the
 * window from being drawn.
 */
#pragma once

/* Asked and told in the session's thread, with the turn. What comes in one after the other is told
 * of once: when nothing more has come in for a moment, or when it is late. */
typedef struct {
    int (*patience_ms)(
        void *user);          /* how long to wait for more: 0 to be told now, -1 for no news */
    void (*tell)(void *user); /* the moment has passed; returns soon */
    void *user;
} TurnNews;

/**
 * turn_begin() - Make the calling thread the one that has the turn while it is awake
 * @news: copied
 *
 * Replaces the poll function of the default main context, which this thread must run and own.
 * That function has no argument of ours, which is why there is one lock in a process.
 */
void turn_begin(const TurnNews *news);

/**
 * turn_end() - Give the turn for the last time
 */
void turn_end(void);

/**
 * turn_take() - Wait for the turn; not for the session's thread
 */
void turn_take(void);

/**
 * turn_give() - Give what turn_take() took
 */
void turn_give(void);
