/* SPDX-License-Identifier: Apache-2.0 */
/* utmctl qmp: a command to QEMU, to the guest agent or to the helper, typed by their schemas. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bundles/config.h"
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/line-editor.h"
#include "cmd/output.h"
#include "core/error.h"
#include "core/library.h"
#include "core/paths.h"
#include "core/vm/vm.h"
#include "qapi/generated/qmp-commands.h"
#include "qapi/json-stream.h"
#include "qapi/live-schema.h"

static struct {
    char *vm;
    char *command;
    char **words;
    gboolean list;
    char *describe;
    gboolean use_stdin;
    gboolean interactive;
} opt;

static const CmdArg args[] = {
    { .name = "VM", .kind = ARG_VM, .value = &opt.vm },
    { .name = "COMMAND",
      .kind = ARG_WORD,
      .value = &opt.command,
      .optional = true,
      .help = "Name of the command" },
    { .name = "ARGUMENT",
      .kind = ARG_WORDS,
      .value = &opt.words,
      .optional = true,
      .help = "key=value, with dots for members of members, or all arguments as one JSON object" },
    { 0 },
};

static const CmdOption options[] = {
    { .name = "list",
      .kind = OPT_FLAG,
      .value = &opt.list,
      .help = "List the commands that this machine's QEMU has" },
    { .name = "describe",
      .kind = OPT_STRING,
      .value = &opt.describe,
      .arg = "COMMAND",
      .help = "Show the arguments and the result of a command" },
    { .name = "stdin",
      .kind = OPT_FLAG,
      .value = &opt.use_stdin,
      .help = "Read commands from standard input, one a line: as here, or as JSON objects" },
    { .name = "interactive",
      .letter = 'i',
      .kind = OPT_FLAG,
      .value = &opt.interactive,
      .help = "Read commands with history and completion" },
    { 0 },
};

/* The monitor, and its schema once somebody wants it. */
typedef struct {
    QmpClient *client;
    LiveSchema *schema;
} Session;

static bool need_schema(Session *session, GError **error)
{
    QmpSchemaInfoList *live = NULL;
    if (session->schema)
        return true;
    if (!qmp_query_qmp_schema(session->client, &live, error))
        return false;
    session->schema = live_schema_new(live);
    live_schema_add(session->schema, live_schema_own());
    return true;
}

/* What the user typed is wrong, rather than what QEMU made of it. */
static bool as_usage(GError *local, const char *hint, GError **error)
{
    utm_error_set(error, UTM_ERROR_USAGE, hint, "%s", local->message);
    g_error_free(local);
    return false;
}

static bool make_arguments(Session *session, const char *command, char **words, cJSON **out,
                           GError **error)
{
    GError *local = NULL;
    *out = NULL;
    if (!words || !*words)
        return true;
    if (!need_schema(session, error))
        return false;
    *out = live_schema_arguments(session->schema, command, words, &local);
    if (*out)
        return true;
    bool known = live_schema_has(session->schema, command);
    g_autofree char *hint = g_strdup_printf("utmctl qmp %s %s%s", opt.vm,
                                            known ? "--describe " : "--list", known ? command : "");
    return as_usage(local, hint, error);
}

static bool call(Session *session, const char *command, cJSON *arguments, cJSON **out_result,
                 GError **error)
{
    if (command_global.timeout_given)
        qmp_client_set_timeout(session->client, command_global.timeout_us);
    return qmp_client_call(session->client, command, arguments, out_result, error);
}

static void print_result(cJSON *result)
{
    /* The human monitor answers with lines of its own. */
    if (cJSON_IsString(result) && !command_global.json) {
        g_auto(GStrv) lines = g_strsplit(result->valuestring, "\r\n", -1);
        g_autofree char *text = g_strjoinv("\n", lines);
        cJSON_Delete(result);
        fputs(text, stdout);
        if (*text && !g_str_has_suffix(text, "\n"))
            putchar('\n');
        return;
    }
    output_json(result);
}

static bool run_one(Session *session, const char *command, char **words, GError **error)
{
    cJSON *arguments = NULL;
    cJSON *result = NULL;
    if (!make_arguments(session, command, words, &arguments, error) ||
        !call(session, command, arguments, &result, error))
        return false;
    print_result(result);
    return true;
}

/* ---- telling ---- */

static bool list(Session *session, GError **error)
{
    if (!need_schema(session, error))
        return false;
    g_autoptr(GPtrArray) names = live_schema_commands(session->schema);
    cJSON *array = command_global.json ? cJSON_CreateArray() : NULL;
    for (guint i = 0; i < names->len; i++) {
        if (array)
            cJSON_AddItemToArray(array, cJSON_CreateString(names->pdata[i]));
        else
            puts(names->pdata[i]);
    }
    if (array)
        output_json(array);
    return true;
}

