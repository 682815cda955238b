# SPDX-License-Identifier: Apache-2.0
# utmctl qmp: typed arguments, telling, many commands, and two programs on one monitor.
load lib

setup_file() {
    box_open
    utmctl create --disk 16M --memory 64M web
    utmctl start --accel tcg web
}

teardown_file() { box_close; }

@test "a command is answered with JSON" {
    run -0 utmctl qmp web query-status
    [ "$(jq -r .status <<<"$output")" = running ]
}

@test "what the human monitor prints is printed as it is" {
    run -0 utmctl qmp web human-monitor-command command-line='info name'
    [ "$output" = web ]
    run -0 utmctl qmp web human-monitor-command command-line='info name' --json
    [ "$(jq -r . <<<"$output" | tr -d '\r')" = web ]
}

@test "arguments get the types that QEMU wants" {
    run -0 utmctl qmp web qom-list path=/machine
    [ "$(jq -r 'map(.name) | index("type") != null' <<<"$output")" = true ]
    run -0 utmctl qmp web query-named-block-nodes flat=on
    run -0 utmctl qmp web blockdev-add driver=null-co node-name=none size=1M read-zeroes=on
    run -0 utmctl qmp web query-named-block-nodes
    [ "$(jq '.[] | select(.["node-name"] == "none") | .image["virtual-size"]' <<<"$output")" = 1048576 ]
    run -0 utmctl qmp web blockdev-del '{"node-name": "none"}'
}

@test "a wrong argument is refused before QEMU sees it" {
    run -2 --separate-stderr utmctl qmp web eject id=cd force=maybe
    [ -z "$output" ]
    [[ "$stderr" == *'"force=maybe": boolean expected'* ]]
    [[ "$stderr" == *'hint: utmctl qmp web --describe eject'* ]]
    run -2 --separate-stderr utmctl qmp web eject idd=cd
    [[ "$stderr" == *'there is no member "idd"'* ]]
    run -2 --separate-stderr utmctl qmp web set_link name=x
    [[ "$stderr" == *'set_link needs "up" (boolean)'* ]]
}

@test "what QEMU refuses is an error" {
    run -1 --separate-stderr utmctl qmp web eject id=nothing
    [ -z "$output" ]
    [[ "$stderr" == *'VM "web": '*nothing* ]]
    run -1 utmctl qmp web no-such-command
}

@test "commands are listed and described" {
    run -0 utmctl qmp web --list
    grep -qx query-status <<<"$output"
    grep -qx guest-exec <<<"$output"
    grep -qx x-utm-info <<<"$output"
    run -0 utmctl qmp web --describe netdev_add
    grep -q '^  type: .*user' <<<"$output"
    grep -q '^  hostfwd: \[object\], optional, with type=user' <<<"$output"
    run -0 utmctl qmp web --describe guest-exec --json
    [ "$(jq -r '.arguments[0].name' <<<"$output")" = path ]
    run -2 utmctl qmp web --describe nothing
}

@test "a stream of commands has a line for each" {
    printf '%s\n' query-name '# nothing' '' '{"execute": "query-uuid"}' 'eject x=1' '{"a":' \
        >"$BOX/commands"
    run -1 --separate-stderr utmctl qmp web --stdin <"$BOX/commands"
    [ "${#lines[@]}" -eq 4 ]
    [ "$(jq -r .return.name <<<"${lines[0]}")" = web ]
    [ "$(jq -r '.return.UUID | length' <<<"${lines[1]}")" = 36 ]
    [ "$(jq -r .error.code <<<"${lines[2]}")" = usage ]
    [ "$(jq -r .error.code <<<"${lines[3]}")" = usage ]
    [[ "$stderr" == *'2 commands failed'* ]]
}

@test "what is no command leaves the others alone" {
    {
        printf 'query-\xff\xfe\n'
        printf '{"execute": "query-name", "execute": "quit"}\n'
        printf '{"execute": "query-name", "arguments": {"a": "\xc3\x28"}}\n'
        printf '{"execute": "query-name", "arguments": %s1%s}\n' \
            "$(printf '{"a":%.0s' {1..10000})" "$(printf '}%.0s' {1..10000})"
        printf '{"execute": "query-name", "arguments": {"a": "%s"}}\n' \
            "$(head -c 67108864 /dev/zero | tr '\0' x)"
        printf '"\n'
        echo query-name
    } >"$BOX/bad"
    run -1 --separate-stderr utmctl qmp web --stdin <"$BOX/bad"
    [ "${#lines[@]}" -eq 7 ]
    for n in 0 1 2 3 4 5; do
        [ "$(jq -r .error.code <<<"${lines[n]}")" = usage ]
    done
    [ "$(jq -r .return.name <<<"${lines[6]}")" = web ]
}

@test "an interactive session without a terminal reads lines" {
    run -0 utmctl qmp web -i <<<$'query-name\ndescribe stop\nexit'
    [[ "$output" == *'"name": "web"'* ]]
    [[ "$output" == *'arguments:'* ]]
}

terminal() { "$BATS_TEST_DIRNAME/terminal.py" "$UTMCTL" qmp web -i; }

@test "an interactive session on a terminal completes and remembers" {
    [ -n "$(ldconfig -p | grep libedit.so.2)" ] || skip "libedit is not installed"
    run -0 terminal <<'END'
wait qmp>
type query-uu\t\r
wait UUID
wait qmp>
type ej\tfo\tmaybe\r
wait "force=maybe": boolean expected
wait qmp>
type \x10\x10\r
wait UUID
wait qmp>
type exit\r
END
    # The next session has what was typed in this one.
    run -0 terminal <<'END'
wait qmp>
type \x10\x10\r
wait UUID
wait qmp>
type \x04
END
}

@test "many clients at once get their own answers" {
    for n in 1 2 3 4 5 6 7 8; do
        utmctl qmp web human-monitor-command command-line="print $n" >"$BOX/out.$n" &
    done
    wait
    for n in 1 2 3 4 5 6 7 8; do
        [ "$(cat "$BOX/out.$n")" = "0x$n" ]
    done
}

@test "exactly one thing is asked for" {
    run -2 utmctl qmp web
    run -2 utmctl qmp web query-status --list
}

@test "a stopped machine has no monitor" {
    run -0 utmctl stop --force web
    run -5 --separate-stderr utmctl qmp web query-status
    [[ "$stderr" == *'VM "web"'* ]]
    [[ "$stderr" != *'VM "web": VM'* ]]
}
