/* SPDX-License-Identifier: Apache-2.0 */
/* QEMU's block nodes of layers: opening one by descriptor, and finding the node of a file. */
#include "core/vm/layer-node.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "core/error.h"
#include "core/fd.h"
#include "qapi/generated/qmp-commands.h"
#include "qapi/json-auto.h"

#define NAME_PREFIX "layer-"
#define NAME_DIGITS 24

char *layer_node_name(const char *file)
{
    g_autofree char *digest = g_compute_checksum_for_string(G_CHECKSUM_SHA256, file, -1);
    return g_strdup_printf(NAME_PREFIX "%.*s", NAME_DIGITS, digest);
}

/* One descriptor and no other: QEMU's locks belong to it, and would stay with it when QEMU took a
 * second one to open the image read-only. What the set is for is said in QEMU's note of it. */
static bool add_fd(QmpClient *client, const char *path, const char *node, int64_t *out_set,
                   GError **error)
{
    g_autoptr(QmpAddfdInfo) added = NULL;
    g_auto(Fd) fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) {
        utm_error_set(error, UTM_ERROR_FAILED, NULL, "cannot open \"%s\": %s", path,
                      g_strerror(errno));
        return false;
    }
    qmp_client_pass_fd(client, fd);
    if (!qmp_add_fd(client, false, 0, node, &added, error))
        return false;
    *out_set = added->fdset_id;
    return true;
}

bool layer_node_add(QmpClient *client, const char *path, const char *file, GError **error)
{
    g_autofree char *node = layer_node_name(file);
    int64_t fdset = -1;
    if (!add_fd(client, path, node, &fdset, error))
        return false;
    g_autofree char *name = g_strdup_printf("/dev/fdset/%" G_GINT64_FORMAT, fdset);
    QmpBlockdevOptionsFile opened = { .filename = name };
    QmpBlockdevOptions protocol = { .driver = QMP_BLOCKDEV_DRIVER_FILE, .u.file = &opened };
    QmpBlockdevRef below = { .type = QAPI_QTYPE_QDICT, .u.definition = &protocol };
    QmpBlockdevRefOrNull nothing = { .type = QAPI_QTYPE_QNULL };
    QmpBlockdevOptionsQcow2 qcow2 = { .file = &below, .backing = &nothing };
    const QmpBlockdevOptions options = { .driver = QMP_BLOCKDEV_DRIVER_QCOW2,
                                         .node_name = node,
                                         .has_discard = true,
                                         .discard = QMP_BLOCKDEV_DISCARD_OPTIONS_UNMAP,
                                         .has_detect_zeroes = true,
                                         .detect_zeroes = QMP_BLOCKDEV_DETECT_ZEROES_OPTIONS_UNMAP,
                                         .u.qcow2 = &qcow2 };
    return qmp_blockdev_add(client, &options, error);
}

static void drop_sets(QmpClient *client, const char *node)
{
    g_autoptr(QmpFdsetInfoList) sets = NULL;
    if (!qmp_query_fdsets(client, &sets, NULL))
        return;
    for (size_t i = 0; i < sets->len; i++) {
        const QmpFdsetInfo *set = sets->items[i];
        if (set->fds->len && g_strcmp0(set->fds->items[0]->opaque, node) == 0)
            utm_ignore(qmp_remove_fd(client, set->fdset_id, false, 0, NULL));
    }
}

void layer_node_drop(QmpClient *client, const char *file)
{
    g_autofree char *node = layer_node_name(file);
    utm_ignore(qmp_blockdev_del(client, node, NULL));
    drop_sets(client, node);
}

/* A node whose options say more than a name is called "json:" and all of them. */
static char *file_of(const char *filename)
{
    if (!g_str_has_prefix(filename, "json:"))
        return g_strdup(filename);
    g_autoptr(cJSON) options = cJSON_Parse(filename + strlen("json:"));
    const cJSON *file = cJSON_GetObjectItem(options, "file");
    return g_strdup(cJSON_GetStringValue(cJSON_GetObjectItem(file, "filename")));
}

static bool is_file(const char *filename, const struct stat *wanted)
{
    struct stat st;
    g_autofree char *path = file_of(filename);
    return path && stat(path, &st) == 0 && st.st_dev == wanted->st_dev &&
           st.st_ino == wanted->st_ino;
}

char *layer_node_find(QmpClient *client, const char *path, const char *file, GError **error)
{
    g_autoptr(QmpBlockDeviceInfoList) nodes = NULL;
    g_autofree char *own = layer_node_name(file);
    struct stat wanted = { 0 };
    (void) stat(path, &wanted);
    if (!qmp_query_named_block_nodes(client, true, true, &nodes, error))
        return NULL;
    for (size_t i = 0; i < nodes->len; i++) {
        const QmpBlockDeviceInfo *node = nodes->items[i];
        bool is_format = strcmp(node->drv, "file") != 0;
        if (g_strcmp0(node->node_name, own) == 0 || (is_format && is_file(node->file, &wanted)))
            return g_strdup(node->node_name);
    }
    utm_error_set(error, UTM_ERROR_NOT_FOUND, NULL, "QEMU does not have \"%s\" open", path);
    return NULL;
}
