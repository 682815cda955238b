/* SPDX-License-Identifier: Apache-2.0 */
/* The lock that the session's thread has while it is awake, in order of asking. */
#include "display/turn.h"

#include <glib.h>
#include <pthread.h>

/* Tickets, as in a shop. pthread's locks and not GLib's: the thread sanitizer knows these. */
static struct {
    pthread_mutex_t mutex;
    pthread_cond_t called;
    unsigned next;    /* ticket that is drawn next */
    unsigned serving; /* ticket whose turn it is */
    TurnIdle idle;    /* of the session's thread, as is what follows */
    void *user;
} turn = { .mutex = PTHREAD_MUTEX_INITIALIZER, .called = PTHREAD_COND_INITIALIZER };

void turn_take(void)
{
    pthread_mutex_lock(&turn.mutex);
    unsigned ticket = turn.next++;
    while (turn.serving != ticket)
        pthread_cond_wait(&turn.called, &turn.mutex);
    pthread_mutex_unlock(&turn.mutex);
}

void turn_give(void)
{
    pthread_mutex_lock(&turn.mutex);
    turn.serving++;
    pthread_cond_broadcast(&turn.called);
    pthread_mutex_unlock(&turn.mutex);
}

static bool somebody_waits(void)
{
    pthread_mutex_lock(&turn.mutex);
    bool waits = turn.next - turn.serving > 1;
    pthread_mutex_unlock(&turn.mutex);
    return waits;
}

static int poll_without_turn(GPollFD *fds, guint n_fds, int timeout_ms)
{
    int ready = g_poll(fds, n_fds, 0);
    bool sleeps = ready == 0 && timeout_ms != 0;
    if (sleeps)
        turn.idle(turn.user);
    if (!sleeps && !somebody_waits())
        return ready;
    turn_give();
    if (sleeps)
        ready = g_poll(fds, n_fds, timeout_ms);
    turn_take();
    return ready;
}

void turn_begin(TurnIdle idle, void *user)
{
    turn.idle = idle;
    turn.user = user;
    turn_take();
    g_main_context_set_poll_func(NULL, poll_without_turn);
}

void turn_end(void)
{
    g_main_context_set_poll_func(NULL, NULL);
    turn_give();
}
