/* SPDX-License-Identifier: Apache-2.0 */
/* The keys that the guest believes are down. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "display/scancode.h"

/* Zeroed: none is. A key that is let go somewhere else must be let go here, or the guest would see
 * it held for ever. */
typedef struct {
    uint64_t down[SCANCODE_CODES / 64];
} Keys;

/**
 * keys_press() - A key went down, or repeats
 * @key: SDL_Scancode
 *
 * Repeating is the business of a PC's keyboard, so that guests expect the key to go down again.
 *
 * Return: what to press in the guest, 0 for nothing
 */
unsigned keys_press(Keys *keys, unsigned key);

/**
 * keys_release() - A key went up
 *
 * Return: what to release in the guest, 0 for a key that went down while another window had the
 *         keyboard
 */
unsigned keys_release(Keys *keys, unsigned key);

/**
 * keys_take() - Take one of the keys that are down, until there are none: the keyboard is gone
 *
 * Modifiers come last, so that no key is left alone for a moment.
 *
 * Return: what to release in the guest, 0 when none is down
 */
unsigned keys_take(Keys *keys);

/* Bits of spice-glib's SpiceInputsLock. */
enum { KEYS_SCROLL_LOCK = 1 << 0, KEYS_NUM_LOCK = 1 << 1, KEYS_CAPS_LOCK = 1 << 2 };

/**
 * keys_locks() - Which lock keys are on
 * @modifiers: SDL_Keymod
 *
 * Source: SDL_keycode.h, KMOD_NUM, KMOD_CAPS, KMOD_SCROLL
 * Return: KEYS_X_LOCK bits
 */
unsigned keys_locks(unsigned modifiers);
