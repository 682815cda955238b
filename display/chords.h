/* SPDX-License-Identifier: Apache-2.0 */
/* Keys pressed together: those that the viewer offers, and those that it keeps for itself. */
#pragma once

#include <glib.h>
#include <stdbool.h>

enum { CHORD_KEYS = 6 };

/* Pressed one after the other, let go in reverse. */
typedef struct {
    char *name; /* "Ctrl-Alt-Delete"; owned */
    unsigned count;
    unsigned codes[CHORD_KEYS]; /* scan codes as scancode_of() gives them */
} Chord;

/**
 * chord_free() - Free a chord; NULL is ignored
 */
void chord_free(Chord *chord);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Chord, chord_free)

/**
 * chord_parse() - Read a chord, and maybe what it is to be called
 * @text: such as "ctrl-alt-delete", "super+l" or "Lock the screen=meta-l"
 *
 * Return: NULL for a key that there is not
 */
Chord *chord_parse(const char *text);

/**
 * chords_standard() - What a host's system keeps for itself, and guests need
 *
 * Return: (owned) of Chord: Ctrl-Alt-Delete, Ctrl-Alt-Backspace, Ctrl-Alt-F1 to F12, Print Screen…
 */
GPtrArray *chords_standard(void);

/* What the viewer does itself. */
typedef enum {
    COMMAND_NONE,
    COMMAND_RELEASE,     /* give pointer and keyboard back to the host */
    COMMAND_FULL_SCREEN, /* in and out */
    COMMAND_MENU,
    COMMAND_SYSTEM_KEYS, /* keep the host's system from taking keys, and let it again */
    COMMAND_POINTER,     /* from absolute to relative and back */
    COMMAND_COUNT,
} Command;

/**
 * command_keys() - The keys of a command, for menus, titles and --help-keys
 *
 * Return: static, such as "Ctrl-Alt-Enter"; NULL for COMMAND_NONE
 */
const char *command_keys(Command command);

/**
 * command_text() - What a command does, in a few words
 */
const char *command_text(Command command);

/* Watches for the keys of commands. Zeroed: nothing is held.
 *
 * Ctrl and Alt alone are one when both are let go and nothing else was pressed meanwhile; with
 * another key they are the guest's, unless it is a command's. */
typedef struct {
    bool control;
    bool alt;
    bool both;  /* both are down, or one still is */
    bool mixed; /* another key or button came while they were */
} CommandWatch;

/**
 * command_watch() - A key went down or up
 * @key:  SDL_Scancode
 *
 * A command other than COMMAND_RELEASE takes its key: it is not for the guest.
 */
Command command_watch(CommandWatch *watch, unsigned key, bool down);

/**
 * command_watch_mix() - Something else than a key happened, such as a click
 */
void command_watch_mix(CommandWatch *watch);

/**
 * command_watch_reset() - The keyboard is gone
 */
void command_watch_reset(CommandWatch *watch);
