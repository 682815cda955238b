# SPDX-License-Identifier: Apache-2.0
# A guest that goes on after it stood still has the right time, where its agent is there.
load lib

setup_file() {
    box_open
    running clock
    wait_until 30 agent_is_there
}

teardown_file() { box_close; }

agent_is_there() { [ "$(field clock agent)" = true ]; }

# Another time is what a guest has that stood still for long.
set_wrong() { guest clock 'date -s @86400 >/dev/null; date +%s' | grep -q '^864'; }

is_thawed() { [ "$(utmctl qmp clock guest-fsfreeze-status | tr -d '"')" = thawed ]; }

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

@test "nor does one whose utmctl was killed" {
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
