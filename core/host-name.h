/* SPDX-License-Identifier: Apache-2.0 */
/* A guest's host name, made from what its machine is called. */
#pragma once

/**
 * host_name_from() - A host name like a machine's name: small letters, digits, single hyphens
 * @name: any text
 *
 * Source: RFC 1123, 2.1
 * Return: a new string; "copy" when nothing of the name can be used
 */
char *host_name_from(const char *name);
