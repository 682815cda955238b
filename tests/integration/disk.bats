# SPDX-License-Identifier: Apache-2.0
# Disks: added, resized and removed while the guest runs, and work on their images while it does not.
load lib

setup_file() {
    box_open
    machine disks
    head -c 3145728 /dev/urandom >"$BOX/pattern.img"
}

teardown_file() { box_close; }

# member DISK KEY: of what disk list --json says.
member() { utmctl disk list disks --json | jq -r ".[] | select(.drive == $1) | .$2"; }
in_guest() { utmctl exec disks --cmd sh -c "$1"; }
sectors() { [ "$(in_guest "cat /sys/block/$1/size")" = "$2" ]; }
# Ready is the guest when its agent answers.
up() { boot disks && wait_until 20 in_guest true; }

@test "a disk is added to a stopped machine, or only said what would be" {
    run -0 --separate-stderr utmctl disk add disks --size 8M --dry-run --json
    [ "$(jq -r .drive <<<"$output")" = 3 ]
    [ "$(utmctl disk list disks --json | jq length)" = 1 ]
    run -2 utmctl disk add disks
    run -2 utmctl disk add disks --size 8M --interface tape
    run -9 utmctl disk add disks --size 8M --interface usb
    run -4 utmctl disk add disks --image "$BOX/nosuch.img"
    run -0 --separate-stderr utmctl disk add disks --image "$BOX/pattern.img" --json
    [ "$(jq -r .plugged <<<"$output")" = false ]
    [ "$(member 3 format)" = qcow2 ]
    [ "$(member 3 virtual_size)" = 3145728 ]
    [ "$(find "$LIBRARY/disks.utm/Data" -name '.*' -type f | wc -l)" = 0 ]
}

@test "a running guest gets a disk at once and writes to it" {
    up
    in_guest 'head -c 3145728 /dev/vdb | md5sum' | grep -q "$(md5sum <"$BOX/pattern.img" | cut -d' ' -f1)"
    run -0 --separate-stderr utmctl disk add disks --size 8M --json
    [ "$(jq -r .plugged <<<"$output")" = true ]
    wait_until 10 sectors vdc 16384
    in_guest 'echo written while it ran | dd of=/dev/vdc conv=notrunc 2>/dev/null; sync'
    [[ $(member 4 used_by) == pid* ]]
    # What cannot be plugged in comes later, and says so.
    run -0 utmctl disk add disks --size 8M --interface ide
    [[ $output == *"next start"* ]]
    run -0 utmctl disk remove disks 5 --delete-image --yes
}

@test "a disk grows while the guest looks on" {
    run -0 utmctl disk resize disks 4 +8M
    wait_until 10 sectors vdc 32768
    run -2 utmctl disk resize disks 4 4M
    run -5 utmctl disk resize disks 4 4M --force
    [ "$(member 4 virtual_size)" = 16777216 ]
}

@test "memory is not saved with a disk that was plugged in" {
    run -7 utmctl snapshot create disks memory
    [[ $output == *"plugged in"* ]]
    run -7 utmctl suspend --save-state disks
    run -0 utmctl snapshot create disks only-disks --disk-only
    [ "$(member 4 'snapshots[0]')" = only-disks ]
    run -0 utmctl snapshot delete disks only-disks
}

@test "a running guest lets go of a disk" {
    local pid before image
    pid=$(field disks pid)
    before=$(ls "/proc/$pid/fd" | wc -l)
    run -0 utmctl disk add disks --size 8M --interface nvme
    image=$(member 5 path)
    run -0 utmctl pause disks
    run -5 utmctl disk remove disks 5
    run -0 utmctl resume disks
    run -0 utmctl disk remove disks 5
    [ ! -e "$image" ]
    [ -e "$LIBRARY/disks.utm/Unused/${image##*/}" ]
    [ "$(ls "/proc/$pid/fd" | wc -l)" -le "$before" ]
    # What was there at the start sits on a bus that lets nothing go.
    run -5 utmctl disk remove disks 3
    [ -e "$(member 3 path)" ]
    run -4 utmctl disk remove disks 9
    run -5 utmctl disk compact disks 3
}

