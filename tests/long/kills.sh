#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Kills utmctl, its helper or QEMU at 50 random moments of each operation that changes a machine.
#
#   kills.sh [BUILD] [BATS-OPTION...]    BUILD is a folder with a build, by default build/asan
#
# UTMCTL_KILLS is another number of moments, UTMCTL_KILL_SEED makes the same ones again: a failure
# names it. Takes twenty minutes.
set -eu
source=$(cd "$(dirname "$0")/../.." && pwd)
build=$source/build/asan
if [ $# -gt 0 ] && [ -d "$1" ]; then
    build=$(cd "$1" && pwd)
    shift
fi
: "${UTMCTL_KILLS:=50}" "${UTMCTL_KILL_SEED:=$(od -An -N2 -tu2 /dev/urandom | tr -d ' ')}"
export UTMCTL_KILLS UTMCTL_KILL_SEED UTMCTL="$build/cmd/utmctl"
echo "seed $UTMCTL_KILL_SEED"
exec bats --print-output-on-failure "$@" "$source/tests/integration/kill.bats" \
    "$source/tests/integration/kill-external.bats"
