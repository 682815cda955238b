/* SPDX-License-Identifier: Apache-2.0 */
/* Changes of configurations: near misses, files in and out of use, what is refused. */
#include <glib.h>
#include <string.h>
#include <glib/gstdio.h>

#include "core/config-changes.h"
#include "core/config-edit.h"
#include "core/config-files.h"
#include "core/config-words.h"
#include "core/error.h"
#include "core/tree.h"

typedef struct {
    char *folder;
    char *path;
} Fixture;

static void write_file(const char *folder, const char *name, const char *text)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_autofree char *parent = g_path_get_dirname(path);
    g_assert_cmpint(g_mkdir_with_parents(parent, 0755), ==, 0);
    g_assert_true(g_file_set_contents(path, text, -1, NULL));
}

static bool is_there(const Fixture *f, const char *name)
{
    g_autofree char *path = g_build_filename(f->path, name, NULL);
    return g_file_test(path, G_FILE_TEST_EXISTS);
}

static UtmConfig *new_config(void)
{
    UtmConfig *config = utm_config_new();
    config->information.name = g_strdup("web");
    config->information.uuid = config_new_uuid();
    ConfigDrive *drive = config_drive_new(IMAGE_TYPE_DISK, DRIVE_INTERFACE_VIRTIO);
    drive->image_name = g_strdup("disk.img");
    g_ptr_array_add(config->drives, drive);
    return config;
}

static void set_up(Fixture *f, gconstpointer data)
{
    (void) data;
    g_autoptr(GError) error = NULL;
    f->folder = g_dir_make_tmp("test-config-edit-XXXXXX", &error);
    g_assert_no_error(error);
    f->path = g_build_filename(f->folder, "web.utm", NULL);
    write_file(f->path, "Data/disk.img", "disk");
    g_setenv("UTMCTL_LIBRARY", f->folder, TRUE);
    g_autoptr(Bundle) bundle = bundle_new_take(f->path, new_config());
    g_assert_true(bundle_save(bundle, &error));
    g_assert_no_error(error);
}

static void tear_down(Fixture *f, gconstpointer data)
{
    (void) data;
    g_assert_true(tree_remove(f->folder, NULL));
    g_free(f->folder);
    g_free(f->path);
}

static ConfigEdit *open_edit(const Fixture *f)
{
    g_autoptr(GError) error = NULL;
    ConfigEdit *edit = config_edit_open(f->path, &error);
    g_assert_no_error(error);
    return edit;
}

static void save(ConfigEdit *edit, const ConfigSave *how)
{
    static const ConfigSave plain;
    g_autoptr(GError) error = NULL;
    utm_ignore(config_edit_save(edit, how ? how : &plain, &error));
    g_assert_no_error(error);
}

static void test_near(void)
{
    g_autofree char *misspelt = config_key_near(&config_table_qemu, "Sytem.MemorySize");
    g_assert_cmpstr(misspelt, ==, "\"System.MemorySize\"");
    g_autofree char *alone = config_key_near(&config_table_qemu, "memorysize");
    g_assert_cmpstr(alone, ==, "\"System.MemorySize\"");
    g_autofree char *several = config_key_near(&config_table_qemu, "Drive[0].Hardware");
    g_assert_nonnull(strstr(several, "\"Display[].Hardware\""));
    g_autofree char *none = config_key_near(&config_table_qemu, "Qwertzuiop");
    g_assert_null(none);
}

static void test_lookup(void)
{
    static const char *const spellings[] = { "Network[].PortForward[].HostPort",
                                             "Network[0].PortForward[12].HostPort",
                                             "Network.PortForward.HostPort" };
    g_autoptr(GPtrArray) paths = config_key_paths(&config_table_qemu);
    for (size_t i = 0; i < G_N_ELEMENTS(spellings); i++) {
        const ConfigKeyPath *found = config_key_lookup(paths, spellings[i]);
        g_assert_nonnull(found);
        g_assert_cmpstr(found->path, ==, "Network[].PortForward[].HostPort");
    }
    g_assert_null(config_key_lookup(paths, "Network[0].PortForward[0].Hostport"));
}

