/* SPDX-License-Identifier: Apache-2.0 */
/* utmctl screen: what a script wants to know of a machine's screen. */
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/output.h"
#include "cmd/running.h"
#include "core/error.h"
#include "core/library.h"
#include "core/screen/screen-wait.h"
#include "core/vm/vm.h"

static struct {
    char *vm, *image, *tolerance;
    gint64 stable_us;
} opt = { .stable_us = -1 };

static const CmdArg args[] = { { .name = "VM", .kind = ARG_VM, .value = &opt.vm }, { 0 } };

static const CmdOption options[] = {
    { .name = "stable",
      .kind = OPT_DURATION,
      .value = &opt.stable_us,
      .arg = "DURATION",
      .help = "Until the screen has shown the same for this long" },
    { .name = "image",
      .kind = OPT_PATH,
      .value = &opt.image,
      .arg = "FILE",
      .help = "Until it shows this picture, a PNG or PPM; with --stable, for that long" },
    { .name = "tolerance",
      .kind = OPT_STRING,
      .value = &opt.tolerance,
      .arg = "PERCENT",
      .help = "How many of the pixels may differ; by default as many as a blinking text cursor "
              "covers, in one place" },
    { 0 },
};

/* The percentage, with or without its sign. */
static bool parse_tolerance(double *out_tolerance, GError **error)
{
    *out_tolerance = -1;
    if (!opt.tolerance)
        return true;
    char *end;
    double percent = g_ascii_strtod(opt.tolerance, &end);
    if (end != opt.tolerance && (!*end || g_str_equal(end, "%")) && percent >= 0 &&
        percent <= 100) {
        *out_tolerance = percent;
        return true;
    }
    utm_error_set(error, UTM_ERROR_USAGE, "--tolerance 0.5",
                  "--tolerance: \"%s\" is not a percentage", opt.tolerance);
    return false;
}

static bool read_wish(ScreenWait *wish, Picture **out_image, GError **error)
{
    if (opt.stable_us < 0 && !opt.image) {
        utm_error_set(error, UTM_ERROR_USAGE, "--stable 2s",
                      "nothing to wait for: --stable or --image is needed");
        return false;
    }
    if (!cmd_which_display(&wish->display, error) || !parse_tolerance(&wish->tolerance, error))
        return false;
    g_autoptr(Picture) image = opt.image ? picture_read(opt.image, error) : NULL;
    if (opt.image && !image)
        return false;
    wish->stable_us = MAX(0, opt.stable_us);
    wish->timeout_us = command_global.timeout_us;
    wish->image = image;
    *out_image = g_steal_pointer(&image);
    return true;
}

static void print(const Picture *picture, int64_t elapsed_us)
{
    if (!command_global.json)
        return;
    cJSON *json = cJSON_CreateObject();
    cJSON_AddNumberToObject(json, "width", picture->width);
    cJSON_AddNumberToObject(json, "height", picture->height);
    cJSON_AddNumberToObject(json, "elapsed", (double) elapsed_us / G_USEC_PER_SEC);
    output_json(json);
}

static bool run_wait(GError **error)
{
    int64_t begin_us = g_get_monotonic_time();
    ScreenWait wish = { 0 };
    g_autoptr(Picture) image = NULL;
    g_autoptr(Bundle) bundle = read_wish(&wish, &image, error) ? library_open(opt.vm, error) : NULL;
    if (!bundle)
        return false;
    g_autoptr(QmpClient) client = vm_connect(bundle, error);
    g_autoptr(Picture) picture = client ? screen_wait(client, bundle, &wish, error) : NULL;
    if (!picture) {
        g_prefix_error(error, "VM \"%s\": screen wait: ", bundle->config->information.name);
        return false;
    }
    print(picture, g_get_monotonic_time() - begin_us);
    return true;
}

static const char *const examples[] = {
    "utmctl screen wait web --stable 2s",
    "Go on when nothing has changed for two seconds",
    "utmctl screen wait web --image login.png --timeout 3m",
    "Go on when the screen looks as it did when \"utmctl screenshot\" made login.png",
    NULL,
};

static const Command cmd_screen_wait = {
    .name = "wait",
    .group = GROUP_SCREEN,
    .summary = "Wait until a screen shows a picture or stands still",
    .description =
        "Needs neither a viewer nor anything in the guest. When the time is over the exit status "
        "is 124, and the error names the file that the last picture was kept in.\n"
        "With --json: width and height of the screen and the seconds that it took.",
    .args = args,
    .options = options,
    .shared = SHARED_TIMEOUT | SHARED_DISPLAY,
    .timeout_us = 60 * G_USEC_PER_SEC,
    .examples = examples,
    .run = run_wait,
};

static const Command *const children[] = { &cmd_screen_wait, NULL };

const Command cmd_screen = {
    .name = "screen",
    .group = GROUP_SCREEN,
    .summary = "Wait for what a machine shows",
    .children = children,
};
