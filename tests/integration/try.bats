# SPDX-License-Identifier: Apache-2.0
# Commands that are taken back when they fail.
load lib

setup_file() {
    box_open
    running web
    utmctl wait --quiet web agent
}

teardown_file() { box_close; }

checkpoints() { utmctl snapshot list --json web | jq -r '.[].name' | grep -c '^auto-' || true; }
inside() { utmctl exec web -- sh -c "$1"; }

@test "what succeeds stays" {
    run -0 --separate-stderr utmctl try web -- sh -c 'echo said; echo one >/data/file; echo one >/tmp/file'
    [ "$output" = said ]
    run -0 inside 'cat /data/file /tmp/file'
    [ "$output" = $'one\none' ]
    [ "$(checkpoints)" = 1 ]
}

@test "what fails is rolled back, memory and disks" {
    run -3 --separate-stderr utmctl try web -- sh -c 'echo two >/data/file; echo two >/tmp/file; sync; echo err >&2; exit 3'
    [[ $stderr == *err*"rolled back"* ]]
    run -0 inside 'cat /data/file /tmp/file'
    [ "$output" = $'one\none' ]
    [ "$(checkpoints)" = 1 ]
    run -127 utmctl try web -- /no/such/program
    [ "$(checkpoints)" = 1 ]
}

@test "--keep-on and --always-rollback decide otherwise" {
    run -5 utmctl try web --keep-on 4 --keep-on 5 -- sh -c 'echo three >/tmp/file; exit 5'
    run -0 inside 'cat /tmp/file'
    [ "$output" = three ]
    run -0 utmctl try web --always-rollback -- sh -c 'echo four >/tmp/file'
    run -0 inside 'cat /tmp/file'
    [ "$output" = three ]
    [ "$(checkpoints)" = 2 ]
    run -2 utmctl try web --keep-on many -- true
    run -2 utmctl try web
}

@test "undo goes back one checkpoint at a time" {
    run -2 utmctl undo web
    [[ $output == *--yes* ]]
    run -0 utmctl undo web --dry-run
    [[ $output == *"echo three"* ]]
    run -0 utmctl undo web --yes
    run -0 inside 'cat /tmp/file'
    [ "$output" = one ]
    run -0 utmctl undo web --yes
    run ! inside 'cat /tmp/file'
    run -4 utmctl undo web --yes
    [[ $output == *"no automatic checkpoint"* ]]
    in_state web started
}

@test "time-outs and Ctrl-C are rolled back" {
    run -124 utmctl try web --timeout 500ms -- sh -c 'echo five >/tmp/five; sleep 100'
    "$UTMCTL" try web -- sh -c 'echo up; echo six >/tmp/six; sleep 100' >"$BOX/out" 2>&1 3>&- &
    local pid=$! status=0
    wait_until 60 grep -q up "$BOX/out"
    kill -INT "$pid"
    wait "$pid" || status=$?
    [ "$status" = 130 ]
    run ! inside 'ls /tmp/five /tmp/six'
    [ "$(checkpoints)" = 0 ]
}

@test "the machine dying under its command is rolled back too" {
    run -125 utmctl try web -- poweroff -f
    wait_until 60 in_state web started
    wait_until 30 inside true
    [ "$(checkpoints)" = 0 ]
}

@test "a machine that does not run cannot try anything" {
    run -0 utmctl stop --kill web
    run -125 utmctl try web -- true
    [[ $output == *"not running"* ]]
    run -125 utmctl try nosuch -- true
    run -4 utmctl undo nosuch
}
