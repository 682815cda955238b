# SPDX-License-Identifier: Apache-2.0
# Whoever is killed, and whenever: the old state is there, or the new one, and nothing is damaged.
load lib
load kill

setup_file() {
    box_open
    kill_base
    layer_base
}

teardown_file() { box_close; }

all='utmctl helper qemu'

# What was at B and goes on from there, or from nothing: CLOCK DISKS TAGS...
at_b() { [ "$2" = $B ] && [[ $1 = "$B" || $1 = 0 ]]; }

created() {
    at_b "$@" || return 1
    case ${*:3} in
        kept) ;;
        'kept new')
            # What was made can be gone back to.
            utmctl snapshot restore --yes victim new >/dev/null
            [ "$(utmctl status victim)" = stopped ] || [ "$(clock_byte victim)" = $B ]
            utmctl stop --force victim
            ;;
        *) return 1 ;;
    esac
}

restored() {
    [ "${*:3}" = kept ] || return 1
    case "$1 $2" in
        "$A $A" | "$B $B" | "0 $A" | "0 $B") ;;
        *) return 1 ;;
    esac
}

deleted() { at_b "$@" && [[ ${*:3} = kept || -z ${*:3} ]]; }

@test "create of a running machine" {
    rounds base 120 "$all" created snapshot create victim new
}

@test "create of a stopped machine" {
    rounds flat 80 utmctl created snapshot create victim new
}

@test "a warm capture" {
    rounds base 350 "$all" created snapshot create --warm victim new
}

@test "restore of a running machine" {
    rounds base 100 "$all" restored snapshot restore --yes victim kept
}

@test "restore of a stopped machine" {
    rounds flat 100 utmctl restored snapshot restore --yes victim kept
}

suspended() {
    [ "${*:3}" = kept ] && at_b "$@"
}

@test "suspend" {
    rounds base 120 "$all" suspended suspend -s victim
}

copied() {
    at_b "$@" || return 1
    if [ -e "$LIBRARY/twin.utm" ]; then
        qemu-img check -q "$(images twin | head -n 1)" || return 1
        [ "$(byte_of "$(images twin | head -n 1)")" = $B ] || return 1
        utmctl snapshot list --json twin >/dev/null || return 1
        utmctl delete twin 2>/dev/null
    fi
    # What is left of a copy is not seen.
    [ "$(utmctl list --json | jq -r '.[].name' | sort | tr '\n' ' ')" = 'base flat layered victim ' ]
}

hidden() { find "$LIBRARY" -maxdepth 1 -name '.*' -mindepth 1; }

@test "clone" {
    rounds flat 90 utmctl copied clone victim --name twin
    # What the killed ones left is gone with the next that writes there.
    utmctl clone flat --name next >/dev/null
    [ -z "$(hidden)" ]
    utmctl delete next
}

being_made() { [ -n "$(hidden)" ]; }

@test "what a clone is made in is seen, and swept when its maker is gone" {
    mkdir "$BOX/bin"
    touch "$BOX/wait"
    printf '#!/bin/sh\nwhile [ -e "%s" ]; do sleep 0.05; done\n' "$BOX/wait" >"$BOX/bin/qemu-img"
    chmod +x "$BOX/bin/qemu-img"
    PATH=$BOX/bin:$PATH "$UTMCTL" clone flat --full --name twin >"$BOX/cut.log" 2>&1 3>&- &
    local pid=$!
    wait_until 10 being_made
    # Somebody else's view of the same file system, and of its processes.
    utmctl clone flat --name next >/dev/null
    utmctl delete next
    [ -n "$(hidden)" ]
    kill -KILL $pid
    wait $pid || true
    # Few emulators, which it looks at one by one.
    mkdir "$BOX/few"
    run env "PATH=$BOX/few" "$UTMCTL" doctor
    [[ $output == *"$(hidden)"* ]]
    rm "$BOX/wait"
    utmctl clone flat --name next >/dev/null
    [ -z "$(hidden)" ]
    utmctl delete next
}

@test "import of a folder that is moved" {
    local round at
    mkdir "$BOX/from"
    utmctl clone flat --output "$BOX/from/trip.utm" >/dev/null
    for ((round = 1; round <= kills * 3; round++)); do
        "$UTMCTL" import --move "$BOX/from/trip.utm" >"$BOX/cut.log" 2>&1 3>&- &
        sleep "$(printf '0.%03d' $((RANDOM % 60)))"
        kill -KILL $! 2>/dev/null || true
        wait $! 2>/dev/null || true
        [ -z "$(hidden)" ]
        at=$(find "$BOX/from" "$LIBRARY" -maxdepth 1 -name 'trip*.utm')
        [ "$(utmctl config get "$at" Information.Name)" = trip ]
        [ -d "$BOX/from/trip.utm" ] || mv "$at" "$BOX/from/trip.utm"
    done
    rm -r "$BOX/from"
}

@test "delete on a running machine" {
    rounds base 70 "$all" deleted snapshot delete victim kept
}

@test "delete on a stopped machine" {
    rounds flat 80 utmctl deleted snapshot delete victim kept
}

merged() { [[ $* = kept || -z $* ]]; }

@test "commit of an external snapshot, while the machine runs" {
    rounds layered 150 "$all" merged snapshot delete victim kept
}

added() { [[ $* = kept || $* = 'kept new' ]]; }

# leak IMAGE: count a cluster that nothing uses. Refcounts are of two bytes, in the first block.
leak() {
    local end=$(($(stat -c %s "$1") + 65535 & ~65535)) table block
    table=$(od -An -tu8 --endian=big -j 48 -N 8 "$1")
    block=$(od -An -tu8 --endian=big -j $((table)) -N 8 "$1")
    truncate -s $((end + 65536)) "$1"
    printf '\0\1' | dd of="$1" bs=1 seek=$((block + end / 65536 * 2)) conv=notrunc status=none
}

@test "lost clusters are given back, in layers too" {
    fresh layered
    local layer
    layer=$(find "$LIBRARY/victim.utm/Snapshots" -name '*.qcow2' | head -n 1)
    cut_short 0 helper wait --timeout 1 victim stopped
    leak "$layer"
    run -3 qemu-img check -q "$layer"
    # A clone that runs reads it: nothing is done to it then, and the machine starts nevertheless.
    exec 5< <(exec qemu-io -r -c 'sleep 20000' "$layer" 2>&1)
    local reader=$!
    utmctl start --accel tcg victim
    cut_short 0 helper wait --timeout 1 victim stopped
    kill -KILL $reader
    exec 5<&-
    run -3 qemu-img check -q "$layer"
    utmctl start --accel tcg victim
    utmctl stop --force victim
    qemu-img check -q "$layer"
}

@test "create of an external snapshot" {
    rounds layered 120 "$all" added snapshot create victim new --external
}
