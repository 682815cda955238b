/* SPDX-License-Identifier: Apache-2.0 */
/* Building a new bundle beside its place, and moving it there. */
#include <errno.h>
#include <gio/gio.h>
#include <gio/gunixinputstream.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "bundles/image.h"
#include "bundles/sidecar.h"
#include "core/archive.h"
#include "core/create-plan.h"
#include "core/efi-vars.h"
#include "core/error.h"
#include "core/paths.h"
#include "core/qemu-img.h"
#include "core/staging.h"
#include "core/template.h"

/* How soon a signal is noticed that came in between looking and waiting. */
#define POLL_MS 200

static bool cancelled(const CreateWatch *watch)
{
    return watch && watch->progress && !watch->progress(0, 0, watch->user);
}

static bool set_interrupted(GError **error)
{
    utm_error_set(error, UTM_ERROR_INTERRUPTED, NULL, "interrupted, nothing was created");
    return false;
}

/* ---- the template's own program ---- */

/* What it said last, and the advice that came with it. */
typedef struct {
    GString *pending; /* a line that is not whole yet */
    char *last;
    char *hint;
    const CreateWatch *watch;
} Words;

static void words_clear(Words *words)
{
    g_string_free(words->pending, TRUE);
    g_free(words->last);
    g_free(words->hint);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Words, words_clear)

static void take_line(Words *words, const char *line)
{
    if (g_str_has_prefix(line, "hint: ")) {
        g_free(words->hint);
        words->hint = g_strdup(line + strlen("hint: "));
        return;
    }
    g_free(words->last);
    words->last = g_strdup(line);
    if (words->watch && words->watch->note)
        words->watch->note(line, words->watch->user);
}

static void take_bytes(Words *words, const char *bytes, size_t length)
{
    g_string_append_len(words->pending, bytes, (gssize) length);
    for (char *end; (end = strchr(words->pending->str, '\n'));) {
        *end = '\0';
        if (words->pending->str[0])
            take_line(words, words->pending->str);
        g_string_erase(words->pending, 0, end - words->pending->str + 1);
    }
}

/* Until the program closes its standard error. False when somebody cancelled. */
static bool read_words(int fd, Words *words)
{
    char buffer[4096];
    for (;;) {
        struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
        if (cancelled(words->watch))
            return false;
        if (poll(&poll_fd, 1, POLL_MS) <= 0)
            continue;
        ssize_t n = read(fd, buffer, sizeof buffer);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return true;
        take_bytes(words, buffer, (size_t) n);
    }
}

static GSubprocess *spawn_assembler(const CreatePlan *plan, const char *data, GError **error)
{
    const UtmConfig *config = plan->bundle->config;
    g_autoptr(GError) failure = NULL;
    const char *argv[] = { plan->assembler, config->system.architecture, data,
                           config->qemu.uefi_boot ? "--uefi" : NULL, NULL };
    g_autoptr(GSubprocessLauncher) launcher =
        g_subprocess_launcher_new(G_SUBPROCESS_FLAGS_STDERR_PIPE);
    g_subprocess_launcher_take_stdout_fd(launcher, dup(STDERR_FILENO));
    /* A shell finds no home where HOME is not set. */
    g_subprocess_launcher_setenv(launcher, "XDG_CACHE_HOME", g_get_user_cache_dir(), TRUE);
    GSubprocess *child = g_subprocess_launcher_spawnv(launcher, argv, &failure);
    if (!child)
        utm_error_set(error, UTM_ERROR_FAILED, NULL, "cannot run \"%s\": %s", plan->assembler,
                      failure->message);
    return child;
}

