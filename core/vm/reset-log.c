/* SPDX-License-Identifier: Apache-2.0 */
/* Triple faults, as QEMU's emulation writes them to its log. */
#include "core/vm/reset-log.h"

#include <string.h>

/* Where a PC's firmware is: below the first megabyte, and in its flash below 4 GiB.
 * Source: SeaBIOS docs/Memory_Model.md; OVMF README, "OVMF Flash Layout" */
#define SHADOW_START 0xe0000
#define SHADOW_END 0x100000
#define FLASH_START 0xff000000
#define FLASH_END 0x100000000

void reset_log_init(ResetLog *log)
{
    *log = (ResetLog){ .dump = g_string_new(NULL) };
}

void reset_log_clear(ResetLog *log)
{
    if (log->dump)
        g_string_free(log->dump, TRUE);
    log->dump = NULL;
}

static bool is_firmware(uint64_t address)
{
    return (address >= SHADOW_START && address < SHADOW_END) ||
           (address >= FLASH_START && address < FLASH_END);
}

static void begin(ResetLog *log)
{
    log->fault = log->first_cpu = log->has_base = log->has_table = false;
    log->base = log->pointer = log->limit = 0;
    g_string_truncate(log->dump, 0);
}

void reset_log_flush(ResetLog *log, bool whole, guint keep, GString *rest)
{
    if (log->state == RESET_LOG_OUTSIDE || (whole && !log->has_table))
        return;
    uint64_t address = log->base + log->pointer;
    bool firmware = log->has_base && is_firmware(address);
    log->firmware += firmware;
    log->last_is_fault = log->fault && !firmware;
    log->state = RESET_LOG_OUTSIDE;
    if (!log->last_is_fault)
        return;
    log->has_address = log->has_base;
    log->address = address;
    log->empty_table = log->has_table && log->limit == 0;
    if (log->faults++ < keep)
        g_string_append(rest, log->dump->str);
}

/* "EIP=", "CS =", "XMM00=". */
static bool is_register(const char *line)
{
    const char *sign = strchr(line, '=');
    if (!sign || sign == line || sign - line > 8)
        return false;
    for (const char *p = line; p < sign; p++)
        if (!g_ascii_isalnum(*p) && *p != ' ')
            return false;
    return true;
}

/* The number'th word after a register's name, as a hexadecimal number. */
static uint64_t word(const char *line, unsigned number)
{
    g_auto(GStrv) words = g_strsplit_set(strchr(line, '=') + 1, " ", 0);
    for (char **w = words; *w; w++)
        if (**w && number-- == 0)
            return g_ascii_strtoull(*w, NULL, 16);
    return 0;
}

static void take_register(ResetLog *log, const char *line)
{
    if (!log->first_cpu)
        return;
    if (g_str_has_prefix(line, "EIP=") || g_str_has_prefix(line, "RIP=")) {
        log->pointer = word(line, 0);
    } else if (g_str_has_prefix(line, "CS =")) {
        log->base = word(line, 1);
        log->has_base = true;
    } else if (g_str_has_prefix(line, "IDT=")) {
        log->limit = word(line, 1);
        log->has_table = true;
    }
}

/* Whether the line belongs to what is said of a reset. */
static bool take_line(ResetLog *log, const char *line, guint keep, GString *rest)
{
    bool fault = strcmp(line, "Triple fault") == 0;
    bool first = strcmp(line, "CPU Reset (CPU 0)") == 0;
    bool dump = log->state == RESET_LOG_DUMP;
    if (first || g_str_has_prefix(line, "CPU Reset (CPU ")) {
        /* The first processor begins a reset of its own, unless a fault has begun it. */
        if (log->state == RESET_LOG_OUTSIDE || (first && dump)) {
            reset_log_flush(log, false, keep, rest);
            begin(log);
        }
        log->state = RESET_LOG_DUMP;
        log->first_cpu = first;
        return true;
    }
    if (fault && log->state != RESET_LOG_FAULT) {
        reset_log_flush(log, false, keep, rest);
        begin(log);
        log->state = RESET_LOG_FAULT;
        log->fault = true;
    }
    if (dump && !fault && is_register(line)) {
        take_register(log, line);
        return true;
    }
    /* What other threads say in between does not end what begins with "Triple fault". */
    if (dump && !fault)
        reset_log_flush(log, false, keep, rest);
    return fault;
}

/* Registers of numbers and of debuggers say nothing of a fault. */
static bool is_lengthy(const char *line)
{
    static const char *const names[] = { "FPR", "FCW", "XMM", "YMM", "ZMM", "Opmask", "DR", "CCS" };
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (g_str_has_prefix(line, names[i]))
            return true;
    return false;
}

void reset_log_feed(ResetLog *log, const char *text, guint keep, GString *rest)
{
    for (const char *end; (end = strchr(text, '\n')); text = end + 1) {
        g_autofree char *line = g_strndup(text, (gsize) (end - text));
        g_strchomp(line);
        if (!take_line(log, line, keep, rest))
            g_string_append_len(rest, text, end + 1 - text);
        else if (!is_lengthy(line))
            g_string_append_len(log->dump, text, end + 1 - text);
    }
}
