/* SPDX-License-Identifier: Apache-2.0 */
/* utmctl display: open a machine's screen in a window. */
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/viewing.h"
#include "core/error.h"
#include "core/library.h"
#include "core/screen/viewer.h"
#include "core/vm/vm.h"

static struct {
    char *vm, *uri, *ca_file, *cert_subject, *password_file;
    char *scale, *pointer, *clipboard;
    char **usb, **keys;
    gint64 monitor, fullscreen_on;
    gboolean fullscreen, wait, no_audio, stop_on_close, help_keys;
} opt = { .monitor = -1, .fullscreen_on = -1 };

static const char *const pointers[] = { "tablet", "mouse", NULL };
static const char *const directions[] = { "both", "to-guest", "to-host", "none", NULL };

static const CmdArg args[] = { { .name = "VM", .kind = ARG_VM, .value = &opt.vm, .optional = true },
                               { 0 } };

static const CmdOption options[] = {
    { .name = "monitor",
      .kind = OPT_INT,
      .value = &opt.monitor,
      .arg = "N",
      .help = "Only this screen of the guest, from 0; without it each has a window" },
    { .name = "fullscreen",
      .kind = OPT_FLAG,
      .value = &opt.fullscreen,
      .help = "Begin with the screen filled; Ctrl-Alt-Enter goes back and forth" },
    { .name = "fullscreen-on",
      .kind = OPT_INT,
      .value = &opt.fullscreen_on,
      .arg = "N",
      .help = "Fill this monitor of the host, from 0" },
    { .name = "scale",
      .kind = OPT_STRING,
      .value = &opt.scale,
      .arg = "FACTOR",
      .help = "Size of the window: 1 is the guest's, 0.5 half of it" },
    { .name = "pointer",
      .kind = OPT_CHOICE,
      .value = &opt.pointer,
      .arg = "KIND",
      .choices = pointers,
      .help = "A tablet follows your pointer; a mouse takes it with a click until Ctrl-Alt" },
    { .name = "clipboard",
      .kind = OPT_CHOICE,
      .value = &opt.clipboard,
      .arg = "WAY",
      .choices = directions,
      .help =
          "Which way copied texts and pictures go; by default as Sharing.ClipboardSharing says" },
    { .name = "usb",
      .kind = OPT_STRINGS,
      .value = &opt.usb,
      .arg = "VID:PID",
      .help = "Hand this USB device to the guest; may be given several times" },
    { .name = "key",
      .kind = OPT_STRINGS,
      .value = &opt.keys,
      .arg = "[NAME=]KEYS",
      .help =
          "Offer these keys in the menu, such as \"Lock=super-l\"; may be given several times" },
    { .name = "no-audio",
      .kind = OPT_FLAG,
      .value = &opt.no_audio,
      .help = "No sound, either way" },
    { .name = "wait",
      .kind = OPT_FLAG,
      .value = &opt.wait,
      .help = "Wait for the machine to be started, and for its return when it was stopped" },
    { .name = "stop-on-close",
      .kind = OPT_FLAG,
      .value = &opt.stop_on_close,
      .help = "Ask the guest to power off when the window is closed" },
    { .name = "uri",
      .kind = OPT_STRING,
      .value = &opt.uri,
      .arg = "URI",
      .help = "Any SPICE server instead of a machine: spice://HOST:PORT, spice+tls://HOST:PORT or "
              "spice+unix:///PATH" },
    { .name = "ca-file",
      .kind = OPT_PATH,
      .value = &opt.ca_file,
      .arg = "FILE",
      .help = "Certificates to trust, for --uri" },
    { .name = "cert-subject",
      .kind = OPT_STRING,
      .value = &opt.cert_subject,
      .arg = "SUBJECT",
      .help = "What the server's certificate has to say instead of its host name, for --uri" },
    { .name = "password-file",
      .kind = OPT_PATH,
      .value = &opt.password_file,
      .arg = "FILE",
      .help = "The first line is the server's password; - for standard input, for --uri" },
    { .name = "help-keys",
      .kind = OPT_FLAG,
      .value = &opt.help_keys,
      .help = "List the keys that the window keeps for itself, and those that it can send" },
    { 0 },
};

/* ---- what the viewer is asked for ---- */

static void add(GStrvBuilder *words, const char *name, const char *value)
{
    if (!value)
        return;
    g_autofree char *word = g_strdup_printf("--%s=%s", name, value);
    g_strv_builder_add(words, word);
}

static void add_number(GStrvBuilder *words, const char *name, gint64 value)
{
    g_autofree char *text = g_strdup_printf("%" G_GINT64_FORMAT, value);
    add(words, name, value >= 0 ? text : NULL);
}

static void add_each(GStrvBuilder *words, const char *name, char **values)
{
    for (char **value = values; value && *value; value++)
        add(words, name, *value);
}

static void add_flag(GStrvBuilder *words, const char *word, bool on)
{
    if (on)
        g_strv_builder_add(words, word);
}

