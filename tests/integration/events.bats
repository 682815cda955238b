# SPDX-License-Identifier: Apache-2.0
# utmctl events, and several programs on one machine at the same time.
load lib

setup_file() {
    box_open
    utmctl create --disk 16M --memory 64M web
    utmctl start --accel tcg web
}

teardown_file() { box_close; }

names() { jq -r .event "$1" | tr '\n' ' '; }
session() { "$BATS_TEST_DIRNAME/qmp-session.py" "$(monitor)" "$1"; }
monitor() { echo "$XDG_RUNTIME_DIR/utmctl/$(uuid_of web)/qmp"; }
has_event() { grep -q "\"event\":\"$2\"" "$1"; }

# follow FILE OPTION...: utmctl events --follow in the background, writing to FILE; sets FOLLOWER.
follow() {
    local file=$1
    shift
    "$UTMCTL" events --follow "$@" >"$file" 3>&- &
    FOLLOWER=$!
}

stop_following() {
    kill "$FOLLOWER"
    wait "$FOLLOWER" || true
}

@test "the journal has what was" {
    run -0 utmctl events web
    [[ $(jq -r .event <<<"$output" | tr '\n' ' ') == *"RESUME x-utm-state "* ]]
    [ "$(jq -r .vm <<<"${lines[0]}")" = web ]
    jq -e '.time | test("^[0-9-]+T[0-9:.]+Z$")' <<<"${lines[0]}"
}

@test "filters choose by name, since by time" {
    run -0 utmctl events web --filter 'res*'
    [ "$(jq -r .event <<<"$output")" = RESUME ]
    run -0 utmctl events web --filter nothing
    [ -z "$output" ]
    run -0 utmctl events web --since 2099-01-01T00:00:00Z
    [ -z "$output" ]
    run -0 utmctl events web --since 1h --filter RESUME
    [ "${#lines[@]}" -eq 1 ]
    run -2 utmctl events web --since sometime
    run -2 utmctl events
    run -2 utmctl events web --all
    run -4 utmctl events nosuch
}

@test "what happens is told at once, of one machine and of all" {
    follow "$BOX/one" web --since 1h
    local one=$FOLLOWER
    follow "$BOX/all" --all --since 1h
    wait_until 10 has_event "$BOX/one" RESUME
    wait_until 10 has_event "$BOX/all" RESUME
    utmctl pause web
    wait_until 10 has_event "$BOX/one" STOP
    wait_until 10 has_event "$BOX/all" STOP
    utmctl resume web
    stop_following
    FOLLOWER=$one
    stop_following
    [[ $(names "$BOX/one") == *"x-utm-command STOP "* ]]
}

@test "two sessions and a follower stay beside a snapshot" {
    follow "$BOX/events" web --since 1h
    mkfifo "$BOX/a.in" "$BOX/b.in"
    session a <"$BOX/a.in" >"$BOX/a.out" 3>&- &
    local a=$!
    session b <"$BOX/b.in" >"$BOX/b.out" 3>&- &
    local b=$!
    exec 8>"$BOX/a.in" 9>"$BOX/b.in"
    wait_until 20 grep -qx ready "$BOX/a.out"
    wait_until 20 grep -qx ready "$BOX/b.out"
    run -0 utmctl snapshot create web one
    run -0 utmctl snapshot create web two
    exec 8>&- 9>&-
    wait "$a"
    wait "$b"
    for out in "$BOX/a.out" "$BOX/b.out"; do
        [ "$(tail -n 1 "$out" | cut -d ' ' -f 1)" -gt 0 ]
        [[ $(<"$out") == *STOP*JOB_STATUS_CHANGE*RESUME* ]]
    done
    run -0 utmctl snapshot list web
    [[ $output == *one*two* ]]
    wait_until 10 has_event "$BOX/events" JOB_STATUS_CHANGE
    stop_following
}

# What came behind the end of the first run.
started_again() { sed '1,/"event":"SHUTDOWN"/d' "$1" | grep -q '"event":"RESUME"'; }

@test "a machine that restarts is followed on" {
    follow "$BOX/restart" web --since 1h
    utmctl stop --force web
    wait_until 10 has_event "$BOX/restart" SHUTDOWN
    utmctl start --accel tcg web
    wait_until 10 started_again "$BOX/restart"
    stop_following
}
