# SPDX-License-Identifier: Apache-2.0
# Media of removable drives, as the guest sees them.
load lib

setup_file() {
    box_open
    machine reader
    utmctl config add reader Drive ImageType=CD Interface=IDE Identifier=CD0
    head -c 1048576 /dev/urandom >"$BOX/one.img"
    head -c 1048576 /dev/urandom >"$BOX/two.img"
}

teardown_file() { box_close; }

# The first look after a change tells the guest that there was one.
sees() {
    local sum
    sum=$(head -c 65536 "$1" | md5sum | cut -d' ' -f1)
    guest reader "head -c 512 /dev/sr0 >/dev/null 2>&1; head -c 65536 /dev/sr0 | md5sum" |
        grep -q "$sum"
}

@test "a medium for the next start is remembered" {
    run -0 utmctl mount reader
    [[ ${lines[1]} == *cd*CD0*-* ]]
    run -0 utmctl mount reader cd "$BOX/one.img"
    run -0 utmctl mount reader --json
    [[ $output == *"$BOX/one.img"* ]]
    boot reader
    sees "$BOX/one.img"
}

@test "a medium is changed while the guest runs" {
    run -0 utmctl mount reader CD0 "$BOX/two.img"
    sees "$BOX/two.img"
}

@test "what cannot be opened leaves the old medium in" {
    run -4 utmctl mount reader cd "$BOX/nosuch.iso"
    run -2 utmctl mount reader cd https://example.org/x.iso
    run -2 utmctl mount reader cd -
    run -9 utmctl mount reader cd "$BOX"
    run -4 utmctl mount reader floppy "$BOX/one.img"
    run -2 utmctl mount reader cd
    run -0 utmctl mount reader
    [[ $output == *"$BOX/two.img"* ]]
    sees "$BOX/two.img"
}

@test "a hundred changes leave no descriptor behind" {
    local pid before after
    pid=$(field reader pid)
    before=$(ls "/proc/$pid/fd" | wc -l)
    for _ in $(seq 50); do
        utmctl mount reader cd "$BOX/one.img" --force
        utmctl mount reader cd "$BOX/two.img" --force
    done
    after=$(ls "/proc/$pid/fd" | wc -l)
    [ "$after" -le $((before + 2)) ]
}

@test "unmount empties the drive, here and for the next start" {
    run -0 utmctl unmount reader cd --force
    run -0 utmctl unmount reader cd --force
    run -0 utmctl mount reader
    [[ ${lines[1]} != *two.img* ]]
    run -0 utmctl stop reader
    run -0 utmctl start --accel tcg reader
    run -0 utmctl stop reader
}

@test "a medium that is gone is named at the next start" {
    run -0 utmctl mount reader cd "$BOX/one.img"
    rm "$BOX/one.img"
    run -4 utmctl start --accel tcg reader
    [[ $output == *"$BOX/one.img"* ]]
}
