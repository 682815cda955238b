#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Signals while a command works: the first cancels it, the second ends it at once.

load helper.bash

setup() {
    setup_home
    mkdir -p "$HOME_DIR/templates/slow.utm" "$HOME_DIR/templates/slow"
    run3 "$UTMCTL" create slow --dry-run --disk none
    assert_ok
    printf '%s' "$out" >"$HOME_DIR/templates/slow.utm/config.plist"
    mkfifo "$HOME_DIR/never"
    export UTMCTL_TEMPLATES=$HOME_DIR/templates
}

teardown() {
    [ ! -e "$HOME_DIR/begun" ] || kill -KILL "$(cat "$HOME_DIR/begun")" 2>/dev/null || true
    teardown_home
}

# begin LINE [COMMAND…]: a create, run by COMMAND, whose template executes LINE and then does not end;
# its id in $pid.
begin() {
    cat >"$HOME_DIR/templates/slow/assemble" <<END
#!/bin/sh
$1
echo \$\$ >"$HOME_DIR/starting" && mv "$HOME_DIR/starting" "$HOME_DIR/begun"
read -r never <"$HOME_DIR/never"
END
    chmod +x "$HOME_DIR/templates/slow/assemble"
    "${@:2}" "$UTMCTL" create web --template slow 2>"$HOME_DIR/err" 3>&- &
    pid=$!
    wait_until test -e "$HOME_DIR/begun"
}

end() {
    status=0
    wait "$pid" || status=$?
    err=$(cat "$HOME_DIR/err")
}

@test "the first signal cancels, and the status tells which it was" {
    for pair in INT:130 TERM:143 HUP:129 QUIT:131; do
        begin :
        kill -"${pair%:*}" "$pid"
        end
        [ "$status" -eq "${pair#*:}" ] || fail_with "expected ${pair#*:}"
        [[ $err == *"interrupted, nothing was created"* ]] || fail_with "not said"
        [ -z "$(ls -A "$UTMCTL_LIBRARY")" ] || fail_with "left: $(ls -A "$UTMCTL_LIBRARY")"
        rm "$HOME_DIR/begun"
    done
}

@test "the second signal ends a command that does not come to its end" {
    [ -e /proc/self/status ] || skip "there is no /proc to look in"
    for second in INT TERM; do
        begin "trap '' TERM"
        kill -TERM "$pid"
        # The first one has been taken once SIGINT is not caught any more.
        wait_until grep -q '^SigCgt:.*[014589cd]$' "/proc/$pid/status"
        kill -"$second" "$pid"
        end
        [ "$status" -eq $((128 + $(kill -l "$second"))) ] || fail_with "expected SIG$second"
        [ -z "$("$UTMCTL" list --json | grep -v '^\[\]$')" ] || fail_with "there is a machine"
        kill -KILL "$(cat "$HOME_DIR/begun")"
        rm "$HOME_DIR/begun"
    done
    # The next one clears up.
    run3 "$UTMCTL" create web
    assert_ok
    [ "$(ls -A "$UTMCTL_LIBRARY")" = web.utm ] || fail_with "left: $(ls -A "$UTMCTL_LIBRARY")"
}

@test "under nohup the end of the terminal does not matter" {
    begin : nohup
    kill -HUP "$pid"
    kill -TERM "$pid"
    end
    [ "$status" -eq 143 ] || fail_with "expected 143"
}
