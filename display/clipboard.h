/* SPDX-License-Identifier: Apache-2.0 */
/* Whose clipboard counts, and what may cross between host and guest. Decides only; what it decides
 * is done by its owner through the calls in ClipboardOps. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What can cross, as bits of a set. */
typedef enum {
    CLIPBOARD_TEXT = 1 << 0, /* UTF-8 */
    CLIPBOARD_PNG = 1 << 1,
} ClipboardKind;

/* Larger ones stay where they are: a guest could fill the host's memory. */
#define CLIPBOARD_BYTES_MAX (64 * 1024 * 1024)

/* States, and what moves them on:
 *   NOBODY  nothing has been copied since the session began, or what was is gone
 *   HOST    the host has copied something and the guest was told; NOBODY when the host's is empty,
 *           GUEST when the guest copies something
 *   GUEST   the guest has copied something and the host was given it; NOBODY when the guest takes it
 *           back, HOST when the host copies something
 */
typedef enum { CLIPBOARD_NOBODY, CLIPBOARD_HOST, CLIPBOARD_GUEST } ClipboardOwner;

/* What a decision leads to. @data is borrowed. */
typedef struct {
    void (*offer_guest)(unsigned kinds, void *user); /* the host has this; 0: nothing any more */
    void (*ask_guest)(ClipboardKind kind, void *user);
    void (*give_guest)(ClipboardKind kind, const uint8_t *data, size_t size, void *user);
    void (*ask_host)(ClipboardKind kind, void *user);
    void (*give_host)(ClipboardKind kind, const uint8_t *data, size_t size, void *user);
    void (*clear_host)(void *user);
} ClipboardOps;

typedef struct {
    const ClipboardOps *ops; /* borrowed */
    void *user;
    bool to_guest; /* what the host copies may go to the guest */
    bool to_host;
    bool agent; /* somebody in the guest listens */
    ClipboardOwner owner;
    unsigned host_kinds;  /* what the host has, known even while nobody listens */
    unsigned asked_guest; /* kinds that the guest was asked for and has not sent yet */
    unsigned asked_host;  /* kinds that the guest waits for */
    bool crlf;            /* lines of the guest's texts end in CR LF */
} Clipboard;

/**
 * clipboard_agent() - Somebody in the guest listens from now on, or nobody does
 * @crlf: the guest says that its lines end in CR LF
 */
void clipboard_agent(Clipboard *clipboard, bool there, bool crlf);

/**
 * clipboard_host_copied() - The host's clipboard has something else now
 * @kinds: set of ClipboardKind; 0 for nothing that could cross
 * @ours:  we put it there ourselves, because the guest has it
 */
void clipboard_host_copied(Clipboard *clipboard, unsigned kinds, bool ours);

/**
 * clipboard_host_gave() - What ops.ask_host() asked for
 * @data: NULL when the host has it no more
 */
void clipboard_host_gave(Clipboard *clipboard, ClipboardKind kind, const uint8_t *data,
                         size_t size);

/**
 * clipboard_guest_copied() - The guest's clipboard has something else now
 * @kinds: set of ClipboardKind; 0 for nothing that could cross
 */
void clipboard_guest_copied(Clipboard *clipboard, unsigned kinds);

/**
 * clipboard_guest_released() - The guest's clipboard is empty
 */
void clipboard_guest_released(Clipboard *clipboard);

/**
 * clipboard_guest_asks() - The guest wants what the host has
 * @kind: 0 for a kind that does not cross
 *
 * Answered in any case, at once or when the host has given it.
 */
void clipboard_guest_asks(Clipboard *clipboard, unsigned kind);

/**
 * clipboard_guest_gave() - What ops.ask_guest() asked for
 * @data: whatever a guest sends; looked at before it goes on
 *
 * Dropped: what was not asked for, what is too large, text that is not UTF-8 and PNGs that are none.
 */
void clipboard_guest_gave(Clipboard *clipboard, unsigned kind, const uint8_t *data, size_t size);
