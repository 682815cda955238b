/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the event journals of machines, what is in them and what comes. */
#include "core/vm/event-feed.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <poll.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/error.h"
#include "core/paths.h"
#include "core/vm/run-dir.h"
#include "qapi/json.h"

#define JOURNAL "events.jsonl"

/* One machine's journal. */
typedef struct {
    char *dir;
    int fd;          /* -1 as long as there is none */
    GString *partly; /* a line that has no end yet */
} Source;

typedef struct {
    const EventRequest *request;
    EventFunc func;
    void *user;
    GPtrArray *sources; /* (owned) of Source */
    char *root;         /* folder of all machines; NULL when one is read */
    int notify;
    int root_watch; /* -1: none */
    bool ended;     /* by @func */
} Feed;

/* An event that was there before, until all of them are sorted. */
typedef struct {
    char *time; /* RFC 3339 in UTC sorts as text */
    char *line;
} Old;

static void old_free(void *user)
{
    Old *old = user;
    g_free(old->time);
    g_free(old->line);
    g_free(old);
}

static void source_free(void *user)
{
    Source *source = user;
    if (source->fd >= 0)
        close(source->fd);
    g_string_free(source->partly, TRUE);
    g_free(source->dir);
    g_free(source);
}

/* ---- lines ---- */

static bool passes(const Feed *feed, const char *event)
{
    const char *const *filter = feed->request->filters;
    for (; filter && *filter; filter++)
        if (fnmatch(*filter, event, FNM_CASEFOLD) == 0)
            return true;
    return !feed->request->filters;
}

/* Source: core/vm/journal.h. Return: the line's time, or NULL when it is not wanted */
static char *wanted_time(const Feed *feed, const char *line)
{
    g_autoptr(cJSON) json = json_parse(line, strlen(line), NULL, NULL);
    const char *event = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, "event"));
    const char *time = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, "time"));
    if (!event || !time || !passes(feed, event))
        return NULL;
    g_autoptr(GDateTime) moment = g_date_time_new_from_iso8601(time, NULL);
    if (!moment)
        return NULL;
    int64_t time_us =
        g_date_time_to_unix(moment) * G_USEC_PER_SEC + g_date_time_get_microsecond(moment);
    return time_us >= feed->request->since_us ? g_strdup(time) : NULL;
}

/* With @old, what is wanted is kept there; otherwise it is handed out. */
static void take_line(Feed *feed, const char *line, GPtrArray *old)
{
    g_autofree char *time = wanted_time(feed, line);
    if (!time || feed->ended)
        return;
    if (!old) {
        feed->ended = !feed->func(line, feed->user);
        return;
    }
    Old *kept = g_new0(Old, 1);
    kept->time = g_steal_pointer(&time);
    kept->line = g_strdup(line);
    g_ptr_array_add(old, kept);
}

static void take_lines(Feed *feed, Source *source, GPtrArray *old)
{
    char buffer[65536];
    ssize_t n;
    while (source->fd >= 0 && (n = read(source->fd, buffer, sizeof buffer)) > 0) {
        g_string_append_len(source->partly, buffer, n);
        char *line = source->partly->str;
        for (char *end; (end = strchr(line, '\n')); line = end + 1) {
            *end = '\0';
            take_line(feed, line, old);
        }
        g_string_erase(source->partly, 0, line - source->partly->str);
    }
}

/* ---- files ---- */

static int open_journal(const char *dir, const char *name)
{
    g_autofree char *path = g_build_filename(dir, name, NULL);
    return open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
}

/* What was written before: the file that is full, then the current one. */
static void take_old(Feed *feed, Source *source, GPtrArray *old)
{
    source->fd = open_journal(source->dir, JOURNAL ".1");
    take_lines(feed, source, old);
    if (source->fd >= 0)
        close(source->fd);
    source->fd = open_journal(source->dir, JOURNAL);
    take_lines(feed, source, old);
}

/* A journal that was full has got another name meanwhile. */
static void take_new(Feed *feed, Source *source)
{
    take_lines(feed, source, NULL);
    int fd = open_journal(source->dir, JOURNAL);
    struct stat was = { 0 }, is = { 0 };
    if (fd >= 0 && fstat(fd, &is) == 0 &&
        (source->fd < 0 || fstat(source->fd, &was) < 0 || was.st_ino != is.st_ino)) {
        if (source->fd >= 0)
            close(source->fd);
        source->fd = fd;
        take_lines(feed, source, NULL);
    } else if (fd >= 0) {
        close(fd);
    }
}

