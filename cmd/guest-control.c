/* SPDX-License-Identifier: Apache-2.0 */
/* The verbs of "utmctl guest" that change something in the guest. */
#include "cmd/guest-control.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "cmd/output.h"
#include "core/error.h"
#include "core/guest/guest.h"
#include "core/library.h"
#include "core/vm/vm.h"
#include "qapi/generated/qmp-commands.h"

/* What nobody thaws in this time is thawed by the helper. */
#define FREEZE_DEFAULT_US (10 * G_USEC_PER_SEC)
#define FREEZE_MOST_US (60 * G_USEC_PER_SEC)

#define PASSWORD_BYTES 1024

static struct {
    char *vm, *user;
    gint64 limit;
    gboolean crypted, only;
    char **add, **remove;
} opt = { .limit = FREEZE_DEFAULT_US };

static const CmdArg vm_args[] = { { .name = "VM", .kind = ARG_VM, .value = &opt.vm }, { 0 } };

static const CmdArg user_args[] = {
    { .name = "VM", .kind = ARG_VM, .value = &opt.vm },
    { .name = "USER", .kind = ARG_WORD, .value = &opt.user, .help = "Account of the guest" },
    { 0 },
};

static bool fail(const Bundle *bundle, const char *what, GError **error)
{
    g_prefix_error(error, "VM \"%s\": cannot %s: ", bundle->config->information.name, what);
    return false;
}

/* ---- freeze and thaw ---- */

static const CmdOption freeze_options[] = {
    { .name = "for",
      .kind = OPT_DURATION,
      .value = &opt.limit,
      .arg = "DURATION",
      .help = "Thaw them by itself after this long, 60s at most" },
    { 0 },
};

static bool run_freeze(GError **error)
{
    if (opt.limit <= 0 || opt.limit > FREEZE_MOST_US) {
        utm_error_set(error, UTM_ERROR_USAGE, NULL, "--for is more than 0 and 60s at most");
        return false;
    }
    g_autoptr(Bundle) bundle = library_open(opt.vm, error);
    g_autoptr(QmpClient) client = bundle ? guest_connect(bundle, error) : NULL;
    g_autoptr(GError) answer = NULL;
    if (client && qmp_x_utm_quiesce(client, true, opt.limit, &answer)) {
        output_note("VM \"%s\": frozen, for %g s at most", bundle->config->information.name,
                    (double) opt.limit / G_USEC_PER_SEC);
        return true;
    }
    if (answer)
        vm_helper_error(error, answer);
    return bundle && fail(bundle, "freeze its file systems", error);
}

static const char *const freeze_examples[] = {
    "utmctl guest freeze web --for 30s && lvcreate -s -n web-copy vg/web; utmctl guest thaw web",
    "Let another tool copy disks that do not change",
    NULL,
};

const Command guest_freeze_command = {
    .name = "freeze",
    .summary = "Have a guest write what it holds, and write nothing more",
    .description = "The file systems stay frozen until guest thaw, or until the time is over: the "
                   "helper thaws them then, whatever has become of who asked.",
    .args = vm_args,
    .options = freeze_options,
    .examples = freeze_examples,
    .run = run_freeze,
};

static bool run_thaw(GError **error)
{
    g_autoptr(Bundle) bundle = library_open(opt.vm, error);
    g_autoptr(QmpClient) client = bundle ? guest_connect(bundle, error) : NULL;
    int64_t thawed = 0;
    if (client && (qmp_guest_fsfreeze_thaw(client, &thawed, error) || guest_explain(error))) {
        output_note("VM \"%s\": %d file systems thawed", bundle->config->information.name,
                    (int) thawed);
        return true;
    }
    return bundle && fail(bundle, "thaw its file systems", error);
}

const Command guest_thaw_command = {
    .name = "thaw",
    .summary = "Let a guest write again",
    .description = "A guest that was not frozen is a success.",
    .args = vm_args,
    .run = run_thaw,
};

/* ---- passwords ---- */

static const CmdOption password_options[] = {
    { .name = "crypted",
      .kind = OPT_FLAG,
      .value = &opt.crypted,
      .help = "It is a hash, as crypt(3) makes it" },
    { 0 },
};

/* A line of standard input; from a terminal it is asked for, and not shown. */
static char *read_password(GError **error)
{
    struct termios shown;
    bool is_terminal = tcgetattr(STDIN_FILENO, &shown) == 0;
    char line[PASSWORD_BYTES];
    if (is_terminal && command_global.no_input) {
        utm_error_set(error, UTM_ERROR_USAGE, NULL, "the password is read from standard input");
        return NULL;
    }
    if (is_terminal) {
        struct termios hidden = shown;
        hidden.c_lflag &= ~(tcflag_t) ECHO;
        fprintf(stderr, "Password of %s: ", opt.user);
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
    }
    bool ok = fgets(line, sizeof line, stdin) != NULL;
    if (is_terminal) {
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
        fputc('\n', stderr);
    }
    size_t length = ok ? strcspn(line, "\r\n") : 0;
    char *password = length ? g_strndup(line, length) : NULL;
    if (!password)
        utm_error_set(error, UTM_ERROR_USAGE, "printf '%s\\n' \"$PASSWORD\" | utmctl guest …",
                      "there is no password on standard input");
    explicit_bzero(line, sizeof line);
    return password;
}

static bool set_password(const Bundle *bundle, const char *password, GError **error)
{
    g_autofree char *text = g_base64_encode((const guchar *) password, strlen(password));
    g_autoptr(QmpClient) client = guest_connect(bundle, error);
    return client && (qmp_guest_set_user_password(client, opt.user, text, opt.crypted, error) ||
                      guest_explain(error));
}

