/* SPDX-License-Identifier: Apache-2.0 */
/* "FROM:TO" of --copy-in and --copy-out. */
#include "core/run/run-copy.h"

#include <string.h>

#include "core/error.h"
#include "core/guest/guest-copy.h"

/* Where the colon is that separates the two; NULL: nowhere. */
static const char *find_colon(const char *word, bool in)
{
    if (!in)
        return *word == '/' ? strchr(word, ':') : NULL;
    const char *found = NULL;
    for (const char *p = word; (p = strstr(p, ":/")); p++)
        found = p;
    return found;
}

/* "FROM:TO" taken apart. The path on this host may have colons in it; the other one, which is TO with
 * @in, is absolute. */
static bool split(const char *word, bool in, char **out_from, char **out_to, GError **error)
{
    const char *colon = find_colon(word, in);
    if (colon && colon > word && colon[1]) {
        *out_from = g_strndup(word, (gsize) (colon - word));
        *out_to = g_strdup(colon + 1);
        return true;
    }
    utm_error_set(error, UTM_ERROR_USAGE, NULL, "\"%s\" is not %s", word,
                  in ? "HOSTPATH:/GUESTPATH" : "/GUESTPATH:HOSTPATH");
    return false;
}

bool run_copy_check(char *const *words, bool in, GError **error)
{
    for (; words && *words; words++) {
        g_autofree char *from = NULL, *to = NULL;
        if (!split(*words, in, &from, &to, error))
            return false;
        if (in && !g_file_test(from, G_FILE_TEST_EXISTS)) {
            utm_error_set(error, UTM_ERROR_NOT_FOUND, NULL, "there is no \"%s\" to copy in", from);
            return false;
        }
    }
    return true;
}

static bool go_on(uint64_t done G_GNUC_UNUSED, uint64_t all G_GNUC_UNUSED, void *user)
{
    const RunCopy *copy = user;
    return !copy->interrupted(copy->user);
}

static void pass_note(const char *text, void *user)
{
    const RunCopy *copy = user;
    copy->note(text, copy->user);
}

bool run_copy_all(QmpClient *client, char *const *words, bool in, const RunCopy *copy,
                  GError **error)
{
    const GuestCopy how = {
        .recursive = true, .progress = go_on, .note = pass_note, .user = (void *) copy
    };
    for (; words && *words; words++) {
        g_autofree char *from = NULL, *to = NULL;
        if (!split(*words, in, &from, &to, error))
            return false;
        if (in ? guest_copy_push(client, from, to, &how, error)
               : guest_copy_pull(client, from, to, &how, error))
            continue;
        g_prefix_error(error, "cannot copy \"%s\" %s: ", from, in ? "in" : "out");
        return false;
    }
    return true;
}