static void test_changes(void)
{
    g_autoptr(UtmConfig) a = new_config();
    g_autoptr(UtmConfig) b = utm_config_copy(a);
    g_assert_true(config_is_same(a, b));
    g_assert_true(config_set(b, "System.MemorySize", "1024", NULL));
    g_assert_true(config_set(b, "Information.Notes", "x", NULL));
    g_assert_true(config_unset(b, "Drive[0].ImageName", NULL));
    g_autoptr(GPtrArray) changes = config_changes(a, b);
    g_assert_false(config_is_same(a, b));
    g_assert_cmpuint(changes->len, ==, 3);
    const ConfigChange *memory = changes->pdata[0];
    g_assert_cmpstr(memory->key, ==, "System.MemorySize");
    g_assert_cmpstr(memory->before, ==, "512");
    g_assert_cmpstr(memory->after, ==, "1024");
    const ConfigChange *image = changes->pdata[1];
    g_assert_cmpstr(image->before, ==, "disk.img");
    g_assert_null(image->after);
    const ConfigChange *notes = changes->pdata[2];
    g_assert_null(notes->before);
}

static void test_host_words(void)
{
    g_autoptr(GHashTable) machines = g_hash_table_new(g_str_hash, g_str_equal);
    g_hash_table_add(machines, (gpointer) "q35");
    QemuCaps caps = { .machines = machines, .version_text = (char *) "9.9" };
    HostProfile host = { .qemu = &caps };
    g_autoptr(UtmConfig) config = new_config();
    ConfigRef ref;
    g_assert_true(config_find(config, "System.Target", &ref, NULL));
    g_assert_null(config_host_warning(&ref, "System.Target", &host));
    g_assert_null(config_host_warning(&ref, "System.Target", NULL));
    g_assert_true(config_set(config, "System.Target", "q36", NULL));
    g_autofree char *warning = config_host_warning(&ref, "System.Target", &host);
    g_assert_nonnull(strstr(warning, "knows no \"q36\"; near it: \"q35\""));
    g_assert_true(config_find(config, "System.MemorySize", &ref, NULL));
    g_assert_false(config_is_host_word(ref.key));
}

static void test_remove_order(Fixture *f, gconstpointer data)
{
    (void) data;
    g_autoptr(ConfigEdit) edit = open_edit(f);
    g_autoptr(GError) error = NULL;
    for (int i = 0; i < 11; i++) {
        char *none[] = { NULL };
        g_autofree char *path = NULL;
        g_assert_true(config_edit_add(edit, "Sound", none, &path, &error));
        g_autofree char *word = g_strdup_printf("%s.Hardware=card%d", path, i);
        g_assert_true(config_edit_set(edit, word, &error));
    }
    char *gone[] = { (char *) "Sound[2]", (char *) "Sound[10]", (char *) "Sound[2]",
                     (char *) "Sound[0]", NULL };
    g_assert_true(config_edit_remove(edit, gone, &error));
    const GPtrArray *sounds = edit->bundle->config->sounds;
    g_assert_cmpuint(sounds->len, ==, 8);
    g_assert_cmpstr(((ConfigSound *) sounds->pdata[0])->hardware, ==, "card1");
    g_assert_cmpstr(((ConfigSound *) sounds->pdata[1])->hardware, ==, "card3");
    g_assert_cmpstr(((ConfigSound *) sounds->pdata[7])->hardware, ==, "card9");
}

static void test_unused(Fixture *f, gconstpointer data)
{
    (void) data;
    g_autoptr(ConfigEdit) edit = open_edit(f);
    write_file(f->path, "Unused/disk.img", "older");
    g_assert_true(config_edit_unset(edit, "Drive[0].ImageName", NULL));
    save(edit, NULL);
    g_assert_false(is_there(f, "Data/disk.img"));
    g_assert_true(is_there(f, "Unused/disk.img"));
    g_assert_true(is_there(f, "Unused/disk-2.img"));
    g_autoptr(ConfigEdit) again = open_edit(f);
    g_assert_true(config_edit_set(again, "Drive[0].ImageName=disk-2.img", NULL));
    save(again, NULL);
    g_assert_true(is_there(f, "Data/disk-2.img"));
    g_assert_false(is_there(f, "Unused/disk-2.img"));
    const ConfigSave delete = { .delete_images = true };
    g_autoptr(ConfigEdit) last = open_edit(f);
    g_assert_true(config_edit_unset(last, "Drive[0].ImageName", NULL));
    save(last, &delete);
    g_assert_false(is_there(f, "Data/disk-2.img"));
    g_assert_true(is_there(f, "Unused/disk.img"));
}

