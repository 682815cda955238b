# SPDX-License-Identifier: Apache-2.0
# Warm snapshots, and copies that start from them.
load lib

export GENERATION=324e6eaf-d1d1-4bf6-bf41-b9bb6c91fb87

setup_file() {
    box_open
    machine web
    sed -i "/<key>AdditionalArguments<\/key>/{n;s|<array>|<array><string>-device vmgenid,guid=$GENERATION</string>|}" \
        "$LIBRARY/web.utm/config.plist"
    boot web
}

teardown_file() { box_close; }

warm() { echo "$XDG_CACHE_HOME/utmctl/warm/$(uuid_of "$1")/@$2"; }

# The memory of a process that no other has: kB.
private_memory() { awk '/^Private_(Clean|Dirty)/ { n += $2 } END { print n }' "/proc/$1/smaps_rollup"; }

@test "a warm snapshot of a running machine" {
    guest web 'echo one >/tmp/memory; echo one >/data/disk; sync'
    run -0 utmctl snapshot create web --warm booted
    in_state web started
    run -0 utmctl snapshot list web
    [[ ${lines[1]} == booted*warm* ]]
    [ -s "$(warm web booted)/ram" ] && [ -s "$(warm web booted)/state" ]
    # Nothing is left of what it was made with.
    [ "$(ls -A "$XDG_STATE_HOME/utmctl")" = "$(uuid_of web)" ]
    [ -z "$(find "$XDG_CACHE_HOME/utmctl/warm" -name '.*')" ]
    guest web 'echo two >/tmp/memory; echo two >/data/disk; sync'
}

@test "copies go on from it, each with disks and memory of its own" {
    run -0 utmctl fork web@booted -n 3 --name 'copy {n}' --rm
    [ "$output" = $'copy 1\ncopy 2\ncopy 3' ]
    guest 'copy 1' 'echo mine >/tmp/memory; echo mine >/data/disk; sync'
    run -0 guest 'copy 2' 'cat /tmp/memory /data/disk'
    [ "$output" = $'one\none' ]
    run -0 guest 'copy 1' 'cat /tmp/memory /data/disk'
    [ "$output" = $'mine\nmine' ]
    run -0 guest web 'cat /tmp/memory /data/disk'
    [ "$output" = $'two\ntwo' ]
}

@test "copies are machines like others" {
    run -0 utmctl list --json
    [ "$(grep -c '"started"' <<<"$output")" = 4 ]
    [ "$(uuid_of 'copy 1')" != "$(uuid_of 'copy 2')" ]
    [ "$(grep -A1 MacAddress "$LIBRARY/copy 1.utm/config.plist" | tail -1)" != \
        "$(grep -A1 MacAddress "$LIBRARY/copy 2.utm/config.plist" | tail -1)" ]
    [ "$(field 'copy 1' sandbox)" = "$(field web sandbox)" ]
}

generation() { utmctl qmp "$1" query-vm-generation-id | jq -r '.guid' | tr A-F a-f; }

@test "each has a generation of its own" {
    [ "$(generation web)" = $GENERATION ]
    [ "$(generation 'copy 1')" != $GENERATION ]
    [ "$(generation 'copy 1')" != "$(generation 'copy 2')" ]
}

has_host_name() { [ "$(guest "$1" hostname)" = "$2" ]; }

@test "a guest with an agent is told that it is a copy" {
    local now
    wait_until 20 has_host_name 'copy 1' copy-1
    wait_until 20 has_host_name 'copy 2' copy-2
    run -0 guest web hostname
    [ "$output" = demo ]
    now=$(date +%s)
    run -0 guest 'copy 1' 'date +%s'
    [ "$output" -ge "$((now - 5))" ]
}

@test "what they do not write to is shared" {
    # An untouched copy of 256 MiB has less than a quarter of that to itself.
    [ "$(private_memory "$(field 'copy 3' pid)")" -lt 65536 ]
}

@test "the warm image stays as it was" {
    run -0 utmctl fork web@booted --rm
    [ "$output" = web-1 ]
    run -0 guest web-1 'cat /tmp/memory'
    [ "$output" = one ]
    run -0 utmctl stop --kill web-1
}

@test "--rm leaves nothing" {
    local name uuids
    for name in 'copy 1' 'copy 2' 'copy 3'; do
        uuids+=" $(uuid_of "$name")"
        run -0 utmctl stop --kill "$name"
    done
    [ "$(ls -A "$LIBRARY")" = web.utm ]
    for name in $uuids; do
        [ ! -e "$XDG_STATE_HOME/utmctl/$name" ]
    done
}

@test "a copy whose helper was killed goes at the next fork" {
    run -0 utmctl fork web@booted --rm
    local bundle=$LIBRARY/web-1.utm pid
    pid=$(field web-1 pid)
    kill -KILL "$(sed -n 's/.*"pid":\([0-9]*\).*/\1/p' "$XDG_RUNTIME_DIR/utmctl/$(uuid_of web-1)/lock")"
    wait_until 10 in_state web-1 stopped
    wait_until 10 eval "! kill -0 $pid 2>/dev/null"
    [ -d "$bundle" ]
    run -0 utmctl fork web@booted --rm --name other
    [ ! -e "$bundle" ]
    run -0 utmctl stop --kill other
}

