/* SPDX-License-Identifier: Apache-2.0 */
/* Changing the configuration of a machine: several changes, checked together, saved or not. */
#include "core/config-edit.h"

#include <string.h>

#include "bundles/arch.h"
#include "bundles/preset.h"
#include "bundles/problem.h"
#include "bundles/record.h"
#include "bundles/sidecar.h"
#include "bundles/value.h"
#include "core/config-words.h"
#include "core/error.h"
#include "core/library.h"

void config_edit_free(ConfigEdit *edit)
{
    if (!edit)
        return;
    bundle_free(edit->bundle);
    utm_config_free(edit->before);
    g_free(edit->on_disk);
    g_ptr_array_unref(edit->damage);
    g_ptr_array_unref(edit->notes);
    g_ptr_array_unref(edit->warnings);
    g_free(edit);
}

/* A bundle that is refused for its values, with what is wrong. */
static Bundle *open_damaged(const char *path, GPtrArray *damage)
{
    g_autoptr(GPtrArray) problems = problems_new();
    g_autoptr(Bundle) bundle = bundle_open_damaged(path, problems, NULL);
    if (!bundle || bundle->is_legacy || !bundle->config->information.uuid)
        return NULL;
    while (problems->len > 0) {
        Problem *problem = g_ptr_array_steal_index(problems, 0);
        g_ptr_array_add(damage, problem);
        if (problem->kind != PROBLEM_FATAL) /* freed by that */
            g_ptr_array_remove_index(damage, damage->len - 1);
    }
    return g_steal_pointer(&bundle);
}

static Bundle *open_bundle(const char *path, GPtrArray *damage, GError **error)
{
    g_autoptr(GError) refused = NULL;
    Bundle *bundle = library_open(path, &refused);
    if (!bundle && utm_error_code(refused) == UTM_ERROR_INVALID)
        bundle = open_damaged(path, damage);
    if (!bundle)
        g_propagate_error(error, g_steal_pointer(&refused));
    return bundle;
}

/* What is given another value, or removed with all that is in it, is in order again. */
static void mend(ConfigEdit *edit, const char *path)
{
    size_t length = strlen(path);
    for (guint i = edit->damage->len; i-- > 0;) {
        const Problem *problem = edit->damage->pdata[i];
        char next = strncmp(problem->key, path, length) == 0 ? problem->key[length] : 'x';
        if (next == '\0' || next == '.' || next == '[')
            g_ptr_array_remove_index(edit->damage, i);
    }
}

ConfigEdit *config_edit_open(const char *vm, GError **error)
{
    g_autoptr(ConfigEdit) edit = g_new0(ConfigEdit, 1);
    edit->damage = problems_new();
    edit->notes = g_ptr_array_new_with_free_func(g_free);
    edit->warnings = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *path = library_resolve(vm, error);
    if (!path)
        return NULL;
    /* Read before it is opened, so that a change in between is noticed when it is saved. */
    g_autofree char *file = g_build_filename(path, "config.plist", NULL);
    (void) g_file_get_contents(file, &edit->on_disk, NULL, NULL);
    edit->bundle = open_bundle(path, edit->damage, error);
    edit->was_damaged = edit->damage->len > 0;
    g_autoptr(Sidecar) sidecar = edit->bundle ? sidecar_open(path, error) : NULL;
    if (!sidecar)
        return NULL;
    edit->was_protected = edit->is_protected = sidecar_is_protected(sidecar);
    edit->before = utm_config_copy(edit->bundle->config);
    return g_steal_pointer(&edit);
}

/* --- Values --------------------------------------------------------------------------------- */

static bool set_protected(ConfigEdit *edit, const char *text, GError **error)
{
    bool on = g_ascii_strcasecmp(text, "true") == 0;
    if (!on && g_ascii_strcasecmp(text, "false") != 0) {
        utm_error_set(error, UTM_ERROR_USAGE, NULL, "%s: \"%s\" is neither true nor false",
                      CONFIG_EDIT_PROTECTED, text);
        return false;
    }
    edit->is_protected = on;
    return true;
}

static bool set_value(ConfigEdit *edit, const char *path, const char *text, GError **error)
{
    if (strcmp(path, CONFIG_EDIT_PROTECTED) == 0)
        return set_protected(edit, text, error);
    UtmConfig *config = edit->bundle->config;
    GError *cause = NULL;
    if (strcmp(path, "Information.Name") == 0 && !library_check_name(text, error))
        return false;
    if (config_set(config, path, text, &cause)) {
        mend(edit, path);
        return true;
    }
    config_say_error(config, path, text, cause, error);
    return false;
}

static bool split_assignment(const char *word, char **out_path, const char **out_text,
                             GError **error)
{
    const char *equals = strchr(word, '=');
    if (!equals || equals == word) {
        utm_error_set(error, UTM_ERROR_USAGE, NULL, "\"%s\" is not of the form KEY=VALUE", word);
        return false;
    }
    *out_path = g_strndup(word, (gsize) (equals - word));
    *out_text = equals + 1;
    return true;
}

bool config_edit_set(ConfigEdit *edit, const char *assignment, GError **error)
{
    g_autofree char *path = NULL;
    const char *text;
    return split_assignment(assignment, &path, &text, error) && set_value(edit, path, text, error);
}

bool config_edit_unset(ConfigEdit *edit, const char *path, GError **error)
{
    if (strcmp(path, CONFIG_EDIT_PROTECTED) == 0) {
        edit->is_protected = false;
        return true;
    }
    GError *cause = NULL;
    if (config_unset(edit->bundle->config, path, &cause)) {
        mend(edit, path);
        return true;
    }
    config_say_error(edit->bundle->config, path, NULL, cause, error);
    return false;
}

