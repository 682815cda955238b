/* SPDX-License-Identifier: Apache-2.0 */
/* The layers of external snapshots: which images there are, and what stands on what.
 *
 * What the guest writes goes to the image that the configuration names, in Data. The layers below it
 * are in the folder Snapshots beside Data, where UTM leaves them alone, and each names the next as
 * "../Snapshots/FILE", which is right from both folders: an image becomes a layer by moving. A name
 * that a layer has had is never given to a new image. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "bundles/bundle.h"
#include "bundles/image.h"
#include "bundles/sidecar.h"

typedef struct LayerImage LayerImage;
struct LayerImage {
    char *name;  /* of the file */
    char *path;  /* absolute */
    char *drive; /* Identifier of the drive that has it; NULL for a layer */
    ImageInfo *info;
    LayerImage *below; /* layer of this bundle that it stands on; borrowed, NULL for none */
    unsigned children; /* how many that are used stand on it */
    bool named;        /* it is the state of a snapshot */
    bool used;         /* named, of a drive, or below such a one */
};

/**
 * layer_path() - Where a layer is
 * @name: of its file; NULL for the folder of all
 *
 * Return: a new string
 */
char *layer_path(const Bundle *bundle, const char *name);

/**
 * layer_drive_is_writable() - Whether a drive has an image in the bundle that the guest writes to
 */
bool layer_drive_is_writable(const ConfigDrive *drive);

/**
 * layer_record_holds() - Whether an external snapshot that is noted has been made
 * @record: out of the bundle's sidecar
 *
 * It is noted before the configuration is switched, which is what makes it: until then a drive still
 * has the image that is to be the layer.
 */
bool layer_record_holds(const Bundle *bundle, const SidecarSnapshot *record);

/**
 * layer_tree_read() - Every layer, and the images that drives have
 * @error: BUNDLE_ERROR when one cannot be read
 *
 * Return: (owned) of LayerImage
 */
GPtrArray *layer_tree_read(const Bundle *bundle, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * layer_new_name() - A name for the image that goes on where another one ends
 * @name: of that one: "disk.img", "disk-2.qcow2"
 *
 * Return: a new string such as "disk-3.qcow2"
 */
char *layer_new_name(const Bundle *bundle, const char *name);

/**
 * layer_is_same_file() - Whether two names are of one file
 */
bool layer_is_same_file(const char *one, const char *other);

/**
 * layer_prepare_place() - Get everything ready for a layer to take the place of a drive's image
 * @layer: name of its file
 */
bool layer_prepare_place(const Bundle *bundle, const char *layer,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * layer_take_place() - Have the layer that was prepared become the image of a drive, in one step
 * @image: path of the image, which says the same and is gone from then on
 */
bool layer_take_place(const Bundle *bundle, const char *image,
                      GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * layer_sweep() - Remove what nobody needs: left by a crash, or by the caller
 * @running: QEMU has images open by their old names, which stay
 *
 * Needs the machine to be kept from being started, or to be run by the caller. Nothing is removed
 * when something cannot be read.
 */
void layer_sweep(const Bundle *bundle, bool running);
