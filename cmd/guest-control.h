/* SPDX-License-Identifier: Apache-2.0 */
/* The verbs of "utmctl guest" that change something in the guest. */
#pragma once

#include "cmd/command.h"

extern const Command guest_freeze_command;
extern const Command guest_thaw_command;
extern const Command guest_set_password_command;
extern const Command guest_ssh_keys_command;
