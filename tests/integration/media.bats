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

fds() { ls "/proc/$1/fd" | wc -l; }
# What a process has allocated, in KiB; the guest's memory is elsewhere.
heap() { awk '/^[0-9a-f]+-/ { heap = /\[heap\]/ } heap && /^Rss:/ { kb += $2 } END { print kb + 0 }' "/proc/$1/smaps"; }

# UTMCTL_TEST_MOUNTS=1000 is the long form. A sanitizer keeps freed memory, which is no leak.
@test "mounting over and over leaves no descriptor and no memory behind" {
    local qemu helper qemu_fds helper_fds qemu_heap helper_heap
    qemu=$(field reader pid)
    helper=$(field reader helper_pid)
    for _ in 1 2 3; do
        utmctl mount reader cd "$BOX/one.img" --force
        utmctl unmount reader cd --force
    done
    qemu_fds=$(fds "$qemu") helper_fds=$(fds "$helper")
    qemu_heap=$(heap "$qemu") helper_heap=$(heap "$helper")
    for _ in $(seq "${UTMCTL_TEST_MOUNTS-20}"); do
        utmctl mount reader cd "$BOX/one.img" --force
        utmctl unmount reader cd --force
    done
    echo "descriptors: QEMU $qemu_fds to $(fds "$qemu"), helper $helper_fds to $(fds "$helper")"
    echo "heap: QEMU $qemu_heap to $(heap "$qemu") KiB, helper $helper_heap to $(heap "$helper") KiB"
    [ "$(fds "$qemu")" -le "$qemu_fds" ]
    [ "$(fds "$helper")" -le "$helper_fds" ]
    [ "$(heap "$qemu")" -le $((qemu_heap + 512)) ]
    grep -q libasan "/proc/$helper/maps" || [ "$(heap "$helper")" -le $((helper_heap + 256)) ]
    utmctl mount reader cd "$BOX/two.img" --force
}

@test "guest tools are the image that is configured" {
    run -4 utmctl mount reader --tools
    [[ $output == *utmctl/tools/x86_64.iso* ]]
    run -2 utmctl mount reader --tools cd "$BOX/one.img"
    mkdir -p "$XDG_DATA_HOME/utmctl/tools"
    cp "$BOX/one.img" "$XDG_DATA_HOME/utmctl/tools/x86_64.iso"
    run -0 utmctl mount reader --tools --dry-run
    run -0 utmctl mount reader
    [[ $output == *two.img* ]]
    run -0 utmctl mount reader --tools --force
    run -0 utmctl mount reader
    [[ $output == *tools/x86_64.iso* ]]
    sees "$BOX/one.img"
    UTMCTL_TOOLS=$BOX/two.img run -0 utmctl mount reader --tools cd --force
    sees "$BOX/two.img"
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
