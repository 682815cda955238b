/* SPDX-License-Identifier: Apache-2.0 */
/* Parsing with GOption, and checking what it cannot check. */
#include "display/options.h"

#include <string.h>

#include "display/failure.h"

#define PASSWORD_VARIABLE "UTMCTL_SPICE_PASSWORD"
#define SCALE_MIN 0.1
#define SCALE_MAX 8.0

/* Words that need more than GOption does with them. */
typedef struct {
    char *uri, *password_file, *filter, *filter_reduced, *renderer, *pointer, *clipboard, **keys;
} Words;

static void words_clear(Words *words)
{
    g_free(words->uri);
    g_free(words->password_file);
    g_free(words->filter);
    g_free(words->filter_reduced);
    g_free(words->renderer);
    g_free(words->pointer);
    g_free(words->clipboard);
    g_strfreev(words->keys);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Words, words_clear)

static bool usage(GError **error, const char *format, const char *word)
{
    g_autofree char *message = g_strdup_printf("%s: \"%s\"", format, word);
    g_set_error_literal(error, DISPLAY_ERROR, DISPLAY_ERROR_USAGE, message);
    return false;
}

static bool read_entries(Options *o, Words *words, int *argc, char ***argv, GError **error)
{
    Target *t = &o->target;
    const GOptionEntry entries[] = {
        { "socket", 0, 0, G_OPTION_ARG_FILENAME, &t->socket, "The machine's SPICE socket", "PATH" },
        { "uri", 0, 0, G_OPTION_ARG_STRING, &words->uri, "Any SPICE server", "URI" },
        { "ca-file", 0, 0, G_OPTION_ARG_FILENAME, &t->ca_file, "Certificates to trust", "FILE" },
        { "cert-subject", 0, 0, G_OPTION_ARG_STRING, &t->cert_subject,
          "What the server's certificate says", "SUBJECT" },
        { "password-file", 0, 0, G_OPTION_ARG_FILENAME, &words->password_file,
          "Its first line is the password; - for standard input", "FILE" },
        { "title", 0, 0, G_OPTION_ARG_STRING, &o->title, "The machine's name", "NAME" },
        { "monitor", 0, 0, G_OPTION_ARG_INT, &o->monitor, "Only this screen, from 0", "N" },
        { "fullscreen", 0, 0, G_OPTION_ARG_NONE, &o->fullscreen, "Fill the monitor", NULL },
        { "fullscreen-on", 0, 0, G_OPTION_ARG_INT, &o->fullscreen_on,
          "Fill this monitor of the host, from 0", "N" },
        { "scale", 0, 0, G_OPTION_ARG_DOUBLE, &o->scale, "Size of the window, 1 is natural", "X" },
        { "filter", 0, 0, G_OPTION_ARG_STRING, &words->filter, "How to enlarge", "sharp|smooth" },
        { "filter-reduced", 0, 0, G_OPTION_ARG_STRING, &words->filter_reduced, "How to reduce",
          "sharp|smooth" },
        { "native-resolution", 0, 0, G_OPTION_ARG_NONE, &o->native,
          "A guest's pixel is a pixel on high-DPI hosts, too", NULL },
        { "resize-guest", 0, 0, G_OPTION_ARG_NONE, &o->resize_guest,
          "Give the guest the window's size, through its agent", NULL },
        { "wait", 0, 0, G_OPTION_ARG_NONE, &o->wait, "Wait for the machine, and for its return",
          NULL },
        { "timeout", 0, 0, G_OPTION_ARG_INT, &o->timeout_s,
          "With --wait: give up if it never came; 0 waits for ever", "SECONDS" },
        { "no-audio", 0, 0, G_OPTION_ARG_NONE, &o->no_audio, "No sound", NULL },
        { "pointer", 0, 0, G_OPTION_ARG_STRING, &words->pointer,
          "A tablet follows the host's pointer, a mouse takes it", "tablet|mouse" },
        { "clipboard", 0, 0, G_OPTION_ARG_STRING, &words->clipboard, "Which way copied things go",
          "both|to-guest|to-host|none" },
        { "share", 0, 0, G_OPTION_ARG_FILENAME, &o->shared_dir, "Serve this folder to the guest",
          "DIR" },
        { "share-read-only", 0, 0, G_OPTION_ARG_NONE, &o->shared_read_only,
          "The guest may only read it", NULL },
        { "usb-sharing", 0, 0, G_OPTION_ARG_NONE, &o->usb_sharing,
          "USB devices may be handed to the guest", NULL },
        { "usb", 0, 0, G_OPTION_ARG_STRING_ARRAY, &o->usb, "Hand over this USB device", "VID:PID" },
        { "key", 0, 0, G_OPTION_ARG_STRING_ARRAY, &words->keys, "Offer these keys in the menu",
          "[NAME=]KEYS" },
        { "help-keys", 0, 0, G_OPTION_ARG_NONE, &o->help_keys, "List the keys", NULL },
        { "json", 0, 0, G_OPTION_ARG_NONE, &o->json, "Errors in JSON", NULL },
        { "renderer", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_STRING, &words->renderer, NULL,
          "auto|surface|texture" },
        { "stats", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_NONE, &o->stats, NULL, NULL },
        { NULL }
    };
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    g_option_context_set_summary(context, "Shows a machine's screen; \"utmctl display\" runs it.");
    g_option_context_add_main_entries(context, entries, NULL);
    g_autoptr(GError) wrong = NULL;
    if (g_option_context_parse(context, argc, argv, &wrong))
        return true;
    g_set_error_literal(error, DISPLAY_ERROR, DISPLAY_ERROR_USAGE, wrong->message);
    return false;
}

