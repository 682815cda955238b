/* SPDX-License-Identifier: Apache-2.0 */
/* Who is on the other side of a unix socket, for the journal. */
#include "core/vm/client-name.h"

#include <glib.h>
#include <sys/socket.h>

cJSON *client_name(int fd)
{
    cJSON *name = cJSON_CreateObject();
    struct ucred peer;
    socklen_t size = sizeof peer;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0 || peer.pid <= 0)
        return name;
    cJSON_AddNumberToObject(name, "pid", peer.pid);
    g_autofree char *path = g_strdup_printf("/proc/%d/comm", (int) peer.pid);
    g_autofree char *program = NULL;
    if (g_file_get_contents(path, &program, NULL, NULL))
        cJSON_AddStringToObject(name, "program", g_strchomp(program));
    return name;
}
