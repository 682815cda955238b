#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Measures warm starts against cold ones in one run, and prints a table.
#
#   bench-fork.sh [BUILD]    BUILD is a folder with a release build; by default build/release
#
# Rows are machines of several sizes, empty and with random data in their memory. Times are medians
# of BENCH_RUNS, in seconds from exec: of "utmctl start" to the guest's READY (cold), of "fork" and
# "start VM@NAME" to their return and to the first answer of the console (/a), of a start from a
# full snapshot (loadvm), and of ten copies until all have answered. Then what ten copies take
# together, and how long a running machine stands still for a fork. Exit status 1 when a target is
# missed.
# shellcheck disable=SC2317 # what is measured is called by its name
set -euo pipefail

source=$(cd "$(dirname "$0")/../.." && pwd)
build=${1:-$source/build/release}
runs=${BENCH_RUNS:-3}
templates=${BENCH_TEMPLATES:-demo demo-aarch64}
sizes=${BENCH_SIZES:-256:0 1024:0 1024:512 2048:0 2048:1024 4096:0}
missed=0
[ -x "$build/cmd/utmctl" ] || cmake --build "$build" --target utmctl >/dev/null

bats_require_minimum_version() { :; } # the library is that of the tests
# shellcheck source=tests/integration/lib.bash
. "$source/tests/integration/lib.bash"
UTMCTL=$build/cmd/utmctl
cache=${XDG_CACHE_HOME:-$HOME/.cache}
box_open
trap box_close EXIT
# What the demo machines are made of comes from the user's cache.
XDG_CACHE_HOME=$cache

# seconds COMMAND...: how long it takes
seconds() {
    local begin=$EPOCHREALTIME
    "$@" >/dev/null
    awk -v a="$begin" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.3f\n", b - a }'
}

median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

# several COMMAND...: median of some runs, with "after" between them
several() {
    local i
    for ((i = 0; i < runs; i++)); do
        seconds "$@"
        after
    done | median
}

answer() { guest "$1" true; }
cold() { boot bench; }
forked() { utmctl fork bench@hot --rm --name copy; }
forked_answer() { forked && answer copy; }
started() { utmctl start --yes bench@hot; }
started_answer() { started && answer bench; }
loaded_answer() { utmctl start --yes bench@full 2>/dev/null && answer bench; }
ten() { utmctl fork bench@hot -n 10 --rm --name 'copy{n}'; }
ten_answer() {
    local i waits=
    ten
    for i in {1..10}; do
        answer "copy$i" &
        waits+=" $!"
    done
    # shellcheck disable=SC2086 # a list of numbers
    wait $waits
}
end_ten() {
    local i
    for i in {1..10}; do utmctl stop --kill "copy$i"; done
}

ten_pss() {
    local i
    for i in {1..10}; do
        awk '/^Pss:/ { print $2 }' "/proc/$(field "copy$i" pid)/smaps_rollup"
    done | awk '{ n += $1 } END { printf "%d\n", n / 1024 }'
}

# limit WHAT VALUE MOST
limit() {
    awk -v v="$2" -v m="$3" 'BEGIN { exit !(v > m) }' || return 0
    missed=1
    printf '    MISSED: %s is %s, at most %s\n' "$1" "$2" "$3"
}

scaled() { awk -v v="$1" -v f="$2" 'BEGIN { printf "%.3f", v * f }'; }

# fill MIB: in pieces, because an emulated processor takes long to make random data
fill() {
    local at
    [ "$1" = 0 ] || guest bench 'mkdir /fill; mount -t tmpfs -o size=90% t /fill'
    for ((at = 0; at < $1; at += 128)); do
        guest bench "dd if=/dev/urandom of=/fill/$at bs=1M count=128 2>/dev/null"
    done
}

# row TEMPLATE MIB FILLED
row() {
    local t_cold t_fork t_fork_a t_start t_start_a t_load_a t_ten pss still
    utmctl create --template "$1" bench >/dev/null 2>&1
    utmctl config set bench System.MemorySize="$2" >/dev/null 2>&1
    after() { utmctl stop --kill bench; }
    t_cold=$(several cold)
    cold
    fill "$3"
    utmctl snapshot create bench full
    utmctl snapshot create --warm bench hot
    still=$(seconds utmctl snapshot create bench again)
    after() { utmctl stop --kill copy; }
    t_fork=$(several forked)
    t_fork_a=$(several forked_answer)
    after() { end_ten; }
    t_ten=$(several ten_answer)
    ten >/dev/null
    pss=$(ten_pss)
    end_ten
    utmctl stop --kill bench
    after() { utmctl stop --kill bench; }
    t_start=$(several started)
    t_start_a=$(several started_answer)
    t_load_a=$(several loaded_answer)
    utmctl delete bench 2>/dev/null
    printf '%-14s %5s %6s %7s %7s %7s %7s %7s %8s %7s %8s %7s\n' "$1" "$2" "$3" "$t_cold" \
        "$t_fork" "$t_fork_a" "$t_start" "$t_start_a" "$t_load_a" "$t_ten" "$pss" "$still"
    limit "fork" "$t_fork" "$(scaled "$t_cold" 0.05)"
    limit "start" "$t_start" "$(scaled "$t_cold" 0.05)"
    limit "the fork's answer" "$t_fork_a" "$(scaled "$t_cold" 0.1)"
    limit "the start's answer" "$t_start_a" "$(scaled "$t_cold" 0.1)"
    limit "the start's answer" "$t_start_a" "$(scaled "$t_load_a" 0.5)"
    limit "ten copies" "$t_ten" "$(scaled "$t_fork_a" 8)"
    [ "$1" != demo ] || limit "ten copies' memory in MiB" "$pss" 350
}

printf '%-14s %5s %6s %7s %7s %7s %7s %7s %8s %7s %8s %7s\n' machine MiB filled cold fork fork/a \
    start start/a loadvm/a ten/a ten/MiB stands
for template in $templates; do
    for size in $sizes; do
        row "$template" "${size%:*}" "${size#*:}"
    done
done
exit $missed
