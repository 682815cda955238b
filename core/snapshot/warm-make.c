/* SPDX-License-Identifier: Apache-2.0 */
/* Making the warm image of a snapshot. */
#include "core/snapshot/warm-make.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "bundles/sidecar.h"
#include "core/disk-room.h"
#include "core/error.h"
#include "core/fd.h"
#include "core/host-facts.h"
#include "core/paths.h"
#include "core/qemu-img.h"
#include "core/snapshot/snapshot-images.h"
#include "core/snapshot/snapshot-store.h"
#include "core/snapshot/warm.h"
#include "core/tree.h"
#include "core/trust.h"
#include "core/vm/vm.h"

static bool fail(GError **error, const char *what, const char *path)
{
    utm_error_set(error, UTM_ERROR_FAILED, NULL, "cannot %s \"%s\": %s", what, path,
                  g_strerror(errno));
    return false;
}

bool warm_add_file(const char *from, const char *to, GError **error)
{
    return link(from, to) == 0 || tree_copy_file(from, to, NULL, NULL, error);
}

bool warm_adopt(const Bundle *from, const Bundle *to, GError **error)
{
    g_autoptr(HostFacts) facts = host_facts_load(from->config->information.uuid, error);
    if (!facts || !trust_check(from, error))
        return false;
    if ((g_hash_table_size(facts->media) || facts->shares->len) &&
        !host_facts_save(facts, to->config->information.uuid, error))
        return false;
    g_autoptr(GPtrArray) findings = trust_findings(to, error);
    return findings && (!findings->len || trust_grant(to, error));
}

/* ---- what the snapshot consists of ---- */

static bool copy_disk(const SnapshotImage *image, const char *tag, const char *to, GError **error)
{
    g_autoptr(GString) source = g_string_new(tag);
    g_string_replace(source, ",", ",,", 0);
    g_string_prepend(source, "snapshot.name=");
    const char *argv[] = { "qemu-img", "convert", "-U",    "-l",        source->str, "-f",
                           "qcow2",    "-O",      "qcow2", image->path, to,          NULL };
    return qemu_img_run(argv, error);
}

static const SnapshotImage *image_of(const GPtrArray *images, const char *path)
{
    for (guint i = 0; i < images->len; i++)
        if (strcmp(((const SnapshotImage *) images->pdata[i])->path, path) == 0)
            return images->pdata[i];
    return NULL;
}

static bool add_image(const GPtrArray *images, const char *tag, const char *from, const char *to,
                      GError **error)
{
    const SnapshotImage *image = image_of(images, from);
    if (image)
        return copy_disk(image, tag, to, error);
    return access(from, F_OK) < 0 || warm_add_file(from, to, error);
}

static bool add_images(const Bundle *kept, const GPtrArray *images, const char *tag,
                       const Bundle *target, GError **error)
{
    const GPtrArray *drives = kept->config->drives;
    for (guint i = 0; i < drives->len; i++) {
        const char *name = ((const ConfigDrive *) drives->pdata[i])->image_name;
        g_autofree char *from = name ? bundle_data_path(kept, name) : NULL;
        g_autofree char *to = name ? bundle_data_path(target, name) : NULL;
        if (name && !add_image(images, tag, from, to, error))
            return false;
    }
    g_autofree char *from = bundle_efi_vars_path(kept);
    g_autofree char *to = bundle_efi_vars_path(target);
    return !kept->config->qemu.uefi_boot || add_image(images, tag, from, to, error);
}

/* What the TPM has at the next boot; while the machine goes on, its state comes with the devices. */
static bool add_tpm(const Bundle *bundle, const char *tag, const Bundle *target, GError **error)
{
    g_autofree char *store = snapshot_store_folder(bundle, tag);
    g_autofree char *from = g_build_filename(store, "tpmdata", NULL);
    g_autofree char *to = bundle_data_path(target, "tpmdata");
    return access(from, F_OK) < 0 || tree_copy_file(from, to, NULL, NULL, error);
}

static bool add_stream(const GPtrArray *images, const char *tag, const char *folder, GError **error)
{
    g_autofree char *path = g_build_filename(folder, WARM_STREAM, NULL);
    for (guint i = 0; i < images->len; i++) {
        const SnapshotImage *image = images->pdata[i];
        const ImageSnapshot *entry = snapshot_image_entry(image, tag);
        if (!entry || !entry->vm_state_size)
            continue;
        g_auto(Fd) fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (fd < 0)
            return fail(error, "create", path);
        return image_read_vm_state(image->path, tag, fd, error);
    }
    utm_error_set(error, UTM_ERROR_WRONG_STATE, NULL, "snapshot \"%s\" has no memory in it", tag);
    return false;
}

/* ---- putting it together ---- */

/* A bundle of its own, so that nothing of the machine's can be mixed up with it. */
static Bundle *make_target(const Bundle *kept, const char *folder, GError **error)
{
    UtmConfig *config = utm_config_copy(kept->config);
    g_free(config->information.uuid);
    config->information.uuid = config_new_uuid();
    g_autoptr(Bundle) target = bundle_new_take(folder, config);
    g_autofree char *data = bundle_data_path(target, NULL);
    if (g_mkdir(folder, 0700) < 0 || g_mkdir(data, 0700) < 0) {
        fail(error, "create", folder);
        return NULL;
    }
    return bundle_save(target, error) ? g_steal_pointer(&target) : NULL;
}

