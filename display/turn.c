/* SPDX-License-Identifier: Apache-2.0 */
/* The lock that the session's thread has while it is awake, in order of asking. */
#include "display/turn.h"

#include <glib.h>
#include <pthread.h>
#include <stdbool.h>

/* Tickets, as in a shop. pthread's locks and not GLib's: the thread sanitizer knows these. */
static struct {
    pthread_mutex_t mutex;
    pthread_cond_t called;
    unsigned next;    /* ticket that is drawn next */
    unsigned serving; /* ticket whose turn it is */
    TurnNews news;    /* the session's thread's */
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

static int poll_awake(GPollFD *fds, guint n_fds)
{
    int ready = g_poll(fds, n_fds, 0);
    if (turn.news.patience_ms(turn.news.user) == 0)
        turn.news.tell(turn.news.user);
    if (somebody_waits()) {
        turn_give();
        turn_take();
    }
    return ready;
}

/* May return earlier than asked, as any poll() may; the main loop comes back then. */
static int poll_without_turn(GPollFD *fds, guint n_fds, int timeout_ms)
{
    if (timeout_ms == 0)
        return poll_awake(fds, n_fds);
    int patience_ms = turn.news.patience_ms(turn.news.user);
    if (patience_ms == 0)
        turn.news.tell(turn.news.user);
    bool hopes = patience_ms > 0 && (timeout_ms < 0 || patience_ms < timeout_ms);
    turn_give();
    int ready = g_poll(fds, n_fds, hopes ? patience_ms : timeout_ms);
    turn_take();
    if (hopes && ready == 0)
        turn.news.tell(turn.news.user);
    return ready;
}

void turn_begin(const TurnNews *news)
{
    turn.news = *news;
    turn_take();
    g_main_context_set_poll_func(NULL, poll_without_turn);
}

void turn_end(void)
{
    g_main_context_set_poll_func(NULL, NULL);
    turn_give();
}