static Source *add_source(Feed *feed, const char *dir)
{
    for (guint i = 0; i < feed->sources->len; i++)
        if (strcmp(((Source *) feed->sources->pdata[i])->dir, dir) == 0)
            return NULL;
    Source *source = g_new0(Source, 1);
    source->dir = g_strdup(dir);
    source->fd = -1;
    source->partly = g_string_new(NULL);
    if (feed->request->follow)
        utm_ignore(inotify_add_watch(feed->notify, dir, IN_MODIFY | IN_CREATE | IN_MOVED_TO) >= 0);
    g_ptr_array_add(feed->sources, source);
    return source;
}

/* Folders of machines; a follower takes those that do not run as well, for they may start. */
static void add_machines(Feed *feed, GPtrArray *old)
{
    g_autoptr(GDir) dir = g_dir_open(feed->root, 0, NULL);
    for (const char *name; dir && (name = g_dir_read_name(dir));) {
        if (!g_uuid_string_is_valid(name) ||
            (!feed->request->follow && !run_dir_holder(name, NULL)))
            continue;
        g_autofree char *path = g_build_filename(feed->root, name, NULL);
        Source *source = add_source(feed, path);
        if (!source)
            continue;
        if (old)
            take_old(feed, source, old);
        else
            take_new(feed, source);
    }
}

/* ---- following ---- */

/* Empties the queue of changes. Return: whether one was of a journal or made a machine's folder; a
 * serial log beside it changes with every line of the guest. */
static bool has_news(const Feed *feed)
{
    _Alignas(struct inotify_event) char buffer[4096];
    bool news = false;
    ssize_t n;
    while ((n = read(feed->notify, buffer, sizeof buffer)) > 0) {
        const struct inotify_event *event;
        for (char *p = buffer; p < buffer + n; p += sizeof *event + event->len) {
            event = (const struct inotify_event *) p;
            news |= (event->mask & IN_Q_OVERFLOW) || event->wd == feed->root_watch ||
                    (event->len && g_str_has_prefix(event->name, JOURNAL));
        }
    }
    return news;
}

static void follow(Feed *feed)
{
    while (!feed->ended) {
        struct pollfd poll_fd = { .fd = feed->notify, .events = POLLIN };
        (void) poll(&poll_fd, 1, -1);
        if (!has_news(feed))
            continue;
        for (guint i = 0; i < feed->sources->len; i++)
            take_new(feed, feed->sources->pdata[i]);
        if (feed->root)
            add_machines(feed, NULL);
    }
}

static int by_time(gconstpointer a, gconstpointer b)
{
    return strcmp((*(Old *const *) a)->time, (*(Old *const *) b)->time);
}

static void hand_out_old(Feed *feed, GPtrArray *old)
{
    g_ptr_array_sort(old, by_time);
    for (guint i = 0; i < old->len && !feed->ended; i++)
        feed->ended = !feed->func(((Old *) old->pdata[i])->line, feed->user);
}

/* Watching begins before reading, so that nothing gets lost between the two. */
static bool watch(Feed *feed, const char *dir, GError **error)
{
    if (!feed->request->follow)
        return true;
    if (!paths_make_private(dir, error))
        return false;
    feed->notify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (feed->root && feed->notify >= 0)
        feed->root_watch = inotify_add_watch(feed->notify, dir, IN_CREATE | IN_MOVED_TO);
    if (feed->notify >= 0 && (!feed->root || feed->root_watch >= 0))
        return true;
    utm_error_set(error, UTM_ERROR_FAILED, NULL, "cannot watch \"%s\": %s", dir, g_strerror(errno));
    return false;
}

bool event_feed_run(const char *uuid, const EventRequest *request, EventFunc func, void *user,
                    GError **error)
{
    g_autofree char *dir = paths_state(uuid);
    g_autoptr(GPtrArray) old = g_ptr_array_new_with_free_func(old_free);
    Feed feed = { .request = request,
                  .func = func,
                  .user = user,
                  .sources = g_ptr_array_new_with_free_func(source_free),
                  .root = uuid ? NULL : dir,
                  .notify = -1,
                  .root_watch = -1 };
    bool ok = watch(&feed, dir, error);
    if (ok) {
        if (uuid)
            take_old(&feed, add_source(&feed, dir), old);
        else
            add_machines(&feed, old);
        hand_out_old(&feed, old);
        if (request->follow)
            follow(&feed);
    }
    g_ptr_array_unref(feed.sources);
    if (feed.notify >= 0)
        close(feed.notify);
    return ok;
}