static cJSON *members_json(const GPtrArray *members)
{
    cJSON *array = cJSON_CreateArray();
    for (guint i = 0; i < members->len; i++) {
        const LiveMember *member = members->pdata[i];
        cJSON *entry = cJSON_CreateObject();
        cJSON_AddStringToObject(entry, "name", member->name);
        cJSON_AddStringToObject(entry, "type", member->type);
        cJSON_AddBoolToObject(entry, "optional", member->optional);
        if (member->condition)
            cJSON_AddStringToObject(entry, "only_with", member->condition);
        if (member->deprecated)
            cJSON_AddTrueToObject(entry, "deprecated");
        if (member->unstable)
            cJSON_AddTrueToObject(entry, "unstable");
        cJSON_AddItemToArray(array, entry);
    }
    return array;
}

static void print_members(const char *title, const GPtrArray *members)
{
    printf("%s:\n", title);
    if (!members->len)
        puts("  none");
    for (guint i = 0; i < members->len; i++) {
        const LiveMember *member = members->pdata[i];
        printf("  %s%s%s%s", member->name, *member->name ? ": " : "", member->type,
               member->optional ? ", optional" : "");
        if (member->condition)
            printf(", with %s", member->condition);
        printf("%s%s\n", member->deprecated ? ", deprecated" : "",
               member->unstable ? ", unstable" : "");
    }
}

static bool describe(Session *session, const char *command, GError **error)
{
    GError *local = NULL;
    if (!need_schema(session, error))
        return false;
    g_autoptr(GPtrArray) arguments = live_schema_members(session->schema, command, false, &local);
    if (!arguments)
        return as_usage(local, "utmctl qmp VM --list", error);
    g_autoptr(GPtrArray) results = live_schema_members(session->schema, command, true, error);
    if (!results)
        return false;
    if (command_global.json) {
        cJSON *document = cJSON_CreateObject();
        cJSON_AddStringToObject(document, "command", command);
        cJSON_AddItemToObject(document, "arguments", members_json(arguments));
        cJSON_AddItemToObject(document, "result", members_json(results));
        output_json(document);
        return true;
    }
    puts(command);
    print_members("arguments", arguments);
    print_members("result", results);
    return true;
}

/* ---- many commands ---- */

static bool run_json(Session *session, const char *line, cJSON **out_result, GError **error)
{
    g_autoptr(GError) local = NULL;
    g_autoptr(cJSON) request = json_parse(line, strlen(line), NULL, &local);
    if (!request)
        return as_usage(g_steal_pointer(&local), NULL, error);
    const char *command =
        cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(request, "execute"));
    cJSON *arguments = cJSON_DetachItemFromObjectCaseSensitive(request, "arguments");
    if (command)
        return call(session, command, arguments, out_result, error);
    cJSON_Delete(arguments);
    utm_error_set(error, UTM_ERROR_USAGE, NULL, "\"execute\" is missing");
    return false;
}

static bool run_line(Session *session, const char *line, cJSON **out_result, GError **error)
{
    g_auto(GStrv) words = NULL;
    GError *local = NULL;
    cJSON *arguments = NULL;
    /* The other side would not see where it ends, and answer something else. */
    if (!g_utf8_validate(line, -1, NULL)) {
        utm_error_set(error, UTM_ERROR_USAGE, NULL, "the line is not valid UTF-8");
        return false;
    }
    if (*line == '{')
        return run_json(session, line, out_result, error);
    if (!g_shell_parse_argv(line, NULL, &words, &local))
        return as_usage(local, NULL, error);
    return make_arguments(session, words[0], words + 1, &arguments, error) &&
           call(session, words[0], arguments, out_result, error);
}

static bool is_empty(const char *line)
{
    return !line[strspn(line, " \t\r")] || *line == '#';
}

static cJSON *error_json(const GError *error)
{
    cJSON *document = cJSON_CreateObject();
    cJSON *entry = cJSON_AddObjectToObject(document, "error");
    const char *class = qmp_error_class(error);
    cJSON_AddStringToObject(entry, "code", utm_error_word(utm_error_code(error)));
    if (class)
        cJSON_AddStringToObject(entry, "class", class);
    cJSON_AddStringToObject(entry, "message", error->message);
    return document;
}

/* One line of JSON for each command, so that answers and commands can be counted together. */
static bool run_stdin(Session *session, GError **error)
{
    char *line = NULL;
    size_t size = 0;
    int failed = 0;
    for (ssize_t length; (length = getline(&line, &size, stdin)) >= 0;) {
        g_autoptr(GError) local = NULL;
        cJSON *result = NULL;
        if (length && line[length - 1] == '\n')
            line[length - 1] = '\0';
        if (is_empty(line))
            continue;
        if (run_line(session, line, &result, &local)) {
            cJSON *document = cJSON_CreateObject();
            cJSON_AddItemToObject(document, "return", result);
            output_json_line(document);
        } else {
            failed++;
            output_json_line(error_json(local));
        }
        if (g_error_matches(local, QMP_ERROR, QMP_ERROR_DISCONNECTED)) {
            g_propagate_error(error, g_steal_pointer(&local));
            break;
        }
    }
    free(line);
    if (failed && error && !*error)
        utm_error_set(error, UTM_ERROR_FAILED, NULL, "%d command%s failed", failed,
                      failed == 1 ? "" : "s");
    return !failed;
}

