/* SPDX-License-Identifier: Apache-2.0 */
/* Adding options with their reasons, and putting their values together. */
#include <string.h>

#include "core/argv/argv-build.h"
#include "core/error.h"
#include "core/near-miss.h"

enum { SOCKET_PATH_MAX = 107 };

void argv_add_words(ArgvBuild *b, const char *key, const char *rule, char **words)
{
    ArgvItem *item = g_new0(ArgvItem, 1);
    item->args = words;
    item->key = g_strdup(key);
    item->rule = g_strdup(rule);
    g_ptr_array_add(b->argv->items, item);
}

void argv_add(ArgvBuild *b, const char *key, const char *rule, const char *option,
              const char *format, ...)
{
    char **words = g_new0(char *, 3);
    words[0] = g_strdup(option);
    va_list args;
    va_start(args, format);
    words[1] = g_strdup_vprintf(format, args);
    va_end(args);
    argv_add_words(b, key, rule, words);
}

void argv_add_flag(ArgvBuild *b, const char *key, const char *rule, const char *option)
{
    char **words = g_new0(char *, 2);
    words[0] = g_strdup(option);
    argv_add_words(b, key, rule, words);
}

void argv_warn(ArgvBuild *b, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_ptr_array_add(b->argv->warnings, g_strdup_vprintf(format, args));
    va_end(args);
}

char *argv_key(const char *array, unsigned index, const char *member)
{
    return g_strdup_printf("%s[%u].%s", array, index, member);
}

void argv_prop(GString *value, const char *format, ...)
{
    if (value->len > 0)
        g_string_append_c(value, ',');
    va_list args;
    va_start(args, format);
    g_string_append_vprintf(value, format, args);
    va_end(args);
}

void argv_prop_path(GString *value, const char *name, const char *path)
{
    argv_prop(value, "%s=", name);
    for (const char *p = path; *p; p++) {
        if (*p == ',')
            g_string_append_c(value, ',');
        g_string_append_c(value, *p);
    }
}

void argv_prop_text(ArgvBuild *b, GString *value, const char *name, const char *text)
{
    if (b->on_linux)
        argv_prop_path(value, name, text);
    else
        argv_prop(value, "%s=%s", name, text);
}

char *argv_device_name(const char *hardware)
{
    return g_strndup(hardware, strcspn(hardware, ","));
}

/* QEMU lists types; -device also takes these short names of them. */
bool argv_has_device(const ArgvBuild *b, const char *name)
{
    static const char *const buses[] = { "pci", "ccw", "device" };
    if (host_has_device(b->host, name))
        return true;
    if (g_str_equal(name, "lsi"))
        return host_has_device(b->host, "lsi53c895a");
    if (!g_str_has_prefix(name, "virtio-"))
        return false;
    for (size_t i = 0; i < G_N_ELEMENTS(buses); i++) {
        g_autofree char *full = g_strdup_printf("%s-%s", name, buses[i]);
        if (host_has_device(b->host, full))
            return true;
    }
    return false;
}

static bool name_is_plain(const char *name)
{
    size_t length = strspn(name, G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS "._+-");
    return length > 0 && name[length] == '\0';
}

bool argv_check_device(ArgvBuild *b, const char *key, const char *hardware, GError **error)
{
    if (!b->on_linux)
        return true;
    g_autofree char *name = argv_device_name(hardware);
    if (!name_is_plain(name)) {
        utm_error_set(error, UTM_ERROR_INVALID, NULL, "%s: \"%s\" is not the name of a device", key,
                      hardware);
        return false;
    }
    if (strchr(hardware, '/') || strstr(hardware, "file=")) {
        utm_error_set(error, UTM_ERROR_INVALID,
                      "give the device in QEMU.AdditionalArguments instead",
                      "%s: \"%s\" has a property that names a file", key, hardware);
        return false;
    }
    if (argv_has_device(b, name))
        return true;
    g_autofree char *near = near_miss_set(name, b->host->qemu->devices);
    g_autofree char *hint = near ? g_strdup_printf("this QEMU has %s", near) : NULL;
    utm_error_set(error, UTM_ERROR_UNSUPPORTED, hint, "%s: qemu-system-%s has no device \"%s\"",
                  key, b->arch->name, name);
    return false;
}

char *argv_virtio(const ArgvBuild *b, const char *kind)
{
    const char *bus = "pci";
    if (g_str_equal(b->arch->name, "s390x"))
        bus = "ccw";
    else if (g_str_equal(b->arch->name, "m68k") || (b->on_linux && !argv_has_pci(b)))
        bus = "device";
    return g_strdup_printf("virtio-%s-%s", kind, bus);
}

char *argv_socket_path(const ArgvBuild *b, const char *name, GError **error)
{
    /* Started by the helper, QEMU is in that folder, and a short name does however long its path. */
    if (b->run->first_channel_fd >= 0)
        return g_strdup(name);
    g_autofree char *path = g_build_filename(b->host->socket_dir, name, NULL);
    if (strlen(path) > SOCKET_PATH_MAX) {
        utm_error_set(error, UTM_ERROR_UNSUPPORTED,
                      "set XDG_RUNTIME_DIR to a folder with a shorter path",
                      "the path of socket \"%s\" is longer than %d bytes", path, SOCKET_PATH_MAX);
        return NULL;
    }
    return g_steal_pointer(&path);
}

bool argv_chardev(ArgvBuild *b, const char *key, const char *rule, const char *id, unsigned index,
                  const char *name, GError **error)
{
    if (b->run->first_channel_fd >= 0) {
        argv_add(b, key, rule, "-chardev", "socket,id=%s,fd=%d", id,
                 b->run->first_channel_fd + (int) index);
        return true;
    }
    g_autofree char *path = argv_socket_path(b, name, error);
    if (!path)
        return false;
    g_autoptr(GString) value = g_string_new("socket");
    argv_prop(value, "id=%s", id);
    argv_prop_path(value, "path", path);
    argv_prop(value, "server=on,wait=off");
    argv_add(b, key, rule, "-chardev", "%s", value->str);
    return true;
}