/* --- Elements of lists ---------------------------------------------------------------------- */

static bool is_given(char *const *words, const char *key)
{
    size_t length = strlen(key);
    for (char *const *word = words; word && *word; word++)
        if (strncmp(*word, key, length) == 0 && (*word)[length] == '=')
            return true;
    return false;
}

static void fit_drive(const UtmConfig *config, ConfigDrive *drive, char *const *words)
{
    bool has_interface = drive->image_type == IMAGE_TYPE_DISK || drive->image_type == IMAGE_TYPE_CD;
    if (has_interface && !is_given(words, "Interface"))
        drive->interface = preset_drive_interface(config, drive->image_type);
    if (drive->image_type == IMAGE_TYPE_CD && !is_given(words, "ReadOnly"))
        drive->read_only = true;
}

static void fit_hardware(char **hardware, const char *usual, char *const *words)
{
    if (!usual || is_given(words, "Hardware"))
        return;
    g_free(*hardware);
    *hardware = g_strdup(usual);
}

/* What was not said is what a new machine of the architecture has. */
static void fit_element(UtmConfig *config, const ConfigTable *table, void *record,
                        char *const *words)
{
    const GuestArch *arch = guest_arch_find(config->system.architecture);
    if (table == &config_table_drive)
        fit_drive(config, record, words);
    else if (arch && table == &config_table_display)
        fit_hardware(&((ConfigDisplay *) record)->hardware, arch->display, words);
    else if (arch && table == &config_table_network)
        fit_hardware(&((ConfigNetwork *) record)->hardware, arch->network, words);
    else if (arch && table == &config_table_sound)
        fit_hardware(&((ConfigSound *) record)->hardware, arch->sound, words);
}

static char *add_strings(const ConfigRef *ref, const char *path, char *const *words, GError **error)
{
    char ***strings = record_field(ref->key, ref->record);
    guint count = *strings ? g_strv_length(*strings) : 0;
    if (!*words) {
        utm_error_set(error, UTM_ERROR_USAGE, NULL, "%s: what to add is missing", path);
        return NULL;
    }
    g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
    if (*strings)
        g_strv_builder_addv(builder, (const char **) *strings);
    g_strv_builder_addv(builder, (const char **) words);
    g_strfreev(*strings);
    *strings = g_strv_builder_end(builder);
    return g_strdup_printf("%s[%u]", path, count);
}

static char *add_record(ConfigEdit *edit, const ConfigRef *ref, const char *path,
                        char *const *words, GError **error)
{
    UtmConfig *config = edit->bundle->config;
    guint index;
    GError *cause = NULL;
    if (!config_add(config, path, &index, &cause)) {
        config_say_error(config, path, NULL, cause, error);
        return NULL;
    }
    g_autofree char *element = g_strdup_printf("%s[%u]", path, index);
    for (char *const *word = words; *word; word++) {
        g_autofree char *name = NULL;
        const char *text;
        if (!split_assignment(*word, &name, &text, error))
            return NULL;
        g_autofree char *key = g_strconcat(element, ".", name, NULL);
        if (!set_value(edit, key, text, error))
            return NULL;
    }
    fit_element(config, ref->key->table, record_array(ref->key, ref->record)->pdata[index], words);
    return g_steal_pointer(&element);
}

bool config_edit_add(ConfigEdit *edit, const char *path, char *const *words, char **out_path,
                     GError **error)
{
    static char *const none[] = { NULL };
    ConfigRef ref;
    GError *cause = NULL;
    if (!words)
        words = none;
    if (!config_find(edit->bundle->config, path, &ref, &cause)) {
        config_say_error(edit->bundle->config, path, NULL, cause, error);
        return false;
    }
    bool is_strings = ref.key->type == CONFIG_STRINGS && ref.index < 0;
    char *added = is_strings ? add_strings(&ref, path, words, error)
                             : add_record(edit, &ref, path, words, error);
    if (!added)
        return false;
    *out_path = added;
    return true;
}

/* Later elements first, and those inside of others before these, so that indices stay true. */
static int compare_for_removal(const void *a, const void *b)
{
    const char *first = *(const char *const *) a, *second = *(const char *const *) b;
    const char *bracket = strrchr(first, '['), *other = strrchr(second, '[');
    gint64 x = bracket ? g_ascii_strtoll(bracket + 1, NULL, 10) : 0;
    gint64 y = other ? g_ascii_strtoll(other + 1, NULL, 10) : 0;
    g_auto(GStrv) steps = g_strsplit(first, ".", -1);
    g_auto(GStrv) other_steps = g_strsplit(second, ".", -1);
    guint depth = g_strv_length(steps), other_depth = g_strv_length(other_steps);
    if (depth != other_depth)
        return depth > other_depth ? -1 : 1;
    return x == y ? 0 : x > y ? -1 : 1;
}

bool config_edit_remove(ConfigEdit *edit, char *const *paths, GError **error)
{
    g_autoptr(GPtrArray) sorted = g_ptr_array_new();
    for (char *const *path = paths; *path; path++)
        g_ptr_array_add(sorted, *path);
    g_ptr_array_sort(sorted, compare_for_removal);
    for (guint i = 0; i < sorted->len; i++) {
        const char *path = sorted->pdata[i];
        bool again = false;
        for (guint j = 0; j < i; j++)
            again |= strcmp(sorted->pdata[j], path) == 0;
        GError *cause = NULL;
        if (again || config_remove(edit->bundle->config, path, &cause)) {
            mend(edit, path);
            continue;
        }
        config_say_error(edit->bundle->config, path, NULL, cause, error);
        return false;
    }
    return true;
}
