# SPDX-License-Identifier: Apache-2.0
# One machine through its life: start, console, network, agent, reset, power button.
load lib

setup_file() {
    box_open
    machine web
}

teardown_file() { box_close; }

@test "a new machine is stopped" {
    run -0 utmctl status web
    [ "$output" = stopped ]
}

@test "start returns when QEMU runs, and the guest comes up" {
    run -0 utmctl start --accel tcg web
    in_state web started
    wait_ready web
    grep -q "boot 1" "$(serial_log web)"
}

@test "status tells what runs" {
    [ "$(field web state)" = started ]
    [ "$(field web accelerator)" = tcg ]
    pid=$(field web pid)
    [[ "$(readlink "/proc/$pid/exe")" == *qemu-system-x86_64* ]]
    [ "$(field web uuid)" = "$(utmctl list --json | json_field uuid)" ]
}

@test "list shows the machine as started" {
    run -0 utmctl list
    [[ "$output" == *started*web* ]]
}

@test "a command on the console answers" {
    run -0 guest web 'uname -s; cat /data/boots'
    [ "${lines[0]}" = Linux ]
    [ "${lines[1]}" = 1 ]
    run -3 guest web 'exit 3'
}

@test "several watchers see the same console" {
    "$UTMCTL" attach --no-stdin web </dev/null >"$BOX/watcher" 2>&1 3>&- &
    watcher=$!
    mark=seen$RANDOM
    guest web "echo $mark" >/dev/null
    wait_until 10 grep -q "^$mark" "$BOX/watcher"
    kill $watcher
}

@test "a closed standard input does not become the console" {
    run -0 guest web 'echo before'
    "$UTMCTL" attach web <&- >"$BOX/closed" 2>&1 3>&- &
    watcher=$!
    wait_until 10 grep -q "before" "$BOX/closed"
    run -0 guest web 'echo after'
    [ "$output" = after ]
    kill $watcher
}

@test "the guest has an address by DHCP" {
    run -0 guest web 'ip -4 -o addr show eth0'
    [[ "$output" == *10.0.2.15* ]]
}

@test "the guest agent is seen" {
    agent_there() { [ "$(field web agent)" = true ] || [ "$(field web agent)" != null ]; }
    wait_until 20 agent_there
}

@test "starting it again is refused and disturbs nothing" {
    pid=$(field web pid)
    run -5 utmctl start --accel tcg web
    [[ "$output" == *web* ]]
    [ "$(field web pid)" = "$pid" ]
}

@test "pause stops the guest, resume lets it go on" {
    run -0 utmctl pause web
    in_state web paused
    run -0 utmctl resume web
    in_state web started
    run -0 guest web 'echo alive'
    [ "$output" = alive ]
}

@test "suspend without -s pauses, start lets it go on" {
    run -0 utmctl suspend web
    in_state web paused
    run -0 utmctl start web
    in_state web started
}

@test "logs show what the guest wrote" {
    run -0 utmctl logs --source serial web
    [[ "$output" == *READY* ]]
}

@test "restart boots the same QEMU again" {
    pid=$(field web pid)
    run -0 utmctl restart web
    booted_again() { grep -q "boot 2" "$(serial_log web)"; }
    wait_until 90 booted_again
    [ "$(field web pid)" = "$pid" ]
}

@test "stop --request presses the power button and waits" {
    ready_twice() { [ "$(tr -d '\r' <"$(serial_log web)" | grep -cx READY)" = 2 ]; }
    wait_until 90 ready_twice
    run -0 utmctl stop --request --timeout 60s web
    in_state web stopped
    [ -z "$(box_processes)" ]
    [ ! -e "$XDG_RUNTIME_DIR/utmctl/$(uuid_of web)/qmp" ]
}

@test "stopping a stopped machine succeeds" {
    run -0 utmctl stop web
    run -0 utmctl stop --kill web
    run -0 utmctl stop --request web
}

@test "the disk remembers" {
    [ "$(on_disk web /boots)" = 2 ]
}

@test "stop --kill ends it at once" {
    run -0 utmctl start --accel tcg web
    run -0 utmctl stop --kill web
    in_state web stopped
    wait_until 10 no_processes
}

@test "nothing is done to a machine that does not run" {
    for verb in pause resume suspend restart; do
        run -5 utmctl "$verb" web
        [[ "$output" == *web* ]]
    done
    run -5 utmctl attach web
}

@test "--dry-run says what would be done and changes nothing" {
    machine dry
    run -0 utmctl start --dry-run dry
    [[ $output == *"would start VM \"dry\""* ]]
    run -5 utmctl pause --dry-run dry
    in_state dry stopped
    run -0 utmctl start --accel tcg dry
    run -5 utmctl start --dry-run dry
    for verb in stop suspend pause restart; do
        run -0 utmctl $verb --dry-run dry
        [[ $output == *"would $verb VM \"dry\", which is started"* ]]
    done
    in_state dry started
    run -0 utmctl stop --kill dry
}
