#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs a machine again and again, and several at once, and looks for what is left behind.
#
#   stress-runs.sh [RUNS] [AT_ONCE]    200 runs in a row and 8 at once, if nothing else is said
#
# From the environment: UTMCTL, the program; UTMCTL_TEST_MACHINES, as make-machine.sh made it. Prints
# times and exits with 1 when a status was wrong or anything is left.
set -euo pipefail
runs=${1:-200} at_once=${2:-8}
cd "$(dirname "$0")"
bats_require_minimum_version() { :; }
# shellcheck source=tests/integration/lib.bash
. ./lib.bash

failures=0
fail() {
    echo "stress-runs: $*" >&2
    failures=$((failures + 1))
}

# Everything that a run could leave: processes, sockets, bundles, folders of state, open files.
leftovers() {
    ls -A "$LIBRARY" "$XDG_STATE_HOME/utmctl"
    find "$XDG_RUNTIME_DIR" "$XDG_STATE_HOME"/utmctl/*/tmp -mindepth 2
    find "$XDG_CACHE_HOME/utmctl/warm" -name '.*'
    box_processes
}

seconds() { awk -v a="$1" -v b="$(date +%s%N)" 'BEGIN { printf "%.2f", (b - a) / 1e9 }'; }

box_open
trap box_close EXIT
machine web
begin=$(date +%s%N)
utmctl start --accel tcg web --wait agent --wait serial=READY 2>/dev/null
echo "cold start to agent: $(seconds "$begin") s"
utmctl snapshot create web --warm booted
utmctl stop --force web
wait_until 5 no_processes
before=$(leftovers)

begin=$(date +%s%N)
for ((i = 1; i <= runs; i++)); do
    status=0
    utmctl run --rm -q web@booted -- sh -c "exit $((i % 100))" || status=$?
    [ "$status" = "$((i % 100))" ] || fail "run $i ended with $status"
done
echo "$runs runs in a row: $(seconds "$begin") s"

begin=$(date +%s%N)
pids=()
for ((i = 1; i <= at_once; i++)); do
    utmctl run --rm -q web@booted -- sh -c "sleep 0.5; exit $i" &
    pids+=($!)
done
for ((i = 1; i <= at_once; i++)); do
    status=0
    wait "${pids[i - 1]}" || status=$?
    [ "$status" = "$i" ] || fail "run $i of $at_once at once ended with $status"
done
echo "$at_once at once: $(seconds "$begin") s"

wait_until 5 no_processes || true # a helper that is about to end
after=$(leftovers)
if [ "$before" != "$after" ]; then
    fail "something is left:"
    diff <(echo "$before") <(echo "$after") >&2 || true
fi
exit $((failures > 0))
