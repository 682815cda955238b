# SPDX-License-Identifier: Apache-2.0
# A tree of states that a machine goes back to.
load lib

setup_file() {
    box_open
    running tree
}

teardown_file() { box_close; }

image() { echo "$LIBRARY/tree.utm/Data/disk.qcow2"; }

@test "create keeps memory and disk of a running machine" {
    guest tree 'echo one >/data/state; echo one >/tmp/state; sync'
    run -0 utmctl snapshot create tree first --description 'the first one'
    in_state tree started
    guest tree 'echo two >/data/state; echo two >/tmp/state; sync'
    run -0 utmctl snapshot create tree 'second -ü x'
    run -0 utmctl snapshot list tree
    [[ ${lines[1]} == first* ]]
    [[ ${lines[2]} == "  second -ü x"*current ]]
    run -0 utmctl snapshot show tree first
    [[ $output == *"the first one"* ]]
    [[ $output == *"Memory:       "*iB*"Current:      no"*"disk.qcow2 ("*iB")" ]]
}

@test "a name that is taken or bad is refused" {
    run -5 utmctl snapshot create tree first
    run -2 utmctl snapshot create tree 12
    run -2 utmctl snapshot create tree suspend
    run -2 utmctl snapshot create tree "$(printf 'a\tb')"
    run -4 utmctl snapshot show tree nosuch
    run -4 utmctl snapshot restore tree nosuch
    [[ $output == *'VM "tree": it has no snapshot "nosuch"'*'hint: utmctl snapshot list tree'* ]]
    run -0 utmctl snapshot delete tree first --children --dry-run
    [ "$output" = $'would delete second -ü x\nwould delete first' ]
    [ "$(utmctl snapshot list --json tree | jq length)" = 2 ]
}

@test "restore asks, and without a terminal needs --yes" {
    run -2 utmctl snapshot restore tree first
    [[ $output == *--yes* ]]
    run -0 guest tree 'cat /tmp/state'
    [ "$output" = two ]
}

@test "restore of a running machine brings both back" {
    run -0 utmctl snapshot restore --yes tree first
    in_state tree started
    run -0 guest tree 'cat /tmp/state /data/state'
    [ "$output" = $'one\none' ]
}

@test "a stopped machine goes on from a full snapshot" {
    run -0 utmctl stop tree
    run -0 utmctl snapshot restore --yes tree 'second -ü x'
    in_state tree started
    run -0 guest tree 'cat /tmp/state /data/state'
    [ "$output" = $'two\ntwo' ]
}

@test "what the machine is now can be kept on the way back" {
    run -0 utmctl snapshot restore --keep-current tree first
    [[ $output == *'"before-first"'* ]]
    run -0 guest tree 'cat /tmp/state'
    [ "$output" = one ]
    run -0 utmctl snapshot restore --keep-current tree before-first
    [[ $output == *'"before-before-first"'* ]]
    run -0 guest tree 'cat /tmp/state'
    [ "$output" = two ]
    run -0 utmctl snapshot delete tree before-before-first
    run -0 utmctl snapshot delete tree before-first
}

@test "memory of another machine is refused before anything changes" {
    local plist=$LIBRARY/tree.utm/utmctl.plist before
    run -0 utmctl stop tree
    sed -i 's|<string>\([0-9]*\)\.|<string>0\1.|' "$plist"
    before=$(md5sum "$(image)" "$LIBRARY/tree.utm/config.plist")
    run -7 utmctl snapshot restore --yes tree first
    [[ $output == *"another QEMU or machine"* ]]
    [[ $output == *--cold* ]]
    [ "$(md5sum "$(image)" "$LIBRARY/tree.utm/config.plist")" = "$before" ]
    run -0 utmctl snapshot restore --yes --cold tree first
    in_state tree stopped
    sed -i 's|<string>0|<string>|' "$plist"
    run -0 utmctl snapshot restore --yes tree 'second -ü x'
    in_state tree started
}

@test "disks only, while the guest runs" {
    guest tree 'echo three >/data/state; sync'
    run -0 utmctl snapshot create tree --disk-only disks
    run -5 utmctl snapshot restore --yes tree disks
    [[ $output == *"no memory in it"* ]]
    guest tree 'echo four >/data/state; sync'
    run -0 utmctl stop tree
    run -0 utmctl snapshot restore --yes --start tree disks
    wait_ready tree
    run -0 guest tree 'cat /data/state'
    [ "$output" = three ]
}

@test "a stopped machine has its disks and its configuration kept" {
    run -0 utmctl stop tree
    run -0 utmctl snapshot create tree cold
    sed -i 's/>256</>300</' "$LIBRARY/tree.utm/config.plist"
    run -0 utmctl rename tree trunk
    mv "$LIBRARY/trunk.utm" "$LIBRARY/tree.utm"
    run -0 utmctl snapshot restore --yes trunk cold
    in_state trunk stopped
    grep -q '>256<' "$LIBRARY/tree.utm/config.plist"
    run -0 utmctl rename trunk tree
}

@test "names that others gave appear, and vanish with them" {
    qemu-img snapshot -c foreign "$(image)"
    run -0 utmctl snapshot list --json tree
    [[ $output == *'"foreign"'* ]]
    qemu-img snapshot -d foreign "$(image)"
    run -0 utmctl snapshot list --json tree
    [[ $output != *'"foreign"'* ]]
}

@test "rename, delete and prune" {
    run -0 utmctl snapshot rename tree cold frozen
    run -0 utmctl snapshot show tree frozen
    run -0 utmctl snapshot delete tree frozen
    run -4 utmctl snapshot show tree frozen
    run -0 utmctl snapshot prune tree --keep-last 1 --dry-run
    [[ $output == *"would delete first"* ]]
    run -0 utmctl snapshot delete tree first --children
    run -0 utmctl snapshot list --json tree
    [ "$(tr -d ' \n' <<<"$output")" = '[]' ]
    run -0 qemu-img check "$(image)"
}

@test "a restore that was cut short is finished by the next start" {
    local kept
    kept=$(on_disk tree /state)
    [ "$kept" = three ]
    run -0 utmctl snapshot create tree safe
    boot tree
    guest tree 'echo lost >/data/state; sync'
    run -0 utmctl stop tree
    # What a restore leaves that was killed after its first step.
    sed -i 's|<key>Snapshots</key>|<key>Restoring</key><string>safe</string>&|' \
        "$LIBRARY/tree.utm/utmctl.plist"
    run -0 utmctl start --accel tcg tree
    ! grep -q Restoring "$LIBRARY/tree.utm/utmctl.plist"
    run -0 utmctl stop --kill tree
    [ "$(on_disk tree /state)" = three ]
}

@test "what is in the way is listed before anything is done" {
    qemu-img convert -O raw "$(image)" "$BOX/raw" && mv "$BOX/raw" "$(image)"
    run -7 utmctl snapshot create tree no
    [[ $output == *"only qcow2 holds snapshots"* ]]
}