/* Names of commands first, then their arguments. */
static char **complete(const char *line, const char *word, void *user)
{
    Session *session = user;
    GStrvBuilder *found = g_strv_builder_new();
    g_auto(GStrv) before = g_strsplit_set(line, " \t", -1);
    const char *command = before[0] ? before[0] : "";
    if (is_empty(line)) {
        g_autoptr(GPtrArray) names = live_schema_commands(session->schema);
        for (guint i = 0; i < names->len; i++)
            if (g_str_has_prefix(names->pdata[i], word))
                g_strv_builder_add(found, names->pdata[i]);
    } else if (live_schema_has(session->schema, command)) {
        g_autoptr(GPtrArray) members = live_schema_members(session->schema, command, false, NULL);
        for (guint i = 0; i < members->len; i++) {
            const LiveMember *member = members->pdata[i];
            g_autofree char *key = g_strconcat(member->name, "=", NULL);
            if (!strstr(key, "[]") && g_str_has_prefix(key, word))
                g_strv_builder_add(found, key);
        }
    }
    char **words = g_strv_builder_end(found);
    g_strv_builder_unref(found);
    return words;
}

static bool is_word(const char *line, const char *word)
{
    return strcmp(line, word) == 0;
}

static void run_typed(Session *session, const char *line)
{
    g_autoptr(GError) local = NULL;
    cJSON *result = NULL;
    if (g_str_has_prefix(line, "describe ")) {
        if (!describe(session, line + strlen("describe "), &local))
            output_error("%s", local->message);
    } else if (run_line(session, line, &result, &local)) {
        print_result(result);
    } else {
        output_error("%s", local->message);
    }
}

static bool run_interactive(Session *session, GError **error)
{
    if (!need_schema(session, error))
        return false;
    g_autofree char *folder = paths_state(NULL);
    g_autofree char *history = g_build_filename(folder, "qmp-history", NULL);
    if (!paths_make_private(folder, error))
        return false;
    g_autoptr(LineEditor) editor = line_editor_new(history, complete, session);
    if (isatty(STDIN_FILENO))
        output_note("commands of this QEMU; \"describe COMMAND\" explains one, \"exit\" ends");
    for (;;) {
        g_autofree char *line = line_editor_read(editor, "qmp> ");
        if (!line || is_word(g_strstrip(line), "exit"))
            return true;
        if (!is_empty(line))
            run_typed(session, line);
    }
}

static bool run_session(Session *session, GError **error)
{
    if (opt.list)
        return list(session, error);
    if (opt.describe)
        return describe(session, opt.describe, error);
    if (opt.use_stdin)
        return run_stdin(session, error);
    if (opt.interactive)
        return run_interactive(session, error);
    return run_one(session, opt.command, opt.words, error);
}

static bool run(GError **error)
{
    g_autoptr(Bundle) bundle = library_open(opt.vm, error);
    if (!bundle)
        return false;
    int ways =
        opt.list + (opt.describe != NULL) + opt.use_stdin + opt.interactive + (opt.command != NULL);
    if (ways != 1) {
        utm_error_set(error, UTM_ERROR_USAGE, NULL,
                      "one of COMMAND, --list, --describe, --stdin and -i is needed");
        return false;
    }
    Session session = { .client = vm_connect(bundle, error) };
    bool ok = session.client && run_session(&session, error);
    if (!ok)
        g_prefix_error(error, "VM \"%s\": ", bundle->config->information.name);
    live_schema_free(session.schema);
    qmp_client_free(session.client);
    return ok;
}

static const char *const examples[] = {
    "utmctl qmp web query-status",
    "Ask QEMU how it is",
    "utmctl qmp web blockdev-change-medium id=cd0 filename=/tmp/a.iso",
    "Give each argument the type that QEMU wants",
    "utmctl qmp web --describe netdev_add",
    "See what a command takes",
    "utmctl qmp web guest-info",
    "Ask the guest agent",
    NULL,
};

const Command cmd_qmp = {
    .name = "qmp",
    .group = GROUP_PLUMBING,
    .summary = "Send commands to a machine's QEMU",
    .description =
        "Values get the types that the running QEMU declares. Dots lead into objects and "
        "numbers into arrays: addr.type=unix, devices.0=vda; a comma separates elements of "
        "simple arrays, and numbers take K, M, G and T. Commands that begin with guest- go to "
        "the guest agent.\n\n"
        "With --stdin each line is a command, written as here or as a JSON object with "
        "\"execute\" and \"arguments\", and is answered by one line of JSON.",
    .args = args,
    .options = options,
    .shared = SHARED_TIMEOUT,
    .timeout_us = 30 * G_USEC_PER_SEC,
    .examples = examples,
    .run = run,
};
