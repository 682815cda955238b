/* SPDX-License-Identifier: Apache-2.0 */
/* Pressing the keys of a machine. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/screen/keys.h"
#include "qapi/qmp-client.h"

/* How long each key is down, and as long up; a keyboard's buffer does not fill up at this pace. */
#define KEYBOARD_HOLD_US (20 * 1000)

/**
 * keyboard_press() - Press chords one after the other
 * @client:  monitor of the machine
 * @chords:  borrowed
 * @hold_us: time after each key that goes down or up, at least a millisecond
 * @error:   UTM_ERROR_WRONG_STATE when the machine stands still: QEMU would drop the keys
 *
 * Returns when the guest has been given all of them. Each chord is sent when the one before it has
 * been let go, so that a call which is cut off leaves no key down.
 *
 * Source: QEMU qapi/ui.json, "send-key"; ui/input.c, qemu_input_event_send_key_delay(): keys wait
 * in a queue
 */
bool keyboard_press(QmpClient *client, const Chord *chords, size_t count, int64_t hold_us,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * input_check_running() - Whether a guest can take keys and pointers
 * @error: UTM_ERROR_WRONG_STATE naming the state that it is in
 */
bool input_check_running(QmpClient *client, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * input_wait() - Let time pass, as long as the machine is there
 */
bool input_wait(QmpClient *client, int64_t time_us, GError **error) G_GNUC_WARN_UNUSED_RESULT;
