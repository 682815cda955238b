/* SPDX-License-Identifier: Apache-2.0 */
/* Making a new machine: from presets or a template, with hardware and files, whole or not at all. */
#pragma once

#include "bundles/bundle.h"
#include "core/first-boot.h"
#include "core/tree.h"

typedef enum { CREATE_DEFAULT, CREATE_ON, CREATE_OFF } CreateSwitch;

/* A disk: an empty image of a size, or a copy of an image. */
typedef struct {
    uint64_t size_bytes; /* 0: copy .path */
    const char *path;    /* borrowed; with a size, the copy grows to it */
} CreateDisk;

/* What a machine is to be like. Everything is borrowed; NULL and 0 leave it to template or preset. */
typedef struct {
    const char *name;
    const char *output; /* path of the new bundle; NULL: in the library */
    const char *template;
    const char *architecture, *machine, *cpu;
    int64_t memory_mib;
    int64_t cpus;
    const CreateDisk *disks;
    unsigned n_disks;
    bool no_disks;             /* a fresh machine gets none */
    const char *const *cdroms; /* image on this host; "empty" for a drive with nothing in it */
    const char *kernel, *initrd, *append;
    const char *const *networks; /* see create_parse_network(); "none" for none */
    const char *const *forwards; /* see create_parse_forward(); they go to the first network */
    const char *const *serials;  /* see create_parse_serial() */
    const char *const *displays; /* device names; "none" for none */
    const char *const *sounds;   /* likewise */
    const char *share;           /* folder on this host, with ":ro" behind it read-only */
    const char *notes;
    const char *icon; /* UTM's name of a built-in icon, or the path of a picture */
    FirstBootOptions first_boot;
    CreateSwitch uefi, tpm, rng, balloon, hypervisor;
} CreateOptions;

/* Called with words about what goes on; may be NULL. */
typedef void (*CreateNote)(const char *text, void *user);

typedef struct {
    TreeProgress progress; /* false cancels; asked with 0 of 0 between copies; may be NULL */
    CreateNote note;
    void *user;
} CreateWatch;

typedef struct CreatePlan CreatePlan;

/**
 * create_plan_new() - Decide what a new machine is and which files it gets
 * @options: borrowed only during the call
 * @error:   UTM_ERROR_USAGE for a word that says nothing, UTM_ERROR_NOT_FOUND for a template or image
 *           that is not there, UTM_ERROR_WRONG_STATE when the machine exists, UTM_ERROR_UNSUPPORTED
 *           when the installed QEMU cannot run it
 *
 * Writes nothing but, where it is missing, the folder of the library.
 *
 * Return: the plan; free with create_plan_free()
 */
CreatePlan *create_plan_new(const CreateOptions *options, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * create_plan_config() - The configuration that will be written; borrowed
 */
const UtmConfig *create_plan_config(const CreatePlan *plan);

/**
 * create_plan_path() - Where the bundle will be; borrowed
 */
const char *create_plan_path(const CreatePlan *plan);

/**
 * create_plan_warnings() - What the installed QEMU will do otherwise, (owned) of char *; borrowed
 */
const GPtrArray *create_plan_warnings(const CreatePlan *plan);

/**
 * create_run() - Make the machine
 * @plan:  a plan
 * @watch: borrowed
 * @error: UTM_ERROR_INTERRUPTED, UTM_ERROR_FAILED (a full disk…), UTM_ERROR_WRONG_STATE when the
 *         target came to be meanwhile
 *
 * Built beside its target and renamed into place; after a failure nothing is left.
 */
bool create_run(CreatePlan *plan, const CreateWatch *watch,
                GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * create_plan_free() - Free a plan; NULL is ignored
 */
void create_plan_free(CreatePlan *plan);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CreatePlan, create_plan_free)
