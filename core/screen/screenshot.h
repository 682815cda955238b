/* SPDX-License-Identifier: Apache-2.0 */
/* What a machine shows, as a picture. */
#pragma once

#include "bundles/bundle.h"
#include "core/screen/picture.h"
#include "qapi/qmp-client.h"

/**
 * screen_check_display() - Whether a machine has a display of this index
 * @display: index of the display in the configuration
 * @error:   UTM_ERROR_NOT_FOUND
 */
bool screen_check_display(const Bundle *bundle, unsigned display,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * screen_device() - What QEMU knows a display by
 *
 * The first display is QEMU's first console, whatever it is called; the others have the names that
 * the command line gives them.
 *
 * Return: a new string, NULL for the first
 */
char *screen_device(unsigned display);

/**
 * screenshot_take() - Take a picture of one screen of a running machine
 * @client:  its monitor
 * @bundle:  the machine
 * @display: index of the display in the configuration
 * @error:   UTM_ERROR_UNSUPPORTED when it has no display, UTM_ERROR_NOT_FOUND for another index
 *
 * Needs neither a viewer nor anything in the guest. QEMU opens no file: it writes to a descriptor.
 * It is asked for PPM always. Packing a PNG would hold the guest up, and QEMU 7.2 forgets to give
 * back the descriptor that it wrote a PNG to.
 *
 * Source: QEMU qapi/ui.json, "screendump"; ui/console.c, png_save()
 */
Picture *screenshot_take(QmpClient *client, const Bundle *bundle, unsigned display,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;