static bool assemble(const CreatePlan *plan, const char *data, const CreateWatch *watch,
                     GError **error)
{
    g_autoptr(GSubprocess) child = spawn_assembler(plan, data, error);
    if (!child)
        return false;
    g_auto(Words) words = { .pending = g_string_new(NULL), .watch = watch };
    GInputStream *pipe = g_subprocess_get_stderr_pipe(child);
    int fd = g_unix_input_stream_get_fd(G_UNIX_INPUT_STREAM(pipe));
    bool whole = read_words(fd, &words);
    if (!whole)
        g_subprocess_send_signal(child, SIGTERM);
    g_subprocess_wait(child, NULL, NULL);
    if (!whole || cancelled(watch))
        return set_interrupted(error);
    if (g_subprocess_get_successful(child))
        return true;
    utm_error_set(error, UTM_ERROR_FAILED, words.hint, "the template's files cannot be made: %s",
                  words.last ? words.last : "its program failed");
    return false;
}

/* ---- files ---- */

static bool make_folder(const char *path, GError **error)
{
    if (g_mkdir(path, 0755) == 0)
        return true;
    utm_error_set(error, UTM_ERROR_FAILED, NULL, "cannot create folder \"%s\": %s", path,
                  g_strerror(errno));
    return false;
}

static bool write_seed_files(GHashTable *seed, const char *folder, GError **error)
{
    GHashTableIter iter;
    gpointer name, bytes;
    g_hash_table_iter_init(&iter, seed);
    while (g_hash_table_iter_next(&iter, &name, &bytes)) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        size_t size = 0;
        const char *data = g_bytes_get_data(bytes, &size);
        g_autoptr(GError) failure = NULL;
        if (g_file_set_contents(path, data, (gssize) size, &failure))
            continue;
        utm_error_set(error, UTM_ERROR_FAILED, NULL, "%s", failure->message);
        return false;
    }
    return true;
}

static bool make_seed(const CreatePlan *plan, const char *image, const char *data, GError **error)
{
    g_autofree char *staging = g_path_get_dirname(data);
    g_autofree char *folder = g_build_filename(staging, "seed", NULL);
    g_autoptr(Sidecar) sidecar = sidecar_open(staging, error);
    if (!sidecar || !make_folder(folder, error) || !write_seed_files(plan->seed, folder, error) ||
        !archive_seed(folder, image, error) || !tree_remove(folder, error))
        return false;
    sidecar_set_text(sidecar, FIRST_BOOT_DRIVE_KEY, plan->seed_drive);
    sidecar_set_text(sidecar, FIRST_BOOT_USER_KEY, plan->login_user);
    return sidecar_save(sidecar, error);
}

/* Cloud images are as small as they can be; their guests grow into the disk by themselves. */
static bool grow_image(const char *path, uint64_t size_bytes, GError **error)
{
    g_autoptr(ImageInfo) info = NULL;
    if (!image_probe(path, &info, error))
        return false;
    if (size_bytes < info->virtual_size) {
        utm_error_set(error, UTM_ERROR_USAGE, NULL,
                      "the image is larger than that: %" G_GUINT64_FORMAT " bytes",
                      (guint64) info->virtual_size);
        return false;
    }
    g_autofree char *size = g_strdup_printf("%" G_GUINT64_FORMAT, (guint64) size_bytes);
    const char *argv[] = { "qemu-img", "resize", "-q", "-f", image_format_driver(info->format),
                           path,       size,     NULL };
    return qemu_img_run(argv, error);
}

static bool make_file(const CreatePlan *plan, const CreateFile *file, const char *data,
                      const CreateWatch *watch, GError **error)
{
    g_autofree char *path = g_build_filename(data, file->name, NULL);
    if (!file->from)
        return file->size_bytes > 0 ? image_create_qcow2(path, file->size_bytes, error)
                                    : make_seed(plan, path, data, error);
    return tree_copy_file(file->from, path, watch ? watch->progress : NULL,
                          watch ? watch->user : NULL, error) &&
           (file->size_bytes == 0 || grow_image(path, file->size_bytes, error));
}

