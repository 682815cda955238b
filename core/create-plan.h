/* SPDX-License-Identifier: Apache-2.0 */
/* What create-plan.c decides and create-run.c does. */
#pragma once

#include "core/create.h"
#include "core/host-facts.h"

/* A file that the new Data folder gets. */
typedef struct {
    char *name;          /* in Data */
    uint64_t size_bytes; /* of an empty qcow2 image, or that a copied one is to grow to; or 0 */
    char *from;          /* file to copy; NULL without a size: the seed of the first boot */
} CreateFile;

struct CreatePlan {
    Bundle *bundle;      /* at the path where it will be */
    char *template_path; /* NULL: none */
    char *assembler;     /* program of the template, or NULL */
    char *firmware_vars; /* template of the variable store; NULL: made at the first start */
    GPtrArray *files;    /* (owned) of CreateFile */
    GHashTable *seed;    /* what the guest reads at its first boot: name -> GBytes; or NULL */
    bool is_cloud;       /* the image is one for clouds, which knows virtio */
    char *seed_drive;    /* identifier of the drive that has it */
    char *login_user;    /* who can log in then, or NULL */
    char *login_key;     /* path of the private key for it, or NULL */
    HostFacts *facts;
    GPtrArray *warnings; /* (owned) of char * */
};

/**
 * create_add_file() - Have a file made in Data
 * @wanted:     name; another one is chosen when it is taken or not fit
 * @size_bytes: as in CreateFile
 * @from:       likewise
 *
 * Return: the name that it gets, borrowed from @plan
 */
const char *create_add_file(CreatePlan *plan, const char *wanted, uint64_t size_bytes,
                            const char *from);

/**
 * create_fit_host() - Change presets that the installed QEMU could not start
 * @config: just made from presets
 *
 * UTM's presets are for its own QEMU, and for some boards name devices that no QEMU can put there.
 * What the options name is left to them. Sets the memory, too.
 */
void create_fit_host(UtmConfig *config, const CreateOptions *options);

/**
 * create_fit_firmware() - Leave out UEFI that presets or a template ask for and this host has not
 */
void create_fit_firmware(CreatePlan *plan, UtmConfig *config, const CreateOptions *options);

/**
 * create_usual_disk_bytes() - Size of the disk of a machine when nobody says one
 */
uint64_t create_usual_disk_bytes(const UtmConfig *config);

/**
 * create_drive_interface() - Interface of a new drive
 *
 * UTM's, unless the machine type is known not to have it. DRIVE_INTERFACE_NONE: no drive can be
 * given to it.
 */
DriveInterface create_drive_interface(const UtmConfig *config, ImageType type);

/**
 * create_cloud_interface() - Interface of a disk with a system that is made for clouds
 *
 * VirtIO where the machine has a place for it: many kernels there know nothing else.
 */
DriveInterface create_cloud_interface(const UtmConfig *config);

/**
 * create_set_hardware() - Set what options say of processor, memory and devices without files
 */
bool create_set_hardware(CreatePlan *plan, const CreateOptions *options,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * create_set_drives() - Add what options say of drives and files
 */
bool create_set_drives(CreatePlan *plan, const CreateOptions *options,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;
