/* SPDX-License-Identifier: Apache-2.0 */
/* Keys of SDL as scan codes of a PC keyboard. */
#pragma once

/* All that SDL and SPICE number, rounded up. */
enum { SCANCODE_KEYS = 512, SCANCODE_CODES = 512 };

/**
 * scancode_of() - What a PC keyboard sends for a key
 * @key: SDL_Scancode: where the key is, whatever is printed on it
 *
 * Set 1, as SPICE has it: 0x1e is sent as 1e when the key goes down and 9e when it goes up, 0x11d
 * as e0 1d and e0 9d.
 *
 * Source: SDL_scancode.h, which numbers keys as USB HID usage tables do (page 7, then page 12);
 * keycodemapdb data/keymaps.csv, "AT set1 keycode", which QEMU's input is made from;
 * spice-gtk doc of spice_inputs_channel_key_press()
 * Return: 0 for a key that PC keyboards do not have
 */
unsigned scancode_of(unsigned key);
