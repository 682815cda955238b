/* SPDX-License-Identifier: Apache-2.0 */
/* What the guest's pointer is: where it goes by itself, and what is held down. */
#pragma once

#include <stdbool.h>

/* Buttons as SPICE numbers them, and their bits. */
enum {
    POINTER_LEFT = 1,
    POINTER_MIDDLE = 2,
    POINTER_RIGHT = 3,
    POINTER_UP = 4,
    POINTER_DOWN = 5,
    POINTER_SIDE = 6,
    POINTER_EXTRA = 7,
};

/* A tablet follows the host's pointer. A mouse only hears of motion: it moves while the window has
 * grabbed the host's pointer, which a click into it does and COMMAND_RELEASE undoes. */
typedef struct {
    bool absolute;
    bool grabbed;     /* never while absolute */
    unsigned buttons; /* held in the guest: bits, see pointer_bit() */
    double wheel;     /* less than a step, towards the next */
} Pointer;

/**
 * pointer_bit() - Bit of a button in a mask
 * @button: POINTER_X
 */
unsigned pointer_bit(unsigned button);

/**
 * pointer_button_of() - SPICE's number of a button
 * @button: SDL_BUTTON_X
 *
 * Return: 0 for a button that mice of guests do not have
 */
unsigned pointer_button_of(unsigned button);

/* What the window has to do next. */
typedef enum {
    POINTER_IGNORE,
    POINTER_SEND, /* tell the guest */
    POINTER_GRAB, /* the click was for the window: grab the host's pointer */
} PointerStep;

/**
 * pointer_press() - A button went down
 * @button: POINTER_X
 */
PointerStep pointer_press(Pointer *pointer, unsigned button);

/**
 * pointer_release() - A button went up
 */
PointerStep pointer_release(Pointer *pointer, unsigned button);

/**
 * pointer_take_button() - Take one of the buttons that are held, until there are none: the window
 *                         has lost the pointer
 *
 * Return: POINTER_X, 0 when none is held
 */
unsigned pointer_take_button(Pointer *pointer);

/**
 * pointer_moves() - Whether a motion of the host's pointer is one of the guest's
 */
bool pointer_moves(const Pointer *pointer);

/**
 * pointer_scroll() - The wheel was turned
 * @amount: steps and parts of them; up is positive. Fine wheels and touch pads send small parts
 *
 * Guests know whole steps. Turning back starts anew, so that it is felt at once.
 *
 * Return: whole steps that are due
 */
int pointer_scroll(Pointer *pointer, double amount);

/**
 * pointer_set_absolute() - The server has changed its mind
 *
 * Return: whether the host's pointer was grabbed, which it is no more
 */
bool pointer_set_absolute(Pointer *pointer, bool absolute);
