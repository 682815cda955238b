# SPDX-License-Identifier: Apache-2.0
# The screen in a window: how utmctl finds it, what it tells the viewer, and what it says when there
# is nothing to show. What the window itself does is in tests/viewer.
load lib

setup_file() {
    [ -x "$(dirname "$UTMCTL")/../libexec/utmctl/utmctl-display" ] || skip "the viewer is not built"
    box_open
    export LSAN_OPTIONS=suppressions=$BATS_TEST_DIRNAME/../viewer/lsan.supp:print_suppressions=0
    machine screen
    utmctl config add screen Display Hardware=VGA
    utmctl config set screen Sharing.ClipboardSharing=true
    run -0 utmctl start --accel tcg screen
}

teardown_file() { box_close; }

# A desktop of its own for the test; its programs end with it.
desktop() {
    for program in Xvfb openbox wmctrl; do
        command -v $program >/dev/null || skip "$program is missing"
    done
    Xvfb -displayfd 5 -screen 0 1280x1024x24 -nolisten tcp >"$BOX/xvfb.log" 2>&1 5>"$BOX/number" 3>&- &
    echo $! >"$BOX/desktop.pids"
    wait_until 20 test -s "$BOX/number"
    DISPLAY=:$(cat "$BOX/number")
    export DISPLAY
    openbox --sm-disable >"$BOX/openbox.log" 2>&1 3>&- &
    echo $! >>"$BOX/desktop.pids"
    wait_until 20 wmctrl -m
}

teardown() {
    [ -e "$BOX/desktop.pids" ] || return 0
    local pid
    for pid in $(cat "$BOX/desktop.pids"); do
        kill "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    rm -f "$BOX/desktop.pids" "$BOX/number"
}

has_window() { wmctrl -l | grep -q " $1\( (.*)\)\?\$"; }
has_no_window() { ! has_window "$1"; }
close_window() { wmctrl -c "$1"; }

# show WORDS...: run in the background; its exit status ends up in a file.
show() {
    rm -f "$BOX/status"
    {
        local status=0
        "$UTMCTL" "$@" 3>&- || status=$?
        echo $status >"$BOX/status"
    } >"$BOX/show.out" 2>"$BOX/show.err" &
}

ended() { wait_until 30 test -s "$BOX/status" && [ "$(cat "$BOX/status")" = "$1" ]; }

@test "without a desktop, the other ways to see a machine are named" {
    run -7 --separate-stderr utmctl display screen
    [ -z "$output" ]
    [[ "$stderr" == *'VM "screen"'*'no desktop'*'hint: '*'utmctl screenshot'*'utmctl attach'* ]]
    DISPLAY=:987 run -7 --separate-stderr utmctl display screen
    [[ "$stderr" == *'VM "screen"'*':987'* ]]
    run -7 --separate-stderr utmctl display screen --json
    # A sanitizer may have something to say of spice-glib's coroutines before.
    [ "$(grep '^{' <<<"$stderr" | jq -r .error.code)" = unsupported ]
}

@test "what has no screen says so" {
    machine off
    run -7 --separate-stderr utmctl display off
    [[ "$stderr" == *'VM "off"'*'no display'*'utmctl attach'* ]]
    utmctl config add off Display Hardware=VGA
    run -5 --separate-stderr utmctl display off
    [[ "$stderr" == *'VM "off"'*'not running'*'hint: utmctl start --display'* ]]
    run -4 utmctl display nosuch
    # Nothing is started that could not be shown.
    run -7 --separate-stderr utmctl start --display off
    [[ "$stderr" == *'no desktop'*'utmctl screenshot'* ]]
    in_state off stopped
    run -2 utmctl start --display --attach off
}

@test "wrong words are named before anything is opened" {
    run -2 utmctl display
    run -2 utmctl display screen --uri spice://localhost:1
    run -2 utmctl display screen --ca-file x
    run -2 utmctl display --uri spice://localhost:1 --stop-on-close
    run -2 utmctl display screen --scale x
    run -2 utmctl display screen --scale 100
    run -2 utmctl display screen --monitor -2
    run -2 utmctl display screen --pointer pen
    run -2 utmctl display screen --clipboard up
    run -2 --separate-stderr utmctl display screen --usb 12:34
    [[ "$stderr" == *'046d:c31c'*'12:34'* ]]
    run -2 --separate-stderr utmctl display screen --key ctrl-nose
    [[ "$stderr" == *'ctrl-nose'* ]]
    run -2 utmctl display --uri nonsense
}

@test "the keys are listed" {
    run -0 utmctl display --help-keys --key Lock=super-l
    for line in Ctrl-Alt Ctrl-Alt-Enter Ctrl-Alt-M Lock Ctrl-Alt-Delete Ctrl-Alt-F12; do
        [[ "$output" == *"  $line"* ]]
    done
}

@test "a screen is opened, and closing it leaves the machine running" {
    desktop
    show display screen --scale 0.5
    wait_until 30 has_window screen
    close_window screen
    ended 0
    in_state screen started
    local socket
    socket=$(utmctl status --json screen | jq -r .display)
    show display --uri "spice+unix://$socket"
    wait_until 30 has_window "$socket"
    close_window "$socket"
    ended 0
    run -4 --separate-stderr utmctl display screen --monitor 3
    [[ "$stderr" == *'no screen 3'* ]]
}

@test "a machine is shown when it starts, waited for, and stopped with its window" {
    machine waits
    utmctl config add waits Display Hardware=VGA
    desktop
    show display waits --wait
    wait_until 30 has_window waits
    run -0 utmctl start --accel tcg waits
    close_window waits
    ended 0
    in_state waits started
    wait_ready waits
    show display waits --stop-on-close
    wait_until 30 has_window waits
    close_window waits
    ended 0
    in_state waits stopped
    show start --accel tcg --display waits
    wait_until 30 has_window waits
    in_state waits started
    run -0 utmctl stop --force waits
    ended 5
    [[ "$(cat "$BOX/show.err")" == *'VM "waits"'*'stopped'* ]]
}
