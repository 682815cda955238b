/* SPDX-License-Identifier: Apache-2.0 */
/* Folders of this host that a guest can mount. */
#include "core/share.h"

#include <string.h>

#include "bundles/arch.h"
#include "core/error.h"
#include "core/vm/vm.h"
#include "qapi/generated/qmp-commands.h"

/* Source: QEMU 7.2 hw/9pfs/9p.h, MAX_TAG_LEN */
#define TAG_BYTES 31

void share_change_clear(ShareChange *change)
{
    g_clear_pointer(&change->facts, host_facts_free);
    g_clear_pointer(&change->later, g_free);
}

static const char *uuid_of(const Bundle *bundle)
{
    return bundle->config->information.uuid;
}

static ShareMode mode_of(const Bundle *bundle)
{
    return bundle->config->sharing.directory_share_mode;
}

const char *share_kind(const Bundle *bundle, const HostShare *share)
{
    switch (mode_of(bundle)) {
    case SHARE_MODE_WEBDAV:
        return "webdav";
    case SHARE_MODE_VIRTFS:
        return share->virtiofs ? "virtiofs" : "9p";
    default:
        return "none";
    }
}

char *share_mount_command(const Bundle *bundle, const HostShare *share)
{
    if (mode_of(bundle) != SHARE_MODE_VIRTFS)
        return NULL;
    return share->virtiofs ? g_strdup_printf("mount -t virtiofs %s /mnt", share->tag)
                           : g_strdup_printf("mount -t 9p -o trans=virtio,version=9p2000.L %s /mnt",
                                             share->tag);
}

/* ---- adding ---- */

static bool check_mode(const Bundle *bundle, const ShareAdd *options, GError **error)
{
    const GuestArch *arch = guest_arch_find(bundle->config->system.architecture);
    if (mode_of(bundle) == SHARE_MODE_NONE)
        utm_error_set(error, UTM_ERROR_UNSUPPORTED,
                      "utmctl config set VM Sharing.DirectoryShareMode=VirtFS",
                      "the bundle shares no folders: Sharing.DirectoryShareMode is None");
    else if (!arch || !arch->sharing)
        utm_error_set(error, UTM_ERROR_UNSUPPORTED, NULL,
                      "a machine of this architecture cannot "
                      "share folders");
    else if (options->virtiofs && mode_of(bundle) != SHARE_MODE_VIRTFS)
        utm_error_set(error, UTM_ERROR_UNSUPPORTED,
                      "utmctl config set VM Sharing.DirectoryShareMode=VirtFS",
                      "the bundle shares folders by WebDAV");
    else
        return true;
    return false;
}

static bool check_tag(const char *tag, GError **error)
{
    static const char good[] = G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS "-_.";
    if (!tag || (*tag && strlen(tag) <= TAG_BYTES && tag[strspn(tag, good)] == '\0'))
        return true;
    utm_error_set(error, UTM_ERROR_USAGE, NULL,
                  "\"%s\" is no tag: it has up to %d letters, digits, \"-\", \"_\" and \".\"", tag,
                  TAG_BYTES);
    return false;
}

static bool check_folder(const char *folder, GError **error)
{
    if (g_file_test(folder, G_FILE_TEST_IS_DIR))
        return true;
    bool exists = g_file_test(folder, G_FILE_TEST_EXISTS);
    utm_error_set(error, exists ? UTM_ERROR_INVALID : UTM_ERROR_NOT_FOUND, NULL, "%s \"%s\"",
                  exists ? "not a folder:" : "there is no folder", folder);
    return false;
}

static const HostShare *find_path(const HostFacts *facts, const char *path)
{
    for (guint i = 0; i < facts->shares->len; i++) {
        const HostShare *share = facts->shares->pdata[i];
        if (strcmp(share->path, path) == 0)
            return share;
    }
    return NULL;
}

static bool check_new(const Bundle *bundle, const HostFacts *facts, const char *path,
                      const char *tag, GError **error)
{
    const HostShare *same = find_path(facts, path);
    if (same)
        utm_error_set(error, UTM_ERROR_WRONG_STATE, "utmctl share remove",
                      "\"%s\" is shared already, as \"%s\"", path, same->tag);
    else if (tag && host_facts_share(facts, tag))
        utm_error_set(error, UTM_ERROR_WRONG_STATE, NULL, "\"%s\" is the tag of \"%s\"", tag,
                      host_facts_share(facts, tag)->path);
    else if (mode_of(bundle) == SHARE_MODE_WEBDAV && facts->shares->len)
        utm_error_set(error, UTM_ERROR_UNSUPPORTED, "utmctl share remove",
                      "by WebDAV there is one folder, and \"%s\" is shared",
                      ((const HostShare *) facts->shares->pdata[0])->path);
    else
        return true;
    return false;
}

static bool ask_helper(const Bundle *bundle, const char *tag, bool remove, int64_t timeout_us,
                       GError **error)
{
    g_autoptr(GError) local = NULL;
    g_autoptr(QmpClient) client = vm_connect(bundle, error);
    if (!client)
        return false;
    /* The helper keeps to the time limit. */
    qmp_client_set_timeout(client, 0);
    if (qmp_x_utm_share(client, tag, true, remove, true, timeout_us, &local))
        return true;
    vm_helper_error(error, local);
    return false;
}

