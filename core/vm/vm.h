/* SPDX-License-Identifier: Apache-2.0 */
/* What can be done with a machine: start, stop, pause, suspend, and asking how it is. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "bundles/bundle.h"
#include "core/argv/argv.h"
#include "core/vm/vm-state.h"
#include "qapi/qmp-client.h"

typedef struct {
    bool disposable;          /* nothing is written to the disks */
    bool discard_saved_state; /* a suspended machine boots afresh */
    const char *load_tag;     /* snapshot with RAM to go on from, or NULL; borrowed */
    const char *warm;         /* folder of a warm image to go on from, or NULL; borrowed */
    bool warm_make;           /* it is to be made: QEMU ends when it has been */
    bool renew;               /* the guest is a copy, and is told so through its agent */
    bool paused;              /* stand still once everything is there */
    bool qemu_alone;          /* for a preview: nothing will run beside QEMU */
    bool no_sandbox;          /* QEMU may reach all that the user may */
    bool force;               /* also a machine that is guarded, see guard.h */
    bool hold;                /* QEMU ends when who has started it goes, see vm_start_hold() */
    /* Absolute paths of a kernel and a RAM disk, and arguments, instead of the machine's own; NULL:
     * none; borrowed. */
    const char *kernel, *initrd, *append;
    AccelChoice accel;
} VmStartOptions;

/* What a start has to say. */
typedef struct {
    char *accelerator;
    char *accelerator_reason; /* or NULL */
    GPtrArray *warnings;      /* (owned) of char * */
    bool resumed;             /* from a saved state, or from a pause */
} VmStarted;

void vm_started_clear(VmStarted *started);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(VmStarted, vm_started_clear)

/**
 * vm_start() - Start a machine and wait until QEMU runs
 * @bundle:      the machine
 * @options:     borrowed
 * @timeout_us:  0 for ever
 * @out_started: filled on success
 * @error:       UTM_ERROR_WRONG_STATE when it runs already, UTM_ERROR_LOCKED, UTM_ERROR_TIMEOUT…
 *
 * Starts a helper that outlives this process. When this process ends before the machine runs
 * (Ctrl-C), the helper undoes the start.
 */
