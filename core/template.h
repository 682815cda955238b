/* SPDX-License-Identifier: Apache-2.0 */
/* The machines that `create` starts from. */
#pragma once

#include <glib.h>
#include <stdbool.h>

/**
 * template_find() - Path of a template's bundle
 * @name:  name of a template, or path of any bundle
 * @error: UTM_ERROR_NOT_FOUND with all names
 *
 * Looked for in UTMCTL_TEMPLATES, in the installed data folder, and in the source folder of a build
 * that is run in place.
 *
 * Return: a new string
 */
char *template_find(const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * template_names() - Names of all templates, sorted
 *
 * Return: a new NULL-terminated vector; free with g_strfreev()
 */
char **template_names(void);

/**
 * template_assembler() - Program that makes what a template cannot ship
 * @path: a template's bundle
 *
 * For NAME.utm it is NAME/assemble beside it, called with architecture, Data folder and, for a
 * machine with UEFI, "--uefi".
 *
 * Return: a new string, or NULL when the template has none
 */
char *template_assembler(const char *path);
