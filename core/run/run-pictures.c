/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures of a machine's screen, taken again and again while something else is done. */
#include "core/run/run-pictures.h"

#include "core/screen/screenshot.h"
#include "core/vm/vm.h"

#define ANSWER_LIMIT_US (5 * G_USEC_PER_SEC)

struct RunPictures {
    const Bundle *bundle; /* borrowed */
    char *folder;
    int64_t every_us;
    char *last; /* checksum of the last picture */
    GThread *thread;
    GMutex mutex; /* also keeps two pictures from being taken at once */
    GCond cond;
    bool ending;
};

char *run_pictures_name(int64_t time_us, const char *what)
{
    g_autoptr(GDateTime) second = g_date_time_new_from_unix_utc(time_us / G_USEC_PER_SEC);
    g_autofree char *text = g_date_time_format(second, "%Y%m%dT%H%M%S");
    return g_strdup_printf("%s.%03dZ-%s", text, (int) (time_us % G_USEC_PER_SEC / 1000), what);
}

/* With the mutex. */
static void take(RunPictures *pictures)
{
    int64_t now = g_get_real_time();
    g_autoptr(QmpClient) client = vm_connect(pictures->bundle, NULL);
    if (client)
        qmp_client_set_timeout(client, ANSWER_LIMIT_US);
    g_autoptr(Picture) picture = client ? screenshot_take(client, pictures->bundle, 0, NULL) : NULL;
    if (!picture)
        return;
    g_autoptr(GBytes) png = picture_to_png(picture);
    g_autofree char *sum = g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, png);
    if (g_strcmp0(sum, pictures->last) == 0)
        return;
    g_autofree char *name = run_pictures_name(now, "screen.png");
    g_autofree char *path = g_build_filename(pictures->folder, name, NULL);
    gsize size;
    const char *data = g_bytes_get_data(png, &size);
    if (!g_file_set_contents(path, data, (gssize) size, NULL))
        return;
    g_free(pictures->last);
    pictures->last = g_steal_pointer(&sum);
}

static gpointer run(gpointer user)
{
    RunPictures *pictures = user;
    g_mutex_lock(&pictures->mutex);
    while (!pictures->ending) {
        take(pictures);
        int64_t until = g_get_monotonic_time() + pictures->every_us;
        while (!pictures->ending && g_cond_wait_until(&pictures->cond, &pictures->mutex, until))
            continue;
    }
    g_mutex_unlock(&pictures->mutex);
    return NULL;
}

RunPictures *run_pictures_start(const Bundle *bundle, const char *folder, int64_t every_us)
{
    RunPictures *pictures = g_new0(RunPictures, 1);
    pictures->bundle = bundle;
    pictures->folder = g_strdup(folder);
    pictures->every_us = every_us;
    g_mutex_init(&pictures->mutex);
    g_cond_init(&pictures->cond);
    if (every_us && bundle->config->displays->len)
        pictures->thread = g_thread_new("pictures", run, pictures);
    return pictures;
}

void run_pictures_take(RunPictures *pictures)
{
    g_mutex_lock(&pictures->mutex);
    take(pictures);
    g_mutex_unlock(&pictures->mutex);
}

void run_pictures_free(RunPictures *pictures)
{
    if (!pictures)
        return;
    g_mutex_lock(&pictures->mutex);
    pictures->ending = true;
    g_cond_broadcast(&pictures->cond);
    g_mutex_unlock(&pictures->mutex);
    if (pictures->thread)
        g_thread_join(pictures->thread);
    g_mutex_clear(&pictures->mutex);
    g_cond_clear(&pictures->cond);
    g_free(pictures->folder);
    g_free(pictures->last);
    g_free(pictures);
}
