/* SPDX-License-Identifier: Apache-2.0 */
/* The scripts that run a program in a guest and keep its output until it is fetched. */
#pragma once

/* A piece ends after so many bytes, or after so many reads where the guest's dd cannot count bytes. */
#define GUEST_EXEC_PIECE_BYTES 8388608
#define GUEST_EXEC_PIECE_READS 256

/* What the scripts end with when something is wrong with them, not with the program. */
#define GUEST_EXEC_FAILED 125
#define GUEST_EXEC_LATE 3 /* or less: a shell has its own number for what is not there */

/* Runs a program whose output and errors go to pipes that the script holds, descriptors 5 and 6.
 * $0 is a word that nobody else writes; arguments: working folder or "", input file or "" or "-"
 * for a pipe that the script holds as descriptor 7, number of variables, variables, program,
 * arguments.
 *
 * A program that is over soon has its output handed over at its end: the output, a line of "$0/$0", a
 * space and the program's status, the errors. Until then whoever empties descriptor 8, which holds one line,
 * has the pipes for itself, and the script ends with the program's status. A shell that has no
 * pipes for this ends with GUEST_EXEC_FAILED before the program begins. */
extern const char guest_exec_wrapper[];

/* Takes the pipes of a wrapper over and keeps what comes in pieces. Arguments: folder, the
 * wrapper's process. Ends with GUEST_EXEC_LATE or less, but not 0, when the program was over sooner.
 *
 * In the folder are "1.N" and "2.N", the pieces of standard output and error. Piece N + 2 is begun
 * when "1.N.ok" says that piece N was read, not when there is "stop". Who has not made "beat" anew
 * for an hour is gone, and then the program is told to hang up. At its end all that is left is in
 * the pieces, and the folder stays for the reader to remove. When a piece cannot be written, the
 * reason comes as the script's errors. */
extern const char guest_exec_spool[];

/* For a shell without pipes in its documents: runs the program and keeps its output in pieces from
 * the beginning. Arguments: folder, then the wrapper's. The program's process is in "pid". */
extern const char guest_exec_alone[];

/* Sends a signal to the program. Arguments: folder, the wrapper's process or 0, signal. With HUP
 * the scripts end too, so that nobody reads what a stubborn program writes. */
extern const char guest_exec_signal[];
