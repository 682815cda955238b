/* SPDX-License-Identifier: Apache-2.0 */
/* Triple faults, as QEMU's emulation writes them to its log. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* Filled by reset_log_feed(); what the log says of a reset ends with the next line that is none of
 * its own, or with reset_log_flush(). */
typedef struct {
    guint faults;     /* triple faults of what the machine runs */
    guint firmware;   /* resets that its firmware made to start anew: SeaBIOS makes two of one */
    uint64_t address; /* where the first processor was at the last of the faults */
    bool has_address;
    bool empty_table; /* it had no interrupts: a system that restarts by a triple fault does that */
    bool last_is_fault; /* the last reset was one of @faults */

    /* What is being read. */
    enum { RESET_LOG_OUTSIDE, RESET_LOG_FAULT, RESET_LOG_DUMP } state;
    bool fault, first_cpu, has_base, has_table;
    uint64_t base, pointer, limit;
    GString *dump;
} ResetLog;

/**
 * reset_log_init() - Begin with nothing read; end with reset_log_clear()
 */
void reset_log_init(ResetLog *log);
void reset_log_clear(ResetLog *log);

/**
 * reset_log_feed() - Read more of the log
 * @text: whole lines
 * @keep: registers of this many faults stay in the log
 * @rest: what is to stay in it is appended, without the registers of every other reset
 *
 * Source: QEMU target/i386/tcg/excp_helper.c, check_exception(), which writes "Triple fault" with
 * "-d cpu_reset"; hw/core/cpu-common.c, cpu_common_reset(); target/i386/cpu-dump.c
 */
void reset_log_feed(ResetLog *log, const char *text, guint keep, GString *rest);

/**
 * reset_log_flush() - Count the reset that is being read
 * @whole: only if its registers have been read
 */
void reset_log_flush(ResetLog *log, bool whole, guint keep, GString *rest);
