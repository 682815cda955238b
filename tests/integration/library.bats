# SPDX-License-Identifier: Apache-2.0
# Clones, names and deletion of real machines.
load lib

setup_file() {
    box_open
    machine one demo-up
}

teardown_file() { box_close; }

@test "a clone is a machine of its own" {
    run -0 utmctl clone one --name two
    [ -s "$LIBRARY/two.utm/Data/disk.qcow2" ]
    [ "$(uuid_of one)" != "$(uuid_of two)" ]
}

@test "original and clone run beside each other" {
    utmctl start -q --yes one@up
    utmctl start -q --yes two@up
    guest one 'echo one >/data/who; sync'
    guest two 'echo two >/data/who; sync'
    run -0 guest one 'cat /data/who'
    [ "$output" = one ]
    run -0 guest two 'cat /data/who'
    [ "$output" = two ]
}

@test "a running machine is not deleted" {
    run -5 utmctl delete one
    in_state one started
    [ -d "$LIBRARY/one.utm" ]
}

@test "delete removes the bundle and what was kept about it" {
    state=$(state_dir one)
    [ -d "$state" ]
    utmctl stop --kill one
    run -0 utmctl delete one
    [ ! -e "$LIBRARY/one.utm" ]
    [ ! -e "$state" ]
    run -4 utmctl status one
}

@test "a stopped machine is renamed" {
    utmctl stop --kill two
    run -0 utmctl rename two three
    [ -d "$LIBRARY/three.utm" ]
    run -0 utmctl status three
    [ "$output" = stopped ]
    run -4 utmctl status two
}
