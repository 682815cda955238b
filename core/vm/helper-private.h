/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of the helper share. */
#pragma once

#include "bundles/bundle.h"
#include "core/vm/agent.h"
#include "core/vm/child.h"
#include "core/vm/job.h"
#include "core/vm/journal.h"
#include "core/vm/launch-plan.h"
#include "core/vm/log-file.h"
#include "core/vm/monitor.h"
#include "core/vm/reset-log.h"
#include "core/vm/run-dir.h"
#include "core/vm/socket-server.h"
#include "core/vm/vm.h"

typedef struct {
    Bundle *bundle; /* owned */
    VmStartOptions options;
    LaunchPlan *plan; /* owned */
    GMainLoop *loop;
    int report_fd; /* -1 once the outcome is told */
    guint report_source;
    bool cancelled;  /* who asked for the start has gone before it was done */
    int bundle_lock; /* descriptor of the bundle's folder, flock'ed; -1 */
    RunDir *run_dir;
    char *state_dir;
    Journal *journal;
    LogFile *qemu_log;
    Monitor *monitor;
    Agent *agent;
    GHashTable *open_trays; /* set of device names whose tray is open */
    GPtrArray *hubs;        /* (owned) of SerialHub */
    SocketServer *server;
    char *sandbox; /* "landlock", or why there is none */
    Child *qemu;
    Child *swtpm;
    GPtrArray *served; /* (owned) folders that virtiofsd serves; NULL: not yet */
    guint usb_source;  /* USB devices of the host come and go; 0: nobody looks */
    guint usb_settle;  /* one has, and will be looked at */
    int usb_fd;
    GPtrArray *links; /* (owned) of NetworkLink, see helper-network.h; NULL until they are known */
    JobClient *self;  /* our own connection to our own monitor */
    VmState state;
    VmState state_before; /* saving: what to go back to */
    gint64 started_us;    /* since the epoch; 0: not yet */
    bool qemu_ended;
    int wait_status;
    char *shutdown_reason; /* of the SHUTDOWN event */
    bool killed;           /* by us, because somebody asked for it */
    bool save_failed;    /* a state was written in part, which has left room unused in the images */
    bool saved;          /* ends because its state has been saved */
    char *migration;     /* status of the last MIGRATION event */
    char *damaged;       /* images that are, in words; or NULL */
    bool transient;      /* the machine goes when it stops */
    bool renewed;        /* the guest has been told that it is a copy */
    gint64 clock_due_us; /* monotonic: an agent that comes before is to set the clock; 0: none */
    bool clock_thaw;     /* and to thaw what was frozen when the state was saved */
    bool clock_thawing;  /* it does that, and is told the rest after it */
    guint clock_source;  /* it is about to */
    guint port_source;   /* looks again soon whether its port is open */
    bool abandoned;      /* ends because its owner has gone */
    guint hold_limit;    /* then QEMU is killed; 0: none */
    MonitorRequest *freeze_request; /* whose file systems are to be frozen; answered then */
    bool frozen;                    /* for a snapshot that is to follow */
    guint freeze_limit;
    guint freeze_unused_ms; /* how long it stays frozen when nothing follows */
    guint guest_resets;     /* since the start */
    gint64 any_reset_us;    /* the last reset, whoever has made it */
    gint64 last_reset_us;   /* since the epoch; 0: never */
    bool sees_faults;       /* QEMU writes triple faults to its log */
    ResetLog reset_log;
    off_t reset_start, reset_end; /* part of the log that was read, and is to be tidied */
    GString *reset_rest;          /* what is to stay of it */
    bool own_actions;             /* a guest that crashes stands still until its picture is taken */
    bool panicked;                /* it has said so through a device */
    bool in_watchdog;             /* it stands still because its watchdog has barked */
    guint screen_source;          /* QEMU is looked at now and then; 0: not yet */
    int64_t screen_ticks;         /* what QEMU had run when it was last looked at */
    char *screen_sum;             /* checksum of the last picture */
} Helper;

/**
 * helper_set_state() - Change the state; tell journal and clients
 */
void helper_set_state(Helper *helper, VmState state);

