/* SPDX-License-Identifier: Apache-2.0 */
/* Times commands against each other: compare RUNS COMMAND… --- COMMAND… prints the median and the
 * least time of each in microseconds, one line a command. They take turns, so that a slow moment
 * of the machine is everybody's. */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

enum { MAX_COMMANDS = 8, WARM_UP_RUNS = 3 };

static double now_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double) t.tv_sec * 1e6 + (double) t.tv_nsec / 1e3;
}

/* Runs a command with its output thrown away; negative when it fails. */
static double time_command(char **command, posix_spawn_file_actions_t *actions)
{
    pid_t pid;
    int status;
    double start = now_us();

    if (posix_spawnp(&pid, command[0], actions, NULL, command, environ) != 0)
        return -1;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return -1;
    double end = now_us();
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? end - start : -1;
}

static int compare_doubles(const void *a, const void *b)
{
    double left = *(const double *) a;
    double right = *(const double *) b;

    return (left > right) - (left < right);
}

/* Cuts the words at "---"; 0 for none or too many. */
static int split_commands(char **words, char ***commands)
{
    int count = 0;

    while (*words && count < MAX_COMMANDS) {
        commands[count++] = words;
        while (*words && strcmp(*words, "---") != 0)
            words++;
        if (!*words)
            return count;
        *words++ = NULL;
    }
    return *words ? 0 : count;
}

int main(int argc, char **argv)
{
    char **commands[MAX_COMMANDS];
    int runs = argc > 2 ? atoi(argv[1]) : 0;
    int count = runs > 0 ? split_commands(argv + 2, commands) : 0;
    posix_spawn_file_actions_t actions;

    if (count == 0) {
        fprintf(stderr, "usage: compare RUNS COMMAND… [--- COMMAND…]\n");
        return 2;
    }
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    double *times = calloc((size_t) runs * (size_t) count, sizeof(*times));
    for (int run = -WARM_UP_RUNS; times && run < runs; run++) {
        for (int i = 0; i < count; i++) {
            double time = time_command(commands[i], &actions);
            if (time < 0) {
                fprintf(stderr, "compare: %s failed\n", commands[i][0]);
                return 1;
            }
            if (run >= 0)
                times[i * runs + run] = time;
        }
    }
    for (int i = 0; times && i < count; i++) {
        qsort(times + i * runs, (size_t) runs, sizeof(*times), compare_doubles);
        printf("%.0f %.0f\n", times[i * runs + runs / 2], times[i * runs]);
    }
    free(times);
    posix_spawn_file_actions_destroy(&actions);
    return 0;
}
