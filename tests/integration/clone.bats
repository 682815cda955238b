# SPDX-License-Identifier: Apache-2.0
# Clones that stand on another machine's disks, machines made of snapshots, and what guards a machine.
load lib

setup_file() {
    box_open
    running base
    guest base 'echo base >/data/state; sync'
    utmctl snapshot create base ready >/dev/null
    guest base 'echo later >/data/state; sync'
    utmctl stop base
}

teardown_file() { box_close; }

holds() { [ "$(guest "$1" 'cat /data/state')" = "$2" ]; }
keeps() { [ "$(on_disk "$1" /state)" = "$2" ]; }
# QEMU takes the disks, whatever a guest would make of them.
starts() {
    utmctl start --accel tcg "$1" &&
        utmctl stop --kill "$1"
}
disk() { find "$LIBRARY/$1.utm/Data" -name 'disk*'; }
backing() { qemu-img info -U --output json "$(disk "$1")" | jq -r '."backing-filename" // ""'; }

@test "a linked clone has only what it changes" {
    run -0 utmctl clone base --name one --linked
    run -0 utmctl clone base --name two --linked
    [ "$(backing one)" = ../../base.utm/Data/disk.qcow2 ]
    [ "$(uuid_of one)" != "$(uuid_of base)" ]
    boot one
    holds one later
    guest one 'echo one >/data/state; sync'
    run -0 utmctl stop one
    keeps one one
    keeps two later
    keeps base later
}

@test "its base is not changed" {
    run -5 utmctl start base
    [[ $output == *'linked clones stand on its disks: '*'"one"'* ]]
    [[ $output == *'utmctl start --force'* ]]
    run -5 utmctl delete base
    [[ $output == *'"two"'* ]]
    run -5 utmctl rename base other
    run -5 utmctl snapshot restore --yes base ready
    run -5 utmctl snapshot create base layer --external
    [[ $output == *'snapshot flatten'* ]]
    run -0 utmctl start --disposable --accel tcg base
    run -0 utmctl stop base
}

@test "a clone of a linked clone is one as well, wherever it is" {
    run -0 utmctl stop one
    run -0 utmctl clone one --output "$BOX/away.utm"
    [ "$(qemu-img info --output json "$BOX/away.utm/Data/disk.qcow2" | jq -r '."backing-filename"')" = \
        "$LIBRARY/base.utm/Data/disk.qcow2" ]
    run -0 starts "$BOX/away.utm"
    run -5 utmctl delete base
    [[ $output == *'"away"'* ]]
    run -0 utmctl delete "$BOX/away.utm"
}

@test "a clone is renamed, and found again" {
    run -0 utmctl rename one uno
    run -0 starts uno
    run -5 utmctl delete base
    [[ $output == *'"uno"'* ]]
}

@test "flatten makes it stand alone, while it runs" {
    run -0 utmctl start --accel tcg two
    run -0 utmctl snapshot flatten two
    in_state two started
    run -0 utmctl stop --kill two
    [ -z "$(backing two)" ]
    keeps two later
    run -0 utmctl delete uno
    run -0 utmctl delete two
    run -0 starts base
}

@test "a full clone is one image without snapshots" {
    run -2 utmctl clone base --full --linked
    run -0 utmctl clone base --name whole --full
    run -0 utmctl snapshot list --json whole
    [ "$(tr -d ' \n' <<<"$output")" = '[]' ]
    keeps whole later
}

@test "a snapshot becomes a machine of its own" {
    run -2 utmctl snapshot export base
    [[ $output == *VM@NAME* ]]
    run -4 utmctl snapshot export base@nosuch -o "$BOX/x.utm"
    run -0 utmctl snapshot export base@ready -o "$BOX/then.utm"
    [[ $output == *'memory stays behind'* ]]
    [ "$(utmctl snapshot list --json "$BOX/then.utm" | tr -d ' \n')" = '[]' ]
    keeps "$BOX/then.utm" base
    run -0 starts "$BOX/then.utm"
}

@test "an external snapshot of a machine that runs as well" {
    run -0 utmctl start --accel tcg whole
    wait_ready whole
    run -0 utmctl snapshot create whole here --external
    guest whole 'echo gone >/data/state; sync'
    run -0 utmctl snapshot export whole@here -o "$BOX/here.utm"
    run -0 utmctl stop --kill whole
    keeps "$BOX/here.utm" later
    run -0 starts "$BOX/here.utm"
    # Chains go with a copy.
    run -0 utmctl clone whole --name copy
    run -0 utmctl delete whole
    run -0 utmctl snapshot restore --yes --start copy here
    run -0 utmctl stop --kill copy
    keeps copy later
}

@test "a protected machine is neither started nor deleted without --force" {
    run -0 utmctl config set base --protect
    run -5 utmctl start base
    [[ $output == *'it is protected'* ]]
    run -5 utmctl delete base
    run -0 utmctl clone base --name child --linked
    run -0 starts child
    run -0 utmctl start --force --accel tcg base
    run -0 utmctl stop --kill base
}
