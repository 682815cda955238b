/* SPDX-License-Identifier: Apache-2.0 */
/* utmctl config edit */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "bundles/plist.h"
#include "bundles/problem.h"
#include "cmd/config-change.h"
#include "cmd/config.h"
#include "cmd/output.h"
#include "core/error.h"
#include "core/library.h"
#include "core/machine.h"

static struct {
    char *vm;
    gboolean force;
    gboolean delete_image;
} opt;

/* A copy of config.plist in a folder of its own, so that it can be read as a bundle. */
typedef struct {
    char *folder;
    char *file;
    bool keep; /* what was typed is not lost */
} Draft;

static void draft_clear(Draft *draft)
{
    if (draft->file && !draft->keep) {
        (void) g_unlink(draft->file);
        (void) g_rmdir(draft->folder);
    }
    g_free(draft->file);
    g_free(draft->folder);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Draft, draft_clear)

static bool draft_write(Draft *draft, const char *xml, GError **error)
{
    g_autoptr(GError) cause = NULL;
    draft->folder = g_dir_make_tmp("utmctl-edit-XXXXXX", &cause);
    draft->file = draft->folder ? g_build_filename(draft->folder, "config.plist", NULL) : NULL;
    if (draft->file && g_file_set_contents(draft->file, xml, -1, &cause))
        return true;
    utm_error_set(error, UTM_ERROR_FAILED, NULL, "cannot make a copy to edit: %s", cause->message);
    return false;
}

static const char *find_editor(GError **error)
{
    const char *editor = g_getenv("VISUAL");
    if (!editor || !*editor)
        editor = g_getenv("EDITOR");
    if (editor && *editor)
        return editor;
    if (isatty(STDIN_FILENO))
        return "vi";
    utm_error_set(error, UTM_ERROR_USAGE, "set EDITOR, or use utmctl config set",
                  "there is no terminal for an editor");
    return NULL;
}

/* Through a shell, because EDITOR may hold options, as for git. */
static bool run_editor(const char *editor, const char *file, GError **error)
{
    g_autofree char *script = g_strconcat(editor, " \"$@\"", NULL);
    char *argv[] = { (char *) "/bin/sh", (char *) "-c", script,
                     (char *) "editor",  (char *) file, NULL };
    g_autoptr(GError) cause = NULL;
    int status;
    bool ok = g_spawn_sync(NULL, argv, NULL, G_SPAWN_CHILD_INHERITS_STDIN, NULL, NULL, NULL, NULL,
                           &status, &cause) &&
              g_spawn_check_wait_status(status, &cause);
    if (!ok)
        utm_error_set(error, UTM_ERROR_FAILED, NULL,
                      "editor \"%s\" failed, nothing was changed: %s", editor, cause->message);
    return ok;
}

static bool take_draft(ConfigEdit *edit, const Draft *draft, GError **error)
{
    g_autoptr(GPtrArray) problems = problems_new();
    g_autoptr(Bundle) bundle = NULL;
    if (bundle_problems(draft->folder, problems, error))
        bundle = bundle_open(draft->folder, error);
    if (!bundle) {
        if (problems->len > 1 && !command_global.json)
            config_print_problems(problems, NULL, stderr);
        return false;
    }
    if (bundle->config->backend != edit->before->backend || bundle->is_legacy) {
        utm_error_set(error, UTM_ERROR_USAGE, NULL,
                      "Backend and ConfigurationVersion are not for changing");
        return false;
    }
    utm_config_free(edit->bundle->config);
    edit->bundle->config = g_steal_pointer(&bundle->config);
    return config_change_confirm(edit, opt.delete_image, error) &&
           config_change_finish(edit, opt.force, opt.delete_image, error);
}

/* --- A file that cannot be opened ----------------------------------------------------------- */

/* As it is, but for a binary one, which no editor shows. */
static char *read_as_text(const char *file, GError **error)
{
    g_autoptr(PlistNode) root = plist_parse_file(file, NULL, NULL);
    g_autoptr(GError) cause = NULL;
    char *text = root ? plist_node_to_xml(root) : NULL;
    if (!text && !g_file_get_contents(file, &text, NULL, &cause))
        utm_error_set(error, UTM_ERROR_NOT_FOUND, NULL, "%s", cause->message);
    return text;
}