@test "everything is there after a restart, also when QEMU is killed on the way" {
    utmctl disk add disks --size 8M >/dev/null
    kill -KILL "$(field disks pid)"
    wait_until 10 in_state disks stopped
    up
    in_guest 'head -c 23 /dev/vdc' | grep -q 'written while it ran'
    sectors vdd 16384
    run -0 utmctl stop --request disks
    run -0 utmctl disk remove disks 5 --delete-image --yes
}

@test "a compacted image has the same content and takes less room" {
    local path before
    path=$(member 4 path)
    qemu-img convert -O qcow2 "$path" "$BOX/before.qcow2"
    # The tables of 12 MiB that were written and freed again are still there.
    qemu-io -f qcow2 -c 'write -P 7 1M 12M' -c 'write -z 1M 12M' "$path" >/dev/null
    before=$(stat -c %b "$path")
    run -0 utmctl disk compact disks 4
    [ "$(stat -c %b "$path")" -lt "$before" ]
    qemu-img compare "$path" "$BOX/before.qcow2"
    run -0 utmctl snapshot create disks kept
    run -5 utmctl disk compact disks 4
    run -5 utmctl disk convert disks 4 --format raw
    [[ $output == *kept* ]]
    run -0 utmctl snapshot delete disks kept
}

@test "an image is converted there and back" {
    local path
    path=$(member 4 path)
    run -0 utmctl disk convert disks 4 --format raw
    [ "$(member 4 format)" = raw ]
    [ ! -e "$path" ]
    qemu-img compare -f raw -F qcow2 "$(member 4 path)" "$BOX/before.qcow2"
    run -0 utmctl disk convert disks 4
    [ "$(member 4 format)" = qcow2 ]
    qemu-img compare "$(member 4 path)" "$BOX/before.qcow2"
}

@test "a disk becomes smaller only when it is forced, and data are named" {
    run -2 utmctl disk resize disks 4 8M
    run -0 utmctl disk resize disks 4 8M --force
    run -2 utmctl disk resize disks 3 1M --force
    [[ $output == *"2097152 bytes"* ]]
    run -0 utmctl disk resize disks 3 1M --force --yes
    [ "$(member 3 virtual_size)" = 1048576 ]
}

@test "damage is found and repaired" {
    local path
    path=$(member 3 path)
    run -0 utmctl disk check disks 3
    [[ $output == *sound* ]]
    # The first block of reference counts follows the header and its table.
    dd if=/dev/zero of="$path" bs=1 seek=131072 count=8 conv=notrunc 2>/dev/null
    run -9 utmctl disk check disks 3
    run -0 --separate-stderr utmctl disk check disks 3 --repair --json
    [ "$(jq -r .errors <<<"$output")" = 0 ]
    run -0 utmctl disk check disks 3
}

@test "a compaction that is killed leaves the old image, and the machine starts" {
    local path sum pid
    path=$(member 4 path)
    sum=$(md5sum <"$path")
    mkdir "$BOX/slow"
    cat >"$BOX/slow/qemu-img" <<'END'
#!/bin/sh
for to; do :; done
echo half >"${to#file:}"
: >"$SLOW"
exec sleep 60
END
    chmod +x "$BOX/slow/qemu-img"
    SLOW=$BOX/begun PATH=$BOX/slow:$PATH "$UTMCTL" disk compact disks 4 &
    pid=$!
    wait_until 10 test -e "$BOX/begun"
    kill -KILL "$pid"
    wait "$pid" || true
    [ "$(md5sum <"$path")" = "$sum" ]
    run -0 utmctl start --accel tcg disks
    run -0 utmctl stop --kill disks
    run -0 utmctl disk compact disks 4
    [ "$(find "$LIBRARY/disks.utm/Data" -name '.*' -type f | wc -l)" = 0 ]
}

@test "what a linked clone stands on is not changed" {
    utmctl clone disks --linked --name linked >/dev/null
    run -5 utmctl disk resize disks 2 +1M
    [[ $output == *linked* ]]
    run -5 utmctl disk convert disks 2 --format raw
    run -5 utmctl disk remove disks 2
    utmctl delete linked
    run -0 utmctl disk resize disks 2 +1M --dry-run
}
