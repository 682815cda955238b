/* SPDX-License-Identifier: Apache-2.0 */
/* A snapshot as programs read it. */
#include "cmd/output.h"
#include "cmd/snapshot.h"
#include "core/vm/time-text.h"

const char *snapshot_kind_word(SnapshotKind kind)
{
    static const char *const words[] = {
        [SNAPSHOT_FULL] = "full", [SNAPSHOT_DISK] = "disk", [SNAPSHOT_WARM] = "warm"
    };
    return words[kind];
}

cJSON *snapshot_json(const Snapshot *snapshot)
{
    cJSON *json = cJSON_CreateObject();
    g_autofree char *created = time_text(snapshot->created * G_USEC_PER_SEC);
    cJSON_AddStringToObject(json, "name", snapshot->name);
    cJSON_AddStringToObject(json, "tag", snapshot->tag);
    cJSON_AddStringToObject(json, "created", created);
    output_json_add_text(json, "parent", snapshot->parent);
    cJSON_AddStringToObject(json, "kind", snapshot_kind_word(snapshot->kind));
    output_json_add_uint(json, "vm_state_size", snapshot->vm_state_size);
    cJSON *disks = cJSON_AddArrayToObject(json, "disks");
    for (guint i = 0; i < snapshot->disks->len; i++) {
        const SnapshotDisk *disk = snapshot->disks->pdata[i];
        cJSON *object = cJSON_CreateObject();
        cJSON_AddStringToObject(object, "drive", disk->drive);
        output_json_add_uint(object, "size", disk->size);
        cJSON_AddBoolToObject(object, "present", disk->present);
        cJSON_AddItemToArray(disks, object);
    }
    output_json_add_text(json, "description", snapshot->description);
    cJSON_AddBoolToObject(json, "external", snapshot->layers != NULL);
    cJSON_AddBoolToObject(json, "complete", snapshot->complete);
    cJSON_AddBoolToObject(json, "current", snapshot->current);
    return json;
}

cJSON *snapshot_list_json(const GPtrArray *snapshots)
{
    cJSON *array = cJSON_CreateArray();
    for (guint i = 0; i < snapshots->len; i++)
        cJSON_AddItemToArray(array, snapshot_json(snapshots->pdata[i]));
    return array;
}