/* Nothing is moved when the configuration cannot be saved. */
static void test_undone(Fixture *f, gconstpointer data)
{
    (void) data;
    g_autoptr(Bundle) bundle = bundle_open(f->path, NULL);
    g_autoptr(UtmConfig) before = utm_config_copy(bundle->config);
    g_assert_true(config_unset(bundle->config, "Drive[0].ImageName", NULL));
    g_autoptr(ConfigFiles) files = config_files_begin(bundle, before, false, NULL);
    g_assert_nonnull(files);
    g_assert_true(is_there(f, "Data/disk.img"));
    g_assert_true(is_there(f, "Unused/disk.img"));
    g_clear_pointer(&files, config_files_free);
    g_assert_true(is_there(f, "Data/disk.img"));
    g_assert_false(is_there(f, "Unused/disk.img"));
}

static void test_meanwhile(Fixture *f, gconstpointer data)
{
    (void) data;
    static const ConfigSave plain;
    g_autoptr(GError) error = NULL;
    g_autoptr(ConfigEdit) first = open_edit(f);
    g_autoptr(ConfigEdit) second = open_edit(f);
    g_assert_true(config_edit_set(first, "System.CPUCount=3", NULL));
    g_assert_true(config_edit_set(second, "System.MemorySize=1024", NULL));
    save(first, NULL);
    g_assert_false(config_edit_save(second, &plain, &error));
    g_assert_error(error, UTM_ERROR, UTM_ERROR_WRONG_STATE);
}

static void test_worse(Fixture *f, gconstpointer data)
{
    (void) data;
    static const ConfigSave plain;
    static const ConfigSave force = { .force = true };
    g_autoptr(ConfigEdit) edit = open_edit(f);
    g_autoptr(GError) error = NULL;
    char *words[] = { (char *) "Identifier=X", NULL };
    for (int i = 0; i < 2; i++) {
        g_autofree char *path = NULL;
        g_assert_true(config_edit_add(edit, "Drive", words, &path, NULL));
    }
    g_assert_false(config_edit_save(edit, &plain, &error));
    g_assert_error(error, UTM_ERROR, UTM_ERROR_USAGE);
    g_assert_cmpstr(utm_error_hint(error), ==, "add --force");
    save(edit, &force);
    g_autoptr(ConfigEdit) later = open_edit(f);
    g_assert_true(config_edit_set(later, "System.CPUCount=3", NULL));
    save(later, NULL);
}

static void test_strangers(Fixture *f, gconstpointer data)
{
    (void) data;
    write_file(f->path, "Data/zebra", "x");
    write_file(f->path, "Data/apple", "x");
    write_file(f->path, "Data/tpmdata", "x");
    g_autoptr(Bundle) bundle = bundle_open(f->path, NULL);
    g_autoptr(GPtrArray) strangers = config_files_strangers(bundle);
    g_assert_cmpuint(strangers->len, ==, 2);
    g_assert_cmpstr(strangers->pdata[0], ==, "apple");
}

/* Before anything asks for them; G_TEST_OPTION_ISOLATE_DIRS leaks. */
static char *isolate(void)
{
    static const char *const names[] = { "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR" };
    char *folder = g_dir_make_tmp("test-config-edit-XXXXXX", NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        g_setenv(names[i], folder, TRUE);
    return folder;
}

int main(int argc, char **argv)
{
    g_autofree char *folder = isolate();
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/config-edit/near", test_near);
    g_test_add_func("/config-edit/lookup", test_lookup);
    g_test_add_func("/config-edit/changes", test_changes);
    g_test_add_func("/config-edit/host-words", test_host_words);
#define ADD(name, function) g_test_add(name, Fixture, NULL, set_up, function, tear_down)
    ADD("/config-edit/remove-order", test_remove_order);
    ADD("/config-edit/unused", test_unused);
    ADD("/config-edit/undone", test_undone);
    ADD("/config-edit/meanwhile", test_meanwhile);
    ADD("/config-edit/worse", test_worse);
    ADD("/config-edit/strangers", test_strangers);
    int status = g_test_run();
    utm_ignore(tree_remove(folder, NULL));
    return status;
}
