/* SPDX-License-Identifier: Apache-2.0 */
/* What a child process may reach: Landlock rules, made before the fork and enforced after it. */
#include "core/vm/sandbox.h"

#include "core/vm/bubblewrap.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Newer than the headers of the oldest system that this is built on.
 * Source: Linux include/uapi/linux/landlock.h: truncate since ABI 3, network since ABI 4, ioctl
 * since ABI 5 */
#define ACCESS_FS_TRUNCATE (1ULL << 14)
#define ACCESS_NET_ALL ((1ULL << 0) | (1ULL << 1))

#define ACCESS_FS_ABI_1 ((1ULL << 13) - 1)

/* Rights that a rule on a file, as opposed to a folder, may have. */
#define ACCESS_FS_OF_FILES                                                                         \
    (LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_FILE |   \
     ACCESS_FS_TRUNCATE)

typedef struct {
    uint64_t handled_access_fs;
    uint64_t handled_access_net;
} RulesetAttr;

#define FD_FIRST 100

struct Sandbox {
    int fd; /* the rules; -1: by bubblewrap */
    uint64_t handled_fs;
    char *program;    /* bubblewrap; NULL with Landlock */
    GPtrArray *binds; /* (owned) of BubblewrapBind; NULL with Landlock */
    bool network;
};

static char *no_landlock_reason(int code)
{
    if (code == ENOSYS)
        return g_strdup("this kernel has no Landlock");
    if (code == EOPNOTSUPP)
        return g_strdup("Landlock is switched off on this host");
    return g_strdup_printf("Landlock does not work: %s", g_strerror(code));
}

static Sandbox *fall_back(bool network, int code, char **out_reason)
{
    char *program = bubblewrap_find();
    if (!program) {
        *out_reason = no_landlock_reason(code);
        return NULL;
    }
    Sandbox *sandbox = g_new0(Sandbox, 1);
    sandbox->fd = -1;
    sandbox->program = program;
    sandbox->binds = g_ptr_array_new_with_free_func((GDestroyNotify) bubblewrap_bind_free);
    sandbox->network = network;
    return sandbox;
}

Sandbox *sandbox_new(bool network, char **out_reason)
{
    int abi = (int) syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    RulesetAttr attr = { .handled_access_fs = ACCESS_FS_ABI_1 };
    size_t size = sizeof attr.handled_access_fs;
    if (abi >= 2)
        attr.handled_access_fs |= LANDLOCK_ACCESS_FS_REFER;
    if (abi >= 3)
        attr.handled_access_fs |= ACCESS_FS_TRUNCATE;
    if (abi >= 4 && !network) {
        attr.handled_access_net = ACCESS_NET_ALL;
        size = sizeof attr;
    }
    int fd = abi < 1 ? -1 : (int) syscall(SYS_landlock_create_ruleset, &attr, size, 0);
    if (fd < 0)
        return fall_back(network, errno, out_reason);
    /* Out of the way of the low numbers that a child's descriptors get before the rules apply. */
    int high = fcntl(fd, F_DUPFD_CLOEXEC, FD_FIRST);
    close(fd);
    if (high < 0) {
        *out_reason = no_landlock_reason(errno);
        return NULL;
    }
    Sandbox *sandbox = g_new0(Sandbox, 1);
    sandbox->fd = high;
    sandbox->handled_fs = attr.handled_access_fs;
    return sandbox;
}

static uint64_t rights(unsigned access)
{
    uint64_t allowed = 0;
    if (access & SANDBOX_READ)
        allowed |= LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
    if (access & SANDBOX_EXECUTE)
        allowed |= LANDLOCK_ACCESS_FS_EXECUTE;
    if (access & SANDBOX_WRITE)
        allowed |= LANDLOCK_ACCESS_FS_WRITE_FILE | ACCESS_FS_TRUNCATE;
    if (access & SANDBOX_CREATE)
        allowed |= LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK |
                   LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_SYM |
                   LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_REMOVE_FILE |
                   LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REFER;
    if (access & SANDBOX_LISTEN)
        allowed |= LANDLOCK_ACCESS_FS_MAKE_SOCK;
    return allowed;
}

static void add_rule(const Sandbox *sandbox, const char *path, unsigned access)
{
    struct stat st;
    int fd = open(path, O_PATH | O_CLOEXEC);
    if (fd < 0)
        return;
    uint64_t allowed = rights(access) & sandbox->handled_fs;
    if (fstat(fd, &st) == 0 && !S_ISDIR(st.st_mode))
        allowed &= ACCESS_FS_OF_FILES;
    const struct landlock_path_beneath_attr rule = { .allowed_access = allowed, .parent_fd = fd };
    syscall(SYS_landlock_add_rule, sandbox->fd, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
    close(fd);
}

void sandbox_allow(const Sandbox *sandbox, const char *path, unsigned access)
{
    if (!sandbox->binds) {
        add_rule(sandbox, path, access);
        return;
    }
    BubblewrapBind *bind = g_new0(BubblewrapBind, 1);
    bind->path = g_strdup(path);
    bind->writable = access & (SANDBOX_WRITE | SANDBOX_CREATE | SANDBOX_LISTEN);
    bind->keep = access & SANDBOX_LISTEN;
    g_ptr_array_add(sandbox->binds, bind);
}

const char *sandbox_name(const Sandbox *sandbox)
{
    return sandbox->program ? "bubblewrap" : "landlock";
}

char **sandbox_wrap(const Sandbox *sandbox, const char *cwd, const char *const *argv)
{
    return sandbox->program
               ? bubblewrap_argv(sandbox->program, sandbox->binds, sandbox->network, cwd, argv)
               : NULL;
}

bool sandbox_enforce(const Sandbox *sandbox)
{
    if (sandbox->program)
        return true;
    /* A process may look at itself, and only it can name itself. */
    add_rule(sandbox, "/proc/self", SANDBOX_READ);
    return syscall(SYS_landlock_restrict_self, sandbox->fd, 0) == 0;
}

void sandbox_free(Sandbox *sandbox)
{
    if (!sandbox)
        return;
    if (sandbox->fd >= 0)
        close(sandbox->fd);
    if (sandbox->binds)
        g_ptr_array_unref(sandbox->binds);
    g_free(sandbox->program);
    g_free(sandbox);
}