bool vm_start(const Bundle *bundle, const VmStartOptions *options, int64_t timeout_us,
              VmStarted *out_started, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * vm_start_begin() - The first half of vm_start(), so that several machines start at once
 *
 * Return: a descriptor for vm_start_wait(), or -1
 */
int vm_start_begin(const Bundle *bundle, const VmStartOptions *options,
                   GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * vm_start_wait() - The second half: wait until QEMU runs, for ever
 * @name:   the machine's, for messages
 * @report: owned
 */
bool vm_start_wait(const char *name, int report, VmStarted *out_started,
                   GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * vm_start_hold() - The second half for a start with .hold
 * @report:     owned
 * @timeout_us: 0 for ever
 *
 * The machine lives as long as the descriptor that is returned is open, in whatever process: when
 * it closes, QEMU is ended. A machine that goes when it stops is removed when it has stopped and
 * vm_release() is called, so that its logs can be read before.
 *
 * Return: a descriptor for vm_release(), or -1
 */
int vm_start_hold(const char *name, int report, int64_t timeout_us, VmStarted *out_started,
                  GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * vm_release() - Let go of a machine that has been held
 * @hold: owned; below 0 is ignored
 *
 * One that still runs is ended. Returns when its helper has cleaned up.
 */
void vm_release(int hold);

/**
 * vm_is_running() - Whether a machine runs, starts or ends, without asking it
 * @bundle: the machine; a copy of it that runs under the same UUID is another one
 */
bool vm_is_running(const Bundle *bundle);

/**
 * vm_connect() - Connect to the monitor of a running machine
 * @bundle: the machine; a copy of it that runs under the same UUID is another one
 * @error:  UTM_ERROR_WRONG_STATE when it does not run, UTM_ERROR_TIMEOUT when its helper hangs
 *
 * Return: a client; free with qmp_client_free()
 */
QmpClient *vm_connect(const Bundle *bundle, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * vm_helper_error() - Set the error that a helper has answered with
 * @answer: what its "x-utm-…" command failed with
 *
 * The helper sends our own code where QMP has an error class.
 */
void vm_helper_error(GError **error, const GError *answer);

/* How a machine is. Strings are owned, NULL where not known. */
typedef struct {
    VmState state;
    bool suspended; /* stopped, with a saved state to go on from */
    pid_t pid;      /* QEMU's; 0 when stopped */
    pid_t helper_pid;
    double uptime; /* seconds since QEMU ran */
    char *accelerator;
    char *accelerator_reason;
    char *qemu_version;
    char *display; /* SPICE socket */
    bool agent;    /* a guest agent has its port open */
    bool disposable;
    int64_t resets;        /* that the guest has made since the start */
    int64_t triple_faults; /* those among them; below 0: not known */
    int64_t last_reset_us; /* since the epoch; 0: none */
    char *fingerprint;     /* of QEMU and hardware, see sidecar.h */
    char *sandbox;         /* "landlock", or why there is none */
    char *last_exit;       /* JSON text of the last exit record, when stopped */
} VmStatus;

void vm_status_clear(VmStatus *status);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(VmStatus, vm_status_clear)

/**
 * vm_status() - Ask how a machine is
 * @bundle:     the machine
 * @out_status: filled on success
 * @error:      UTM_ERROR_TIMEOUT when the helper does not answer
 */
bool vm_status(const Bundle *bundle, VmStatus *out_status,
               GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * vm_state_word() - UTM's word for the state of a machine
 * @uuid: machine's UUID
 * @path: its bundle
 *
 * "stopped" without a connection when nobody holds the machine's lock; "unknown" when its helper
 * does not answer.
 *
 * Return: static
 */
const char *vm_state_word(const char *uuid, const char *path);

typedef enum {
    VM_STOP_REQUEST, /* press the power button; the guest decides */
    VM_STOP_FORCE,   /* QEMU quits after it has written what it holds */
    VM_STOP_KILL,    /* QEMU is killed */
} VmStopMethod;

/**
 * vm_stop() - Stop a machine and wait until it is
 * @timeout_us: for the guest to power off; 0 for ever
 * @error:      UTM_ERROR_TIMEOUT with the guest's last serial lines
 *
 * A stopped machine is a success.
 */
bool vm_stop(const Bundle *bundle, VmStopMethod method, int64_t timeout_us,
             GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * vm_pause() - Stop the guest's processors; a paused machine is a success
 * @error: UTM_ERROR_WRONG_STATE when it does not run
 */
bool vm_pause(const Bundle *bundle, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * vm_resume() - Let a paused machine go on; a running one is a success
 */
bool vm_resume(const Bundle *bundle, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* @done and @all are bytes. */
typedef void (*VmProgress)(uint64_t done, uint64_t all, void *user);

/**
 * vm_suspend() - Save RAM, devices and disks at one instant, then stop
 * @timeout_us: for the saving; 0 for ever. When it runs out the machine goes on as before
 * @progress:   called now and then; may be NULL
 * @error:      UTM_ERROR_UNSUPPORTED naming what cannot be saved
 *
 * The state is an internal snapshot named "suspend" in the machine's qcow2 images, as UTM's is.
 */
bool vm_suspend(const Bundle *bundle, int64_t timeout_us, VmProgress progress, void *user,
                GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * vm_restart() - Reset the machine as its reset button would; a paused one goes on
 */
bool vm_restart(const Bundle *bundle, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * vm_last_lines() - What the guest last wrote to its first serial port, for error messages
 * @lines: how many at most
 *
 * Return: a new string, empty when there is nothing
 */
char *vm_last_lines(const char *uuid, unsigned lines);
