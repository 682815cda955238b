# SPDX-License-Identifier: Apache-2.0
# A guest that goes on after it stood still has the right time, where its agent is there.
load lib

setup_file() {
    box_open
    running clock
    wait_until 30 agent_is_there
    # It has been told the time, as it goes on from a snapshot, and is not told again.
    wait_until 30 grep -q '"event":"x-utm-clock"' "$(state_dir clock)/events.jsonl"
}

teardown_file() { box_close; }

agent_is_there() { [ "$(field clock agent)" = true ]; }

# Another time is what a guest has that stood still for long.
set_wrong() { guest clock 'date -s @86400 >/dev/null; date +%s' | grep -q '^864'; }

is_thawed() { [ "$(utmctl qmp "${1-clock}" guest-fsfreeze-status | tr -d '"')" = thawed ]; }

is_right() {
    local there here
    there=$(guest clock 'date +%s')
    here=$(date +%s)
    [ $((here - there)) -le 2 ] && [ $((there - here)) -le 2 ]
}

@test "after a pause" {
    set_wrong
    run ! is_right
    run -0 utmctl pause clock
    run -0 utmctl resume clock
    wait_until 20 is_right
    grep -q '"event":"x-utm-clock","data":{"set":true' "$(state_dir clock)/events.jsonl"
}

@test "after a restore" {
    set_wrong
    run -0 utmctl snapshot create clock wrong
    # Making it has set the clock too.
    wait_until 20 is_right
    run -0 utmctl snapshot restore --yes clock wrong
    wait_until 20 is_right
}

@test "the agent is there as soon as a state is restored" {
    # With --keep-current it is at work for the clock when the guest is set back.
    for how in "" "" --keep-current --keep-current; do
        run -0 utmctl snapshot restore --yes $how clock wrong
        run -0 utmctl exec clock -- echo hello
        [ "$output" = hello ]
    done
}

@test "after a suspension" {
    set_wrong
    run -0 utmctl suspend -s clock
    run -0 utmctl start --accel tcg clock
    wait_until 20 is_right
}

@test "after a start from a snapshot" {
    run -0 utmctl stop --kill clock
    run -0 utmctl start --yes clock@wrong
    wait_until 20 is_right
}

@test "file systems that were frozen in the snapshot are thawed" {
    run -0 utmctl qmp clock guest-fsfreeze-freeze
    run -0 utmctl snapshot create clock frozen
    run -0 utmctl qmp clock guest-fsfreeze-thaw
    run -0 utmctl snapshot restore --yes clock frozen
    wait_until 20 is_thawed
    wait_until 20 is_right
}

@test "a quiesced snapshot leaves nothing frozen" {
    run -0 utmctl snapshot create clock --disk-only --quiesce quiet
    is_thawed
    run -0 utmctl snapshot create clock --quiesce quiet-too
    is_thawed
}

is_called() { [ "$(guest "$1" hostname)" = "$2" ]; }

@test "copies of a quiesced snapshot are thawed, and then told that they are copies" {
    run -0 utmctl snapshot create clock --warm --quiesce quiet-warm
    is_thawed
    run -0 utmctl fork clock@quiet-warm --name copy
    wait_until 20 is_called copy copy
    is_thawed copy
    guest copy 'echo new >/data/new; sync'
    grep -q '"event":"x-utm-renew","data":{"told":true' "$(state_dir copy)/events.jsonl"
    run -0 utmctl stop --kill copy
    run -0 utmctl delete copy
}

@test "so is a machine that starts from one" {
    run -0 utmctl stop --kill clock
    run -0 utmctl start --yes clock@quiet-warm
    wait_until 20 is_thawed
    run -0 utmctl stop --kill clock
    run -0 utmctl start --yes clock@quiet-too
    wait_until 20 is_thawed
}

@test "a freeze whose utmctl was killed is thawed" {
    run -0 utmctl qmp clock x-utm-quiesce
    run ! is_thawed
    wait_until 30 is_thawed
}

@test "a guest that is paused again is not waited for" {
    run -0 utmctl pause clock
    run -0 utmctl resume clock
    run -0 utmctl pause clock
    run -0 utmctl resume clock
    wait_until 20 is_right
}
