/* SPDX-License-Identifier: Apache-2.0 */
/* Whether QEMU may put a machine on a bridge of this host. */
#include "core/host/bridge.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/error.h"

#define RULES "/etc/qemu/bridge.conf"

bool bridge_exists(const char *name)
{
    g_autofree char *path = g_build_filename("/sys/class/net", name, "bridge", NULL);
    return !strchr(name, '/') && access(path, F_OK) == 0;
}

bool bridge_is_allowed(const char *rules, const char *name)
{
    bool allowed = false;
    g_auto(GStrv) lines = g_strsplit(rules, "\n", -1);
    for (char **line = lines; *line; line++) {
        g_auto(GStrv) words = g_strsplit_set(g_strstrip(*line), " \t", 2);
        if (!words[0] || !words[1])
            continue;
        const char *what = g_strstrip(words[1]);
        bool fits = strcmp(what, name) == 0 || strcmp(what, "all") == 0;
        if (strcmp(words[0], "include") == 0)
            return true;
        if (fits && strcmp(words[0], "allow") == 0)
            allowed = true;
        if (fits && strcmp(words[0], "deny") == 0)
            allowed = false;
    }
    return allowed;
}

/* Where distributions put it, which QEMU has compiled in. */
static const char *find_helper(struct stat *out_stat)
{
    static const char *const paths[] = { "/usr/lib/qemu/qemu-bridge-helper",
                                         "/usr/libexec/qemu-bridge-helper" };
    for (size_t i = 0; i < G_N_ELEMENTS(paths); i++)
        if (stat(paths[i], out_stat) == 0)
            return paths[i];
    return NULL;
}

static bool check_rights(GError **error)
{
    struct stat st;
    const char *helper = find_helper(&st);
    if (!helper || geteuid() == 0 || st.st_mode & S_ISUID)
        return true;
    g_autofree char *hint = g_strdup_printf("sudo chmod u+s %s", helper);
    utm_error_set(error, UTM_ERROR_UNSUPPORTED, hint,
                  "\"%s\" may not join machines to bridges for other users than root", helper);
    return false;
}

bool bridge_check(const char *name, GError **error)
{
    g_autofree char *rules = NULL;
    if (!bridge_exists(name)) {
        g_autofree char *quoted = g_shell_quote(name);
        g_autofree char *hint = g_strdup_printf(
            "sudo ip link add %s type bridge; or choose another network, such as Mode=Shared",
            quoted);
        utm_error_set(error, UTM_ERROR_UNSUPPORTED, hint, "this host has no bridge \"%s\"", name);
        return false;
    }
    if (!check_rights(error))
        return false;
    (void) g_file_get_contents(RULES, &rules, NULL, NULL);
    if (bridge_is_allowed(rules ? rules : "", name))
        return true;
    g_autofree char *hint = g_strdup_printf("echo 'allow %s' | sudo tee -a " RULES, name);
    utm_error_set(error, UTM_ERROR_UNSUPPORTED, hint,
                  "\"" RULES "\" does not let machines use the bridge \"%s\"", name);
    return false;
}
