# SPDX-License-Identifier: Apache-2.0
# Snapshots of a machine with UEFI: its variable store made fit for them, and kept with layers.
load lib

setup_file() {
    box_open
    machine uefi demo-uefi
}

teardown_file() { box_close; }

vars() { echo "$LIBRARY/uefi.utm/Data/efi_vars.fd"; }
format() { qemu-img info -U --output json "$1" | jq -r .format; }

@test "a raw store is converted once, and says the same" {
    qemu-img convert -O raw "$(vars)" "$BOX/raw"
    cp "$BOX/raw" "$(vars)"
    # Not for what is refused anyway.
    run -2 utmctl snapshot create uefi 12
    [ "$(format "$(vars)")" = raw ]
    run -0 utmctl snapshot create uefi inside
    [ "$(format "$(vars)")" = qcow2 ]
    run -0 qemu-img compare "$BOX/raw" "$(vars)"
    run -0 utmctl snapshot show --json uefi inside
    [ "$(jq -c '[.complete, ([.disks[].drive] | index("efi_vars") != null)]' <<<"$output")" = \
        '[true,true]' ]
    run -0 utmctl snapshot delete uefi inside
}

@test "layers keep the store beside them" {
    run -0 utmctl start --accel tcg uefi
    run -0 utmctl snapshot create uefi layer --external
    run -0 utmctl stop --kill uefi
    cp "$(vars)" "$BOX/after"
    qemu-io -f qcow2 -c 'write -P 65 0 4096' "$(vars)" >/dev/null
    run -0 utmctl snapshot restore --yes uefi layer
    run -0 qemu-img compare "$BOX/raw" "$(vars)"
    run -1 qemu-io -f qcow2 -c 'read -P 65 0 4096' "$(vars)"
}

@test "and a machine that is made of them has it" {
    run -0 utmctl snapshot export uefi@layer -o "$BOX/then.utm"
    run -0 qemu-img compare "$BOX/raw" "$BOX/then.utm/Data/efi_vars.fd"
    run -0 utmctl start --accel tcg "$BOX/then.utm"
    run -0 utmctl stop --kill "$BOX/then.utm"
}
