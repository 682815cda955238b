# SPDX-License-Identifier: Apache-2.0
# The whole life of a machine of another processor that boots from its disk by UEFI.
load lib

setup_file() {
    box_open
    machine arm demo-aarch64-uefi
}

teardown_file() { box_close; }

@test "it boots from its disk" {
    boot arm
    run -0 guest arm 'uname -m; cat /data/boots'
    [ "${lines[0]}" = aarch64 ]
    [ "${lines[1]}" = 1 ]
    [ -s "$LIBRARY/arm.utm/Data/efi_vars.fd" ]
}

@test "it is saved to disk and goes on" {
    guest arm 'echo kept >/tmp/in-memory'
    run -0 utmctl suspend -s arm
    in_state arm stopped
    run -0 utmctl start --accel tcg arm
    run -0 guest arm 'cat /tmp/in-memory'
    [ "$output" = kept ]
}

@test "it goes back to a snapshot, running and stopped" {
    run -0 utmctl snapshot create arm here
    guest arm 'echo later >/tmp/in-memory; echo later >/data/late; sync'
    run -0 utmctl snapshot restore --yes arm here
    run -0 guest arm 'cat /tmp/in-memory; ls /data/late 2>/dev/null || echo none'
    [ "$output" = $'kept\nnone' ]
    run -0 utmctl stop --kill arm
    run -0 utmctl snapshot restore --yes arm here
    in_state arm started
    run -0 guest arm 'cat /tmp/in-memory'
    [ "$output" = kept ]
}

@test "copies go on with its memory, disk and variables" {
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

@test "the machine itself goes back to the warm snapshot" {
    guest arm 'echo two >/tmp/memory; echo two >/data/disk; sync'
    run -0 utmctl stop arm
    run -0 utmctl start --yes arm@booted
    run -0 guest arm 'cat /tmp/memory /data/disk'
    [ "$output" = $'one\none' ]
}

@test "its power button works" {
    run -0 utmctl stop --request --timeout 60s arm
    in_state arm stopped
    run -0 qemu-img check -q "$LIBRARY/arm.utm/Data/efi_vars.fd"
    run -0 qemu-img check -q "$LIBRARY/arm.utm/Data/disk.qcow2"
    wait_until 10 no_processes
}

@test "its clone boots by itself, and both can be deleted" {
    run -0 utmctl clone arm --name leg
    boot leg
    run -0 guest leg 'cat /data/boots'
    [ "$output" = 2 ]
    utmctl stop --kill leg
    run -0 utmctl delete leg
    run -0 utmctl delete arm
    run -0 utmctl list --json
    [ "$output" = "[]" ]
}