/**
 * helper_wait_qemu() - Run the main loop until QEMU has ended
 * @timeout_us: then it is killed
 */
void helper_wait_qemu(Helper *helper, int64_t timeout_us);

/* helper-command.c */

/**
 * helper_own_command() - Answer an "x-utm-…" command
 */
void helper_own_command(MonitorRequest *request, const char *name, const cJSON *arguments,
                        void *user);

/**
 * helper_answer() - End a request
 * @error: why it failed; NULL: it has succeeded
 */
void helper_answer(MonitorRequest *request, const GError *error);

/**
 * helper_check_up() - Whether the machine runs or stands still; a request for another is refused
 */
bool helper_check_up(const Helper *helper, MonitorRequest *request);

/* helper-network.c */

/**
 * helper_network_take_macs() - Give the adapters the MAC addresses that a warm image's guest has
 *
 * The guest of a copy goes on with those of the original, and QEMU has to speak for it under them.
 * The copy's own come with its next start.
 */
bool helper_network_take_macs(Helper *helper, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * helper_network_prepare() - Find out what the machine's networks need beside QEMU
 * @error: UTM_ERROR_LOCKED when a port that is to be forwarded is taken
 */
bool helper_network_prepare(Helper *helper, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * helper_network_start() - Start it; QEMU must have answered
 */
bool helper_network_start(Helper *helper, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * helper_network_end() - End it
 */
void helper_network_end(Helper *helper);

/* helper-forward.c */

/**
 * helper_forward_command() - Answer "x-utm-forward-…" and "x-utm-networks"
 *
 * Return: false for another command
 */
bool helper_forward_command(Helper *helper, MonitorRequest *request, const char *name,
                            const cJSON *arguments);

/* helper-tray.c */

/**
 * helper_tray_moved() - Take note of a DEVICE_TRAY_MOVED event
 */
void helper_tray_moved(Helper *helper, const cJSON *data);

/* helper-snapshot.c */

/**
 * helper_snapshot_command() - Answer "x-utm-snapshot": make, load or delete a snapshot with its RAM
 * @arguments: {action: "save" | "load" | "delete", tag, timeout?, disk-only?}
 */
void helper_snapshot_command(Helper *helper, MonitorRequest *request, const cJSON *arguments);

/**
 * helper_reserve_room() - Keep some room on the machine's disk while its state is saved
 * @out_fd: closed when the state is saved or given up; -1 where no room can be kept
 * @error:  UTM_ERROR_FAILED when there is none: nothing should be begun
 *
 * A saving that fails for want of room keeps what it has written, and the guest, which goes on, would
 * have none for what it writes itself.
 */
bool helper_reserve_room(const Helper *helper, int *out_fd,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * helper_explain_room() - Note that a state could not be saved, and have the error tell of a full disk
 * @error: changed when that may be why
 */
void helper_explain_room(Helper *helper, GError **error);

/* helper-layer.c */

/**
 * helper_layer_command() - Answer "x-utm-layer": have all disks go on with new images
 * @arguments: {tag, description?}
 */
void helper_layer_command(Helper *helper, MonitorRequest *request, const cJSON *arguments);

/* helper-pivot.c */

/**
 * helper_pivot_command() - Answer "x-utm-layer-pivot": a layer takes the place of a drive's image
 * @arguments: {job, image, layer}; the job has written the one into the other, and is ready
 */
void helper_pivot_command(Helper *helper, MonitorRequest *request, const cJSON *arguments);

/* helper-warm.c */

/**
 * helper_warm_plan() - Have the plan go on from the warm image that was asked for, if one was
 * @error: UTM_ERROR_UNSUPPORTED when it does not fit and there is no snapshot to load instead
 */
bool helper_warm_plan(Helper *helper, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * helper_warm_allow() - Let QEMU reach the memory of the warm image, and nothing else of it
 */
void helper_warm_allow(const Helper *helper, const Sandbox *sandbox);

/**
 * helper_warm_enter() - Take the state of a warm image over, or make the image
 *
 * The guest stands still afterwards; a QEMU that made an image ends.
 */
bool helper_warm_enter(Helper *helper, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * helper_warm_event() - Note a MIGRATION event
 */
void helper_warm_event(Helper *helper, const cJSON *data);

/* helper-usb.c */

/**
 * helper_usb_start() - Give the machine the USB devices that it always gets, now and when they come
 *
 * The journal has what was done. Where the host has no USB nothing happens.
 */
void helper_usb_start(Helper *helper);

/**
 * helper_usb_end() - Look out for devices no longer
 */
void helper_usb_end(Helper *helper);

/* helper-share.c */

/**
 * helper_share_start() - Start a virtiofsd for each folder that is shared so
 */
bool helper_share_start(Helper *helper, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * helper_share_add_fds() - Hand QEMU its connections to them
 * @fds: of ChildFd, appended to; closed by the caller
 */
void helper_share_add_fds(Helper *helper, GArray *fds);

/**
 * helper_share_explain() - Tell what virtiofsd said, where QEMU says only that nobody answers it
 * @words: QEMU's
 * @error: UTM_ERROR_FAILED; UTM_ERROR_UNSUPPORTED where users have no namespaces
 *
 * Return: false, and no error, when it was not virtiofsd that failed
 */
bool helper_share_explain(Helper *helper, const char *words, GError **error);

/**
 * helper_share_command() - Answer "x-utm-share": serve a folder that was noted meanwhile, or end that
 * @arguments: {tag, remove?, timeout?}
 */
void helper_share_command(Helper *helper, MonitorRequest *request, const cJSON *arguments);

/**
 * helper_share_end() - End what is left of them
 */
void helper_share_end(Helper *helper);

/* helper-renew.c */

/**
 * helper_renew() - Tell a guest whose agent is there that it is a copy, once
 *
 * Its shell gets a new host name, machine-id, ssh host keys, seed and time of day. Nobody waits for
 * that; the journal has the outcome.
 *
 * Source: QEMU qga/qapi-schema.json, guest-exec
 */
void helper_renew(Helper *helper);

/* helper-recover.c */

/**
 * helper_recover() - Make good what an earlier crash left, before anything is looked at
 * @error: why it cannot be made good
 */
bool helper_recover(Helper *helper, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * helper_warn_damaged() - Have who starts the machine told of images that are damaged
 */
void helper_warn_damaged(Helper *helper);

/**
 * helper_recover_prepare() - Take note that QEMU is about to open the images
 */
void helper_recover_prepare(Helper *helper);

/**
 * helper_recover_exit() - Make good what a QEMU left that did not end by itself
 *
 * For a QEMU that was started and is gone, before anybody else can start the machine.
 * What cannot be done now is left to the next start.
 */
void helper_recover_exit(Helper *helper);

/* helper-hold.c */

/* What is left to do when everything else is cleaned up. */
typedef struct {
    int fd;     /* connection to the owner; -1: there is none */
    char *path; /* bundle to remove; NULL: it stays */
    char *uuid;
} HelperHold;

/**
 * helper_hold_begin() - End QEMU when the owner goes
 *
 * The report's socket is kept open for this.
 */
void helper_hold_begin(Helper *helper);

/**
 * helper_hold_take() - QEMU has ended: keep what the owner may want to read until it lets go
 */
HelperHold helper_hold_take(Helper *helper);

/**
 * helper_hold_finish() - Wait until the owner lets go, remove a machine that goes when it stops
 */
void helper_hold_finish(HelperHold *hold);
/* helper-quiesce.c */

/**
 * helper_quiesce_command() - Answer "x-utm-quiesce": freeze the guest's file systems
 *
 * They are thawed by the snapshot that follows, and after some seconds when none does.
 *
 * Source: QEMU qga/qapi-schema.json, guest-fsfreeze-freeze
 */
void helper_quiesce_command(Helper *helper, MonitorRequest *request, const cJSON *arguments);

/**
 * helper_quiesce_note() - Take note of a command for the agent: somebody may thaw by himself
 *
 * The time limit goes on: should that fail, it thaws again.
 */
void helper_quiesce_note(Helper *helper, const char *text, size_t len);

/**
 * helper_thaw() - Thaw what was frozen for a snapshot; nothing when there is nothing
 */
void helper_thaw(Helper *helper);

/**
 * helper_quiesce_end() - QEMU has ended: answer who waits
 */
void helper_quiesce_end(Helper *helper);

/* helper-clock.c */

/**
 * helper_clock() - Have the agent set the clock of a guest that goes on after it stood still
 * @thaw: it may be one with frozen file systems: these are thawed first
 *
 * When it is there, or comes soon. Nobody waits for that; the journal has the outcome. One that is a
 * copy is told so, whenever its agent comes.
 *
 * Source: QEMU qga/qapi-schema.json, guest-set-time
 */
void helper_clock(Helper *helper, bool thaw);

/**
 * helper_loaded() - The guest goes on with a state that was loaded
 *
 * Finds out at once whether that one's agent runs, and does what helper_clock() does.
 *
 * Source: QEMU qapi/char.json, query-chardev, "frontend-open"
 */
void helper_loaded(Helper *helper);

/**
 * helper_clock_agent() - An agent has come: have it do what is due
 */
void helper_clock_agent(Helper *helper);

/* helper-reset.c */

/**
 * helper_reset_watch() - Have QEMU write triple faults to its log, where it can
 *
 * Only the emulation of a PC can: to KVM a triple fault is a reset like any other. QEMU also writes
 * each processor's registers at every reset, most of which are taken out again.
 */
void helper_reset_watch(Helper *helper);

/**
 * helper_reset_event() - Count a RESET event
 */
void helper_reset_event(Helper *helper, const cJSON *data);

/**
 * helper_reset_tidy() - Take what nobody needs out of QEMU's log: processors are reset by guests too
 */
void helper_reset_tidy(Helper *helper);

/**
 * helper_reset_skip() - The log has been changed otherwise: go on with what comes
 */
void helper_reset_skip(Helper *helper);

/**
 * helper_reset_end() - Read no more
 */
void helper_reset_end(Helper *helper);

/**
 * helper_reset_was_fault() - Whether the guest's reset that is just told was a triple fault
 *
 * Also where a reset ends QEMU, which has not made it then.
 */
bool helper_reset_was_fault(Helper *helper);

/**
 * helper_reset_count() - How often the guest has reset the machine
 *
 * Without those that its firmware makes to start anew.
 */
guint helper_reset_count(const Helper *helper);

/* helper-log.c */

/**
 * helper_log_tidy() - Keep QEMU's log from growing without end; now and then
 */
void helper_log_tidy(Helper *helper);

/* helper-screens.c */

/**
 * helper_screens_start() - Begin to keep pictures of the screen, for the case of a crash
 *
 * One is taken now and then while the guest is busy, and when it panics or its watchdog barks,
 * before anything else changes: it stands still for that, and then the machine goes on as QEMU's
 * defaults have it.
 *
 * Source: QEMU qapi/run-state.json, set-action
 */
void helper_screens_start(Helper *helper);

/**
 * helper_screens_panic() - Take note of a GUEST_PANICKED event
 */
void helper_screens_panic(Helper *helper, const cJSON *data);

/**
 * helper_screens_watchdog() - Take note of a WATCHDOG event
 */
void helper_screens_watchdog(Helper *helper, const cJSON *data);

/**
 * helper_screens_end() - Take no more
 * @reason: how the machine has ended, or NULL; after a good end no picture is kept
 */
void helper_screens_end(Helper *helper, const char *reason);

/* helper-exit.c */

/**
 * helper_start_error() - Why QEMU did not come up, in its own last words
 * @error: set; UTM_ERROR_LOCKED with the owner when an image is locked
 */
void helper_start_error(Helper *helper, GError **error);

/**
 * helper_exit_begin() - A run begins: the record of how the last one ended gets older, as its logs do
 */
void helper_exit_begin(Helper *helper);

/**
 * helper_record_start() - Write the exit record of a machine whose helper will be killed
 *
 * It is replaced when the helper lives to see the end.
 */
void helper_record_start(Helper *helper);

/**
 * helper_record_exit() - Write the last exit record and the journal's last line
 */
void helper_record_exit(Helper *helper);

/**
 * helper_end_first_boot() - Take the seed out of a machine whose guest has shut itself down
 *
 * One that was killed may not have read it yet.
 */
void helper_end_first_boot(Helper *helper);
