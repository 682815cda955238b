/* SPDX-License-Identifier: Apache-2.0 */
/* Starts QEMU as a person would who has its arguments: by-hand FILE, with the arguments as
 * /proc/PID/cmdline has them. Prints the microseconds from fork to the answer to "cont".
 *
 * Every character device that names a descriptor gets one end of a socket pair under that number. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MAX_ARGS = 512, MAX_CHANNELS = 16, HIGH_FD = 200, TEXT_BYTES = 65536 };

typedef struct {
    int target; /* the number that the arguments have */
    int ours;
    int theirs;
} Channel;

static char text[TEXT_BYTES];
static char *args[MAX_ARGS + 1];
static Channel channels[MAX_CHANNELS];
static int channel_count;

static void die(const char *what)
{
    fprintf(stderr, "by-hand: %s: %s\n", what, strerror(errno));
    exit(1);
}

static double now_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double) t.tv_sec * 1e6 + (double) t.tv_nsec / 1e3;
}

static void read_args(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

    if (length <= 0)
        die(path);
    close(fd);
    int count = 0;
    for (char *at = text; at < text + length && count < MAX_ARGS; at += strlen(at) + 1)
        args[count++] = at;
}

static int high_copy(int fd)
{
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, HIGH_FD);

    if (copy < 0)
        die("cannot copy a descriptor");
    close(fd);
    return copy;
}

/* The channel of a character device such as "socket,id=qmp,fd=7"; NULL for another kind. */
static Channel *add_channel(const char *device)
{
    const char *fd = strstr(device, ",fd=");
    int pair[2];

    if (!fd || strncmp(device, "socket,", strlen("socket,")) != 0 || channel_count == MAX_CHANNELS)
        return NULL;
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0)
        die("cannot make a socket pair");
    Channel *channel = &channels[channel_count++];
    channel->target = atoi(fd + strlen(",fd="));
    channel->ours = high_copy(pair[0]);
    channel->theirs = high_copy(pair[1]);
    return channel;
}

/* Whether a device's id is the one that a monitor names: "chardev=qmp,mode=control". */
static int is_monitor(const char *device, const char *monitor)
{
    const char *id = strstr(device, ",id=");
    const char *name = monitor ? strstr(monitor, "chardev=") : NULL;

    if (!id || !name)
        return 0;
    id += strlen(",id=");
    name += strlen("chardev=");
    size_t length = strcspn(id, ",");
    return length == strcspn(name, ",") && strncmp(id, name, length) == 0;
}

static const char *monitor_argument(void)
{
    for (int i = 0; args[i] && args[i + 1]; i++)
        if (strcmp(args[i], "-mon") == 0)
            return args[i + 1];
    return NULL;
}

static int make_channels(void)
{
    int monitor = -1;

    for (int i = 0; args[i] && args[i + 1]; i++) {
        if (strcmp(args[i], "-chardev") != 0)
            continue;
        Channel *channel = add_channel(args[i + 1]);
        if (channel && is_monitor(args[i + 1], monitor_argument()))
            monitor = channel->ours;
    }
    if (monitor < 0)
        die("no monitor on a descriptor");
    return monitor;
}

static void run_child(void)
{
    int null = open("/dev/null", O_RDWR);

    dup2(null, 0);
    dup2(null, 1);
    dup2(null, 2);
    for (int i = 0; i < channel_count; i++)
        dup2(channels[i].theirs, channels[i].target);
    execv(args[0], args);
    _exit(127);
}

/* Reads until a line has the word that is waited for. */
static void wait_for(int monitor, const char *word)
{
    static char line[TEXT_BYTES];
    size_t length = 0;

    for (;;) {
        ssize_t got = read(monitor, line + length, sizeof(line) - 1 - length);
        if (got <= 0)
            die("QEMU went away");
        length += (size_t) got;
        line[length] = '\0';
        if (strstr(line, word))
            return;
    }
}

static void say(int monitor, const char *command)
{
    if (write(monitor, command, strlen(command)) < 0)
        die("cannot write to the monitor");
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: by-hand FILE\n");
        return 2;
    }
    read_args(argv[1]);
    int monitor = make_channels();
    double start = now_us();
    pid_t pid = fork();
    if (pid == 0)
        run_child();
    for (int i = 0; i < channel_count; i++)
        close(channels[i].theirs);
    wait_for(monitor, "QMP");
    say(monitor, "{\"execute\":\"qmp_capabilities\",\"id\":\"hello\"}\n");
    wait_for(monitor, "\"hello\"");
    say(monitor, "{\"execute\":\"cont\",\"id\":\"go\"}\n");
    wait_for(monitor, "\"go\"");
    printf("%.0f\n", now_us() - start);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    return 0;
}
