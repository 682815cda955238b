/* SPDX-License-Identifier: Apache-2.0 */
/* Pressing the keys of a machine. */
#include "core/screen/keyboard.h"

#include "core/error.h"
#include "qapi/generated/qmp-commands.h"

static bool never(void *user G_GNUC_UNUSED)
{
    return false;
}

bool input_wait(QmpClient *client, int64_t time_us, GError **error)
{
    g_autoptr(GError) local = NULL;
    /* No limit is what 0 would mean. */
    if (time_us <= 0 || qmp_client_pump(client, never, NULL, time_us, &local) ||
        g_error_matches(local, QMP_ERROR, QMP_ERROR_TIMEOUT))
        return true;
    g_propagate_error(error, g_steal_pointer(&local));
    return false;
}

bool input_check_running(QmpClient *client, GError **error)
{
    g_autoptr(QmpStatusInfo) info = NULL;
    if (!qmp_query_status(client, &info, error))
        return false;
    if (info->running || info->status == QMP_RUN_STATE_SUSPENDED)
        return true;
    utm_error_set(error, UTM_ERROR_WRONG_STATE, "utmctl resume lets a paused machine go on",
                  "its processors stand still (%s)", qmp_run_state_name(info->status));
    return false;
}

static bool press(QmpClient *client, const Chord *chord, int64_t hold_ms, GError **error)
{
    QmpQKeyCodeWrapper codes[CHORD_KEYS];
    QmpKeyValue values[CHORD_KEYS];
    QmpKeyValue *items[CHORD_KEYS];
    for (unsigned i = 0; i < chord->count; i++) {
        codes[i].data = chord->keys[i];
        values[i] = (QmpKeyValue){ .type = QMP_KEY_VALUE_KIND_QCODE, .u.qcode = &codes[i] };
        items[i] = &values[i];
    }
    const QmpKeyValueList keys = { .len = chord->count, .items = items };
    return qmp_send_key(client, &keys, true, hold_ms, error) &&
           input_wait(client, 2 * chord->count * hold_ms * 1000, error);
}

bool keyboard_press(QmpClient *client, const Chord *chords, size_t count, int64_t hold_us,
                    GError **error)
{
    int64_t hold_ms = MAX(1, hold_us / 1000);
    if (!input_check_running(client, error))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!press(client, &chords[i], hold_ms, error))
            return false;
    return true;
}
