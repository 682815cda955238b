/* SPDX-License-Identifier: Apache-2.0 */
/* What can be waited for: the words that a user writes, and what has become of each. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef enum {
    WAIT_RUNNING,    /* the guest's processors run */
    WAIT_STOPPED,    /* the machine is off */
    WAIT_PAUSED,     /* it stands still */
    WAIT_AGENT,      /* the guest agent answers */
    WAIT_IP,         /* the guest has an address that others can reach */
    WAIT_PORT,       /* a program of the guest listens on a TCP port */
    WAIT_SSH,        /* an SSH server answers on port 22 */
    WAIT_SERIAL,     /* a line of the serial console matches */
    WAIT_CLOUD_INIT, /* cloud-init has done its work */
    WAIT_FILE,       /* a file of the guest is there */
    WAIT_COMMAND,    /* a command line succeeds in the guest */
} WaitKind;

typedef struct {
    WaitKind kind;
    char *text;       /* as it was written */
    char *value;      /* path, command line or pattern; NULL for the others */
    uint16_t port;    /* WAIT_PORT, WAIT_SSH */
    GRegex *regex;    /* WAIT_SERIAL */
    bool reached;     /* stays once it is */
    int64_t after_us; /* how long that took */
    char *found;      /* line, address; NULL where there is nothing to say */
    char *why_not;    /* what was in its way when it was last looked at, or NULL */
} WaitCondition;

/* Every word that a condition can begin with, NULL-terminated; those with a value end in "=". */
extern const char *const wait_condition_words[];

/**
 * wait_condition_parse() - Read "agent", "port=80", "serial=/login:/i", "cmd=test -e x"…
 * @error: UTM_ERROR_USAGE
 *
 * What stands between slashes after "serial=" is a Perl-like regular expression for one line, with
 * an "i" behind it for any case; anything else there is looked for as it is.
 *
 * Return: a condition; free with wait_condition_free()
 */
WaitCondition *wait_condition_parse(const char *text, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * wait_condition_list() - wait_condition_parse() for several
 * @words: NULL-terminated; NULL for none
 *
 * Return: (owned) of WaitCondition; NULL on failure
 */
GPtrArray *wait_condition_list(char *const *words, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * wait_condition_asks_guest() - Whether the guest has to be asked, rather than QEMU
 */
bool wait_condition_asks_guest(const WaitCondition *condition);

/**
 * wait_condition_free() - Free a condition; NULL is ignored
 */
void wait_condition_free(WaitCondition *condition);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(WaitCondition, wait_condition_free)
