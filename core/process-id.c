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

/* Numbers of processes mean nothing outside of their namespace. A new string, maybe empty. */
static char *namespace_id(void)
{
    g_autofree char *link = g_file_read_link("/proc/self/ns/pid", NULL);
    const char *number = link ? strchr(link, '[') : NULL;
    return number ? g_strndup(number + 1, strcspn(number + 1, "]")) : g_strdup("");
}

char *process_id_self(void)
{
    g_autofree char *id = process_id(getpid());
    g_autofree char *space = namespace_id();
    return id ? g_strconcat(id, ":", space, NULL) : g_strdup_printf("%d::%s", getpid(), space);
}

bool process_id_lives(const char *id)
{
    int pid = 0;
    g_auto(GStrv) parts = g_strsplit(id, ":", 3);
    if (g_strv_length(parts) != 3 || sscanf(id, "%d:", &pid) != 1 || pid <= 0)
        return false;
    g_autofree char *space = namespace_id();
    if (strcmp(parts[2], space) != 0)
        return true;
    g_autofree char *now = process_id(pid);
    return now && strcmp(now + strcspn(now, ":") + 1, parts[1]) == 0;
}