static bool run_set_password(GError **error)
{
    g_autoptr(Bundle) bundle = library_open(opt.vm, error);
    g_autofree char *password = bundle ? read_password(error) : NULL;
    if (!password)
        return false;
    bool ok = set_password(bundle, password, error);
    explicit_bzero(password, strlen(password));
    return ok || fail(bundle, "set the password", error);
}

static const char *const password_examples[] = {
    "utmctl guest set-password web root",
    "Be asked for a new password of root",
    "pass show vm/web | utmctl guest set-password web root",
    "Take it from a password manager",
    NULL,
};

const Command guest_set_password_command = {
    .name = "set-password",
    .summary = "Set a user's password in a guest",
    .description = "The password is the first line of standard input; on a terminal it is asked "
                   "for. It is never an argument, where others could see it.",
    .args = user_args,
    .options = password_options,
    .examples = password_examples,
    .run = run_set_password,
};

/* ---- keys ---- */

static const CmdOption keys_options[] = {
    { .name = "add",
      .kind = OPT_STRINGS,
      .value = &opt.add,
      .arg = "KEY",
      .help = "Let this key log in: its text, or the file that it is in; several times" },
    { .name = "remove",
      .kind = OPT_STRINGS,
      .value = &opt.remove,
      .arg = "KEY",
      .help = "Let this key log in no more; several times" },
    { .name = "only",
      .kind = OPT_FLAG,
      .value = &opt.only,
      .help = "With --add: remove all others" },
    { 0 },
};

/* A key has a blank behind its type; what is a file may hold several. */
static bool add_key(GStrvBuilder *keys, const char *word, GError **error)
{
    g_autofree char *text = NULL;
    g_autoptr(GError) local = NULL;
    bool is_text = strchr(word, ' ') && !g_file_test(word, G_FILE_TEST_EXISTS);
    if (!is_text && !g_file_get_contents(word, &text, NULL, &local)) {
        utm_error_set(error, UTM_ERROR_NOT_FOUND, NULL, "\"%s\" is neither a key nor a file: %s",
                      word, local->message);
        return false;
    }
    g_auto(GStrv) lines = g_strsplit(is_text ? word : text, "\n", 0);
    bool found = false;
    for (char **line = lines; *line; line++) {
        g_strstrip(*line);
        if (!**line || **line == '#')
            continue;
        if (!strchr(*line, ' ') || strstr(*line, "PRIVATE KEY")) {
            utm_error_set(error, UTM_ERROR_USAGE, NULL, "\"%s\" is not a public key", word);
            return false;
        }
        g_strv_builder_add(keys, *line);
        found = true;
    }
    if (!found)
        utm_error_set(error, UTM_ERROR_USAGE, NULL, "there is no key in \"%s\"", word);
    return found;
}

static char **read_keys(char *const *words, GError **error)
{
    g_autoptr(GStrvBuilder) keys = g_strv_builder_new();
    for (; words && *words; words++)
        if (!add_key(keys, *words, error))
            return NULL;
    return g_strv_builder_end(keys);
}

static bool print_keys(QmpClient *client, GError **error)
{
    g_autoptr(QmpGuestAuthorizedKeys) found = NULL;
    if (!qmp_guest_ssh_get_authorized_keys(client, opt.user, &found, error))
        return guest_explain(error);
    cJSON *array = cJSON_CreateArray();
    for (size_t i = 0; i < found->keys->len; i++) {
        g_autofree char *shown = output_escape(found->keys->items[i]);
        if (!command_global.json)
            printf("%s\n", shown);
        cJSON_AddItemToArray(array, cJSON_CreateString(found->keys->items[i]));
    }
    if (command_global.json)
        output_json(array);
    else
        cJSON_Delete(array);
    return true;
}

static bool change_keys(QmpClient *client, char **add, char **remove, GError **error)
{
    const QapiStrList added = { g_strv_length(add), add };
    const QapiStrList removed = { g_strv_length(remove), remove };
    if (removed.len && !qmp_guest_ssh_remove_authorized_keys(client, opt.user, &removed, error))
        return guest_explain(error);
    if (added.len &&
        !qmp_guest_ssh_add_authorized_keys(client, opt.user, &added, true, opt.only, error))
        return guest_explain(error);
    return added.len || removed.len || print_keys(client, error);
}

static bool run_ssh_keys(GError **error)
{
    if (opt.only && !opt.add) {
        utm_error_set(error, UTM_ERROR_USAGE, NULL, "--only needs --add");
        return false;
    }
    g_auto(GStrv) add = read_keys(opt.add, error);
    g_auto(GStrv) remove = add ? read_keys(opt.remove, error) : NULL;
    g_autoptr(Bundle) bundle = remove ? library_open(opt.vm, error) : NULL;
    g_autoptr(QmpClient) client = bundle ? guest_connect(bundle, error) : NULL;
    if (client && change_keys(client, add, remove, error))
        return true;
    return bundle && fail(bundle, "look after the keys", error);
}

static const char *const keys_examples[] = {
    "utmctl guest ssh-keys web root --add ~/.ssh/id_ed25519.pub",
    "Let yourself log in as root",
    "utmctl guest ssh-keys web root",
    "See who can",
    NULL,
};

const Command guest_ssh_keys_command = {
    .name = "ssh-keys",
    .summary = "Show or change who may log in to a guest by SSH",
    .description = "Without --add and --remove the user's authorized keys are shown.",
    .args = user_args,
    .options = keys_options,
    .examples = keys_examples,
    .run = run_ssh_keys,
};
