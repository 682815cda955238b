# SPDX-License-Identifier: Apache-2.0
# A disposable run leaves the disks as they were.
load lib

setup_file() {
    box_open
    machine guinea
}

teardown_file() { box_close; }

@test "nothing of a disposable run stays" {
    before=$(sha256sum "$LIBRARY/guinea.utm/Data/disk.qcow2")
    boot --disposable guinea
    run -0 guest guinea 'echo x >/data/new; sync; cat /data/boots'
    [ "$output" = 1 ]
    # What cannot be kept cannot be saved either.
    run -7 utmctl suspend -s guinea
    in_state guinea started
    run -0 utmctl stop guinea
    [ "$(sha256sum "$LIBRARY/guinea.utm/Data/disk.qcow2")" = "$before" ]
}

@test "the next run is the first again" {
    run -0 utmctl start --accel tcg guinea
    run -0 utmctl stop --kill guinea
    [ -z "$(on_disk guinea /boots)" ]
}
