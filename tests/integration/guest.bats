# SPDX-License-Identifier: Apache-2.0
# What the guest agent is asked for: programs, files, addresses.
load lib

setup_file() {
    box_open
    running web
    machine off
    wait_until 60 agent_there web
    head -c 3000001 /dev/urandom >"$BOX/blob"
}

teardown_file() { box_close; }

agent_there() { [ "$(field "$1" agent)" = true ]; }
sum() { md5sum | cut -d' ' -f1; }

@test "exec keeps output, errors and status apart" {
    run -7 --separate-stderr utmctl exec web -- sh -c 'echo out; echo err >&2; exit 7'
    [ "$output" = out ]
    [ "$stderr" = err ]
    run -0 --separate-stderr utmctl exec web -- true
    [ -z "$output$stderr" ]
}

@test "exec has the statuses of a shell" {
    run -127 --separate-stderr utmctl exec web -- /no/such/program
    [ -n "$stderr" ]
    run -126 --separate-stderr utmctl exec web -- /etc/passwd
    run -137 --separate-stderr utmctl exec web -- sh -c 'kill -KILL $$'
    [ -z "$stderr" ]
    run -143 utmctl exec web -- sh -c 'kill -TERM $$'
}

@test "exec hands arguments, variables and folder over as they are" {
    run -0 utmctl exec web --env 'A=b  c' --env E= --cwd /etc -- \
        sh -c 'printf "[%s]" "$A" "${E-unset}" "$PWD" "$@"' x 'a b' '' '$(date)' "it's" --json
    [ "$output" = "[b  c][][/etc][a b][][\$(date)][it's][--json]" ]
    run -0 utmctl exec web --env A=b --cmd sh -c 'echo $A $1' x --input
    [ "$output" = 'b --input' ]
}

@test "exec forwards all of standard input" {
    run -0 utmctl exec web --input -- wc -c <<<hello
    [ "$output" = 6 ]
    run -0 utmctl exec web --input -- wc -c </dev/null
    [ "$output" = 0 ]
    run -0 utmctl exec web --input -- md5sum <"$BOX/blob"
    [ "${output%% *}" = "$(sum <"$BOX/blob")" ]
}

@test "exec is binary-clean, also for more than one piece" {
    utmctl file push web /tmp/blob <"$BOX/blob"
    utmctl exec web -- sh -c 'for i in 1 2 3 4 5 6 7; do cat /tmp/blob; done; cat /tmp/blob >&2' \
        >"$BOX/out" 2>"$BOX/err"
    for i in 1 2 3 4 5 6 7; do cat "$BOX/blob"; done | cmp - "$BOX/out"
    cmp "$BOX/blob" "$BOX/err"
    # Pieces that end by the number of writes.
    utmctl exec web -- sh -c 'for i in $(seq 1500); do echo $i; done' | cmp - <(seq 1500)
}

@test "exec shows output while the program runs" {
    coproc RUN { exec "$UTMCTL" exec web -- sh -c 'echo first; until [ -e /tmp/go ]; do sleep 0.1; done; echo second'; }
    local pid=$RUN_PID out=${RUN[0]}
    IFS= read -r -t 120 line <&"$out"
    [ "$line" = first ]
    utmctl file push web /tmp/go </dev/null
    IFS= read -r -t 120 line <&"$out"
    [ "$line" = second ]
    wait "$pid"
}

@test "Ctrl-C and the time limit end the guest's program" {
    "$UTMCTL" exec web -- sh -c 'echo up; sleep 7777; echo no' >"$BOX/int" 2>&1 3>&- &
    local pid=$! status=0
    wait_until 30 grep -q up "$BOX/int"
    kill -INT "$pid"
    wait "$pid" || status=$?
    # A shell that runs a script has its background jobs ignore SIGINT until they say otherwise.
    [ "$status" = 130 ]
    run -124 utmctl exec web --timeout 500ms -- sleep 8888
    gone() { ! utmctl exec web -- sh -c 'ps | grep -E "[s]leep (7777|8888)"'; }
    wait_until 20 gone
}

@test "a reader that goes ends the guest's program" {
    utmctl exec web -- yes 2>/dev/null | head -n 1 | grep -qx y
    gone() { ! utmctl exec web -- sh -c 'ps | grep -E "[0-9] [y]es$"'; }
    wait_until 20 gone
}

@test "exec takes the output at the end when told so" {
    run -7 --separate-stderr utmctl exec web --at-end -- sh -c 'echo out; echo err >&2; exit 7'
    [ "$output" = out ]
    [ "$stderr" = err ]
    run -0 bash -c 'printf "a\\0b" | "$UTMCTL" exec web --at-end --input -- od -c'
    [[ $output == *'a  \0   b'* ]]
    run -127 utmctl exec web --at-end -- /no/such/program
    run -126 utmctl exec web --at-end -- /etc/passwd
    run -137 utmctl exec web --at-end -- sh -c 'kill -KILL $$'
    run -2 utmctl exec web --at-end --cwd / -- true
    run -124 utmctl exec web --at-end --timeout 500ms -- sleep 9999
    gone() { ! utmctl exec web -- sh -c 'ps | grep -E "[s]leep 9999"'; }
    wait_until 20 gone
}