/* A template's program may have failed to say that it failed. */
static bool check_images(const CreatePlan *plan, const char *data, GError **error)
{
    const GPtrArray *drives = plan->bundle->config->drives;
    for (unsigned i = 0; i < drives->len; i++) {
        const ConfigDrive *drive = g_ptr_array_index(drives, i);
        if (!drive->image_name)
            continue;
        g_autofree char *path = g_build_filename(data, drive->image_name, NULL);
        if (g_file_test(path, G_FILE_TEST_IS_REGULAR))
            continue;
        utm_error_set(error, UTM_ERROR_FAILED, NULL, "the template has no file \"%s\"",
                      drive->image_name);
        return false;
    }
    return true;
}

static bool make_firmware_vars(const CreatePlan *plan, const char *data, GError **error)
{
    g_autofree char *path = g_build_filename(data, EFI_VARS_NAME, NULL);
    if (!plan->bundle->config->qemu.uefi_boot || !plan->firmware_vars ||
        g_file_test(path, G_FILE_TEST_EXISTS))
        return true;
    return efi_vars_create(plan->firmware_vars, path, error);
}

/* A template's own files; its configuration is written anew. */
static bool copy_template(const CreatePlan *plan, const char *data, const CreateWatch *watch,
                          GError **error)
{
    g_autofree char *from = g_build_filename(plan->template_path, "Data", NULL);
    if (!g_file_test(from, G_FILE_TEST_IS_DIR))
        return make_folder(data, error);
    return tree_copy(from, data, watch ? watch->progress : NULL, watch ? watch->user : NULL, error);
}

static bool build(const CreatePlan *plan, const char *staging, const CreateWatch *watch,
                  GError **error)
{
    g_autofree char *data = g_build_filename(staging, "Data", NULL);
    if (!make_folder(staging, error))
        return false;
    if (!(plan->template_path ? copy_template(plan, data, watch, error) : make_folder(data, error)))
        return false;
    if (plan->assembler && !assemble(plan, data, watch, error))
        return false;
    for (unsigned i = 0; i < plan->files->len; i++) {
        if (cancelled(watch))
            return set_interrupted(error);
        if (!make_file(plan, g_ptr_array_index(plan->files, i), data, watch, error))
            return false;
    }
    if (!check_images(plan, data, error) || !make_firmware_vars(plan, data, error))
        return false;
    g_autoptr(Bundle) bundle = bundle_new_take(staging, utm_config_copy(plan->bundle->config));
    return bundle_save(bundle, error);
}

/* ---- all of it ---- */

static void forget_facts(const CreatePlan *plan)
{
    const char *uuid = plan->bundle->config->information.uuid;
    g_autofree char *folder = paths_state(uuid);
    g_autoptr(HostFacts) none = host_facts_new();
    utm_ignore(host_facts_save(none, uuid, NULL));
    (void) g_rmdir(folder);
}

static bool has_facts(const CreatePlan *plan)
{
    return g_hash_table_size(plan->facts->media) > 0 || plan->facts->shares->len > 0;
}

/* For "utmctl ssh"; without it ssh tries the user's own keys. */
static void note_login_key(const CreatePlan *plan)
{
    if (plan->login_key)
        first_boot_note_key(plan->bundle->config->information.uuid, plan->login_key);
}

static bool put_in_place(const CreatePlan *plan, const char *staging, GError **error)
{
    if (has_facts(plan) &&
        !host_facts_save(plan->facts, plan->bundle->config->information.uuid, error))
        return false;
    if (tree_move(staging, plan->bundle->path, error)) {
        note_login_key(plan);
        return true;
    }
    if (has_facts(plan))
        forget_facts(plan);
    return false;
}

bool create_run(CreatePlan *plan, const CreateWatch *watch, GError **error)
{
    g_autoptr(Staging) staging = staging_new(plan->bundle->path, error);
    if (!staging || !build(plan, staging->path, watch, error))
        return false;
    return cancelled(watch) ? set_interrupted(error) : put_in_place(plan, staging->path, error);
}
