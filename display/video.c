/* SPDX-License-Identifier: Apache-2.0 */
/* Hints and variables that make SDL start fast, small and without side effects. */
#include "display/video.h"

#include <SDL.h>

#include "display/failure.h"

/* For what SDL has no hints. */
void video_prepare(void)
{
    /* An ordinary visual, without a colour map of its own. */
    g_setenv("SDL_VIDEO_X11_NODIRECTCOLOR", "1", FALSE);
    /* Keys go to the guest as scancodes: nobody needs the table of composed characters, which
     * takes milliseconds to read. */
    g_setenv("XCOMPOSEFILE", "/dev/null", FALSE);
    /* Where no bus is, SDL's search for input methods would start one. */
    g_setenv("DBUS_SESSION_BUS_ADDRESS", "unix:runtime=yes", FALSE);
}

bool video_open(GError **error)
{
    SDL_SetHint(SDL_HINT_NO_SIGNAL_HANDLERS, "1");
    SDL_SetHint(SDL_HINT_FRAMEBUFFER_ACCELERATION, "0");
    SDL_SetHint(SDL_HINT_VIDEO_ALLOW_SCREENSAVER, "1");
    SDL_SetHint(SDL_HINT_MOUSE_FOCUS_CLICKTHROUGH, "1");
    SDL_SetHint(SDL_HINT_QUIT_ON_LAST_WINDOW_CLOSE, "0");
#ifdef __linux__
    /* Nothing that would take a console over. */
    SDL_SetHint(SDL_HINT_VIDEODRIVER, "x11,wayland");
#endif
    if (SDL_InitSubSystem(SDL_INIT_VIDEO) == 0) {
        SDL_StopTextInput();
        return true;
    }
    const char *display = g_getenv("DISPLAY");
    const char *wayland = g_getenv("WAYLAND_DISPLAY");
    if (display || wayland)
        g_set_error(error, DISPLAY_ERROR, DISPLAY_ERROR_UNSUPPORTED,
                    "no window can be opened on \"%s\": %s", display ? display : wayland,
                    SDL_GetError());
    else
        g_set_error(error, DISPLAY_ERROR, DISPLAY_ERROR_UNSUPPORTED,
                    "no window can be opened: there is no desktop here (DISPLAY and "
                    "WAYLAND_DISPLAY are not set)");
    return false;
}
