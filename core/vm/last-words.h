/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of a machine's end: the black box that is looked into after a crash. */
#pragma once

#include <glib.h>

/* The record of how a run has ended, beside its logs in the state folder. */
#define LAST_WORDS_EXIT "exit.json"

/**
 * last_words_panic() - The line with which a guest's system has given up
 * @console: text of its console
 *
 * Pure. Source: Linux kernel/panic.c; FreeBSD sys/kern/kern_shutdown.c; illumos uts/common/os/panic.c
 * Return: the last such line, a new string; NULL: there is none
 */
char *last_words_panic(const char *console);

/**
 * last_words_find_panic() - The same for the console of a machine's last run
 */
char *last_words_find_panic(const char *uuid);

/* Everything is owned; NULL or empty where there is nothing. */
typedef struct {
    char *exit_json;    /* record of the end, see VmStatus.last_exit */
    char *panic;        /* see last_words_panic() */
    char *console;      /* last lines of the first serial port */
    char *qemu;         /* last lines of QEMU's log */
    char *screenshot;   /* picture of the last time-out, if there is one */
    GPtrArray *screens; /* (owned) of char *, paths of pictures, the oldest first */
    GPtrArray *events;  /* (owned) of char *, last lines of the journal */
} LastWords;

/**
 * last_words_read() - Gather what is there of one of a machine's runs
 * @uuid:     the machine's
 * @run_back: 0: the last run; 1: the one before it
 * @lines:    how many of each at most
 */
void last_words_read(const char *uuid, unsigned run_back, unsigned lines, LastWords *out_words);

void last_words_clear(LastWords *words);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(LastWords, last_words_clear)
