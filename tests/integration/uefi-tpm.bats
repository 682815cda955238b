# SPDX-License-Identifier: Apache-2.0
# An x86 machine with UEFI, its variables, and a TPM.
load lib

setup_file() {
    box_open
    machine efi demo-uefi
}

teardown_file() { box_close; }

@test "it boots by UEFI and keeps its variables" {
    boot efi
    run -0 guest efi 'ls -d /sys/firmware/efi; cat /data/boots'
    [ "${lines[0]}" = /sys/firmware/efi ]
    [ "${lines[1]}" = 1 ]
    run -0 utmctl stop --request --timeout 60s efi
    [ -s "$LIBRARY/efi.utm/Data/efi_vars.fd" ]
}

@test "a TPM is started and ended with the machine" {
    command -v swtpm >/dev/null || skip "no swtpm"
    plist=$LIBRARY/efi.utm/config.plist
    tr -d '\n' <"$plist" | sed 's|<key>TPMDevice</key>[[:space:]]*<false/>|<key>TPMDevice</key><true/>|' \
        >"$BOX/plist"
    cp "$BOX/plist" "$plist"
    boot efi
    run -0 guest efi 'cat /sys/class/tpm/tpm0/tpm_version_major'
    [ "$output" = 2 ]
    [ -s "$LIBRARY/efi.utm/Data/tpmdata" ]
    run -0 utmctl stop --request --timeout 60s efi
    wait_until 10 no_processes
}