/* What was typed is saved as it is: nothing of it has to be understood but that it is in order. */
static bool take_repair(const char *path, const Draft *draft, GError **error)
{
    g_autoptr(Bundle) bundle = bundle_open(draft->folder, error);
    g_autofree char *file = g_build_filename(path, "config.plist", NULL);
    g_autofree char *text = NULL;
    if (!bundle || !g_file_get_contents(draft->file, &text, NULL, error))
        return false;
    const ConfigInformation *information = &bundle->config->information;
    if (!machine_check_idle(path, information->name, information->uuid, "cannot change", error))
        return false;
    output_note(command_global.dry_run ? "would repair \"%s\"" : "repaired \"%s\"", path);
    return command_global.dry_run || bundle_write_atomically(file, text, error);
}

/* --- */

static bool want_again(const GError *error)
{
    if (command_global.no_input || !isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
        return false;
    output_error("%s", error->message);
    fprintf(stderr, "Edit it again? [Y/n] ");
    char answer[16];
    return fgets(answer, sizeof answer, stdin) && g_ascii_tolower(answer[0]) != 'n';
}

static void say_where(const Draft *draft, GError *cause, GError **error)
{
    g_autoptr(GError) owned = cause;
    g_autofree char *hint = g_strdup_printf("what you wrote is in %s", draft->file);
    utm_error_set(error, utm_error_code(cause), hint, "%s", cause->message);
}

/* The text to edit. @out_edit stays NULL for a file that has to be repaired. */
static char *open_text(const char *path, ConfigEdit **out_edit, GError **error)
{
    g_autoptr(GError) refused = NULL;
    g_autoptr(ConfigEdit) edit = config_edit_open(path, &refused);
    if (!edit && utm_error_code(refused) != UTM_ERROR_INVALID) {
        g_propagate_error(error, g_steal_pointer(&refused));
        return NULL;
    }
    if (!edit || edit->was_damaged) {
        g_autofree char *file = g_build_filename(path, "config.plist", NULL);
        return read_as_text(file, error);
    }
    g_autoptr(PlistNode) root = plist_node_new_dict_take(utm_config_encode(edit->bundle->config));
    *out_edit = g_steal_pointer(&edit);
    return plist_node_to_xml(root);
}

static bool run(GError **error)
{
    g_auto(Draft) draft = { 0 };
    const char *editor = find_editor(error);
    g_autoptr(ConfigEdit) edit = NULL;
    g_autofree char *path = editor ? library_resolve(opt.vm, error) : NULL;
    g_autofree char *text = path ? open_text(path, &edit, error) : NULL;
    if (!text || !draft_write(&draft, text, error))
        return false;
    for (;;) {
        g_autoptr(GError) refused = NULL;
        if (!run_editor(editor, draft.file, error))
            return false;
        if (edit ? take_draft(edit, &draft, &refused) : take_repair(path, &draft, &refused))
            return true;
        if (want_again(refused))
            continue;
        draft.keep = true;
        say_where(&draft, g_steal_pointer(&refused), error);
        return false;
    }
}

static const CmdArg args[] = { { .name = "VM", .kind = ARG_VM, .value = &opt.vm }, { 0 } };

static const CmdOption options[] = {
    { .name = "force",
      .letter = 'f',
      .kind = OPT_FLAG,
      .value = &opt.force,
      .help = "Save for the next start although the machine runs or is suspended" },
    { .name = "delete-image",
      .kind = OPT_FLAG,
      .value = &opt.delete_image,
      .help = "Delete an image that no drive uses any more, instead of keeping it in Unused" },
    { 0 },
};

const Command cmd_config_edit = {
    .name = "edit",
    .group = GROUP_LIBRARY,
    .summary = "Change a configuration in an editor",
    .description =
        "Opens a copy of config.plist, as XML, with $VISUAL, $EDITOR or vi. It is checked before "
        "it is saved; on a terminal it can be edited again when something is wrong with it, "
        "otherwise the copy is kept and nothing is changed. So a file can be repaired that nothing "
        "else opens.",
    .args = args,
    .options = options,
    .shared = SHARED_DRY_RUN | SHARED_YES,
    .run = run,
};
