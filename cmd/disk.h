/* SPDX-License-Identifier: Apache-2.0 */
/* What the verbs of utmctl disk share. */
#pragma once

#include "cmd/command.h"
#include "core/disk.h"

#define DISK_HELP "Its number, its Identifier or the name of its image, as `disk list` shows them"

extern const Command cmd_disk_resize;
extern const Command cmd_disk_compact;
extern const Command cmd_disk_check;
extern const Command cmd_disk_convert;

/**
 * cmd_disk_watch() - Show progress, and have Ctrl-C undo what was made so far
 * @what: what is done, such as "copying"; static
 */
LibexecWatch cmd_disk_watch(const char *what);

/**
 * cmd_disk_would() - What an answer begins with: "would have " with --dry-run
 */
const char *cmd_disk_would(void);
