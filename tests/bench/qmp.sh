#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Measures what a typed call costs through a machine's helper, against a bare socket to the same
# QEMU and against a relay that only copies bytes.
#
#   qmp.sh [BUILD]    BUILD is a folder with a release build; by default build/release
#
# Exit status 1 when a target is missed. On a busy host "chrt -f 10 qmp.sh" keeps the others out of
# the way.
set -euo pipefail

source=$(cd "$(dirname "$0")/../.." && pwd)
build=${1:-$source/build/release}
cmake --build "$build" --target utmctl bench-qmp >/dev/null

bats_require_minimum_version() { :; } # the library is that of the tests
# shellcheck source=tests/integration/lib.bash
. "$source/tests/integration/lib.bash"
UTMCTL=$build/cmd/utmctl
box_open
trap box_close EXIT

# Two more monitors beside the helper's, in the one folder where QEMU may make sockets. Its current
# folder is that one.
utmctl create -q bench --arch x86_64 --memory 64M --disk none --network none --display none
extra=()
for name in bare relayed; do
    extra+=(-chardev "socket,id=$name,path=$name,server=on,wait=off"
        -mon "chardev=$name,mode=control")
done
utmctl config set -q bench "QEMU.AdditionalArguments=$(printf '%s\n' "${extra[@]}" | jq -R . |
    jq -cs .)"
utmctl trust -q --yes bench 2>/dev/null # shows what it agrees to
utmctl start -q --accel tcg bench
utmctl pause -q bench
run_dir=$XDG_RUNTIME_DIR/utmctl/$(uuid_of bench)
"$build/tests/bench/bench-qmp" qemu-system-x86_64 "$run_dir"/{qmp,bare,relayed}
