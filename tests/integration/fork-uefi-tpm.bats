# SPDX-License-Identifier: Apache-2.0
# An x86 machine with UEFI and a TPM is forked with both.
load lib

setup_file() {
    box_open
    running efi demo-uefi
}

teardown_file() { box_close; }

measured() { guest "$1" 'cat /sys/class/tpm/tpm0/pcr-sha256/0'; }

@test "copies have what the firmware has measured" {
    measured efi >"$BOX/before"
    [ -s "$BOX/before" ]
    guest efi 'echo one >/tmp/memory; sync'
    run -0 utmctl snapshot create efi --warm booted
    run -0 utmctl fork efi@booted -n 2 --rm
    run -0 guest efi-2 'cat /tmp/memory'
    [ "$output" = one ]
    measured efi-1 | cmp - "$BOX/before"
    measured efi-2 | cmp - "$BOX/before"
    [ -s "$LIBRARY/efi-1.utm/Data/tpmdata" ]
    run -0 utmctl stop --kill efi-1
    run -0 utmctl stop --kill efi-2
}

@test "so has the machine itself when it goes back" {
    run -0 utmctl stop --kill efi
    run -0 utmctl start --yes efi@booted
    measured efi | cmp - "$BOX/before"
}