static char **wishes(void)
{
    g_autoptr(GStrvBuilder) words = g_strv_builder_new();
    add_number(words, "monitor", opt.monitor);
    add_flag(words, "--fullscreen", opt.fullscreen);
    add_number(words, "fullscreen-on", opt.fullscreen_on);
    add(words, "scale", opt.scale);
    add(words, "pointer", opt.pointer);
    add(words, "clipboard", opt.clipboard);
    add_each(words, "usb", opt.usb);
    add_each(words, "key", opt.keys);
    add_flag(words, "--no-audio", opt.no_audio);
    add_flag(words, "--wait", opt.wait);
    if (opt.wait && command_global.timeout_us)
        add_number(words, "timeout",
                   (command_global.timeout_us + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC);
    add(words, "uri", opt.uri);
    add(words, "ca-file", opt.ca_file);
    add(words, "cert-subject", opt.cert_subject);
    add(words, "password-file", opt.password_file);
    add_flag(words, "--help-keys", opt.help_keys);
    add_flag(words, "--json", command_global.json);
    return g_strv_builder_end(words);
}

/* ---- doing it ---- */

static bool set_usage(GError **error, const char *message)
{
    utm_error_set(error, UTM_ERROR_USAGE, NULL, "%s", message);
    return false;
}

static bool check_words(GError **error)
{
    bool remote = opt.ca_file || opt.cert_subject || opt.password_file;
    if (opt.help_keys)
        return true;
    if (!opt.vm == !opt.uri)
        return set_usage(error, opt.vm ? "a machine or --uri, not both"
                                       : "the name of a machine is missing, or --uri");
    if (remote && !opt.uri)
        return set_usage(error, "--ca-file, --cert-subject and --password-file go with --uri");
    if (opt.uri && opt.stop_on_close)
        return set_usage(error, "--stop-on-close is for a machine, not for --uri");
    if (opt.monitor < -1 || opt.fullscreen_on < -1)
        return set_usage(error, "monitors are counted from 0");
    return true;
}

/* A viewer that failed has said so itself. */
static bool view_and_stop(const Bundle *bundle, char **words, GError **error)
{
    int status;
    if (!viewer_run(words, &status, error))
        return false;
    command_set_status(status);
    return status != 0 || vm_stop(bundle, VM_STOP_REQUEST, command_global.timeout_us, error);
}

static bool view(const Bundle *bundle, GError **error)
{
    g_auto(GStrv) more = wishes();
    g_auto(GStrv) words = viewer_words(bundle, (const char *const *) more, error);
    if (!words)
        return false;
    return bundle && opt.stop_on_close ? view_and_stop(bundle, words, error)
                                       : viewer_exec(words, error);
}

static bool run(GError **error)
{
    if (!check_words(error))
        return false;
    if (opt.uri || opt.help_keys)
        return view(NULL, error);
    g_autoptr(Bundle) bundle = library_open(opt.vm, error);
    if (!bundle)
        return false;
    if (viewer_check(bundle, opt.wait, error) && view(bundle, error))
        return true;
    g_prefix_error(error, "VM \"%s\": cannot show its screen: ", bundle->config->information.name);
    return false;
}

bool cmd_view(const Bundle *bundle, GError **error)
{
    g_auto(GStrv) words = viewer_words(bundle, (const char *const[]){ NULL }, error);
    return words && viewer_exec(words, error);
}

bool cmd_check_view(const Bundle *bundle, GError **error)
{
    g_auto(GStrv) words = viewer_words(bundle, (const char *const[]){ NULL }, error);
    if (!words || !viewer_check(bundle, true, error))
        return false;
#ifdef __linux__
    if (!g_getenv("DISPLAY") && !g_getenv("WAYLAND_DISPLAY")) {
        utm_error_set(error, UTM_ERROR_UNSUPPORTED,
                      "without --display, utmctl screenshot and utmctl attach work",
                      "there is no desktop here (DISPLAY and WAYLAND_DISPLAY are not set)");
        return false;
    }
#endif
    return true;
}

static const char *const examples[] = {
    "utmctl display web",
    "Open the screen of a machine",
    "utmctl display web --wait --fullscreen --stop-on-close",
    "Be there before it starts, fill the monitor, and power it off at the end",
    "utmctl display --uri spice://server:5900 --password-file -",
    "Look at any SPICE server",
    NULL,
};

const Command cmd_display = {
    .name = "display",
    .group = GROUP_SCREEN,
    .summary = "Open a machine's screen in a window",
    .description =
        "Closing the window asks nothing and leaves the machine running. It may be opened while "
        "the "
        "guest boots, and stays through restarts, suspends and restores. When the machine goes "
        "away, so does the window, with a message and an exit status; with --wait it stays.\n"
        "Scaling, resolution, clipboard, shared folder and USB are as the configuration says: "
        "Display, Sharing and Input. Clipboard, files that are dropped on the window and the size "
        "of the guest's screen need spice-vdagent in the guest.\n"
        "The password of a server can also be in UTMCTL_SPICE_PASSWORD. Without a desktop, "
        "utmctl screenshot and utmctl attach show what there is.",
    .args = args,
    .options = options,
    .shared = SHARED_TIMEOUT,
    .examples = examples,
    .run = run,
};
