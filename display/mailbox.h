/* SPDX-License-Identifier: Apache-2.0 */
/* Calls that one thread asks another to make: the way from the window to the session and back. */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef struct Mailbox Mailbox;

/* What is called in the other thread; @data is freed by whoever posted it, see mailbox_post(). */
typedef void (*MailboxCall)(void *owner, void *data);

/**
 * mailbox_new() - An empty mailbox
 * @owner: given to every call; borrowed
 * @wake:  called in the posting thread when something is posted into an empty mailbox
 * @user:  for @wake
 */
Mailbox *mailbox_new(void *owner, void (*wake)(void *user), void *user);

/**
 * mailbox_free() - Free a mailbox and what was not called; NULL is ignored
 */
void mailbox_free(Mailbox *box);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Mailbox, mailbox_free)

/**
 * mailbox_post() - Ask for a call, from any thread
 * @call: called once by mailbox_run(), in order of posting
 * @data: for @call; taken
 * @free: frees @data after the call, or without it; NULL where there is nothing to free
 */
void mailbox_post(Mailbox *box, MailboxCall call, void *data, GDestroyNotify free);

/**
 * mailbox_run() - Make the calls that were posted; in the thread of the owner
 */
void mailbox_run(Mailbox *box);

/**
 * mailbox_has_mail() - Whether mailbox_run() would call anything
 */
bool mailbox_has_mail(Mailbox *box);
