/* SPDX-License-Identifier: Apache-2.0 */
/* The script that runs a program in a guest and keeps its output in pieces. */
#pragma once

/* A piece ends after so many reads, not so many bytes: what is written little by little is there at
 * once. */
#define GUEST_EXEC_PIECE_READS 256

/* Arguments: folder, working folder or "", input file or "", number of variables, variables,
 * program, arguments.
 *
 * In the folder: "pid" of the program, which leads a process group where the guest has setsid(1);
 * "1.N" and "2.N", the pieces of standard output and error. Piece N + 2 is begun when "1.N.ok" says
 * that piece N was read, not when there is "stop". Who does not come for five minutes is gone.
 *
 * At the end there is "on" when somebody reads the pieces. Otherwise they become the script's own
 * output, with a full stop at its end that tells an empty output from one that is in pieces, and
 * the folder goes. When a piece cannot be written, the reason is all that comes. */
extern const char guest_exec_script[];
