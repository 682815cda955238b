/* SPDX-License-Identifier: Apache-2.0 */
/* The subnet of a vmnet network, computed as UTM does. */
#pragma once

#include <netinet/in.h>
#include <stdbool.h>

typedef struct {
    char first[INET_ADDRSTRLEN];
    char last[INET_ADDRSTRLEN];
    char mask[INET_ADDRSTRLEN];
} ArgvSubnet;

/**
 * argv_subnet_parse() - First and last address and mask of a subnet
 * @text:       "a.b.c.d", "a.b.c.d/bits" with 0 to 31 bits, or "a.b.c.d/m.m.m.m"; no mask is /24
 * @out_subnet: untouched when @text is none of these
 *
 * Source: UTM 5.0.3 UTMQemuConfiguration+Arguments.swift, network arguments for vmnet
 */
bool argv_subnet_parse(const char *text, ArgvSubnet *out_subnet);
