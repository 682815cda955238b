/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON form of a machine's status. */
#pragma once

#include <cjson/cJSON.h>

#include "core/vm/vm.h"

/**
 * status_json() - {uuid, name, state, pid, uptime, accelerator, …} as the contract fixes it
 *
 * Return: a new object
 */
cJSON *status_json(const Bundle *bundle, const VmStatus *status);
