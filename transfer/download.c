/* SPDX-License-Identifier: Apache-2.0 */
/* utmctl-download: fetches a file for utmctl, which is faster without libcurl. */
#include <curl/curl.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>

#include "transfer/report.h"

#define CONNECT_SECONDS 30L
/* A server that sends nothing for so long has gone. */
#define IDLE_SECONDS 60L
#define MAX_REDIRECTS 10L

typedef struct {
    CURL *curl;
    const char *file;
    char *mark_file; /* what the server calls the version of the file that is there in part */
    char *mark;      /* of this answer, or NULL */
    FILE *out;
    curl_off_t start; /* bytes that are there already */
    curl_off_t whole; /* bytes of the file, where an error says so */
    bool began;       /* the body has */
} Download;

static void save_mark(const Download *download)
{
    if (download->mark)
        (void) g_file_set_contents(download->mark_file, download->mark, -1, NULL);
    else
        (void) g_unlink(download->mark_file);
}

/* A server that does not know the part, or has another file by now, sends all of it. */
static bool begin_body(Download *download)
{
    long status = 0;
    curl_easy_getinfo(download->curl, CURLINFO_RESPONSE_CODE, &status);
    bool goes_on = status == 206 && download->start > 0;
    download->began = true;
    if (goes_on)
        report_note("going on after %" CURL_FORMAT_CURL_OFF_T " bytes", download->start);
    else
        download->start = 0;
    download->out = g_fopen(download->file, goes_on ? "ab" : "wb");
    save_mark(download);
    return download->out != NULL;
}

static size_t on_data(char *data, size_t one, size_t size, void *user)
{
    Download *download = user;
    if (!download->began && !begin_body(download))
        return 0;
    return fwrite(data, one, size, download->out);
}

/* ETag if it is a strong one, else the time of change. */
static size_t on_header(char *data, size_t one, size_t size, void *user)
{
    Download *download = user;
    g_autofree char *line = g_strndup(data, one * size);
    char *colon = strchr(line, ':');
    if (g_str_has_prefix(line, "HTTP/"))
        g_clear_pointer(&download->mark, g_free);
    if (!colon)
        return one * size;
    *colon = '\0';
    const char *value = g_strstrip(colon + 1);
    bool is_etag = g_ascii_strcasecmp(line, "ETag") == 0 && !g_str_has_prefix(value, "W/");
    bool is_time = g_ascii_strcasecmp(line, "Last-Modified") == 0;
    if (g_ascii_strcasecmp(line, "Content-Range") == 0 && g_str_has_prefix(value, "bytes */"))
        download->whole = g_ascii_strtoll(value + strlen("bytes */"), NULL, 10);
    if (is_etag || (is_time && !download->mark)) {
        g_free(download->mark);
        download->mark = g_strdup(value);
    }
    return one * size;
}

static int on_progress(void *user, curl_off_t all, curl_off_t done, curl_off_t up_all,
                       curl_off_t up_done)
{
    const Download *download = user;
    (void) up_all;
    (void) up_done;
    report_progress((uint64_t) (download->start + done),
                    all > 0 ? (uint64_t) (download->start + all) : 0);
    return 0;
}

/* Only what is known to be the same file is gone on with. */
static struct curl_slist *ask_for_rest(Download *download)
{
    g_autofree char *mark = NULL;
    GStatBuf st;
    if (g_stat(download->file, &st) < 0 || st.st_size == 0 ||
        !g_file_get_contents(download->mark_file, &mark, NULL, NULL) || strpbrk(mark, "\r\n"))
        return NULL;
    download->start = st.st_size;
    g_autofree char *range =
        g_strdup_printf("%" CURL_FORMAT_CURL_OFF_T "-", (curl_off_t) st.st_size);
    curl_easy_setopt(download->curl, CURLOPT_RANGE, range);
    g_autofree char *header = g_strconcat("If-Range: ", mark, NULL);
    return curl_slist_append(NULL, header);
}

static void set_options(Download *download, const char *url, char *words)
{
    CURL *curl = download->curl;
    /* Never down from an encrypted connection to a plain one. */
    bool is_secure = g_ascii_strncasecmp(url, "https:", 6) == 0;
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, is_secure ? "https" : "http,https");
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(curl, CURLOPT_MAXREDIRS, MAX_REDIRECTS);
    curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "utmctl/" UTMCTL_VERSION);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, CONNECT_SECONDS);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, IDLE_SECONDS);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, words);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_data);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, download);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, download);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, download);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
}

static bool say_failure(const Download *download, CURLcode code, const char *words)
{
    long status = 0;
    curl_easy_getinfo(download->curl, CURLINFO_RESPONSE_CODE, &status);
    const char *text = *words ? words : curl_easy_strerror(code);
    if (code == CURLE_HTTP_RETURNED_ERROR)
        return report_error(status == 404 || status == 410 ? "not-found" : "failed",
                            "the server answers with status %ld", status);
    if (code == CURLE_OPERATION_TIMEDOUT)
        return report_error("timeout", "%s", text);
    if (code == CURLE_UNSUPPORTED_PROTOCOL || code == CURLE_URL_MALFORMAT)
        return report_error("usage", "%s", text);
    return report_error("failed", "%s", text);
}

/* Once more from the beginning when what is there is not a part of what the server has. */
static bool fetch(Download *download, const char *url, bool may_go_on)
{
    char words[CURL_ERROR_SIZE] = "";
    long status = 0;
    set_options(download, url, words);
    struct curl_slist *headers = may_go_on ? ask_for_rest(download) : NULL;
    curl_easy_setopt(download->curl, CURLOPT_HTTPHEADER, headers);
    CURLcode code = curl_easy_perform(download->curl);
    curl_slist_free_all(headers);
    curl_easy_getinfo(download->curl, CURLINFO_RESPONSE_CODE, &status);
    if (code == CURLE_OK && !download->began && !begin_body(download))
        code = CURLE_WRITE_ERROR;
    if (download->out && fclose(download->out) != 0 && code == CURLE_OK)
        code = CURLE_WRITE_ERROR;
    download->out = NULL;
    if (code == CURLE_HTTP_RETURNED_ERROR && status == 416 && may_go_on) {
        if (download->whole == download->start)
            return true; /* nothing is left to fetch */
        curl_easy_reset(download->curl);
        download->start = 0;
        return fetch(download, url, false);
    }
    return code == CURLE_OK || say_failure(download, code, words);
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fputs("usage: utmctl-download URL FILE\n", stderr);
        return 2;
    }
    curl_global_init(CURL_GLOBAL_DEFAULT);
    Download download = { .curl = curl_easy_init(), .file = argv[2] };
    download.mark_file = g_strconcat(argv[2], ".mark", NULL);
    bool ok = fetch(&download, argv[1], true);
    curl_easy_cleanup(download.curl);
    curl_global_cleanup();
    g_free(download.mark_file);
    g_free(download.mark);
    return ok ? 0 : 1;
}
