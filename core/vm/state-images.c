/* SPDX-License-Identifier: Apache-2.0 */
/* The images of a running machine that a snapshot of it consists of. */
#include "core/vm/state-images.h"

#include "core/error.h"

void state_images_clear(StateImages *images)
{
    g_clear_pointer(&images->nodes, g_ptr_array_unref);
    g_clear_pointer(&images->devices, g_ptr_array_unref);
    g_clear_pointer(&images->unsuitable, g_ptr_array_unref);
}

static const char *text_of(const cJSON *object, const char *name)
{
    return cJSON_GetStringValue(cJSON_GetObjectItem(object, name));
}

static void sort_device(const cJSON *device, bool disks, StateImages *images)
{
    const cJSON *inserted = cJSON_GetObjectItem(device, "inserted");
    const char *name = text_of(device, "device");
    bool is_disk = name && g_str_has_prefix(name, "drive");
    if (!inserted || cJSON_IsTrue(cJSON_GetObjectItem(inserted, "ro")) || is_disk != disks)
        return;
    const char *driver = text_of(inserted, "drv");
    if (g_strcmp0(driver, "qcow2") != 0) {
        g_ptr_array_add(images->unsuitable,
                        g_strdup_printf("\"%s\" (%s)", text_of(inserted, "file"), driver));
        return;
    }
    g_ptr_array_add(images->nodes, g_strdup(text_of(inserted, "node-name")));
    g_ptr_array_add(images->devices, g_strdup(name));
}

bool state_images_find(QmpClient *client, StateImages *out_images, GError **error)
{
    cJSON *devices = NULL;
    if (!qmp_client_call(client, "query-block", NULL, &devices, error))
        return false;
    out_images->nodes = g_ptr_array_new_with_free_func(g_free);
    out_images->devices = g_ptr_array_new_with_free_func(g_free);
    out_images->unsuitable = g_ptr_array_new_with_free_func(g_free);
    const cJSON *device;
    cJSON_ArrayForEach (device, devices)
        sort_device(device, true, out_images);
    cJSON_ArrayForEach (device, devices)
        sort_device(device, false, out_images);
    cJSON_Delete(devices);
    return true;
}

static char *list_of(const GPtrArray *words)
{
    g_autoptr(GString) list = g_string_new(NULL);
    for (guint i = 0; i < words->len; i++)
        g_string_append_printf(list, "%s%s", i ? ", " : "", (const char *) words->pdata[i]);
    return g_strdup(list->str);
}

bool state_images_check(const StateImages *images, GError **error)
{
    if (images->unsuitable->len) {
        g_autofree char *list = list_of(images->unsuitable);
        utm_error_set(error, UTM_ERROR_UNSUPPORTED,
                      "qemu-img convert -O qcow2 makes an image that can hold a saved state",
                      "only qcow2 images can hold a saved state, and these are not: %s", list);
        return false;
    }
    if (!images->nodes->len) {
        utm_error_set(error, UTM_ERROR_UNSUPPORTED, "utmctl pause keeps the state in memory",
                      "it has no writable qcow2 disk that could hold the state");
        return false;
    }
    return true;
}

cJSON *state_images_arguments(const StateImages *images, const char *tag, bool with_ram)
{
    cJSON *arguments = cJSON_CreateObject();
    cJSON_AddStringToObject(arguments, "tag", tag);
    if (with_ram)
        cJSON_AddStringToObject(arguments, "vmstate", images->nodes->pdata[0]);
    cJSON *devices = cJSON_AddArrayToObject(arguments, "devices");
    for (guint i = 0; i < images->nodes->len; i++)
        cJSON_AddItemToArray(devices, cJSON_CreateString(images->nodes->pdata[i]));
    return arguments;
}
