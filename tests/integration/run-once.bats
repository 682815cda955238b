# SPDX-License-Identifier: Apache-2.0
# Machines that live for one command.
load lib

setup_file() {
    box_open
    machine web
    utmctl config add web Display Hardware=VGA
    utmctl start --accel tcg web --wait agent --wait serial=READY
    utmctl snapshot create web --warm booted
    utmctl stop web
}

teardown_file() { box_close; }

# Nothing is left but the machine itself, and a helper that is about to end.
nothing_left() {
    [ "$(ls -A "$LIBRARY")" = web.utm ] && wait_until 5 no_processes &&
        [ -z "$(find "$XDG_RUNTIME_DIR/utmctl" -mindepth 1 2>/dev/null)" ] &&
        [ "$(ls -A "$XDG_STATE_HOME/utmctl")" = "$(uuid_of web)" ] &&
        [ -z "$(find "$XDG_STATE_HOME"/utmctl/*/tmp -mindepth 1)" ]
}

# start_run OPTION...: in the background; its process id is in $runner once its command runs.
start_run() {
    "$UTMCTL" run "$@" >"$BOX/out" 2>"$BOX/err" 3>&- &
    runner=$!
    wait_until 60 grep -q up "$BOX/out"
}

# status_of COMMAND...: its exit status in $status.
status_of() {
    status=0
    "$@" || status=$?
}

@test "a command's output and status come from a copy that is gone afterwards" {
    run -7 --separate-stderr utmctl run --rm web@booted -- sh -c 'echo out; echo err >&2; hostname; exit 7'
    [ "${lines[0]}" = out ]
    [[ $stderr == *err* ]]
    nothing_left
    run -0 utmctl __complete bash -- run web@
    [ "$output" = $'web@booted\t' ]
    run -0 utmctl __complete bash -- snapshot restore web b
    [ "$output" = $'booted\t' ]
    run -0 utmctl __complete zsh -- run web --snapshot=
    [ "$output" = $'--snapshot=booted\t' ]
    run -0 utmctl __complete fish -- sendkey web ctrl-alt-dele
    [ "$output" = $'ctrl-alt-delete\t' ]
    run -0 --separate-stderr utmctl run --rm web --snapshot booted --env A=b --cwd /etc -- \
        sh -c 'echo $A $PWD'
    [ "$output" = "b /etc" ]
    run -127 utmctl run --rm web@booted -- /no/such/program
    run -126 utmctl run --rm web@booted -- /etc/passwd
    run -137 utmctl run --rm web@booted -- sh -c 'kill -KILL $$'
    nothing_left
}

@test "the machine itself runs without a snapshot, and keeps what is written" {
    run -0 utmctl run web --accel tcg --wait agent -- sh -c 'ls /data; echo kept >/data/kept; sync'
    in_state web stopped
    [ "$(on_disk web /kept)" = kept ]
    [ "$(jq -r .reason "$(state_dir web)/last-exit.json")" = guest-shutdown ]
    nothing_left
}

@test "files go in and come out, also when the command fails" {
    mkdir -p "$BOX/src/sub"
    echo one >"$BOX/src/a"
    head -c 300000 /dev/urandom >"$BOX/src/sub/b"
    run -3 utmctl run --rm web@booted --copy-in "$BOX/src:/root/work" \
        --copy-out "/root/work:$BOX/back" -- sh -c 'cd /root/work && mv a c && exit 3'
    cmp "$BOX/src/a" "$BOX/back/c"
    cmp "$BOX/src/sub/b" "$BOX/back/sub/b"
    run -125 utmctl run --rm web@booted --copy-out "/no/such:$BOX/none" -- true
    [[ $output == *"/no/such"* ]]
    run -125 utmctl run --rm web@booted --copy-in "$BOX/nosuch:/tmp/x" -- true
    run -2 utmctl run --rm web@booted --copy-in "$BOX/src" -- true
    run -0 bash -c '"$UTMCTL" run --rm web@booted --input -- md5sum <"$BOX/src/sub/b" 2>/dev/null'
    [ "${output%% *}" = "$(md5sum <"$BOX/src/sub/b" | cut -d' ' -f1)" ]
    nothing_left
}

