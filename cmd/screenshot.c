/* SPDX-License-Identifier: Apache-2.0 */
/* utmctl screenshot: a picture of what a machine shows. */
#include "core/screen/screenshot.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/output.h"
#include "cmd/running.h"
#include "core/error.h"
#include "core/library.h"
#include "core/vm/vm.h"

static struct {
    char *vm, *output, *format;
} opt;

static const char *const formats[] = { "png", "ppm", "json", NULL };

static const CmdArg args[] = { { .name = "VM", .kind = ARG_VM, .value = &opt.vm }, { 0 } };

static const CmdOption options[] = {
    { .name = "output",
      .letter = 'o',
      .kind = OPT_PATH,
      .value = &opt.output,
      .arg = "FILE",
      .help = "Where the picture goes, \"-\" for standard output; by default a new file here" },
    { .name = "format",
      .kind = OPT_CHOICE,
      .value = &opt.format,
      .choices = formats,
      .help = "What the file is, else as its name ends, else PNG; json: describe the file" },
    { 0 },
};

static bool wants_json(void)
{
    return command_global.json || g_strcmp0(opt.format, "json") == 0;
}

static const char *wanted_format(void)
{
    if (opt.format && !wants_json())
        return opt.format;
    return opt.output && g_str_has_suffix(opt.output, ".ppm") ? "ppm" : "png";
}

static bool to_stdout(void)
{
    return g_strcmp0(opt.output, "-") == 0;
}

static bool check(GError **error)
{
    if (opt.output && !*opt.output) {
        utm_error_set(error, UTM_ERROR_USAGE, NULL, "--output: a file name is missing");
        return false;
    }
    if (to_stdout() && wants_json()) {
        utm_error_set(error, UTM_ERROR_USAGE, "--output FILE",
                      "picture and JSON cannot both go to standard output");
        return false;
    }
    if (to_stdout() && isatty(STDOUT_FILENO)) {
        utm_error_set(error, UTM_ERROR_USAGE, "--output FILE",
                      "a picture is not for a terminal: standard output must go somewhere else");
        return false;
    }
    return true;
}

/* A name that no other picture has, and that no name of a machine can lead elsewhere. */
static char *new_name(const Bundle *bundle, const char *suffix)
{
    g_autoptr(GDateTime) now = g_date_time_new_now_local();
    g_autofree char *when = g_date_time_format(now, "%Y-%m-%dT%H-%M-%S");
    g_autofree char *vm = g_strdup(bundle->config->information.name);
    g_strdelimit(vm, "/", '_');
    if (*vm == '.' || *vm == '-')
        *vm = '_';
    char *name = g_strdup_printf("%s-%s.%s", vm, when, suffix);
    for (unsigned n = 2; g_file_test(name, G_FILE_TEST_EXISTS); n++) {
        g_free(name);
        name = g_strdup_printf("%s-%s-%u.%s", vm, when, n, suffix);
    }
    return name;
}

static bool write_error(const char *path, int reason, GError **error)
{
    utm_error_set(error, reason == ENOENT ? UTM_ERROR_NOT_FOUND : UTM_ERROR_FAILED, NULL,
                  "cannot write \"%s\": %s", path, g_strerror(reason));
    return false;
}

static bool write_all(FILE *file, GBytes *bytes)
{
    gsize length;
    const void *data = g_bytes_get_data(bytes, &length);
    return fwrite(data, 1, length, file) == length && fflush(file) == 0;
}

/* A pipe or a device is written to; it must not be replaced by a file. */
static bool write_in_place(const char *path, GBytes *bytes, GError **error)
{
    FILE *file = fopen(path, "we");
    if (!file)
        return write_error(path, errno, error);
    bool ok = write_all(file, bytes);
    int reason = errno;
    if (fclose(file) != 0 && ok) {
        reason = errno;
        ok = false;
    }
    return ok || write_error(path, reason, error);
}

static bool write_file(const char *path, GBytes *bytes, GError **error)
{
    struct stat st;
    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
        return write_in_place(path, bytes, error);
    char *target = realpath(path, NULL); /* a link stays a link */
    gsize length;
    const void *data = g_bytes_get_data(bytes, &length);
    g_autoptr(GError) local = NULL;
    bool ok = g_file_set_contents_full(target ? target : path, data, (gssize) length,
                                       G_FILE_SET_CONTENTS_CONSISTENT, 0666, &local);
    free(target);
    if (ok)
        return true;
    bool missing = g_error_matches(local, G_FILE_ERROR, G_FILE_ERROR_NOENT);
    utm_error_set(error, missing ? UTM_ERROR_NOT_FOUND : UTM_ERROR_FAILED, NULL, "%s",
                  local->message);
    return false;
}

static void print(const Picture *picture, GBytes *file, const char *path)
{
    if (!wants_json()) {
        if (!opt.output)
            printf("%s\n", path);
        return;
    }
    g_autofree char *whole = g_canonicalize_filename(path, NULL);
    g_autofree char *sum = g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, file);
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "path", whole);
    cJSON_AddStringToObject(json, "format", wanted_format());
    cJSON_AddNumberToObject(json, "width", picture->width);
    cJSON_AddNumberToObject(json, "height", picture->height);
    output_json_add_uint(json, "size", g_bytes_get_size(file));
    cJSON_AddStringToObject(json, "sha256", sum);
    output_json(json);
}

static Picture *take(const Bundle *bundle, unsigned display, GError **error)
{
    g_autoptr(QmpClient) client = vm_connect(bundle, error);
    Picture *picture = client ? screenshot_take(client, bundle, display, error) : NULL;
    if (!picture)
        g_prefix_error(error,
                       "VM \"%s\": cannot take a screenshot: ", bundle->config->information.name);
    return picture;
}

static bool run(GError **error)
{
    unsigned display = 0;
    bool sane = cmd_which_display(&display, error) && check(error);
    g_autoptr(Bundle) bundle = sane ? library_open(opt.vm, error) : NULL;
    g_autoptr(Picture) picture = bundle ? take(bundle, display, error) : NULL;
    if (!picture)
        return false;
    const char *format = wanted_format();
    bool is_png = strcmp(format, "png") == 0;
    g_autoptr(GBytes) file = is_png ? picture_to_png(picture) : picture_to_ppm(picture);
    if (to_stdout())
        return write_all(stdout, file) || write_error("standard output", errno, error);
    g_autofree char *path = opt.output ? g_strdup(opt.output) : new_name(bundle, format);
    if (!write_file(path, file, error))
        return false;
    print(picture, file, path);
    return true;
}

static const char *const examples[] = {
    "utmctl screenshot web -o web.png",
    "Keep what the machine shows as a file",
    "utmctl screenshot web -o - | tesseract - -",
    "Give it to another program",
    NULL,
};

const Command cmd_screenshot = {
    .name = "screenshot",
    .group = GROUP_SCREEN,
    .summary = "Take a picture of what a machine shows",
    .description =
        "Needs neither a viewer nor anything in the guest. Without --output the picture becomes a "
        "new file in this folder, whose name is printed. A file is there whole or not at all.\n"
        "With --json: path, format, width, height, size in bytes and sha256 of the file.",
    .args = args,
    .options = options,
    .shared = SHARED_DISPLAY,
    .examples = examples,
    .run = run,
};
