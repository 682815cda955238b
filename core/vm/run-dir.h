/* SPDX-License-Identifier: Apache-2.0 */
/* The runtime folder of a machine: the lock that says it runs, and the sockets beside it. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

/* Names in the folder. Short, because a socket path ends at 107 bytes. */
#define RUN_DIR_LOCK "lock"
#define RUN_DIR_QMP "qmp"
#define RUN_DIR_SPICE "spice"
#define RUN_DIR_SWTPM "swtpm"

/* Who runs a machine. */
typedef struct {
    pid_t pid;    /* of the helper */
    char *path;   /* bundle */
    char *name;   /* machine */
    char *folder; /* the bundle's device and inode, which it keeps when it is moved */
    gint64 since; /* seconds since the epoch */
} RunHolder;

/**
 * run_holder_clear() - Free what is inside a holder
 */
void run_holder_clear(RunHolder *holder);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(RunHolder, run_holder_clear)

/* A folder that this process has claimed. */
typedef struct {
    char *path;
    int lock_fd;
} RunDir;

/**
 * run_dir_claim() - Make the folder of a machine and take its lock
 * @uuid:  machine's UUID
 * @path:  bundle, written into the lock for others to read
 * @name:  machine's name, likewise
 * @error: UTM_ERROR_WRONG_STATE when this very bundle runs already, UTM_ERROR_LOCKED when another
 *         bundle with the same UUID does
 *
 * The lock belongs to the open file (F_OFD_SETLK), so that it ends with the last descriptor,
 * whatever way the process goes. Sockets that a killed helper left behind are removed.
 *
 * Return: the claim; give back with run_dir_release()
 */
RunDir *run_dir_claim(const char *uuid, const char *path, const char *name,
                      GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * run_dir_release() - Remove the folder and drop the lock; NULL is ignored
 */
void run_dir_release(RunDir *dir);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RunDir, run_dir_release)

/**
 * run_dir_runs() - Whether it is this bundle that runs, and not a copy of it
 * @uuid:       machine's UUID
 * @path:       bundle
 * @out_holder: filled when it runs; may be NULL
 *
 * A holder that has the lock and has not said yet what it runs counts.
 */
bool run_dir_runs(const char *uuid, const char *path, RunHolder *out_holder);

/**
 * run_dir_holder() - Who runs a machine, or a copy of it with the same UUID
 * @uuid:       machine's UUID
 * @out_holder: filled when somebody does; may be NULL
 *
 * Asks for the lock without taking it, so that a start at the same moment is not disturbed.
 *
 * Return: false when nobody runs it
 */
bool run_dir_holder(const char *uuid, RunHolder *out_holder);

/**
 * run_dir_socket() - Path of a socket of a machine
 * @uuid: machine's UUID
 * @name: RUN_DIR_QMP, "term0"…
 *
 * Return: a new string
 */
char *run_dir_socket(const char *uuid, const char *name);
