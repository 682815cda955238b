/* SPDX-License-Identifier: Apache-2.0 */
/* A name for a process that no later one has, although numbers of processes are used again. */
#include "core/process-id.h"

#include <glib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The name of the program, in brackets, may have blanks and brackets in it. NULL: it is not there. */
static char *process_id(int pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/stat", pid);
    g_autofree char *text = NULL;
    if (!g_file_get_contents(path, &text, NULL, NULL) || !strrchr(text, ')'))
        return NULL;
    /* Behind the bracket is field 3. */
    g_auto(GStrv) fields = g_strsplit(strrchr(text, ')') + 1, " ", 0);
    if (g_strv_length(fields) < 21)
        return NULL;
    return g_strdup_printf("%d:%s", pid, fields[20]);
}

char *process_id_self(void)
{
    char *id = process_id(getpid());
    return id ? id : g_strdup_printf("%d:", getpid());
}

bool process_id_lives(const char *id)
{
    int pid = 0;
    if (sscanf(id, "%d:", &pid) != 1 || pid <= 0)
        return false;
    g_autofree char *now = process_id(pid);
    return g_strcmp0(now, id) == 0;
}
