/* SPDX-License-Identifier: Apache-2.0 */
/* The viewer, which is a program of its own: how it is told what to show. */
#include "core/screen/viewer.h"

#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/error.h"
#include "core/host-facts.h"
#include "core/libexec.h"
#include "core/vm/run-dir.h"
#include "core/vm/vm.h"

bool viewer_check(const Bundle *bundle, bool wait, GError **error)
{
    if (!bundle->config->displays->len) {
        utm_error_set(error, UTM_ERROR_UNSUPPORTED,
                      "utmctl attach shows its serial console; utmctl config add VM Display "
                      "Hardware=virtio-vga gives it a display",
                      "the machine has no display");
        return false;
    }
    if (wait || vm_is_running(bundle))
        return true;
    utm_error_set(error, UTM_ERROR_WRONG_STATE,
                  "utmctl start --display starts it; --wait waits until somebody does",
                  "it is not running");
    return false;
}

static void add(GStrvBuilder *words, const char *format, ...) G_GNUC_PRINTF(2, 3);
static void add(GStrvBuilder *words, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *word = g_strdup_vprintf(format, args);
    va_end(args);
    g_strv_builder_add(words, word);
}

static const char *filter_word(ScalingFilter filter)
{
    return filter == SCALING_NEAREST ? "sharp" : "smooth";
}

/* The configuration has these for each display; windows are all alike. */
static void add_picture(GStrvBuilder *words, const ConfigDisplay *display)
{
    add(words, "--filter=%s", filter_word(display->upscaling_filter));
    add(words, "--filter-reduced=%s", filter_word(display->downscaling_filter));
    if (display->native_resolution)
        add(words, "--native-resolution");
    if (display->dynamic_resolution)
        add(words, "--resize-guest");
}

/* A folder that is not served is no reason not to show the screen. */
static void add_shared_folder(GStrvBuilder *words, const UtmConfig *config)
{
    g_autoptr(HostFacts) facts = host_facts_load(config->information.uuid, NULL);
    if (config->sharing.directory_share_mode != SHARE_MODE_WEBDAV || !facts || !facts->shares->len)
        return;
    const HostShare *share = facts->shares->pdata[0];
    add(words, "--share=%s", share->path);
    if (share->read_only || config->sharing.directory_share_read_only)
        add(words, "--share-read-only");
}

static void add_machine(GStrvBuilder *words, const UtmConfig *config)
{
    g_autofree char *socket = run_dir_socket(config->information.uuid, RUN_DIR_SPICE);
    add(words, "--socket=%s", socket);
    add(words, "--title=%s", config->information.name);
    if (config->displays->len)
        add_picture(words, g_ptr_array_index(config->displays, 0));
    if (config->sharing.clipboard_sharing)
        add(words, "--clipboard=both");
    if (config->input.usb_sharing)
        add(words, "--usb-sharing");
    add_shared_folder(words, config);
}

char **viewer_words(const Bundle *bundle, const char *const *more, GError **error)
{
    g_autofree char *program = libexec_find(VIEWER_PROGRAM, error);
    if (!program)
        return NULL;
    g_autoptr(GStrvBuilder) words = g_strv_builder_new();
    g_strv_builder_add(words, program);
    if (bundle)
        add_machine(words, bundle->config);
    g_strv_builder_addv(words, (const char **) more);
    return g_strv_builder_end(words);
}

bool viewer_exec(char *const *words, GError **error)
{
    execv(words[0], words);
    utm_error_set(error, UTM_ERROR_FAILED, NULL, "cannot run \"%s\": %s", words[0],
                  g_strerror(errno));
    return false;
}

bool viewer_run(char *const *words, int *out_status, GError **error)
{
    int status;
    if (!g_spawn_sync(NULL, (char **) words, NULL, G_SPAWN_CHILD_INHERITS_STDIN, NULL, NULL, NULL,
                      NULL, &status, error))
        return false;
    *out_status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return true;
}
