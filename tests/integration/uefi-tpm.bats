# SPDX-License-Identifier: Apache-2.0
# An x86 machine with UEFI, its variables, and a TPM.
load lib

setup_file() {
    box_open
    machine efi demo-uefi
    ! command -v swtpm >/dev/null || utmctl config set -q efi QEMU.TPMDevice=true
}

teardown_file() { box_close; }

@test "it boots by UEFI" {
    boot efi
    run -0 guest efi 'ls -d /sys/firmware/efi; cat /data/boots'
    [ "${lines[0]}" = /sys/firmware/efi ]
    [ "${lines[1]}" = 1 ]
}

@test "a TPM is started with the machine" {
    command -v swtpm >/dev/null || skip "no swtpm"
    run -0 guest efi 'cat /sys/class/tpm/tpm0/tpm_version_major'
    [ "$output" = 2 ]
    [ -s "$LIBRARY/efi.utm/Data/tpmdata" ]
    box_processes | xargs -I{} readlink /proc/{}/exe | grep -q swtpm
}

@test "it keeps its variables, and the TPM ends with it" {
    run -0 utmctl stop --request --timeout 60s efi
    [ -s "$LIBRARY/efi.utm/Data/efi_vars.fd" ]
    wait_until 10 no_processes
}
