/* SPDX-License-Identifier: Apache-2.0 */
/* How many processors a host has, and how many of them are its fast ones. */
#include "core/host/cpus.h"

#include <glib.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/host/small-file.h"

/* The kernel's own limit is 8192. */
enum { MAX_CPUS = 8192 };

/* One byte a processor; a list such as "0-3,8" sets bytes. */
typedef struct {
    guint8 has[MAX_CPUS];
    int end; /* one more than the highest that was ever added */
} CpuSet;

static void cpu_set_add_list(CpuSet *set, const char *list)
{
    const char *at = list;

    while (g_ascii_isdigit(*at)) {
        char *end;
        unsigned long first = strtoul(at, &end, 10);
        unsigned long last = *end == '-' ? strtoul(end + 1, &end, 10) : first;
        for (unsigned long cpu = first; cpu <= last && cpu < MAX_CPUS; cpu++) {
            set->has[cpu] = 1;
            set->end = MAX(set->end, (int) cpu + 1);
        }
        at = *end == ',' ? end + 1 : end;
    }
}

static bool cpu_set_add_file(CpuSet *set, const char *path)
{
    char list[4096];

    if (!small_file_read(path, list, sizeof(list)) || list[0] == '\0')
        return false;
    cpu_set_add_list(set, list);
    return true;
}

static int cpu_set_size(const CpuSet *set)
{
    int size = 0;

    for (int cpu = 0; cpu < set->end; cpu++)
        size += set->has[cpu];
    return size;
}

/* How many cores the processors of a set are. Each core is asked once, not each processor. */
static int count_cores(const char *devices, const CpuSet *set)
{
    g_autofree CpuSet *seen = g_new0(CpuSet, 1);
    int cores = 0;

    for (int cpu = 0; cpu < set->end; cpu++) {
        char path[PATH_MAX];
        if (!set->has[cpu] || seen->has[cpu])
            continue;
        cores++;
        g_snprintf(path, sizeof(path), "%s/system/cpu/cpu%d/topology/core_cpus_list", devices, cpu);
        if (!cpu_set_add_file(seen, path)) {
            g_snprintf(path, sizeof(path), "%s/system/cpu/cpu%d/topology/thread_siblings_list",
                       devices, cpu);
            cpu_set_add_file(seen, path);
        }
    }
    return cores;
}

/* The processors whose capacity is near the largest; false where all are alike or none says. */
static bool add_capable(CpuSet *fast, const char *devices, const CpuSet *online)
{
    g_autofree long *capacity = g_new0(long, online->end);
    long largest = 0;

    for (int cpu = 0; cpu < online->end; cpu++) {
        char path[PATH_MAX];
        if (!online->has[cpu])
            continue;
        g_snprintf(path, sizeof(path), "%s/system/cpu/cpu%d/cpu_capacity", devices, cpu);
        capacity[cpu] = small_file_number(path, 0);
        if (capacity[cpu] <= 0)
            return false;
        largest = MAX(largest, capacity[cpu]);
    }
    for (int cpu = 0; cpu < online->end; cpu++) {
        if (online->has[cpu] && capacity[cpu] * 3 >= largest * 2) {
            fast->has[cpu] = 1;
            fast->end = cpu + 1;
        }
    }
    return cpu_set_size(fast) < cpu_set_size(online);
}

static bool find_fast(CpuSet *fast, const char *devices, const CpuSet *online)
{
    g_autofree char *intel = g_strdup_printf("%s/cpu_core/cpus", devices);

    if (!cpu_set_add_file(fast, intel))
        return add_capable(fast, devices, online);
    for (int cpu = 0; cpu < fast->end; cpu++)
        fast->has[cpu] &= online->has[cpu];
    return true;
}

CpuCounts cpus_count(const char *devices)
{
    g_autofree CpuSet *online = g_new0(CpuSet, 1);
    g_autofree CpuSet *fast = g_new0(CpuSet, 1);
    g_autofree char *online_path = g_strdup_printf("%s/system/cpu/online", devices);
    g_autofree char *smt_path = g_strdup_printf("%s/system/cpu/smt/active", devices);
    CpuCounts counts = { 0 };

    if (!cpu_set_add_file(online, online_path)) {
        counts.logical = counts.physical = (int) MAX(1, sysconf(_SC_NPROCESSORS_ONLN));
        return counts;
    }
    bool threads = small_file_number(smt_path, 1) != 0;
    counts.logical = cpu_set_size(online);
    counts.physical = threads ? count_cores(devices, online) : counts.logical;
    if (find_fast(fast, devices, online)) {
        counts.performance_logical = cpu_set_size(fast);
        counts.performance_physical =
            threads ? count_cores(devices, fast) : counts.performance_logical;
    }
    return counts;
}
