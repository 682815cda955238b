/* SPDX-License-Identifier: Apache-2.0 */
/* What the guest's pointer is: where it goes by itself, and what is held down. */
#include "display/pointer.h"

unsigned pointer_bit(unsigned button)
{
    return button ? 1u << (button - 1) : 0;
}

unsigned pointer_button_of(unsigned button)
{
    static const unsigned buttons[] = {
        0, POINTER_LEFT, POINTER_MIDDLE, POINTER_RIGHT, POINTER_SIDE, POINTER_EXTRA
    };
    return button < sizeof buttons / sizeof *buttons ? buttons[button] : 0;
}

PointerStep pointer_press(Pointer *pointer, unsigned button)
{
    if (!button)
        return POINTER_IGNORE;
    if (!pointer->absolute && !pointer->grabbed) {
        pointer->grabbed = true;
        return POINTER_GRAB;
    }
    pointer->buttons |= pointer_bit(button);
    return POINTER_SEND;
}

PointerStep pointer_release(Pointer *pointer, unsigned button)
{
    unsigned bit = pointer_bit(button);
    if (!(pointer->buttons & bit))
        return POINTER_IGNORE;
    pointer->buttons &= ~bit;
    return POINTER_SEND;
}

unsigned pointer_take_button(Pointer *pointer)
{
    for (unsigned button = POINTER_LEFT; button <= POINTER_EXTRA; button++)
        if (pointer_release(pointer, button) == POINTER_SEND)
            return button;
    return 0;
}

bool pointer_moves(const Pointer *pointer)
{
    return pointer->absolute || pointer->grabbed;
}

int pointer_scroll(Pointer *pointer, double amount)
{
    if (!pointer_moves(pointer))
        return 0;
    if ((amount < 0) != (pointer->wheel < 0))
        pointer->wheel = 0;
    pointer->wheel += amount;
    /* Parts such as a tenth add up to a little less than a step. */
    int steps = (int) (pointer->wheel + (amount < 0 ? -1e-6 : 1e-6));
    pointer->wheel -= steps;
    return steps;
}

bool pointer_set_absolute(Pointer *pointer, bool absolute)
{
    bool was_grabbed = pointer->grabbed;
    pointer->absolute = absolute;
    if (absolute)
        pointer->grabbed = false;
    return was_grabbed && absolute;
}