/* Only virtiofs can follow while the machine runs. */
static void follow(const Bundle *bundle, ShareChange *change)
{
    g_autoptr(GError) why = NULL;
    change->now = true;
    if (!vm_is_running(bundle))
        return;
    if (mode_of(bundle) == SHARE_MODE_WEBDAV)
        change->later = g_strdup("the viewer shares it when it is opened the next time");
    else if (!change->share->virtiofs)
        change->later = g_strdup("QEMU takes folders by 9p only at its start");
    else if (!ask_helper(bundle, change->share->tag, false, 0, &why))
        change->later = g_strdup(why->message);
    change->now = !change->later;
}

static bool add(const Bundle *bundle, const char *folder, const ShareAdd *options,
                ShareChange *change, GError **error)
{
    g_autofree char *path = g_canonicalize_filename(folder, NULL);
    if (!check_mode(bundle, options, error) || !check_tag(options->tag, error) ||
        !check_folder(path, error))
        return false;
    change->facts = host_facts_load(uuid_of(bundle), error);
    if (!change->facts || !check_new(bundle, change->facts, path, options->tag, error))
        return false;
    HostShare *share = host_facts_add_share(change->facts, path, options->tag);
    share->read_only = options->read_only;
    share->virtiofs = options->virtiofs;
    change->share = share;
    if (options->dry_run)
        return true;
    if (!host_facts_save(change->facts, uuid_of(bundle), error))
        return false;
    follow(bundle, change);
    return true;
}

static bool finish(const Bundle *bundle, const char *what, bool ok, ShareChange *change,
                   ShareChange *out_change, GError **error)
{
    if (ok) {
        *out_change = *change;
        *change = (ShareChange){ 0 };
    } else {
        g_prefix_error(error, "VM \"%s\": cannot %s: ", bundle->config->information.name, what);
    }
    return ok;
}

bool share_add(const Bundle *bundle, const char *folder, const ShareAdd *options,
               ShareChange *out_change, GError **error)
{
    g_auto(ShareChange) change = { 0 };
    bool ok = add(bundle, folder, options, &change, error);
    return finish(bundle, "share the folder", ok, &change, out_change, error);
}

/* ---- removing ---- */

static const HostShare *find_share(const HostFacts *facts, const char *word, GError **error)
{
    const HostShare *share = host_facts_share(facts, word);
    if (share)
        return share;
    g_autofree char *path = g_canonicalize_filename(word, NULL);
    share = find_path(facts, path);
    if (share)
        return share;
    g_autoptr(GString) all = g_string_new(NULL);
    for (guint i = 0; i < facts->shares->len; i++) {
        const HostShare *other = facts->shares->pdata[i];
        g_string_append_printf(all, "%s%s (%s)", i ? ", " : "", other->tag, other->path);
    }
    utm_error_set(error, UTM_ERROR_NOT_FOUND, NULL, "no folder \"%s\" is shared; there is %s", word,
                  all->len ? all->str : "none");
    return NULL;
}

/* What cannot be taken from the guest now stays until it stops; a guest that only does not answer
 * keeps it, and so does the record. */
static bool take_away(const Bundle *bundle, int64_t timeout_us, ShareChange *change, GError **error)
{
    g_autoptr(GError) why = NULL;
    change->now = true;
    if (!vm_is_running(bundle) || mode_of(bundle) == SHARE_MODE_NONE)
        return true;
    bool live = mode_of(bundle) == SHARE_MODE_VIRTFS && change->share->virtiofs;
    if (live && ask_helper(bundle, change->share->tag, true, timeout_us, &why))
        return true;
    if (why && utm_error_code(why) == UTM_ERROR_TIMEOUT) {
        g_propagate_error(error, g_steal_pointer(&why));
        return false;
    }
    change->now = false;
    change->later =
        g_strdup(mode_of(bundle) == SHARE_MODE_WEBDAV ? "the viewer shares it until it is closed"
                                                      : "the guest has it until the machine stops");
    return true;
}

static void forget(HostFacts *facts, const HostShare *share)
{
    guint index;
    if (g_ptr_array_find(facts->shares, share, &index))
        g_ptr_array_remove_index(facts->shares, index);
}

static bool remove_it(const Bundle *bundle, const char *word, int64_t timeout_us, bool dry_run,
                      ShareChange *change, GError **error)
{
    change->facts = host_facts_load(uuid_of(bundle), error);
    change->share = change->facts ? find_share(change->facts, word, error) : NULL;
    if (!change->share || dry_run)
        return change->share != NULL;
    g_autoptr(HostFacts) kept = host_facts_load(uuid_of(bundle), error);
    if (!kept || !take_away(bundle, timeout_us, change, error))
        return false;
    forget(kept, host_facts_share(kept, change->share->tag));
    return host_facts_save(kept, uuid_of(bundle), error);
}

bool share_remove(const Bundle *bundle, const char *word, int64_t timeout_us, bool dry_run,
                  ShareChange *out_change, GError **error)
{
    g_auto(ShareChange) change = { 0 };
    bool ok = remove_it(bundle, word, timeout_us, dry_run, &change, error);
    return finish(bundle, "stop sharing the folder", ok, &change, out_change, error);
}
