/* SPDX-License-Identifier: Apache-2.0 */
/* Every command: one line here, one in main.c's table, one in CMakeLists.txt. */
#pragma once

#include "cmd/command.h"

extern const Command cmd_list;
extern const Command cmd_show;
extern const Command cmd_config;
extern const Command cmd_import;
extern const Command cmd_export;
extern const Command cmd_clone;
extern const Command cmd_rename;
extern const Command cmd_delete;
extern const Command cmd_trust;
extern const Command cmd_start;
extern const Command cmd_stop;
extern const Command cmd_pause;
extern const Command cmd_resume;
extern const Command cmd_suspend;
extern const Command cmd_restart;
extern const Command cmd_snapshot;
extern const Command cmd_fork;
extern const Command cmd_disk;
extern const Command cmd_share;
extern const Command cmd_mount;
extern const Command cmd_unmount;
extern const Command cmd_network;
extern const Command cmd_screen;
extern const Command cmd_screenshot;
extern const Command cmd_sendkey;
extern const Command cmd_type;
extern const Command cmd_mouse;
extern const Command cmd_status;
extern const Command cmd_events;
extern const Command cmd_logs;
extern const Command cmd_helper;
extern const Command cmd_lan_switch;
extern const Command cmd_attach;
extern const Command cmd_exec;
extern const Command cmd_ssh;
extern const Command cmd_ssh_config;
extern const Command cmd_file;
extern const Command cmd_guest;
extern const Command cmd_ip_address;
extern const Command cmd_qmp;
extern const Command cmd_display;
extern const Command cmd_doctor;
extern const Command cmd_complete;
extern const Command cmd_completion;
extern const Command cmd_help;
extern const Command cmd_argv;
extern const Command cmd_create;
extern const Command cmd_version;
extern const Command cmd_wait;
extern const Command cmd_run;
extern const Command cmd_try;
extern const Command cmd_undo;