@test "exec runs as another user" {
    guest web 'grep -q ^joe: /etc/passwd || echo "joe:x:1234:1234::/tmp:/bin/sh" >>/etc/passwd'
    run -0 utmctl exec web --user joe --env 'A=b c' --cwd /etc -- sh -c 'id -u; echo "$A $PWD $1"' x -y
    [ "$output" = $'1234\nb c /etc -y' ]
    run -9 utmctl exec web --user joe -- sh -c 'exit 9'
    run -125 utmctl exec web --user nobody-of-that-name -- true
    [[ $output == *"no user"* ]]
}

@test "exec in several machines shows whose each line is" {
    running two
    wait_until 60 agent_there two
    run -3 --separate-stderr utmctl exec web two --env A=b -- sh -c 'echo $A; echo err >&2; [ ! -e /tmp/blob ] && exit 3; exit 2'
    [ "$(sort <<<"$output")" = $'two: b\nweb: b' ]
    [[ $stderr == *"two: err"* && $stderr == *"two: status 3"* ]]
    run -0 utmctl exec --all -- printf 'no end'
    [ "$(sort <<<"$output")" = $'two: no end\nweb: no end' ]
    run -125 --separate-stderr utmctl exec web off -- true
    [[ $stderr == *"off: "*"not running"* ]]
    run -2 utmctl exec web two --input -- cat
    run -2 utmctl exec web --all -- true
    "$UTMCTL" exec web two -- sh -c 'echo up; sleep 5555' >"$BOX/many" 2>&1 3>&- &
    local pid=$! status=0
    both_up() { [ "$(grep -c up "$BOX/many")" = 2 ]; }
    wait_until 30 both_up
    kill -INT "$pid"
    wait "$pid" || status=$?
    [ "$status" = 130 ]
    utmctl stop --kill two
}

@test "exec has its output also from what the program opens again" {
    run -0 --separate-stderr utmctl exec web -- \
        sh -c 'echo a; echo b >/proc/self/fd/1; echo c; echo d >&2; echo e >/proc/self/fd/2'
    [ "$output" = $'a\nb\nc' ]
    [ "$stderr" = $'d\ne' ]
}

@test "exec keeps little in the guest, however much comes" {
    "$UTMCTL" exec web -- sh -c 'dd if=/dev/zero bs=64k count=800; echo done >&2' \
        >"$BOX/much" 2>"$BOX/done" 3>&- &
    local pid=$! kept most=0
    while kill -0 "$pid" 2>/dev/null; do
        kept=$("$UTMCTL" exec web --at-end -- du -sk /tmp | cut -f1)
        [ "$kept" -le "$most" ] || most=$kept
    done
    wait "$pid"
    [ "$(wc -c <"$BOX/much")" = 52428800 ]
    grep -qx done "$BOX/done"
    # What other tests have put there counts too.
    [ "$most" -lt 32000 ]
}

@test "exec works in a shell that has no pipes to give" {
    guest web 'mount -t tmpfs none /proc'
    run -6 --separate-stderr utmctl exec web --env A=b --cwd / -- \
        sh -c 'echo $A $PWD; echo err >&2; exit 6'
    guest web 'umount /proc'
    [ "$output" = 'b /' ]
    [ "$stderr" = err ]
}

# on_terminal WORDS...: utmctl on a terminal that terminal.py drives, and whose settings must be again
# what they were.
on_terminal() {
    python3 "$BATS_TEST_DIRNAME/terminal.py" sh -c \
        'stty rows 30 cols 100; a=$(stty -g); "$@"; s=$?; [ "$a" = "$(stty -g)" ] || exit 99; exit $s' \
        sh "$UTMCTL" "$@"
}

@test "exec has a terminal in the guest that does as this one" {
    run -9 on_terminal exec -t web --env PS1='ready>' -- sh <<'END'
wait ready>
type stty size; echo $TERM; [ -t 0 ] && [ -t 1 ] && [ -t 2 ] && echo three\r
wait 30 100\r\nvt100\r\nthree\r\n
wait ready>
size 41 123
type until [ "$(stty size)" = "41 123" ]; do sleep 0.1; done; echo "gr"own\r
wait \r\ngrown\r\n
wait ready>
type echo sle"ep"s; sleep 100\r
wait \r\nsleeps\r\n
type \x03
wait ready>
type wrong\x7f\x7f\x7f\x7f\x7fexit 9\r
END
    run -0 on_terminal exec --tty web -- sh -c '[ -t 0 ]' </dev/null
    run -143 on_terminal exec --tty web -- sh -c 'kill -TERM $$' </dev/null
    run -127 on_terminal exec --tty web -- /no/such/program </dev/null
}

