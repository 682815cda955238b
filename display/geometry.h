/* SPDX-License-Identifier: Apache-2.0 */
/* Where the guest's pixels are in a window, and the way back. Pure.
 *
 * Three coordinate systems:
 *   guest   pixels of the guest's screen
 *   pixels  of the window's contents, as they are drawn
 *   points  of the window, in which SDL reports the pointer; fewer than pixels on a high-DPI host
 */
#pragma once

#include <stdbool.h>

typedef struct {
    int width, height;
} Size;

typedef struct {
    int x, y, width, height;
} Rect;

typedef struct {
    Size guest;
    Size points;
    Size pixels;
    Rect image; /* where the guest's screen is, in pixels; the rest of the window is black */
} Geometry;

/**
 * geometry_set() - Fit a guest's screen into a window
 * @guest:  size of the guest's screen; nothing is shown while it is empty
 * @points: size of the window
 * @pixels: size of its contents
 *
 * As large as it can be with its proportions kept, in the middle.
 */
void geometry_set(Geometry *geometry, Size guest, Size points, Size pixels);

/**
 * geometry_is_exact() - Whether a guest's pixel is a pixel of the window
 */
bool geometry_is_exact(const Geometry *geometry);

/**
 * geometry_is_enlarged() - Whether a guest's pixel is larger than one of the window
 */
bool geometry_is_enlarged(const Geometry *geometry);

/**
 * geometry_to_guest() - The guest's pixel below a point of the window
 * @x:     in points
 * @y:     likewise
 * @out_x: set to the nearest pixel when the point is beside the guest's screen
 * @out_y: likewise
 *
 * Return: whether the point is on the guest's screen
 */
bool geometry_to_guest(const Geometry *geometry, int x, int y, int *out_x, int *out_y);

/**
 * geometry_from_guest() - The window's pixels that a part of the guest's screen has a say in
 * @part: in guest pixels
 *
 * When scaling smoothly, a pixel also shows in its neighbours.
 *
 * Return: clipped to the window's contents; may be empty
 */
Rect geometry_from_guest(const Geometry *geometry, const Rect *part);

/**
 * geometry_window_size() - How large a window to open for a guest's screen
 * @guest:  its size
 * @scale:  what the user wants a guest's point to be large, 1 for natural size
 * @ratio:  pixels in a point of this host
 * @native: a guest's pixel is a pixel of the host, not a point
 * @room:   what the host's desktop has room for, in points; empty when that is not known
 *
 * Return: in points; reduced with the same proportions where there is no room
 */
Size geometry_window_size(Size guest, double scale, double ratio, bool native, Size room);

/**
 * rect_clip() - The common part of two rectangles
 *
 * Return: width and height are 0 when there is none
 */
Rect rect_clip(const Rect *a, const Rect *b);
