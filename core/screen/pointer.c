/* SPDX-License-Identifier: Apache-2.0 */
/* The pointer of a machine: where it is, its buttons and its wheel. */
#include "core/screen/pointer.h"

#include "core/error.h"
#include "core/screen/keyboard.h"
#include "core/screen/screenshot.h"
#include "qapi/generated/qmp-commands.h"

#define TABLET_SIDE 0x8000

/* Guests ask a USB pointer every 8 ms or so. */
#define STEP_US (40 * 1000)

bool pointer_check_tablet(QmpClient *client, GError **error)
{
    g_autoptr(QmpMouseInfoList) mice = NULL;
    if (!qmp_query_mice(client, &mice, error))
        return false;
    for (size_t i = 0; i < mice->len; i++)
        if (mice->items[i]->absolute)
            return true;
    utm_error_set(error, UTM_ERROR_UNSUPPORTED,
                  "utmctl config set VM Input.UsbBusSupport=2.0 gives it a tablet from the next "
                  "start on",
                  "the machine has no tablet: its mouse can be moved, but not put anywhere");
    return false;
}

int64_t pointer_axis(unsigned pixel, unsigned size)
{
    return ((2 * (int64_t) pixel + 1) * TABLET_SIDE) / (2 * (int64_t) size);
}

bool pointer_check_pixel(const Picture *screen, int64_t x, int64_t y, GError **error)
{
    if (x >= 0 && y >= 0 && x < screen->width && y < screen->height)
        return true;
    utm_error_set(error, UTM_ERROR_USAGE, NULL,
                  "there is no pixel %" G_GINT64_FORMAT ",%" G_GINT64_FORMAT
                  ": the screen has %ux%u, counted from 0",
                  x, y, screen->width, screen->height);
    return false;
}

static bool send(QmpClient *client, unsigned display, QmpInputEvent **items, size_t count,
                 GError **error)
{
    g_autofree char *device = screen_device(display);
    const QmpInputEventList list = { .len = count, .items = items };
    return qmp_input_send_event(client, device, false, 0, &list, error) &&
           input_wait(client, STEP_US, error);
}

bool pointer_move(QmpClient *client, unsigned display, const Picture *screen, int64_t x, int64_t y,
                  GError **error)
{
    if (!pointer_check_pixel(screen, x, y, error))
        return false;
    QmpInputMoveEvent across = { QMP_INPUT_AXIS_X, pointer_axis((unsigned) x, screen->width) };
    QmpInputMoveEvent down = { QMP_INPUT_AXIS_Y, pointer_axis((unsigned) y, screen->height) };
    QmpInputMoveEventWrapper moves[] = { { &across }, { &down } };
    QmpInputEvent events[] = { { .type = QMP_INPUT_EVENT_KIND_ABS, .u.abs = &moves[0] },
                               { .type = QMP_INPUT_EVENT_KIND_ABS, .u.abs = &moves[1] } };
    QmpInputEvent *items[] = { &events[0], &events[1] };
    return send(client, display, items, 2, error);
}

bool pointer_button(QmpClient *client, unsigned display, QmpInputButton button, bool down,
                    GError **error)
{
    QmpInputBtnEvent press = { .button = button, .down = down };
    QmpInputBtnEventWrapper wrapper = { &press };
    QmpInputEvent event = { .type = QMP_INPUT_EVENT_KIND_BTN, .u.btn = &wrapper };
    QmpInputEvent *item = &event;
    return send(client, display, &item, 1, error);
}

bool pointer_click(QmpClient *client, unsigned display, QmpInputButton button, GError **error)
{
    return pointer_button(client, display, button, true, error) &&
           pointer_button(client, display, button, false, error);
}
