/* SPDX-License-Identifier: Apache-2.0 */
/* A queue of calls under one pthread lock, which the thread sanitizer can see. */
#include "display/mailbox.h"

#include <pthread.h>

typedef struct {
    MailboxCall call;
    void *data; /* owned */
    GDestroyNotify free;
} Letter;

struct Mailbox {
    pthread_mutex_t mutex;
    GQueue letters; /* owned Letters; under the lock */
    int n_letters;  /* atomic, for a look without the lock */
    void *owner;    /* borrowed */
    void (*wake)(void *user);
    void *user; /* borrowed */
};

static void letter_free(Letter *letter)
{
    if (letter->free)
        letter->free(letter->data);
    g_free(letter);
}

Mailbox *mailbox_new(void *owner, void (*wake)(void *user), void *user)
{
    Mailbox *box = g_new0(Mailbox, 1);
    pthread_mutex_init(&box->mutex, NULL);
    g_queue_init(&box->letters);
    box->owner = owner;
    box->wake = wake;
    box->user = user;
    return box;
}

void mailbox_free(Mailbox *box)
{
    if (!box)
        return;
    g_queue_clear_full(&box->letters, (GDestroyNotify) letter_free);
    pthread_mutex_destroy(&box->mutex);
    g_free(box);
}

void mailbox_post(Mailbox *box, MailboxCall call, void *data, GDestroyNotify free)
{
    Letter *letter = g_new(Letter, 1);
    *letter = (Letter){ .call = call, .data = data, .free = free };
    pthread_mutex_lock(&box->mutex);
    bool was_empty = g_queue_is_empty(&box->letters);
    g_queue_push_tail(&box->letters, letter);
    g_atomic_int_inc(&box->n_letters);
    pthread_mutex_unlock(&box->mutex);
    if (was_empty)
        box->wake(box->user);
}

static Letter *take_first(Mailbox *box)
{
    pthread_mutex_lock(&box->mutex);
    Letter *letter = g_queue_pop_head(&box->letters);
    if (letter)
        g_atomic_int_add(&box->n_letters, -1);
    pthread_mutex_unlock(&box->mutex);
    return letter;
}

void mailbox_run(Mailbox *box)
{
    for (Letter *letter; (letter = take_first(box));) {
        letter->call(box->owner, letter->data);
        letter_free(letter);
    }
}

bool mailbox_has_mail(Mailbox *box)
{
    return g_atomic_int_get(&box->n_letters) > 0;
}