@test "a terminal needs one here, and a program in the guest that makes them" {
    run -2 utmctl exec -t web -- true
    [[ $output == *terminal* ]]
    run -2 utmctl exec -t --input web -- true
    guest web 'mv /usr/sbin/script /tmp/script'
    run -125 on_terminal exec -t web -- true <<<$'wait script\nwait python3'
    guest web 'mv /tmp/script /usr/sbin/script'
    [ "$status" = 125 ]
}

@test "nothing of it stays in the guest" {
    run -0 utmctl exec web --at-end -- sh -c 'ls -d /tmp/.utmctl-* 2>/dev/null | wc -l'
    [ "$output" = 0 ]
    clean() { ! utmctl exec web --at-end -- sh -c 'ps | grep -E "[.]utmctl|[e]xec 5<|[d]d bs=32768"'; }
    wait_until 10 clean
}

@test "exec fails with 125 when it is not the program that fails" {
    run -125 utmctl exec off -- true
    [[ $output == *off* ]]
    run -125 --separate-stderr utmctl exec --json nosuch -- true
    [[ $stderr == *'"not-found"'* ]]
    run -2 utmctl exec web
    run -2 utmctl exec web --env '=x' -- true
}

@test "files come and go unchanged" {
    utmctl file push web /tmp/copy <"$BOX/blob"
    utmctl file pull web /tmp/copy | cmp - "$BOX/blob"
    utmctl file push web /tmp/copy </dev/null
    run -0 utmctl file pull web /tmp/copy
    [ -z "$output" ]
    printf 'a\0b\377' | utmctl file push web '/tmp/ä b'
    utmctl file pull web '/tmp/ä b' | cmp - <(printf 'a\0b\377')
}

@test "files that cannot be read or written" {
    run -4 utmctl file pull web /no/such
    [[ $output == *"/no/such"* ]]
    run -4 utmctl file push web /no/such/file </dev/null
    run -1 utmctl file push web /etc </dev/null
    run -1 bash -c '"$UTMCTL" file pull web /tmp/blob >/dev/full'
    run -5 utmctl file pull off /etc/passwd
    run -4 utmctl file pull nosuch /etc/passwd
    run -2 utmctl file pull web
}

@test "ip-address shows what others can reach" {
    run -0 utmctl ip-address web --wait --timeout 60s
    [ "${lines[0]}" = 10.0.2.15 ]
    run ! grep -qx -e 127.0.0.1 -e ::1 <<<"$output"
    run -0 utmctl ip-address web --json
    [ "$(json_field interface <<<"$output")" = eth0 ]
    [ "$(json_field source <<<"$output")" = agent ]
    run -5 utmctl ip-address off
}

@test "the guest says what it is" {
    run -0 utmctl guest info web
    [[ $output == *"$(utmctl exec web -- uname -r)"* ]]
    run -0 utmctl guest info --json web
    [ "$(json_field host_name <<<"$output")" = "$(utmctl exec web -- hostname)" ]
    [[ $output == *'"guest-exec"'* ]]
    run -0 utmctl guest users web
    run -0 utmctl guest users --json web
    [[ $output == '['*']' ]]
    run -0 utmctl guest fs web
    [[ $output == *"/data"* ]]
    run -0 utmctl guest fs --json web
    [[ $output == *'"mountpoint"'* ]]
    run -5 utmctl guest info off
    run -2 utmctl guest shutdown web --reboot --halt
}

@test "the guest's clock is shown and set" {
    utmctl exec web -- date -s '2020-01-02 03:04:05'
    run -0 utmctl guest time web
    [[ $output == 2020-01-02T* ]]
    [ "$(utmctl guest time --json web | json_field time)" \< 2021 ]
    # The agent wants to set the hardware clock as well, for which this guest has no hwclock.
    run -7 utmctl guest time --set web
    utmctl exec web -- date -u -s "@$(date +%s)"
    [[ $(utmctl guest time --json web | json_field ahead_of_host) =~ ^-?[012](\.|$|e) ]]
}

@test "a guest without room for the output is an error that says so" {
    guest web 'mount -t tmpfs -o size=1m none /tmp'
    run -125 --separate-stderr utmctl exec web -- dd if=/dev/zero bs=64k count=64
    [[ $stderr == *"No space left"* ]]
    run -0 utmctl exec web -- echo again
    [ "$output" = again ]
    guest web 'umount /tmp'
}

@test "an agent that is not there is 6, and 125 for exec" {
    guest web 'kill $(cat /run/qemu-ga.pid)'
    agent_gone() { [ "$(field web agent)" = false ]; }
    wait_until 20 agent_gone
    run -6 utmctl file pull web /etc/passwd
    run -6 utmctl guest info web
    run -125 --separate-stderr utmctl exec --json web -- true
    [[ $stderr == *'"guest-unreachable"'* ]]
    run -124 utmctl ip-address web --wait --timeout 300ms
}

@test "the guest shuts down when it is asked" {
    running last
    wait_until 60 agent_there last
    run -0 utmctl guest shutdown last
    wait_until 60 in_state last stopped
}
