/* SPDX-License-Identifier: Apache-2.0 */
/* Waiting for what a machine shows. */
#pragma once

#include "bundles/bundle.h"
#include "core/screen/picture.h"
#include "qapi/qmp-client.h"

typedef struct {
    unsigned display;     /* as for screenshot_take() */
    const Picture *image; /* what it is to show, or NULL for whatever stands still; borrowed */
    int64_t stable_us;    /* how long it is to show that; 0 for once */
    double tolerance;     /* as for picture_is_like() */
    int64_t timeout_us;   /* 0 for ever */
} ScreenWait;

/**
 * screen_wait() - Wait until a screen shows a picture, or stands still
 * @client: monitor of the machine
 * @error:  UTM_ERROR_TIMEOUT naming the file that the last picture was kept in, and what
 *          screenshot_take() may fail with
 *
 * Pictures are taken more seldom the longer nothing changes and the more each costs, so that waiting
 * takes a few percent of what QEMU's main thread can do.
 *
 * Return: the picture that ended it
 */
Picture *screen_wait(QmpClient *client, const Bundle *bundle, const ScreenWait *wish,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;
