/* SPDX-License-Identifier: Apache-2.0 */
/* The scripts that run a program in a guest and keep its output until it is fetched. */
#include "core/guest/guest-exec-script.h"

/* Plain POSIX, and no more processes than needed: under emulation each takes milliseconds. */

/* The program leads a process group where the guest has setsid(1). */
#define PROGRAM                                                                                    \
    "  while [ $n -gt 0 ]; do export \"$1\"; shift; n=$((n-1)); done\n"                            \
    "  [ -z \"$w\" ] || cd \"$w\" || exit 125\n"                                                   \
    "  ! command -v setsid >/dev/null || exec setsid \"$@\"\n"                                     \
    "  exec \"$@\"\n"

/* Keeps standard input in pieces; descriptor 9 is where an error goes. A dd that does not count bytes
 * counts reads, and many small ones make a small piece; one that does not say how many bytes there
 * were has reached the end when there are none. While it waits it sleeps longer and longer,
 * since that is what costs an emulated guest the time in which its agent would read. */
#define SPOOL                                                                                      \
    "c=256 b=32768 q=\n"                                                                           \
    "! dd count=0 iflag=count_bytes </dev/null >/dev/null 2>&1 ||\n"                               \
    "  { q=8388608; c=\"$q iflag=count_bytes\" b=65536; }\n"                                       \
    "is_full() {\n"                                                                                \
    "  case $r in 0+0*) return 1;; esac\n"                                                         \
    "  if [ -n \"$q\" ]; then set -- ${r##*records out}; [ \"${1-$q}\" = $q ]; return; fi\n"       \
    "  r=${r%% records in*}; r=${r##*[!0-9+]}; [ $((${r%+*} + ${r#*+})) -eq $c ]\n"                \
    "}\n"                                                                                          \
    "spool() {\n"                                                                                  \
    "  k=0\n"                                                                                      \
    "  while :; do\n"                                                                              \
    "    r=$(LC_ALL=C dd bs=$b count=$c of=\"$d/$1.$k\" 2>&1) || { echo \"$r\" >&9; return 1; }\n" \
    "    is_full || break\n"                                                                       \
    "    t=0 z=0.05\n"                                                                             \
    "    while [ $k -gt 0 ] && [ ! -e \"$d/$1.$((k-1)).ok\" ]; do\n"                               \
    "      [ ! -e \"$d/stop\" ] && [ $((t+=1)) -lt 18000 ] && sleep $z || return 1\n"              \
    "      [ $t -lt 2 ] || z=0.2\n"                                                                \
    "    done\n"                                                                                   \
    "    [ $k -eq 0 ] || rm -f \"$d/$1.$((k-1))\" \"$d/$1.$((k-1)).ok\"\n"                         \
    "    k=$((k+1))\n"                                                                             \
    "  done\n"                                                                                     \
    "}\n"

/* children PROCESS SIGNAL: a child that leads a group gets it with the group. */
#define CHILDREN                                                                                   \
    "children() {\n"                                                                               \
    "  for f in /proc/[0-9]*/stat; do\n"                                                           \
    "    read -r l <\"$f\" || continue\n"                                                          \
    "    l=${l##*) }; l=${l#* }; p=${f#/proc/}; p=${p%/stat}\n"                                    \
    "    [ \"${l%% *}\" != \"$1\" ] || kill -\"$2\" -- -\"$p\" || kill -\"$2\" \"$p\"\n"           \
    "  done 2>/dev/null\n"                                                                         \
    "}\n"

/* A short document is a pipe in the shells that matter, and that takes no process. Opened anew for
 * writing it becomes the program's output. The shell's own signals are caught so that it is there
 * when its program has ended. */
const char guest_exec_wrapper[] =
    "w=$1 i=$2 n=$3; shift 3\n"
    "exec 5<<'.' 6<<'.' 8<<'.' 2>/dev/null\n"
    ".\n"
    ".\n"
    "\n"
    ".\n"
    "[ -p /proc/self/fd/8 ] || exit 125\n"
    "trap : INT TERM HUP\n"
    "if [ \"$i\" = - ]; then\n"
    "exec 7<<'.'\n"
    ".\n"
    "exec 7<>/proc/self/fd/7\n"
    "fi\n"
    "(\n"
    "  exec >/proc/self/fd/5 2>/proc/self/fd/6 5<&- 6<&- 8<&-\n"
    "  case $i in -) exec <&7 7<&-;; ?*) exec <\"$i\";; esac\n" PROGRAM ")\n"
    "s=$?\n"
    "read -r t <&8 || exit $s\n"
    "exec cat /proc/self/fd/5 - /proc/self/fd/6 <<.\n"
    "$0/$0 $s\n"
    ".\n";

const char guest_exec_spool[] =
    "d=$1 w=$2\n" SPOOL CHILDREN
    "{ exec 5</proc/$w/fd/5 6</proc/$w/fd/6 8</proc/$w/fd/8; } 2>/dev/null || exit 3\n"
    "read -r t <&8 || exit 3\n"
    "exec 8<&- 9>&2\n"
    "mkdir -p -m 700 \"$d\" || { children $w KILL; exit 125; }\n"
    "keep() { spool $1 || { children $w KILL; exit 1; }; }\n"
    "guard() {\n"
    "  exec 9>&- >/dev/null 2>&1\n"
    "  trap 'kill $z; exit' TERM\n"
    "  while sleep 3600 & z=$!; wait $z; do rm \"$d/beat\" || break; done\n"
    "  children $w HUP; sleep 5 & z=$!; wait $z\n"
    "  : >\"$d/stop\"; kill -KILL $w; children $a TERM; children $b TERM\n"
    "}\n"
    "keep 1 <&5 5<&- 6<&- & a=$!\n"
    "keep 2 <&6 5<&- 6<&- & b=$!\n"
    "exec 5<&- 6<&-\n"
    "guard & g=$!\n"
    "wait $a; s=$?; wait $b; s=$s$?\n"
    "kill $g 2>/dev/null\n"
    "[ ! -e \"$d/stop\" ] || rm -rf \"$d\"\n"
    "[ $s = 00 ] || exit 125\n";

const char guest_exec_alone[] =
    "d=$1 w=$2 i=$3 n=$4; shift 4\n" SPOOL "program() {\n"
    "  [ -r /proc/self/stat ] && read -r p r </proc/self/stat && echo $p >\"$d/pid\"\n" PROGRAM
    "}\n"
    "mkdir -p -m 700 \"$d\" || exit 125\n"
    "[ -z \"$i\" ] || exec <\"$i\"\n"
    "keep() { spool $1 || echo full >&3; }\n"
    "exec 9>&2\n"
    "s=$( { { { (program \"$@\" 2>&5 3>&- 5>&- 9>&-); echo $? >&3; } 5>&2 2>/dev/null |\n"
    "  keep 1 5>&-; } 2>&1 >/dev/null |\n"
    "  keep 2 >/dev/null; } 3>&1 )\n"
    "case $s in *full*) exit 125;; esac\n"
    "exit $s\n";

const char guest_exec_signal[] =
    "d=$0 w=$1 s=$2\n" CHILDREN "[ $w -eq 0 ] || children $w $s\n"
    "[ ! -e \"$d/pid\" ] || { read -r p <\"$d/pid\" && { kill -$s -- -$p || kill -$s $p; } "
    "2>/dev/null; }\n"
    "[ $s != HUP ] || [ $w -eq 0 ] || kill -KILL $w\n"
    "[ ! -d \"$d\" ] || : >\"$d/stop\"\n";
