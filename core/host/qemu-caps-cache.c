/* SPDX-License-Identifier: Apache-2.0 */
/* The file that remembers what a QEMU binary can do. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/error.h"
#include "core/host/host.h"
#include "core/host/kvm.h"
#include "core/host/qemu-caps.h"
#include "core/paths.h"

/* Changes with the format or with the meaning of a word. The program's version stands beside it,
 * so that a new release asks again. */
#define MAGIC "utmctl-qemu-caps 1 " UTMCTL_VERSION

/* The sets of QemuCaps in the order of the file: each is a line with its name and size, then one
 * line for each member. */
static const struct {
    const char *name;
    size_t offset;
} sets[] = {
    { "devices", G_STRUCT_OFFSET(QemuCaps, devices) },
    { "machines", G_STRUCT_OFFSET(QemuCaps, machines) },
    { "cpus", G_STRUCT_OFFSET(QemuCaps, cpus) },
    { "commands", G_STRUCT_OFFSET(QemuCaps, commands) },
    { "features", G_STRUCT_OFFSET(QemuCaps, features) },
};

static GHashTable **set_of(const QemuCaps *caps, size_t index)
{
    return (GHashTable **) ((char *) caps + sets[index].offset);
}

static int64_t mtime_ns(const char *path)
{
    struct stat st;

    if (stat(path, &st) < 0)
        return 0;
    return (int64_t) st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
}

char *qemu_caps_key(const char *binary)
{
    struct stat st;
    const char *modules = g_getenv("QEMU_MODULE_DIR");
    g_autofree char *multiarch = g_strdup_printf("/usr/lib/%s-linux-gnu/qemu", host_architecture());

    if (stat(binary, &st) < 0)
        return NULL;
    int64_t installed = mtime_ns(multiarch) ^ mtime_ns("/usr/lib64/qemu") ^
                        mtime_ns("/usr/lib/qemu") ^ (modules ? mtime_ns(modules) : 0);
    return g_strdup_printf("key %" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %s",
                           (gint64) st.st_size, mtime_ns(binary), installed, binary);
}

/* The next line of a text that is cut up in place; NULL at its end. */
static char *next_line(char **text)
{
    char *line = *text;
    char *end = strchr(line, '\n');

    if (!end)
        return NULL;
    *end = '\0';
    *text = end + 1;
    return line;
}

/* What follows a word and a space at the beginning of the next line; NULL for another line. */
static const char *next_field(char **text, const char *word)
{
    const char *line = next_line(text);
    size_t length = strlen(word);

    if (!line || strncmp(line, word, length) != 0 || line[length] != ' ')
        return NULL;
    return line + length + 1;
}

static GHashTable *read_set(char **text, const char *name)
{
    const char *size = next_field(text, name);
    g_autoptr(GHashTable) set = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    if (!size)
        return NULL;
    for (long left = strtol(size, NULL, 10); left > 0; left--) {
        const char *word = next_line(text);
        if (!word)
            return NULL;
        g_hash_table_add(set, g_strdup(word));
    }
    return g_steal_pointer(&set);
}

static QemuCaps *parse(char *text, const char *key)
{
    g_autoptr(QemuCaps) caps = g_new0(QemuCaps, 1);

    if (g_strcmp0(next_line(&text), MAGIC) != 0 || g_strcmp0(next_line(&text), key) != 0)
        return NULL;
    const char *binary = next_field(&text, "binary");
    const char *target = next_field(&text, "target");
    const char *version = next_field(&text, "version");
    const char *version_text = next_field(&text, "version_text");
    if (!binary || !target || !version || !version_text)
        return NULL;
    caps->binary = g_strdup(binary);
    caps->target = g_strdup(target);
    caps->version = (int) strtol(version, NULL, 10);
    caps->version_text = g_strdup(version_text);
    for (size_t i = 0; i < G_N_ELEMENTS(sets); i++)
        if (!(*set_of(caps, i) = read_set(&text, sets[i].name)))
            return NULL;
    return g_steal_pointer(&caps);
}

QemuCaps *qemu_caps_read(const char *path, const char *key)
{
    g_autofree char *text = NULL;

    if (!g_file_get_contents(path, &text, NULL, NULL))
        return NULL;
    /* The last line is the hash of all before it. */
    char *last = g_strrstr(text, "\nend ");
    if (!last)
        return NULL;
    unsigned long hash = strtoul(last + strlen("\nend "), NULL, 10);
    last[1] = '\0';
    return hash == g_str_hash(text) ? parse(text, key) : NULL;
}

bool qemu_caps_write(const QemuCaps *caps, const char *path, const char *key, GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);

    g_string_append_printf(text, "%s\n%s\nbinary %s\ntarget %s\nversion %d\nversion_text %s\n",
                           MAGIC, key, caps->binary, caps->target, caps->version,
                           caps->version_text);
    for (size_t i = 0; i < G_N_ELEMENTS(sets); i++) {
        GHashTableIter iter;
        gpointer word;
        g_string_append_printf(text, "%s %u\n", sets[i].name, g_hash_table_size(*set_of(caps, i)));
        g_hash_table_iter_init(&iter, *set_of(caps, i));
        while (g_hash_table_iter_next(&iter, &word, NULL))
            g_string_append_printf(text, "%s\n", (const char *) word);
    }
    guint hash = g_str_hash(text->str);
    g_string_append_printf(text, "end %u\n", hash);
    return g_file_set_contents(path, text->str, (gssize) text->len, error);
}

/* The file for a binary: its name for people, a hash of its path for distinction. */
static char *cache_path(const char *binary)
{
    g_autofree char *name = g_path_get_basename(binary);
    g_autofree char *file = g_strdup_printf("qemu/%s-%08x", name, g_str_hash(binary));

    return paths_cache(file);
}

/* A cache that cannot be written costs time, nothing else. */
static void remember(const QemuCaps *caps, const char *path, const char *key)
{
    g_autofree char *folder = g_path_get_dirname(path);
    g_autoptr(GError) failure = NULL;

    if (!paths_make_private(folder, &failure) || !qemu_caps_write(caps, path, key, &failure))
        g_debug("capabilities of \"%s\" are not kept: %s", caps->binary, failure->message);
}

QemuCaps *qemu_caps_load(const char *binary, GError **error)
{
    g_autofree char *path = cache_path(binary);
    g_autofree char *key = qemu_caps_key(binary);

    if (!key) {
        utm_error_set(error, UTM_ERROR_UNSUPPORTED, NULL, "cannot use \"%s\": %s", binary,
                      g_strerror(errno));
        return NULL;
    }
    QemuCaps *caps = qemu_caps_read(path, key);
    if (caps)
        return caps;
    caps = qemu_caps_probe(binary, error);
    if (caps)
        remember(caps, path, key);
    return caps;
}
