/* SPDX-License-Identifier: Apache-2.0 */
/* The viewer's menu, in boxes of the desktop: keys to send, USB devices, and commands. */
#pragma once

#include "display/input.h"
#include "display/viewer.h"

/**
 * menu_run() - Let the user choose something and do it
 * @window: the one that it is for
 *
 * Returns when the box is closed. The guest goes on meanwhile, its picture does not.
 */
void menu_run(Input *input, Viewer *viewer, Window *window);
