/* SPDX-License-Identifier: Apache-2.0 */
/* Ctrl-C and its like for commands that have something to tidy up. */
#pragma once

#include <stdbool.h>

/**
 * interrupt_catch() - From now on SIGINT, SIGTERM and SIGHUP are noted instead of ending us
 *
 * A reading or waiting system call ends with EINTR. The second signal ends the process as it would
 * have without this. SIGPIPE is ignored.
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