@test "artifacts tell what happened, in the order of their names" {
    run -1 utmctl run --rm web@booted --artifacts "$BOX/kept" -- sh -c 'echo marker >/dev/ttyS0; exit 1'
    grep -q marker "$BOX"/kept/*Z-serial0.log
    grep -q qemu-system "$BOX"/kept/*Z-qemu.log
    grep -q '"x-utm-state"' "$BOX"/kept/*Z-events.jsonl
    [ "$(jq -r .reason "$BOX"/kept/*Z-last-exit.json)" = host-qmp-quit ]
    [ "$(jq -r .status "$BOX"/kept/*Z-run.json)" = 1 ]
    [ "$(head -c 4 "$BOX"/kept/*Z-screen.png | tail -c 3)" = PNG ]
    nothing_left
}

@test "a time-out is 124 and leaves evidence" {
    run -124 --separate-stderr utmctl run --rm web@booted --timeout 5s --artifacts "$BOX/late" -- sleep 100
    [[ $stderr == *"has not ended in time"*last-timeout.png* ]]
    [ -s "$BOX/late/last-timeout.png" ]
    run -124 utmctl run --rm web@booted --timeout 4s --wait file=/no/such -- true
    [[ $output == *"file=/no/such: not reached"* ]]
    nothing_left
}

@test "Ctrl-C is 130, SIGTERM lets the guest power off" {
    start_run --rm web@booted -- sh -c 'echo up; sleep 100'
    kill -INT "$runner"
    status_of wait "$runner"
    [ "$status" = 130 ]
    nothing_left
    start_run web --accel tcg -- sh -c 'echo up; sleep 100'
    kill -TERM "$runner"
    status_of wait "$runner"
    [ "$status" = 143 ]
    [ "$(jq -r .reason "$(state_dir web)/last-exit.json")" = guest-shutdown ]
    nothing_left
}

@test "nothing survives a run that is killed" {
    start_run --rm web@booted -- sh -c 'echo up; sleep 100'
    kill -KILL "$runner"
    status_of wait "$runner"
    wait_until 20 nothing_left
    # Also of one whose guest still boots.
    "$UTMCTL" run --rm web --accel tcg -- true >"$BOX/out" 2>&1 3>&- &
    runner=$!
    wait_until 20 in_state web started
    kill -KILL "$runner"
    status_of wait "$runner"
    wait_until 20 nothing_left
    [ "$(jq -r .reason "$(state_dir web)/last-exit.json")" = abandoned ]
}

@test "a machine that ends under its command is said to have ended" {
    run -125 --separate-stderr utmctl run --rm web@booted -- sh -c 'poweroff -f'
    [[ $stderr == *"the machine has ended: the guest has powered off"* ]]
    nothing_left
    start_run --rm web@booted -- sh -c 'echo up; sleep 100'
    local name
    name=$(basename "$LIBRARY"/web-run-*.utm .utm)
    kill -KILL "$(field "$name" pid)"
    status_of wait "$runner"
    [ "$status" = 125 ]
    [[ $(<"$BOX/err") == *"QEMU has crashed with signal 9"* ]]
    nothing_left
    start_run --rm web@booted -- sh -c 'echo up; sleep 100'
    name=$(basename "$LIBRARY"/web-run-*.utm .utm)
    kill -KILL "$(field "$name" helper_pid)"
    status_of wait "$runner"
    [ "$status" = 125 ]
    wait_until 20 nothing_left
}

@test "a guest that panics is said to have panicked, and with --rm nothing is kept" {
    run -125 --separate-stderr utmctl run --rm web --accel tcg -- \
        sh -c 'echo gone >/data/gone; sync; echo 1 >/proc/sys/kernel/sysrq; echo c >/proc/sysrq-trigger; sleep 60'
    [[ $stderr == *"the guest has panicked: Kernel panic - not syncing"* ]]
    [ -z "$(on_disk web /gone)" ]
    run -0 utmctl logs web --last-words
    [[ $output == *"Panic:"*"Kernel panic - not syncing"*"Events:"* ]]
    run -0 utmctl logs web --last-words --json
    [[ $(jq -r .panic <<<"$output") == "Kernel panic"* ]]
    [[ $(utmctl status --json web | jq -r .last_exit.panic) == "Kernel panic"* ]]
    run -0 utmctl logs web --source events --since 1h
    [[ $output == *x-utm-exit* ]]
    run -0 utmctl logs web --source events --since 2099-01-01T00:00:00Z
    [ -z "$output" ]
    run -2 utmctl logs web --since 1h
    nothing_left
}

@test "another kernel can be booted, without a command" {
    local data
    data=$LIBRARY/web.utm/Data
    run -0 utmctl run --rm web --accel tcg --kernel "$data/kernel" --initrd "$data/initrd.img" \
        --append 'console=ttyS0 quiet loglevel=3 panic=-1 other=kernel' --wait serial=READY
    run -125 utmctl run --rm web --accel tcg --kernel "$BOX/nosuch" --wait agent
    run -2 utmctl run --rm web --accel tcg
    run -2 utmctl run --rm web@booted --kernel "$data/kernel" -- true
    nothing_left
}

@test "several at once do not disturb each other" {
    local pids=() i
    for i in 1 2 3 4; do
        "$UTMCTL" run --rm web@booted -- sh -c "sleep 0.2; exit $i" >"$BOX/run.$i" 2>&1 3>&- &
        pids+=($!)
    done
    for i in 1 2 3 4; do
        status_of wait "${pids[i - 1]}"
        [ "$status" = "$i" ] || cat "$BOX/run.$i"
        [ "$status" = "$i" ]
    done
    nothing_left
}

@test "a machine that runs already is not run again" {
    utmctl start --accel tcg web
    run -125 utmctl run web -- true
    [[ $output == *"already running"* ]]
    in_state web started
    utmctl stop --kill web
    run -125 utmctl run nosuch -- true
    run -125 utmctl run --rm web@nosuch -- true
}
