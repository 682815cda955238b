# SPDX-License-Identifier: Apache-2.0
# What a reader of the manual would have cron do, with three machines: one with UEFI and a TPM, one
# that runs, one that is stopped.
load lib

setup_file() {
    box_open
    mkdir "$BOX/bin"
    ln -s "$UTMCTL" "$BOX/bin/utmctl"
    export PATH=$BOX/bin:$PATH
    running efi demo-uefi
    running busy
    machine idle
}

teardown_file() { box_close; }

nightly() { "$BATS_TEST_DIRNAME/nightly.sh" "$@"; }
nights_of() { utmctl snapshot list --json "$1" | jq -r '.[].name | select(startswith("nightly-"))'; }
write() { guest "$1" "echo $2 >/tmp/night; echo $2 >/data/night; sync"; }
read_back() { guest "$1" 'cat /tmp/night /data/night'; }
measured() { guest efi 'cat /sys/class/tpm/tpm0/pcr-sha256/0'; }

@test "three nights" {
    local night
    measured >"$BOX/measured"
    run -0 utmctl snapshot create busy by-hand
    for night in first second third; do
        write busy $night
        write efi $night
        run -0 nightly --keep-last 2
    done
    in_state busy started
    in_state efi started
    in_state idle stopped
}

@test "what is kept of each" {
    local vm
    for vm in busy efi idle; do
        run -0 nights_of $vm
        [ ${#lines[@]} = 2 ]
    done
    run -0 utmctl snapshot show busy by-hand
}

@test "each goes back to the night before" {
    local vm
    for vm in busy efi; do
        run -0 utmctl snapshot restore --yes $vm "$(nights_of $vm | head -n 1)"
        run -0 read_back $vm
        [ "$output" = $'second\nsecond' ]
    done
    measured | cmp - "$BOX/measured"
    run -0 utmctl snapshot restore --yes idle "$(nights_of idle | head -n 1)"
    in_state idle stopped
}

@test "a machine that is in the way does not keep the others from theirs" {
    run -0 utmctl stop --kill busy
    run -0 utmctl stop --kill efi
    qemu-img convert -O raw "$LIBRARY/idle.utm/Data/disk.qcow2" "$BOX/raw"
    cp "$BOX/raw" "$LIBRARY/idle.utm/Data/disk.qcow2"
    run -1 nightly --keep-last 1
    [[ $output == *"only qcow2"* ]]
    run -0 nights_of busy
    [ ${#lines[@]} = 1 ]
    qemu-img check -q "$LIBRARY/busy.utm/Data/disk.qcow2"
    qemu-img check -q "$LIBRARY/efi.utm/Data/disk.qcow2"
    qemu-img check -q "$LIBRARY/efi.utm/Data/efi_vars.fd"
}