static bool read_clipboard(Options *o, const char *word, GError **error)
{
    bool both = g_strcmp0(word, "both") == 0;
    o->to_guest = both || g_strcmp0(word, "to-guest") == 0;
    o->to_host = both || g_strcmp0(word, "to-host") == 0;
    if (!word || o->to_guest || o->to_host || strcmp(word, "none") == 0)
        return true;
    return usage(error, "--clipboard is both, to-guest, to-host or none, not", word);
}

/* What the user wants comes first in the menu. */
static bool read_keys(Options *o, char **keys, GError **error)
{
    o->chords = g_ptr_array_new_with_free_func((GDestroyNotify) chord_free);
    for (; keys && *keys; keys++) {
        Chord *chord = chord_parse(*keys);
        if (!chord)
            return usage(error, "--key takes keys such as \"Lock=super-l\", not", *keys);
        g_ptr_array_add(o->chords, chord);
    }
    g_ptr_array_extend_and_steal(o->chords, chords_standard());
    return true;
}

static bool is_usb_word(const char *word)
{
    static const char pattern[] = "hhhh:hhhh";
    for (size_t i = 0; i < sizeof pattern - 1; i++)
        if (pattern[i] == 'h' ? !g_ascii_isxdigit(word[i]) : word[i] != pattern[i])
            return false;
    return !word[sizeof pattern - 1];
}

/* A device that is asked for is one that may be handed over. */
static bool read_usb(Options *o, GError **error)
{
    for (char **word = o->usb; word && *word; word++)
        if (!is_usb_word(*word))
            return usage(error,
                         "--usb takes two numbers as lsusb prints them, such as 046d:c31c, "
                         "not",
                         *word);
    o->usb_sharing |= o->usb != NULL;
    return true;
}

static bool read_filter(const char *option, const char *word, bool *out_sharp, GError **error)
{
    g_autofree char *what = g_strdup_printf("%s is sharp or smooth, not", option);
    *out_sharp = g_strcmp0(word, "sharp") == 0;
    return !word || *out_sharp || strcmp(word, "smooth") == 0 || usage(error, what, word);
}

static bool read_words(Options *o, const Words *words, GError **error)
{
    const char *renderer = words->renderer;
    if (words->uri && !target_set_uri(&o->target, words->uri, error))
        return false;
    if (words->password_file && !target_read_password(&o->target, words->password_file, error))
        return false;
    if (!o->title)
        o->title = g_strdup(o->target.uri ? o->target.uri : o->target.socket);
    if (!read_clipboard(o, words->clipboard, error) || !read_keys(o, words->keys, error) ||
        !read_usb(o, error))
        return false;
    if (!read_filter("--filter", words->filter, &o->sharp.enlarged, error) ||
        !read_filter("--filter-reduced", words->filter_reduced, &o->sharp.reduced, error))
        return false;
    o->relative_pointer = g_strcmp0(words->pointer, "mouse") == 0;
    if (words->pointer && !o->relative_pointer && strcmp(words->pointer, "tablet") != 0)
        return usage(error, "--pointer is tablet or mouse, not", words->pointer);
    if (g_strcmp0(renderer, "surface") == 0)
        o->renderer = RENDERER_SURFACE;
    else if (g_strcmp0(renderer, "texture") == 0)
        o->renderer = RENDERER_TEXTURE;
    else if (renderer && strcmp(renderer, "auto") != 0)
        return usage(error, "--renderer is auto, surface or texture, not", renderer);
    return true;
}

static void read_environment(Options *o)
{
    const char *password = g_getenv(PASSWORD_VARIABLE);
    if (password && !o->target.password)
        o->target.password = g_strdup(password);
    g_unsetenv(PASSWORD_VARIABLE);
}

static bool check(const Options *o, int argc, char **argv, GError **error)
{
    if (argc > 1)
        return usage(error, "no argument is expected", argv[1]);
    if (o->help_keys)
        return true;
    if (!o->target.socket && !o->target.uri) {
        g_set_error(error, DISPLAY_ERROR, DISPLAY_ERROR_USAGE, "--socket or --uri is missing");
        return false;
    }
    if (o->scale < SCALE_MIN || o->scale > SCALE_MAX) {
        g_set_error(error, DISPLAY_ERROR, DISPLAY_ERROR_USAGE, "--scale must be from %g to %g",
                    SCALE_MIN, SCALE_MAX);
        return false;
    }
    if (o->monitor < -1 || o->fullscreen_on < -1 || o->timeout_s < 0) {
        g_set_error(error, DISPLAY_ERROR, DISPLAY_ERROR_USAGE,
                    "monitors and times cannot be negative");
        return false;
    }
    return true;
}

bool options_parse(Options *options, int argc, char **argv, GError **error)
{
    g_auto(Words) words = { 0 };
    *options = (Options){ .monitor = -1, .fullscreen_on = -1, .scale = 1 };
    if (!read_entries(options, &words, &argc, &argv, error) || !read_words(options, &words, error))
        return false;
    read_environment(options);
    return check(options, argc, argv, error);
}

void options_clear(Options *options)
{
    target_clear(&options->target);
    g_clear_pointer(&options->title, g_free);
    g_clear_pointer(&options->shared_dir, g_free);
    g_clear_pointer(&options->usb, g_strfreev);
    g_clear_pointer(&options->chords, g_ptr_array_unref);
}
