#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
load helper

setup() {
    setup_home
    make_library
    WEB=$UTMCTL_LIBRARY/web.utm
}

teardown() {
    teardown_home
}

@test "a machine that does not run is refused" {
    assert_error 5 wrong-state "it is not running" attach web
}

@test "a port that is not there is refused" {
    fake_running "$UUID_WEB" "$WEB" web
    assert_error 4 not-found "no serial port 3" attach web --index 3
    assert_error 2 usage "0 or more" attach web --index -3
    assert_error 2 usage "is not a key" attach web --escape escape
}

@test "a pipe is typed to the guest, and its end does not detach" {
    fake_running "$UUID_WEB" "$WEB" web
    run3 bash -c 'printf "hello\npoweroff\n" | "$UTMCTL" attach web'
    assert_ok
    [[ $out == "login: <HELLO>"*"<POWEROFF>"* ]] || fail_with "no answer"
    [ -z "$err" ] || fail_with "expected silence"
}

@test "the time limit is exit 124 and what came is kept" {
    fake_running "$UUID_WEB" "$WEB" web
    run3 bash -c 'echo hello | "$UTMCTL" attach web --timeout 1s'
    [ "$status" -eq 124 ] || fail_with "expected 124"
    [[ $out == "login: <HELLO>"* ]] || fail_with "no answer"
}

@test "without standard input it only watches" {
    fake_running "$UUID_WEB" "$WEB" web
    run3 bash -c 'echo poweroff | "$UTMCTL" attach web --no-stdin --timeout 300ms'
    [ "$status" -eq 124 ] || fail_with "expected 124"
    [ "$out" = "login: " ] || fail_with "expected the greeting only"
}

@test "a reader that goes away ends it" {
    fake_running "$UUID_WEB" "$WEB" web
    run3 bash -c '"$UTMCTL" attach web --no-stdin --timeout 20s | head -c 5'
    assert_ok
    [ "$out" = login ] || fail_with "expected five characters"
}

@test "on a terminal the keys go to the guest until the escape key" {
    fake_running "$UUID_WEB" "$WEB" web
    run3 python3 "$BATS_TEST_DIRNAME/on-terminal.py" \
        '[(b"login: ", b"hello\n"), (b"<HELLO>", b"\x03\n"), (b"<\x03>", b"\x1d")]' \
        "$UTMCTL" attach web
    assert_ok
    [[ $out == *"Ctrl-] detaches"* ]] || fail_with "the escape key is not announced"
    [[ $out == *"detached"*"terminal restored" ]] || fail_with "the terminal is not restored"
}

@test "another escape key" {
    fake_running "$UUID_WEB" "$WEB" web
    run3 python3 "$BATS_TEST_DIRNAME/on-terminal.py" '[(b"login: ", b"\x01")]' \
        "$UTMCTL" attach web --escape ctrl-a
    assert_ok
    [[ $out == *"Ctrl-A detaches"*"terminal restored" ]] || fail_with "not detached"
}

@test "a signal restores the terminal" {
    fake_running "$UUID_WEB" "$WEB" web
    for pair in TERM:143 INT:130 HUP:129 QUIT:131; do
        run3 python3 "$BATS_TEST_DIRNAME/on-terminal.py" \
            "[(b'login: ', b'signal:SIG${pair%:*}')]" "$UTMCTL" attach web
        [ "$status" -eq "${pair#*:}" ] || fail_with "expected ${pair#*:}"
        [[ $out == *"terminal restored" ]] || fail_with "the terminal is not restored"
    done
}

@test "the end of the guest restores the terminal" {
    fake_running "$UUID_WEB" "$WEB" web
    run3 python3 "$BATS_TEST_DIRNAME/on-terminal.py" '[(b"login: ", b"poweroff\n")]' \
        "$UTMCTL" attach web
    assert_ok
    [[ $out == *"terminal restored" ]] || fail_with "the terminal is not restored"
}

@test "the resize command is typed" {
    fake_running "$UUID_WEB" "$WEB" web
    run3 bash -c '"$UTMCTL" attach web --resize --timeout 1s </dev/null'
    [[ $out == *"<STTY COLS 80 ROWS 24>"* ]] || fail_with "nothing was typed"
}

@test "a TCP port is printed as on macOS" {
    make_bundle "$WEB" web "$UUID_WEB" TcpServer
    fake_running "$UUID_WEB" "$WEB" web
    run3 "$UTMCTL" attach web
    assert_ok
    [ "$out" = "TCP: 127.0.0.1:4555" ] || fail_with "expected the address"
}

@test "as JSON the place of the port is printed" {
    fake_running "$UUID_WEB" "$WEB" web
    run3 "$UTMCTL" attach web --json
    assert_ok
    [ "$(json 'd["index"], d["mode"], d["socket"]')" = \
        "(0, 'terminal', '$XDG_RUNTIME_DIR/utmctl/$UUID_WEB/term0')" ] || fail_with "wrong place"
}
