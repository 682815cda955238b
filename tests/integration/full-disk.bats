# SPDX-License-Identifier: Apache-2.0
# No room in the middle: the machine is as it was, and the error says which disk is full.
load lib

# A small file system of our own: as root, or as root of a user namespace. What runs in it starts
# anew from this file, in a mount namespace that goes with it.
apart() {
    local how
    for how in -m -rm; do
        unshare $how true 2>/dev/null && echo $how && return
    done
    return 1
}

setup() { box_open; }
teardown() { box_close; }

# within MIB COMMANDS: a script with the library on a disk of that size, and the functions of lib
within() {
    local how
    how=$(apart) || skip "no mount namespace here"
    mkdir "$BOX/small"
    timeout 120 unshare "$how" bash -euc "mount -t tmpfs -o size=${1}M tmpfs '$BOX/small'
        export UTMCTL_LIBRARY='$BOX/small' LIBRARY='$BOX/small'
        bats_require_minimum_version() { :; }
        . '$BATS_TEST_DIRNAME/lib.bash'
        trap 'utmctl stop --kill full >/dev/null 2>&1 || true' EXIT
        $2"
}

# What every script begins with: a guest with more in its memory than the disk has room for.
# Files without holes: a memory file system fills those of a file that is mapped, as a kernel is.
full_guest='machine full
    for file in kernel initrd.img; do
        cp --sparse=never "$LIBRARY/full.utm/Data/$file" "$BOX/$file"
        cat "$BOX/$file" >"$LIBRARY/full.utm/Data/$file"
    done
    boot full
    guest full "dd if=/dev/urandom of=/tmp/fill bs=1M count=64; echo old >/data/state; sync"
    refused() {
        local status=0
        "$@" 2>"$BOX/err" || status=$?
        cat "$BOX/err" >&2
        [ $status = 1 ] && grep -q "\"$BOX/small.*is full" "$BOX/err"
    }
    unharmed() {
        [ "$(utmctl status full)" = started ]
        [ "$(guest full "cat /data/state")" = old ]
        [ "$(field full suspended)" = false ]
        [ "$(utmctl snapshot list --json full)" = "[]" ]
    }'

@test "a snapshot and a state that do not fit" {
    within 125 "$full_guest
        refused utmctl snapshot create full one
        unharmed
        refused utmctl suspend -s full
        unharmed
        utmctl stop full
        qemu-img check -q '$BOX/small/full.utm/Data/disk.qcow2'
        # The room is there again.
        utmctl snapshot create full two
        utmctl snapshot restore --yes full two"
}

@test "a warm image that does not fit" {
    within 400 "$full_guest
        mkdir '$BOX/small/cache'
        dd if=/dev/zero of='$BOX/small/filler' bs=1M count=\$((\$(df -m --output=avail '$BOX/small' | tail -1) - 180)) 2>/dev/null
        export XDG_CACHE_HOME='$BOX/small/cache'
        status=0
        utmctl snapshot create --warm full one 2>'$BOX/err' || status=\$?
        cat '$BOX/err' >&2
        [ \$status = 1 ] && grep -q 'cache/utmctl/warm.* left' '$BOX/err'
        unharmed
        [ -z \"\$(find '$BOX/small/cache' -name ram)\" ]"
}

@test "a copy that does not fit" {
    within 60 'machine full
        refused() { local status=0; "$@" 2>"$BOX/err" || status=$?; cat "$BOX/err" >&2; [ $status = 1 ]; }
        refused utmctl clone full --name other
        grep -q "is full" "$BOX/err"
        [ "$(ls -A "$LIBRARY")" = full.utm ]
        qemu-img check -q "$LIBRARY/full.utm/Data/disk.qcow2"'
}
