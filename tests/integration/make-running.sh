#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Boots a machine of make-machine.sh once for all tests that do not look at booting:
# make-running.sh TEMPLATE FOLDER
#
# FOLDER/TEMPLATE-up has the snapshot "up", from which "running" of lib.bash goes on. A machine with
# UEFI has a TPM as well.
set -euo pipefail
template=$1 folder=$2
cd "$(dirname "$0")"
bats_require_minimum_version() { :; }
# shellcheck source=tests/integration/lib.bash
. ./lib.bash

box_open
trap box_close EXIT
vm=$template-up
export UTMCTL_TEST_MACHINES=$folder
rm -rf "${folder:?}/$vm"
machine "$vm" "$template"
# What a host offers must not change what is tested; a snapshot has no --accel.
utmctl config set -q "$vm" QEMU.Hypervisor=false
[ "$template" != demo-uefi ] || ! command -v swtpm >/dev/null ||
    utmctl config set -q "$vm" QEMU.TPMDevice=true
utmctl start -q --accel tcg "$vm" --wait agent --wait serial=READY --timeout 10m
utmctl snapshot create "$vm" up
utmctl stop --kill "$vm"
mkdir "$folder/$vm"
mv "$LIBRARY/$vm.utm" "$folder/$vm/"
