# SPDX-License-Identifier: Apache-2.0
# Waiting until a machine and its guest have got somewhere.
load lib

setup_file() {
    box_open
    machine web
    machine seen
    utmctl config add seen Display Hardware=VGA
    PORT=$(free_port)
    export PORT
    utmctl config add seen "Network[0].PortForward" HostPort="$PORT" GuestPort=7000
}

teardown_file() { box_close; }

# A port of this host that nobody uses.
free_port() {
    local port
    for port in $(shuf -i 20000-60000 -n 50); do
        if ! (: </dev/tcp/127.0.0.1/"$port") 2>/dev/null; then
            echo "$port"
            return
        fi
    done
}

@test "a machine that is off is an error, unless its start is waited for" {
    run -5 --separate-stderr utmctl wait web agent
    [[ $stderr == *"not running"*hint:*"--wait"* ]]
    run -0 utmctl wait web stopped
    run -124 utmctl wait web running --timeout 300ms
    [[ $output == *"running: not reached"* ]]
    run -124 utmctl wait web paused --timeout 100ms
}

@test "nonsense is refused before anything is waited for" {
    run -2 utmctl wait web runing
    [[ $output == *'did you mean "running"?'* ]]
    run -2 utmctl wait web port=http
    run -2 utmctl wait web 'serial=/(/'
    run -2 utmctl wait web
    run -2 utmctl start web --wait nothing
    in_state web stopped
    run -4 utmctl wait nosuch agent
}

@test "a start is seen, and what comes after it in its order" {
    "$UTMCTL" wait web --follow running 'serial=/boot [0-9]+$/' agent ip \
        'cmd=test -d /data' file=/etc/passwd --timeout 90s >"$BOX/follow" 2>&1 3>&- &
    local waiter=$!
    utmctl start --accel tcg web
    wait "$waiter"
    [ "$(wc -l <"$BOX/follow")" = 6 ]
    [ "$(head -n 1 "$BOX/follow" | cut -f1)" = running ]
    grep -q $'^serial=.*\t[0-9.]*\t.*boot 1$' "$BOX/follow"
    grep -q $'^ip\t[0-9.]*\t10\.0\.2\.15$' "$BOX/follow"
}

@test "what has been reached already is reached at once" {
    run -0 --separate-stderr utmctl wait web running serial=READY agent --json
    [ "$(jq -r '.conditions | map(.reached) | all' <<<"$output")" = true ]
    [ "$(jq -r '.conditions[1].found' <<<"$output")" = READY ]
    [ "$(jq -r '.elapsed < 5' <<<"$output")" = true ]
}

@test "a line is seen when it is written" {
    "$UTMCTL" wait web --timeout 60s 'serial=/^here it is [0-9]+$/' 2>"$BOX/line" 3>&- &
    local waiter=$!
    guest web 'sleep 0.3; echo here it is 42' >/dev/null
    wait "$waiter"
    [[ $(<"$BOX/line") == *"here it is 42"* ]]
}

@test "one of several is enough with --any" {
    run -0 utmctl wait web --any file=/no/such stopped running
    run -0 utmctl wait web --any port=1 'serial=READY'
}

@test "files, commands and ports are asked for until they are there" {
    "$UTMCTL" wait web --timeout 60s file=/tmp/made 'cmd=grep -q x /tmp/made' port=7001 \
        2>"$BOX/made" 3>&- &
    local waiter=$!
    guest web 'sleep 0.3; echo x >/tmp/made; nc -l -p 7001 -e /bin/true >/dev/null 2>&1 &'
    wait "$waiter"
}

@test "time that runs out leaves evidence" {
    run -124 --separate-stderr utmctl wait web running file=/no/such --timeout 1s
    [ -z "$output" ]
    [[ $stderr == *"running: reached"*"file=/no/such: not reached (it is not there)"* ]]
    [[ $stderr == *10.0.2.15*"last serial lines"*demo:* ]]
    run -124 --separate-stderr utmctl wait web port=9 --timeout 300ms --json
    [ "$(jq -r .error.code <<<"$stderr")" = timeout ]
    [ "$(jq -r .error.address <<<"$stderr")" = 10.0.2.15 ]
    [ "$(jq -r '.error.conditions[0].why_not' <<<"$stderr")" = "nobody listens on it" ]
    [[ $(jq -r .error.serial <<<"$stderr") == *demo:* ]]
}

@test "a program that does not end is ended with the waiting" {
    run -124 utmctl wait web 'cmd=sleep 4321' --timeout 500ms
    gone() { ! utmctl exec web -- sh -c 'ps | grep -E "[s]leep 4321"'; }
    wait_until 20 gone
}

@test "pausing and resuming are seen" {
    "$UTMCTL" wait web paused 2>/dev/null 3>&- &
    local waiter=$!
    utmctl pause web
    wait "$waiter"
    "$UTMCTL" wait web running 2>/dev/null 3>&- &
    waiter=$!
    utmctl resume web
    wait "$waiter"
}

@test "cloud-init counts when it says so, and fails when it failed" {
    run -124 utmctl wait web cloud-init --timeout 200ms
    [[ $output == *"has not finished"* ]]
    guest web 'mkdir -p /run/cloud-init; echo "{\"v1\": {\"errors\": []}}" >/run/cloud-init/result.json'
    run -0 utmctl wait web cloud-init --timeout 20s
    guest web 'echo "{\"v1\": {\"errors\": [\"bad thing\"]}}" >/run/cloud-init/result.json'
    run -1 utmctl wait web cloud-init --timeout 20s
    [[ $output == *"bad thing"* ]]
}

@test "a machine that ends meanwhile is an error, or what was waited for" {
    "$UTMCTL" wait web agent file=/no/such >"$BOX/ended" 2>&1 3>&- &
    local waiter=$! other status=0
    "$UTMCTL" wait web --any file=/no/such stopped 2>/dev/null 3>&- &
    other=$!
    "$UTMCTL" wait web 'serial=/^agent gone|sleep 4321/' 'cmd=true' >/dev/null 2>&1 3>&- &
    wait_until 10 grep -q agent "$BOX/ended"
    utmctl stop --kill web
    wait "$waiter" || status=$?
    [ "$status" = 5 ]
    wait "$other"
    wait
    [[ $(<"$BOX/ended") == *"ended meanwhile: it was killed"* ]]
}

@test "start --wait returns when it is there, and a forwarded port is tried" {
    run -0 utmctl start --accel tcg seen --wait agent --wait serial=READY --timeout 90s
    run -124 utmctl wait seen port=7000 --timeout 500ms
    [[ $output == *"nobody listens on it (through 127.0.0.1:$PORT of this host)"* ]]
    [[ $output == *"last-timeout.png"* ]]
    [ "$(head -c 4 "$(state_dir seen)/last-timeout.png" | tail -c 3)" = PNG ]
    "$UTMCTL" wait seen port=7000 2>/dev/null 3>&- &
    local waiter=$!
    guest seen 'while :; do nc -l -p 7000 -e sleep 1 >/dev/null 2>&1; done &'
    wait "$waiter"
    run -0 utmctl stop --kill seen
}
