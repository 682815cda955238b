/* SPDX-License-Identifier: Apache-2.0 */
/* What can be waited for: the words that a user writes, and what has become of each. */
#include "core/wait/wait-condition.h"

#include <string.h>

#include "core/error.h"
#include "core/near-miss.h"

#define SSH_PORT 22

const char *const wait_condition_words[] = {
    [WAIT_RUNNING] = "running", [WAIT_STOPPED] = "stopped", [WAIT_PAUSED] = "paused",
    [WAIT_AGENT] = "agent",     [WAIT_IP] = "ip",           [WAIT_PORT] = "port=",
    [WAIT_SSH] = "ssh",         [WAIT_SERIAL] = "serial=",  [WAIT_CLOUD_INIT] = "cloud-init",
    [WAIT_FILE] = "file=",      [WAIT_COMMAND] = "cmd=",    NULL,
};

/* The value of a word that has one, else NULL. */
static bool find_word(const char *text, WaitKind *out_kind, const char **out_value)
{
    for (unsigned i = 0; wait_condition_words[i]; i++) {
        const char *word = wait_condition_words[i];
        bool takes_value = g_str_has_suffix(word, "=");
        if (takes_value ? !g_str_has_prefix(text, word) : strcmp(text, word) != 0)
            continue;
        *out_kind = (WaitKind) i;
        *out_value = takes_value ? text + strlen(word) : NULL;
        return true;
    }
    return false;
}

static bool set_unknown(const char *text, GError **error)
{
    g_autofree char *name = g_strndup(text, strcspn(text, "="));
    g_autofree char *all = g_strjoinv(" ", (char **) wait_condition_words);
    g_autofree char *near = near_miss(name, (char **) wait_condition_words);
    g_autofree char *hint = near ? g_strdup_printf("did you mean %s?", near) : NULL;
    utm_error_set(error, UTM_ERROR_USAGE, hint, "\"%s\" is nothing to wait for: %s", text, all);
    return false;
}

/* /REGEX/ or /REGEX/i, or a text as it is. */
static bool parse_pattern(WaitCondition *condition, GError **error)
{
    const char *value = condition->value;
    const char *end = *value == '/' ? strrchr(value + 1, '/') : NULL;
    bool caseless = end && strcmp(end, "/i") == 0;
    g_autofree char *pattern = NULL;
    g_autoptr(GError) local = NULL;
    if (end && (caseless || !end[1]))
        pattern = g_strndup(value + 1, (gsize) (end - value - 1));
    else
        pattern = g_regex_escape_string(value, -1);
    condition->regex =
        g_regex_new(pattern, G_REGEX_OPTIMIZE | (caseless ? G_REGEX_CASELESS : 0), 0, &local);
    if (condition->regex)
        return true;
    utm_error_set(error, UTM_ERROR_USAGE, NULL, "\"%s\": %s", condition->text, local->message);
    return false;
}

static bool parse_port(WaitCondition *condition, GError **error)
{
    guint64 port = 0;
    if (g_ascii_string_to_unsigned(condition->value, 10, 1, G_MAXUINT16, &port, NULL)) {
        condition->port = (uint16_t) port;
        return true;
    }
    utm_error_set(error, UTM_ERROR_USAGE, NULL, "\"%s\": a port is a number from 1 to 65535",
                  condition->text);
    return false;
}

static bool parse_value(WaitCondition *condition, GError **error)
{
    if (condition->value && !*condition->value) {
        utm_error_set(error, UTM_ERROR_USAGE, NULL, "\"%s\": a value is missing", condition->text);
        return false;
    }
    switch (condition->kind) {
    case WAIT_PORT:
        return parse_port(condition, error);
    case WAIT_SERIAL:
        return parse_pattern(condition, error);
    case WAIT_SSH:
        condition->port = SSH_PORT;
        return true;
    default:
        return true;
    }
}

WaitCondition *wait_condition_parse(const char *text, GError **error)
{
    WaitKind kind;
    const char *value;
    if (!find_word(text, &kind, &value)) {
        set_unknown(text, error);
        return NULL;
    }
    g_autoptr(WaitCondition) condition = g_new0(WaitCondition, 1);
    condition->kind = kind;
    condition->text = g_strdup(text);
    condition->value = g_strdup(value);
    return parse_value(condition, error) ? g_steal_pointer(&condition) : NULL;
}

GPtrArray *wait_condition_list(char *const *words, GError **error)
{
    g_autoptr(GPtrArray) list =
        g_ptr_array_new_with_free_func((GDestroyNotify) wait_condition_free);
    for (; words && *words; words++) {
        WaitCondition *condition = wait_condition_parse(*words, error);
        if (!condition)
            return NULL;
        g_ptr_array_add(list, condition);
    }
    return g_steal_pointer(&list);
}

bool wait_condition_asks_guest(const WaitCondition *condition)
{
    switch (condition->kind) {
    case WAIT_RUNNING:
    case WAIT_STOPPED:
    case WAIT_PAUSED:
    case WAIT_SERIAL:
        return false;
    default:
        return true;
    }
}

void wait_condition_free(WaitCondition *condition)
{
    if (!condition)
        return;
    g_free(condition->text);
    g_free(condition->value);
    g_clear_pointer(&condition->regex, g_regex_unref);
    g_free(condition->found);
    g_free(condition->why_not);
    g_free(condition);
}
