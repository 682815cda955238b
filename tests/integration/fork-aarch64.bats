# SPDX-License-Identifier: Apache-2.0
# A machine of another processor, booted by UEFI, is forked with its variable store.
load lib

setup_file() {
    box_open
    machine arm demo-aarch64-uefi
    boot arm
}

teardown_file() { box_close; }

@test "a copy goes on with memory, disk and variables" {
    guest arm 'echo one >/tmp/memory; echo one >/data/disk; sync'
    run -0 utmctl snapshot create arm --warm booted
    run -0 utmctl fork arm@booted -n 2 --rm
    run -0 guest arm-2 'cat /tmp/memory /data/disk; uname -m'
    [ "$output" = $'one\none\naarch64' ]
    [ -s "$LIBRARY/arm-2.utm/Data/efi_vars.fd" ]
    run -0 utmctl stop --kill arm-1
    run -0 utmctl stop --kill arm-2
    [ "$(ls -A "$LIBRARY")" = arm.utm ]
}

@test "the machine itself goes back" {
    guest arm 'echo two >/tmp/memory; echo two >/data/disk; sync'
    run -0 utmctl stop arm
    run -0 utmctl start --yes arm@booted
    run -0 guest arm 'cat /tmp/memory /data/disk'
    [ "$output" = $'one\none' ]
    run -0 utmctl stop arm
    run -0 qemu-img check "$LIBRARY/arm.utm/Data/disk.qcow2"
}
