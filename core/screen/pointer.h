/* SPDX-License-Identifier: Apache-2.0 */
/* The pointer of a machine: where it is, its buttons and its wheel. */
#pragma once

#include <stdbool.h>

#include "core/screen/picture.h"
#include "qapi/generated/qmp-types.h"
#include "qapi/qmp-client.h"

/**
 * pointer_check_tablet() - Whether the machine has a pointer that can be put somewhere
 * @error: UTM_ERROR_UNSUPPORTED, with how to add one
 *
 * Source: QEMU qapi/ui.json, "query-mice", MouseInfo.absolute
 */
bool pointer_check_tablet(QmpClient *client, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * pointer_axis() - Where on a tablet a pixel is
 * @pixel: from 0
 * @size:  of the screen, in pixels
 *
 * The middle of the pixel, so that guests which round and guests which cut off find the same one.
 *
 * Source: QEMU include/ui/input.h, INPUT_EVENT_ABS_MAX
 * Return: 0 to 0x7fff
 */
int64_t pointer_axis(unsigned pixel, unsigned size);

/**
 * pointer_check_pixel() - Whether a screen has a pixel
 * @screen: what the machine shows; only its size counts
 * @error:  UTM_ERROR_USAGE
 */
bool pointer_check_pixel(const Picture *screen, int64_t x, int64_t y,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * pointer_move() - Put the pointer on a pixel
 * @display: index of the display in the configuration: QEMU gives what happens there to the tablet
 *           that belongs to it, else to the one that belongs to none
 * @screen:  as for pointer_check_pixel()
 * @error:   UTM_ERROR_USAGE for a pixel that the screen does not have
 *
 * Source: QEMU ui/input.c, qemu_input_find_handler()
 */
bool pointer_move(QmpClient *client, unsigned display, const Picture *screen, int64_t x, int64_t y,
                  GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * pointer_button() - Press a button or let it go, and give the guest the time to see it
 */
bool pointer_button(QmpClient *client, unsigned display, QmpInputButton button, bool down,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * pointer_click() - Press a button and let it go; a step of the wheel is a button, too
 */
bool pointer_click(QmpClient *client, unsigned display, QmpInputButton button,
                   GError **error) G_GNUC_WARN_UNUSED_RESULT;
