/* SPDX-License-Identifier: Apache-2.0 */
/* Ctrl-C and its like for commands that have something to tidy up. */
#pragma once

#include <stdbool.h>

/**
 * interrupt_catch() - From here on the first signal that would end us is noted instead
 *
 * That is one of SIGINT, SIGTERM, SIGHUP and SIGQUIT. A reading or waiting system call ends with
 * EINTR. The second one, whichever it is, ends the process as it would have without this. SIGHUP
 * stays ignored under nohup. A pipe without a reader is an error instead of a signal. Call it once.
 */
void interrupt_catch(void);

/**
 * interrupt_number() - The signal that has come; 0: none
 */
int interrupt_number(void);

/**
 * interrupt_fd() - A descriptor that becomes readable with the signal; borrowed
 */
int interrupt_fd(void);

/**
 * interrupt_has_come() - The same as a callback for what core asks now and then
 * @user: ignored
 */
bool interrupt_has_come(void *user);
