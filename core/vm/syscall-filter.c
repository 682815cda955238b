/* SPDX-License-Identifier: Apache-2.0 */
/* What a child process may ask of the kernel beyond files, which Landlock sees to. */
#include "core/vm/syscall-filter.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define NATIVE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define NATIVE AUDIT_ARCH_AARCH64
#elif defined(__riscv) && __riscv_xlen == 64
#define NATIVE AUDIT_ARCH_RISCV64
#elif defined(__powerpc64__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define NATIVE AUDIT_ARCH_PPC64LE
#endif

/* System calls of the ABI x32 have this bit. */
#define X32_BIT 0x40000000U

/* The type of a socket without its flags. Source: Linux include/linux/net.h, SOCK_TYPE_MASK */
#define SOCKET_TYPE_MASK 0xFU

/* Room for what install() builds. */
#define MAX_STEPS 96

typedef struct {
    struct sock_filter steps[MAX_STEPS];
    unsigned short count;
} Program;

static void add(Program *program, uint16_t code, uint32_t k, uint8_t jt, uint8_t jf)
{
    program->steps[program->count++] = (struct sock_filter){ code, jt, jf, k };
}

static void load(Program *program, size_t offset)
{
    add(program, BPF_LD | BPF_W | BPF_ABS, (uint32_t) offset, 0, 0);
}

/* The lower half, which is all that these arguments have. This host is little-endian. */
static void load_argument(Program *program, unsigned index)
{
    load(program, offsetof(struct seccomp_data, args) + index * sizeof(uint64_t));
}

static void answer(Program *program, uint32_t action)
{
    add(program, BPF_RET | BPF_K, action, 0, 0);
}

static uint32_t refuse(int code)
{
    return SECCOMP_RET_ERRNO | ((uint32_t) code & SECCOMP_RET_DATA);
}

/* The same answer whenever what is loaded has this value. */
static void answer_if(Program *program, uint32_t value, uint32_t action)
{
    add(program, BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1);
    answer(program, action);
}

/* Of a call, an argument decides: allowed for one value, refused for others. */
static void only_with(Program *program, uint32_t number, unsigned index, uint32_t value)
{
    add(program, BPF_JMP | BPF_JEQ | BPF_K, number, 0, 4);
    load_argument(program, index);
    add(program, BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1);
    answer(program, SECCOMP_RET_ALLOW);
    answer(program, refuse(EPERM));
}

static void add_signals(Program *program, pid_t own_pid)
{
    static const uint32_t to_process[] = { SYS_kill, SYS_tgkill, SYS_rt_sigqueueinfo,
                                           SYS_rt_tgsigqueueinfo };
    for (size_t i = 0; i < sizeof to_process / sizeof *to_process; i++)
        only_with(program, to_process[i], 0, (uint32_t) own_pid);
    answer_if(program, SYS_tkill, refuse(EPERM));
    answer_if(program, SYS_pidfd_send_signal, refuse(EPERM));
}

/* The last part: what is loaded is no system call any more. */
static void add_sockets(Program *program, const SyscallFilter *filter)
{
    add(program, BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 1, 0);
    answer(program, SECCOMP_RET_ALLOW);
    load_argument(program, 0);
    answer_if(program, AF_NETLINK, SECCOMP_RET_ALLOW);
    uint32_t internet = filter->network ? SECCOMP_RET_ALLOW : refuse(EACCES);
    answer_if(program, AF_INET, internet);
    answer_if(program, AF_INET6, internet);
    add(program, BPF_JMP | BPF_JEQ | BPF_K, AF_UNIX, 1, 0);
    answer(program, refuse(EACCES));
    load_argument(program, 1);
    add(program, BPF_ALU | BPF_AND | BPF_K, SOCKET_TYPE_MASK, 0, 0);
    answer_if(program, SOCK_STREAM, SECCOMP_RET_ALLOW);
    answer(program, refuse(EACCES));
}

#ifdef NATIVE
static void build(Program *program, const SyscallFilter *filter, pid_t own_pid, uint32_t connect,
                  uint32_t bind)
{
    *program = (Program){ .count = 0 };
    load(program, offsetof(struct seccomp_data, arch));
    add(program, BPF_JMP | BPF_JEQ | BPF_K, NATIVE, 1, 0);
    answer(program, refuse(ENOSYS));
    load(program, offsetof(struct seccomp_data, nr));
#ifdef __x86_64__
    add(program, BPF_JMP | BPF_JGE | BPF_K, X32_BIT, 0, 1);
    answer(program, refuse(ENOSYS));
#endif
    answer_if(program, SYS_io_uring_setup, refuse(ENOSYS));
    answer_if(program, SYS_connect, connect);
    answer_if(program, SYS_bind, bind);
    if (own_pid)
        add_signals(program, own_pid);
    add_sockets(program, filter);
}

static int set_filter(Program *program, unsigned flags)
{
    struct sock_fprog prog = { .len = program->count, .filter = program->steps };
    return (int) syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &prog);
}

bool syscall_filter_install(const SyscallFilter *filter, pid_t own_pid, int *out_listener)
{
    Program program;
    if (out_listener)
        *out_listener = -1;
    if (filter->ask && out_listener) {
        build(&program, filter, own_pid, SECCOMP_RET_USER_NOTIF, SECCOMP_RET_USER_NOTIF);
        *out_listener = set_filter(&program, SECCOMP_FILTER_FLAG_NEW_LISTENER);
        if (*out_listener >= 0)
            return true;
    }
    build(&program, filter, own_pid, filter->ask ? SECCOMP_RET_ALLOW : refuse(EACCES),
          SECCOMP_RET_ALLOW);
    return set_filter(&program, 0) == 0;
}
#else
bool syscall_filter_install(const SyscallFilter *filter, pid_t own_pid, int *out_listener)
{
    (void) filter;
    (void) own_pid;
    if (out_listener)
        *out_listener = -1;
    return true;
}
#endif
