/* SPDX-License-Identifier: Apache-2.0 */
/* A sandbox of namespaces by bubblewrap, for kernels without Landlock. */
#include "core/vm/bubblewrap.h"

#include <string.h>

/* It sees no processes but its own, and goes when the helper does. */
#define NAMESPACES                                                                                 \
    "--unshare-user-try", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--cap-drop", "ALL",  \
        "--die-with-parent"

void bubblewrap_bind_free(BubblewrapBind *bind)
{
    g_free(bind->path);
    g_free(bind);
}

char *bubblewrap_find(void)
{
    g_autofree char *program = g_find_program_in_path("bwrap");
    if (!program)
        return NULL;
    /* It starts itself, which is there for sure. */
    const char *argv[] = { program,  NAMESPACES, "--ro-bind", "/",     "/",         "--dev", "/dev",
                           "--proc", "/proc",    "--",        program, "--version", NULL };
    int status = -1;
    GSpawnFlags flags = G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL;
    bool works =
        g_spawn_sync(NULL, (char **) argv, NULL, flags, NULL, NULL, NULL, NULL, &status, NULL) &&
        g_spawn_check_wait_status(status, NULL);
    return works ? g_steal_pointer(&program) : NULL;
}

/* A folder comes before what is in it, and what may be written after the same to be read. */
static int by_path(gconstpointer a, gconstpointer b)
{
    const BubblewrapBind *x = *(const BubblewrapBind *const *) a;
    const BubblewrapBind *y = *(const BubblewrapBind *const *) b;
    int order = strcmp(x->path, y->path);
    return order ? order : x->writable - y->writable;
}

static void add_three(GPtrArray *words, const char *how, const char *path)
{
    g_ptr_array_add(words, g_strdup(how));
    g_ptr_array_add(words, g_strdup(path));
    g_ptr_array_add(words, g_strdup(path));
}

/* What something is mounted on stays where it is. */
static void keep_contents(GPtrArray *words, const char *folder)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    for (const char *name; dir && (name = g_dir_read_name(dir));) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        add_three(words, "--ro-bind-try", path);
    }
}

/* /proc is a new one, which has no other processes in it; of /dev there are the harmless ones. */
static void add_bind(GPtrArray *words, const BubblewrapBind *bind)
{
    const char *how = bind->writable ? "--bind-try" : "--ro-bind-try";
    if (g_str_has_prefix(bind->path, "/proc/"))
        return;
    if (g_str_has_prefix(bind->path, "/dev/"))
        how = "--dev-bind-try";
    add_three(words, how, bind->path);
    if (bind->keep)
        keep_contents(words, bind->path);
}

static void add_words(GPtrArray *words, const char *const *more)
{
    for (; *more; more++)
        g_ptr_array_add(words, g_strdup(*more));
}

char **bubblewrap_argv(const char *program, GPtrArray *binds, bool network, const char *cwd,
                       const char *const *argv)
{
    GPtrArray *words = g_ptr_array_new();
    const char *first[] = { program, NAMESPACES, "--dev", "/dev", "--proc", "/proc", NULL };
    const char *closed[] = { "--unshare-net", NULL };
    const char *last[] = { "--chdir", cwd, "--", NULL };
    add_words(words, first);
    if (!network)
        add_words(words, closed);
    g_ptr_array_sort(binds, by_path);
    for (guint i = 0; i < binds->len; i++)
        add_bind(words, binds->pdata[i]);
    add_words(words, last);
    add_words(words, argv);
    g_ptr_array_add(words, NULL);
    return (char **) g_ptr_array_free(words, FALSE);
}