@test "a machine is forked as it runs, and its copy can be kept" {
    run -0 --separate-stderr utmctl fork web --json
    [[ $stderr == *"stood still for "* ]]
    [[ $output == *'"web-1"'* && $output == *'"snapshot": null'* ]]
    run -0 guest web-1 'cat /tmp/memory /data/disk; echo kept >/data/disk; sync'
    [ "$output" = $'two\ntwo' ]
    run -0 utmctl snapshot list --json web
    [[ $output != *fork-* ]]
    run -0 utmctl stop --kill web-1
    # It needs nothing outside of its bundle.
    mv "$XDG_CACHE_HOME/utmctl/warm" "$BOX/away"
    mv "$LIBRARY/web-1.utm" "$LIBRARY/moved.utm"
    [ "$(on_disk "$LIBRARY/moved.utm" /disk)" = kept ]
    run -0 utmctl start --accel tcg web-1
    mv "$BOX/away" "$XDG_CACHE_HOME/utmctl/warm"
    run -0 utmctl stop --kill web-1
    run -0 qemu-img check "$LIBRARY/moved.utm/Data/disk.qcow2"
    run -0 utmctl delete web-1
}

# What is there but the machine itself.
nothing_left() {
    [ "$(utmctl list --json | jq -r '.[].name')" = web ] &&
        [ -z "$(ls -A "$LIBRARY" | grep -v '^web\.utm$')" ] &&
        [ -z "$(utmctl snapshot list --json web | jq -r '.[].name' | grep fork-)" ]
}

# fork interrupted after SECONDS: all copies are there, or none
interrupt_fork() {
    local after=$1 pid status=0 i
    shift
    env --default-signal=INT "$UTMCTL" fork "$@" -n 4 --name 'cut{n}' >"$BOX/out" 2>&1 3>&- &
    pid=$!
    sleep "$after"
    kill -INT $pid 2>/dev/null || true
    wait $pid || status=$?
    cat "$BOX/out"
    if [ $status = 0 ]; then
        for i in 1 2 3 4; do
            in_state "cut$i" started
            utmctl stop --kill "cut$i"
            utmctl delete "cut$i"
        done
    else
        [ $status = 130 ]
    fi
    nothing_left
}

@test "interrupted, none is left" {
    for after in 0.02 0.06 0.1 0.15 0.25; do
        interrupt_fork $after web@booted
    done
    interrupt_fork 0.2 web
    in_state web started
}

@test "what a fork that was killed left goes with the next" {
    run -0 utmctl snapshot create web fork-1 --description 'for a fork under way by process 1:1'
    run -0 utmctl fork web --rm
    run -0 utmctl stop --kill web-1
    nothing_left
}

@test "start VM@NAME asks, and goes back" {
    run -5 utmctl start web@booted
    run -0 utmctl stop --kill web
    run -2 utmctl start web@booted
    [[ $output == *--yes* ]]
    run -2 utmctl start --yes --disposable web@booted
    run -4 utmctl start --yes web@nosuch
    run -0 utmctl start --yes web@booted
    grep -q 'memory-backend-file' "$(state_dir web)/qemu.log"
    run -0 guest web 'cat /tmp/memory /data/disk'
    [ "$output" = $'one\none' ]
}

@test "losing the cache costs time only" {
    rm -r "$XDG_CACHE_HOME/utmctl/warm"
    run -0 --separate-stderr utmctl fork web@booted --rm
    [[ $stderr == *"made anew"* ]]
    run -0 guest web-1 'cat /tmp/memory /data/disk'
    [ "$output" = $'one\none' ]
    run -0 utmctl stop --kill web-1
    rm -r "$XDG_CACHE_HOME/utmctl/warm"
    run -0 utmctl stop --kill web
    run -0 --separate-stderr utmctl start --yes web@booted
    [[ $stderr == *"no warm image"* ]]
    run -0 guest web 'cat /tmp/memory /data/disk'
    [ "$output" = $'one\none' ]
}

@test "an image of another QEMU is not used" {
    run -0 utmctl fork web@booted --rm
    run -0 utmctl stop --kill web-1
    sed -i 's/"fingerprint":.*/"fingerprint": "of another"/' "$(warm web booted)/index.json"
    run -0 utmctl stop --kill web
    run -0 --separate-stderr utmctl start --yes web@booted
    [[ $stderr == *"another QEMU"* ]]
    run -0 guest web 'cat /tmp/memory'
    [ "$output" = one ]
    run -0 --separate-stderr utmctl fork web@booted --rm
    [[ $stderr == *"made anew"* ]]
    run -0 utmctl stop --kill web-1
}

@test "a damaged image leaves no copy behind" {
    : >"$(warm web booted)/state"
    run -1 utmctl fork web@booted -n 2
    [[ $output == *"not usable"* ]]
    [ "$(ls -A "$LIBRARY")" = web.utm ]
}

@test "what cannot be forked is refused" {
    run -0 utmctl snapshot create web plain
    run -7 utmctl fork web@plain
    [[ $output == *"not a warm one"* ]]
    run -2 utmctl fork web@booted -n 2 --name same
    run -2 utmctl fork web@booted -n 0
    run -2 utmctl snapshot create web --warm --disk-only x
    run -0 utmctl stop --kill web
    run -5 utmctl fork web
    run -5 utmctl snapshot create web --warm x
    run -0 utmctl snapshot show web booted
}

@test "deleting the snapshot deletes its image, deleting the machine all" {
    run -0 utmctl snapshot delete web booted
    [ ! -e "$(warm web booted)" ]
    run -0 utmctl start --accel tcg web
    run -0 utmctl snapshot create web --warm 'with, comma = &'
    run -0 utmctl fork 'web@with, comma = &' --rm
    run -0 utmctl stop --kill web-1
    run -0 utmctl stop --kill web
    local folder=$XDG_CACHE_HOME/utmctl/warm/$(uuid_of web)
    [ -d "$folder" ]
    run -0 utmctl delete web
    [ ! -e "$folder" ]
    wait_until 10 no_processes
}
