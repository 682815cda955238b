/* SPDX-License-Identifier: Apache-2.0 */
/* How many processors a host has, and how many of them are its fast ones. */
#pragma once

/* Zero performance_… where the host does not tell kinds of processors apart. */
typedef struct {
    int logical;
    int physical;
    int performance_logical;
    int performance_physical;
} CpuCounts;

/**
 * cpus_count() - Count the processors that are online
 * @devices: usually "/sys/devices"
 *
 * Fast processors are those that Intel's hybrid hosts list under cpu_core, or those whose
 * cpu_capacity is at least two thirds of the largest.
 *
 * Source: Linux Documentation/ABI/stable/sysfs-devices-system-cpu (core_cpus_list),
 * Documentation/ABI/testing/sysfs-devices-system-cpu (smt/active, cpu_capacity)
 */
CpuCounts cpus_count(const char *devices);