/* The memory is there twice for a moment: as it comes from the snapshot, and as the image. */
static bool check_room(const GPtrArray *images, const char *tag, const char *folder, GError **error)
{
    uint64_t needed = 0;
    for (guint i = 0; i < images->len; i++) {
        const SnapshotImage *image = images->pdata[i];
        const ImageSnapshot *entry = snapshot_image_entry(image, tag);
        needed += image->info->allocated + (entry ? entry->vm_state_size : 0);
    }
    return disk_room_check(folder, needed, "it", error);
}

static bool fill(const Bundle *bundle, const char *tag, const WarmIndex *index,
                 const Bundle *target, const Bundle *kept, GError **error)
{
    g_autoptr(GPtrArray) images = snapshot_images(kept, error);
    return images && check_room(images, tag, target->path, error) &&
           add_images(kept, images, tag, target, error) && add_tpm(bundle, tag, target, error) &&
           add_stream(images, tag, target->path, error) &&
           warm_index_write(target->path, index, error) && warm_adopt(bundle, target, error);
}

/* The state in the snapshot is of one accelerator. */
static bool read_record(const Bundle *bundle, const char *tag, WarmIndex *index, GError **error)
{
    g_autoptr(Sidecar) sidecar = sidecar_open(bundle->path, error);
    if (!sidecar)
        return false;
    g_autoptr(SidecarSnapshot) record = sidecar_snapshot(sidecar, tag);
    if (!record || !record->warm_ram || !record->fingerprint) {
        utm_error_set(error, UTM_ERROR_UNSUPPORTED, "utmctl snapshot create --warm makes one",
                      "snapshot \"%s\" is not a warm one", tag);
        return false;
    }
    index->ram_id = g_strdup(record->warm_ram);
    index->accelerator = g_strdup(strstr(record->fingerprint, "-accel tcg") ? "tcg" : "kvm");
    return true;
}

static bool run_maker(const Bundle *target, const WarmIndex *index, GError **error)
{
    g_auto(VmStarted) made = { 0 };
    const VmStartOptions how = { .warm = target->path,
                                 .warm_make = true,
                                 .accel = warm_accel(index) };
    return vm_start(target, &how, 0, &made, error);
}

/* A crash of the host must not leave an image that looks whole and is not. */
static bool sync_file(const char *folder, const char *name, GError **error)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_auto(Fd) fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    return (fd >= 0 && fsync(fd) == 0) || fail(error, "write", path);
}

static bool sync_all(const Bundle *target, GError **error)
{
    g_autofree char *data = bundle_data_path(target, NULL);
    g_autoptr(GDir) dir = g_dir_open(data, 0, NULL);
    for (const char *name; dir && (name = g_dir_read_name(dir));)
        if (!sync_file(data, name, error))
            return false;
    return sync_file(target->path, WARM_RAM, error) && sync_file(target->path, WARM_STATE, error);
}

static bool make_in(const Bundle *bundle, const char *tag, const char *partial, const char *place,
                    GError **error)
{
    g_auto(WarmIndex) index = { 0 };
    g_autoptr(Bundle) kept = snapshot_store_open(bundle, tag, error);
    g_autoptr(Bundle) target = kept ? make_target(kept, partial, error) : NULL;
    if (!target || !read_record(bundle, tag, &index, error))
        return false;
    bool ok = fill(bundle, tag, &index, target, kept, error) && run_maker(target, &index, error) &&
              sync_all(target, error);
    g_autofree char *stream = g_build_filename(partial, WARM_STREAM, NULL);
    g_autofree char *state = paths_state(target->config->information.uuid);
    (void) g_unlink(stream);
    utm_ignore(tree_remove(state, NULL));
    return ok && tree_remove(place, error) && tree_move(partial, place, error);
}

/* Only who has the lock makes something here, so that what is hidden is nobody's any more. */
static void sweep(const char *folder)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    for (const char *name; dir && (name = g_dir_read_name(dir));) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        if (name[0] == '.')
            utm_ignore(tree_remove(path, NULL));
    }
}

bool warm_make(const Bundle *bundle, const char *tag, GError **error)
{
    const char *uuid = bundle->config->information.uuid;
    g_autofree char *all = warm_folder(uuid, NULL);
    g_autofree char *place = warm_folder(uuid, tag);
    g_autofree char *partial = tree_hidden_sibling(place, "new");
    if (!paths_make_private(all, error))
        return false;
    g_auto(Fd) lock = open(all, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (lock < 0 || flock(lock, LOCK_EX) < 0)
        return fail(error, "lock", all);
    sweep(all);
    if (make_in(bundle, tag, partial, place, error))
        return true;
    disk_room_explain(partial, (uint64_t) bundle->config->system.memory_mib << 20, error);
    utm_ignore(tree_remove(partial, NULL));
    g_prefix_error(error, "cannot make the warm image: ");
    return false;
}
