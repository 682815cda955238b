/* SPDX-License-Identifier: Apache-2.0 */
/* The keys that the guest believes are down. */
#include "display/keys.h"

#include <stddef.h>

/* Caps Lock, Scroll Lock and Num Lock, as SDL numbers them. */
enum { KEY_CAPS_LOCK = 57, KEY_SCROLL_LOCK = 71, KEY_NUM_LOCK = 83 };

enum { KMOD_NUM_BIT = 0x1000, KMOD_CAPS_BIT = 0x2000, KMOD_SCROLL_BIT = 0x8000 };

static const uint16_t modifiers_last[] = { 0x2a, 0x36, 0x1d, 0x11d, 0x38, 0x138, 0x15b, 0x15c };

static uint64_t bit_of(unsigned code)
{
    return UINT64_C(1) << code % 64;
}

unsigned keys_press(Keys *keys, unsigned key)
{
    unsigned code = scancode_of(key);
    if (code)
        keys->down[code / 64] |= bit_of(code);
    return code;
}

static bool take(Keys *keys, unsigned code)
{
    bool was_down = keys->down[code / 64] & bit_of(code);
    keys->down[code / 64] &= ~bit_of(code);
    return was_down;
}

unsigned keys_release(Keys *keys, unsigned key)
{
    unsigned code = scancode_of(key);
    return take(keys, code) ? code : 0;
}

static bool is_modifier(unsigned code)
{
    for (size_t i = 0; i < sizeof modifiers_last / sizeof *modifiers_last; i++)
        if (modifiers_last[i] == code)
            return true;
    return false;
}

unsigned keys_take(Keys *keys)
{
    for (unsigned code = 1; code < SCANCODE_CODES; code++)
        if (!is_modifier(code) && take(keys, code))
            return code;
    for (size_t i = 0; i < sizeof modifiers_last / sizeof *modifiers_last; i++)
        if (take(keys, modifiers_last[i]))
            return modifiers_last[i];
    return 0;
}

unsigned keys_locks(unsigned modifiers)
{
    return (modifiers & KMOD_SCROLL_BIT ? KEYS_SCROLL_LOCK : 0u) |
           (modifiers & KMOD_NUM_BIT ? KEYS_NUM_LOCK : 0u) |
           (modifiers & KMOD_CAPS_BIT ? KEYS_CAPS_LOCK : 0u);
}
